"""The best places from demand alone: found by trying every set, proven, and refused where data is missing."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from networx.domain.geography import centroid
from networx.domain.greenfield import CandidateRule, Places
from networx.domain.network import Destinations, NetworkTables
from networx.domain.plan import ResultStatus
from networx.errors import RefusedInput
from networx.models.greenfield import best_places, candidates_of, prepare
from networx.models.greenfield.candidates import middle_zips
from networx.models.transport.distance import great_circle_miles
from networx.verify.greenfield import certify_greenfield
from tests.core.models.small_networks import network

OWN, ZIP3, BOTH = CandidateRule
GAP = 1e-6
TOWNS = ("10001", "19103", "30303", "60601", "77002", "80202", "90012", "98101", "33128", "55401")


def towns(zips: tuple[str, ...] = TOWNS, *, units: list[float] | None = None, **sheets: Any) -> NetworkTables:
    units = units or [10.0 + 7 * at for at in range(len(zips))]
    places = [(f"Town {at}", units[at], *(centroid(zip5) or (0, 0))) for at, zip5 in enumerate(zips)]
    tables = network([], places, **sheets)
    return replace(tables, destinations=replace(tables.destinations, zip=zips))


def studied(tables: NetworkTables, rule: CandidateRule, counts: range, **options: Any) -> list[Places]:
    instance = prepare(tables, rule, None, counts[-1])
    return list(best_places(instance, counts, **{"seconds": 60.0, "gap": GAP, **options}))


def failed(tables: NetworkTables, rule: CandidateRule, places: Places, circuity: float | None = None) -> set[str]:
    certificate = certify_greenfield(tables, rule, circuity, GAP, places)
    return {check.name for check in certificate.checks if not check.passed}


@pytest.fixture(scope="module")
def found() -> list[Places]:
    return studied(towns(), OWN, range(1, 11))


def test_each_number_is_the_best_of_all_sets(found: list[Places]):
    tables = towns()
    places = tables.destinations
    miles = great_circle_miles(
        places.latitude[:, None], places.longitude[:, None], places.latitude[None, :], places.longitude[None, :]
    )
    for answer in found[:4]:
        sets = combinations(range(len(TOWNS)), answer.count)
        best = min(float(miles[list(chosen)].min(axis=0) @ places.demand_units) for chosen in sets)
        assert answer.unit_miles == pytest.approx(best, rel=2e-6)
        assert answer.status is ResultStatus.OPTIMAL
    assert [answer.count for answer in found] == list(range(1, 11))
    assert found[-1].unit_miles == 0
    assert found[-1].zips == tuple(sorted(TOWNS))


def test_every_answer_is_certified_with_its_bound_recomputed(found: list[Places]):
    for answer in found:
        certificate = certify_greenfield(towns(), OWN, None, GAP, answer)
        assert certificate.valid, certificate
        assert certificate.bound_source == "recomputed"


def test_all_of_the_country_is_proven_and_circuity_scales_it():
    tables = towns(TOWNS[:6])
    instance = prepare(tables, BOTH, 1.2, 2)

    answer = next(best_places(instance, range(2, 3), seconds=60.0, gap=GAP))

    assert len(instance.zips) > 890
    assert failed(tables, BOTH, answer, 1.2) == set()
    assert "unit miles" in failed(tables, BOTH, answer, 1.3)


def test_candidates_are_the_destinations_own_zips_or_the_middle_of_each_area():
    own = towns(("60601-1234", "60601", "99999", "10001"), units=[1, 1, 1, 1]).destinations
    assert candidates_of(own, OWN) == ("10001", "60601")
    middle = candidates_of(own, ZIP3)
    assert len({zip5[:3] for zip5 in middle}) == len(middle)
    assert set(candidates_of(own, BOTH)) == {"10001", "60601", *middle}
    # Of three on a line the one between; of two, the first.
    between = sorted(["60601", "60602", "60603"], key=lambda zip5: (centroid(zip5) or (0, 0))[0])
    assert middle_zips(["00601", *between])[0] == "00601"
    assert len(middle_zips(between)) == 1


def test_demand_is_that_of_all_years_and_who_has_none_counts_nothing():
    years = {"demand": [(at, year, 5.0 * (at < 2)) for at in range(3) for year in (2026, 2027)]}
    tables = towns(TOWNS[:3], units=[0.0, 0.0, 0.0], **years)
    instance = prepare(tables, OWN, None, 1)
    assert instance.units.tolist() == [10, 10]

    answer = studied(tables, OWN, range(1, 2))[0]

    assert answer.serves.tolist() == [0, 0]
    assert failed(tables, OWN, answer) == set()


@pytest.mark.parametrize(
    ("tables", "rule", "count", "why"),
    [
        (towns(TOWNS[:2]), OWN, 3, "3 places of 2 candidates"),
        (towns(TOWNS[:2], units=[0.0, 0.0]), OWN, 1, "No destination has demand"),
        (network([], [("Nowhere", 5.0)]), ZIP3, 1, "Nowhere has no coordinates"),
    ],
    ids=["too-few", "no-demand", "no-place"],
)
def test_what_the_data_does_not_allow_is_refused(tables: NetworkTables, rule: CandidateRule, count: int, why: str):
    with pytest.raises(RefusedInput, match=why):
        prepare(tables, rule, None, count)


def test_told_to_stop_it_still_answers_each_number_with_what_is_known():
    tables = towns()

    answers = studied(tables, BOTH, range(1, 4), stop=lambda: True)

    assert [answer.count for answer in answers] == [1, 2, 3]
    for answer in answers:
        assert failed(tables, BOTH, answer) == set()


def test_planted_faults_fail_by_their_own_name(found: list[Places]):
    tables, answer = towns(), found[2]
    assert answer.proof is not None
    assert answer.bound is not None
    swapped = replace(answer, zips=(*answer.zips[:2], "99501"))
    assert "places are candidates" in failed(tables, OWN, swapped)
    assert "places are as many as asked" in failed(tables, OWN, replace(answer, count=4))
    assert "unit miles" in failed(tables, OWN, replace(answer, unit_miles=answer.unit_miles * (1 + 1e-4)))
    lost = np.where(np.arange(10) == 4, -1, answer.serves)
    assert "every destination with demand has a place" in failed(tables, OWN, replace(answer, serves=lost))
    moved = np.where(answer.serves == 0, 1, answer.serves)
    assert failed(tables, OWN, replace(answer, serves=moved)) == {"unit miles"}
    higher = replace(answer, bound=answer.unit_miles * (1 - 1e-9), gap=1e-9, unit_miles=answer.unit_miles)
    lower = replace(higher, proof=replace(answer.proof, pays=answer.proof.pays * 0.9))
    assert "bound is recomputed" in failed(tables, OWN, lower)
    assert "gap follows from unit miles and bound" in failed(tables, OWN, replace(answer, gap=0.5))
    # The proof is of this number of places: one more could be better.
    assert "bound is recomputed" in failed(tables, OWN, replace(found[3], proof=answer.proof, bound=answer.bound))


def test_destinations_of_one_place_need_no_second():
    destinations = towns(("60601", "60601"), units=[3.0, 4.0])
    assert isinstance(destinations.destinations, Destinations)
    answer = studied(destinations, OWN, range(1, 2))[0]
    assert (answer.unit_miles, answer.bound, answer.gap) == (0, 0, 0)
    assert failed(destinations, OWN, answer) == set()
