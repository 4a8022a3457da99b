"""The certificate of a capacity analysis: what is right passes, and each thing that is wrong is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from networx.domain.capacity import Bottleneck, CapacityOutcome
from networx.domain.capacity_answer import FACILITY, Multipliers, Place, YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.parameters import CapacityParameters, SitesAsked
from networx.domain.plan import Certificate, ResultStatus
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.verify.capacity import certify_capacity
from tests.core.models.small_networks import expansions, growing, parameters, priced

GIVEN = parameters(lease_years=None)
OWN = CapacityParameters(SitesAsked())

Change = Callable[[CapacityOutcome], CapacityOutcome]


def outcome_of(tables: NetworkTables) -> CapacityOutcome:
    return analyse_capacity(tables, GIVEN, OWN, chosen_sites(tables, GIVEN, None))


def certificate_of(tables: NetworkTables, outcome: CapacityOutcome) -> Certificate:
    return certify_capacity(tables, GIVEN, chosen_sites(tables, GIVEN, None), outcome, tables.sha256())


@pytest.fixture(scope="module")
def short() -> CapacityOutcome:
    return outcome_of(growing())


@pytest.fixture(scope="module")
def enough() -> CapacityOutcome:
    return outcome_of(priced(40))


def base(at: int, **changes: object) -> Change:
    """One year's answer changed."""

    def changed(outcome: CapacityOutcome) -> CapacityOutcome:
        answers = list(outcome.base)
        answers[at] = replace(answers[at], **changes)
        return replace(outcome, base=tuple(answers))

    return changed


def relief(**changes: object) -> Change:
    def changed(outcome: CapacityOutcome) -> CapacityOutcome:
        assert outcome.relief is not None
        return replace(outcome, relief=replace(outcome.relief, **changes))

    return changed


def first_bottleneck(**changes: object) -> Change:
    return lambda outcome: replace(
        outcome, bottlenecks=(replace(outcome.bottlenecks[0], **changes), *outcome.bottlenecks[1:])
    )


def more_unserved(outcome: CapacityOutcome) -> CapacityOutcome:
    """A unit less served than could be, all sums in order."""
    now: YearAnswer = outcome.base[2]
    units, unserved = now.units.copy(), now.unserved.copy()
    units[0] -= 1
    unserved[now.destination[0]] += 1
    assert now.cost is not None
    return base(2, units=units, unserved=unserved, short=now.short + 1, cost=now.cost - 1)(outcome)


def dearer(outcome: CapacityOutcome) -> CapacityOutcome:
    """The same units served, one of them by the dearer way."""
    now = outcome.base[0]
    units = now.units.copy()
    units[0] -= 1
    assert now.cost is not None
    return base(
        0,
        facility=np.append(now.facility, 1).astype(np.int32),
        destination=np.append(now.destination, 0).astype(np.int32),
        units=np.append(units, 1.0),
        mode=np.append(now.mode, -1).astype(np.int32),
        cost=now.cost + 3,
    )(outcome)


def tenth_of_two(outcome: CapacityOutcome) -> CapacityOutcome:
    """The tenth of North read where South's stands."""
    by_facility = {one.place.facility: one for one in outcome.bottlenecks if one.year == 2}
    wrong: Bottleneck = replace(by_facility[0], tenth=by_facility[1].tenth)
    return replace(outcome, bottlenecks=(wrong,))


WRONG_WHERE_SHORT: list[tuple[str, Change, str]] = [
    ("a unit too many unserved", more_unserved, "as it is: least shortage is proven"),
    ("a dearer way", dearer, "as it is: least cost is proven"),
    ("a cost too low", base(0, cost=99.0), "as it is: cost"),
    ("a shortage too low", base(1, short=9.0), "as it is: shortage"),
    ("a shortage without proof", base(1, least_short=None), "as it is: least shortage is proven"),
    ("a cost without proof", base(0, least_cost=None), "as it is: least cost is proven"),
    (
        "multipliers of a wrong sign",
        base(1, least_short=Multipliers(np.array([1.0, 1.0, 0.0, 0.0]))),
        "as it is: least shortage is proven",
    ),
    ("more sent than a site holds", base(0, units=np.array([90.0, 40.0])), "as it is: capacities"),
    ("flows that are no numbers", base(0, units=np.array([np.nan, 40.0])), "as it is: flows"),
    ("flows to nowhere", base(0, destination=np.array([0, 9], dtype=np.int32)), "as it is: shape"),
    ("other sites", base(0, opened=np.array([True, True, True, False])), "sites"),
    ("a larger site", base(0, larger=Place(FACILITY, 0), enlarged=90.0), "answers at hand have the data's capacities"),
    ("a price too high", first_bottleneck(price=1.5), "bottlenecks: price"),
    ("a price of another facility", first_bottleneck(place=Place(FACILITY, 1)), "bottlenecks: price"),
    ("a tenth that is none", tenth_of_two, "bottlenecks: a tenth more"),
    ("an answer that is not there", first_bottleneck(holds_in=99), "bottlenecks: its range"),
    ("a relief that is cheaper", relief(objective=1600.0), "relief: total cost"),
    ("a bound above the cost", relief(bound=1700.0), "relief: bound is not above the cost"),
    ("a relief that opens a site of the set", relief(opened=((0, 1), (2, 2))), "relief: opens candidates"),
    ("a relief that opens later", relief(opened=((3, 2), (2, 2))), "relief: what opens stays open"),
    (
        "a status without its relief",
        lambda outcome: replace(outcome, relief=None),
        "status follows from what was found",
    ),
    (
        "infeasible though a relief is there",
        lambda outcome: replace(outcome, status=ResultStatus.INFEASIBLE),
        "something clashes",
    ),
    (
        "a cost without a way to serve all",
        lambda outcome: replace(outcome, status=ResultStatus.NO_SOLUTION),
        "no cost is stated without a way to serve all",
    ),
]


def test_a_right_analysis_passes(short: CapacityOutcome, enough: CapacityOutcome):
    assert certificate_of(growing(), short).valid
    assert certificate_of(priced(40), enough).valid


@pytest.mark.parametrize(
    ("change", "failed"), [case[1:] for case in WRONG_WHERE_SHORT], ids=[case[0] for case in WRONG_WHERE_SHORT]
)
def test_what_is_wrong_is_named(short: CapacityOutcome, change: Change, failed: str):
    certificate = certificate_of(growing(), change(short))
    assert not certificate.valid
    assert failed in {check.name for check in certificate.checks if not check.passed}


@pytest.mark.parametrize("figures", [{"objective": 200.0}, {"bound": 200.0}, {"gap": 0.5}, {"bound_source": "solver"}])
def test_where_nothing_is_short_the_cost_is_that_of_the_answers(enough: CapacityOutcome, figures: dict[str, object]):
    assert not certificate_of(priced(40), replace(enough, **figures)).valid


def test_a_price_with_a_range_too_long_fails():
    tables = priced(58)
    outcome = outcome_of(tables)
    (one,) = outcome.bottlenecks
    longer = replace(outcome, bottlenecks=(replace(one, holds_in=one.tenth),))
    certificate = certificate_of(tables, longer)
    assert {check.name for check in certificate.checks if not check.passed} == {"bottlenecks: its range"}


def test_another_dataset_fails(short: CapacityOutcome):
    sites = chosen_sites(growing(), GIVEN, None)
    assert not certify_capacity(growing(), GIVEN, sites, short, "0" * 64).valid


def small() -> NetworkTables:
    sites = [("North", 80, 100, "mandatory"), ("South", 60, 50, "mandatory"), ("West", 20, 500), ("Hut", 30, 90)]
    return growing(facilities=sites)


@pytest.mark.parametrize("fault", ["another shortage", "not everything open", "a year that is not short"])
def test_no_relief_needs_its_evidence(fault: str):
    outcome = outcome_of(small())
    assert certificate_of(small(), outcome).valid
    told = outcome.infeasibility
    assert told is not None
    if fault == "another shortage":
        clash = replace(told.clashes[0], short_by=11.0)
        wrong = replace(outcome, infeasibility=replace(told, clashes=(clash,)))
    elif fault == "not everything open":
        wrong = replace(outcome, everything=(outcome.base[2],))
    else:
        wrong = replace(outcome, everything=())
    assert not certificate_of(small(), wrong).valid


def test_an_analysis_survives_the_way_between_processes(short: CapacityOutcome):
    assert CapacityOutcome.from_dict(short.as_dict()).as_dict() == short.as_dict()


def with_tiers() -> NetworkTables:
    """Growing demand for which North's tiers (30 units each) do in place of a site."""
    return replace(growing(), expansions=expansions([(0, 1, 30, 20, 5), (0, 2, 30, 20, 5)]))


@pytest.mark.parametrize(
    ("tiers", "failed"),
    [
        ((), "relief: what opens stays open"),
        (((0, 2, 2), (0, 1, 2)), "relief: what opens stays open"),
        (((0, 1, 1), (0, 3, 2)), "relief: tiers follow one another"),
        (((0, 2, 1), (0, 1, 2)), "relief: tiers follow one another"),
        (((3, 1, 1),), "relief: tiers follow one another"),
    ],
    ids=["left out", "taken later", "one that is none", "out of order", "of another"],
)
def test_the_tiers_of_a_relief_are_followed(tiers: tuple[tuple[int, int, int], ...], failed: str):
    tables = with_tiers()
    outcome = outcome_of(tables)
    assert certificate_of(tables, outcome).valid
    assert outcome.relief is not None
    assert outcome.relief.tiers == ((0, 1, 1), (0, 2, 2))
    certificate = certificate_of(tables, relief(tiers=tiers)(outcome))
    assert failed in {check.name for check in certificate.checks if not check.passed}


def test_a_tier_in_use_as_it_is_or_left_unpaid_fails():
    tables = with_tiers()
    outcome = outcome_of(tables)
    grown = base(0, tiers=np.array([1, 0, 0, 0], dtype=np.int32))(outcome)
    free = relief(objective=(outcome.objective or 0.0) - 5)(outcome)
    for wrong, failed in ((grown, "no tier is in use before the relief"), (free, "relief: total cost")):
        certificate = certificate_of(tables, wrong)
        assert failed in {check.name for check in certificate.checks if not check.passed}


def test_an_analysis_of_facilities_alone_as_earlier_versions_stored_it_still_passes(short: CapacityOutcome):
    stated = short.as_dict()
    del stated["modes"], stated["relief"]["tiers"]
    new = ("mode", "inbound_supplier", "inbound_facility", "inbound_units", "inbound_cost", "penalty", "tiers")
    answers = [*stated["base"], *stated["resolved"], *stated["everything"], *stated["relief"]["years"]]
    for answer in answers:
        for name in new:
            del answer[name]
        if answer["larger"] is not None:
            answer["larger"] = answer["larger"]["facility"]
        for proof in (answer["least_short"], answer["least_cost"]):
            for name in ("supply", "lane", "lane_price") if proof is not None else ():
                del proof[name]
    for one in stated["bottlenecks"]:
        one["facility"] = one.pop("place")["facility"]
    assert any(isinstance(answer["larger"], int) for answer in answers)

    assert certificate_of(growing(), CapacityOutcome.from_dict(stated)).valid
