"""The certificate of a relief whose facilities have windows, leases and one-time costs: what breaks a rule is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.capacity import CapacityOutcome
from networx.domain.network import NetworkTables
from networx.domain.parameters import CapacityParameters, SitesAsked, TransportParameters
from networx.domain.plan import ResultStatus
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.verify.capacity import certify_capacity
from tests.core.models.small_networks import network, parameters

GIVEN = parameters(lease_years=None)


def tables() -> NetworkTables:
    """North lacks 10 units in 2027 and 2028. West may open from 2027 on, for two years, and costs 7 and 3 once."""
    found = network(
        [("North", 80, 10, "mandatory"), ("Hut", 20, 90), ("West", 20, 31)],
        [("Elm", 100)],
        [(0, 0, 1), (1, 0, 1), (2, 0, 1)],
        forecast=[(2026, 50), (2027, 90), (2028, 90), (2029, 50)],
    )
    rules = {
        "available_from_year": np.array([np.nan, np.nan, 2027]),
        "lease_years": np.array([np.nan, np.nan, 2]),
        "opening_cost": np.array([4.0, np.nan, 7.0]),
        "closing_cost": np.array([np.nan, np.nan, 3.0]),
    }
    return replace(found, facilities=replace(found.facilities, **rules))


@pytest.fixture(scope="module")
def outcome() -> CapacityOutcome:
    return analyse_capacity(tables(), GIVEN, CapacityParameters(SitesAsked()), chosen_sites(tables(), GIVEN, None))


def failed(outcome: CapacityOutcome, given: TransportParameters = GIVEN, **relief: Any) -> set[str]:
    """The checks that fail of the outcome with another relief."""
    assert outcome.relief is not None
    wrong = replace(outcome, relief=replace(outcome.relief, **relief)) if relief else outcome
    certificate = certify_capacity(tables(), given, outcome.sites, wrong, tables().sha256())
    return {check.name for check in certificate.checks if not check.passed}


def test_a_right_relief_passes(outcome: CapacityOutcome):
    assert outcome.relief is not None
    assert (outcome.relief.opened, outcome.relief.closed) == (((2, 1),), ((2, 3),))
    assert outcome.objective == pytest.approx(4 + 40 + 7 + 62 + 3 + 280)
    assert failed(outcome) == set()


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"opened": ((2, 0),)}, "relief: facilities are available"),
        ({"closed": ((2, 2),)}, "relief: leases are kept"),
        ({"closed": ()}, "relief: what opens stays open"),
        ({"closed": ((2, 3), (2, 3))}, "relief: opens candidates"),
        ({"closed": ((1, 3),)}, "relief: opens candidates"),
        ({"opened": ((2, 1), (0, 1))}, "relief: opens candidates"),
        ({"opened": ((2, 9),)}, "relief: opens candidates"),
        ({"objective": 389.0}, "relief: total cost"),
    ],
    ids=["too early", "too short", "still open", "closed twice", "another", "a site", "no year", "opened for nothing"],
)
def test_a_relief_that_breaks_a_rule_is_named(outcome: CapacityOutcome, changes: dict[str, Any], check: str):
    assert check in failed(outcome, **changes)


def test_more_changes_than_allowed_are_named(outcome: CapacityOutcome):
    assert failed(outcome, replace(GIVEN, max_changes_per_year=0)) == {"relief: changes in a year"}
    assert failed(outcome, replace(GIVEN, max_changes_per_year=1)) == set()


def test_another_lease_of_the_plan_is_held_against_the_relief(outcome: CapacityOutcome):
    longer = replace(tables(), facilities=replace(tables().facilities, lease_years=np.array([np.nan, np.nan, 3])))
    certificate = certify_capacity(longer, GIVEN, outcome.sites, outcome, longer.sha256())
    assert {check.name for check in certificate.checks if not check.passed} == {"relief: leases are kept"}


def test_an_answer_of_a_year_that_is_none_is_named(outcome: CapacityOutcome):
    wrong = replace(outcome, base=(replace(outcome.base[0], year=9), *outcome.base[1:]))
    certificate = certify_capacity(tables(), GIVEN, outcome.sites, wrong, tables().sha256())
    assert {"years", "sites"} <= {check.name for check in certificate.checks if not check.passed}


def minimum(tables: NetworkTables, *units: float) -> NetworkTables:
    return replace(tables, facilities=replace(tables.facilities, min_throughput_units=np.array(units)))


def test_a_minimum_throughput_that_an_answer_does_not_ship_is_named(outcome: CapacityOutcome):
    more = minimum(tables(), 60.0, np.nan, np.nan)
    certificate = certify_capacity(more, GIVEN, outcome.sites, outcome, more.sha256())
    assert "as it is: minimum throughput" in {check.name for check in certificate.checks if not check.passed}


def impossible() -> CapacityOutcome:
    """North has to ship 60 of the 50 units of 2026 and of 2029."""
    sites = chosen_sites(tables(), GIVEN, None)
    return analyse_capacity(minimum(tables(), 60.0, np.nan, np.nan), GIVEN, CapacityParameters(SitesAsked()), sites)


def proof_of(outcome: CapacityOutcome, **proof: Any) -> CapacityOutcome:
    first = outcome.missed[0]
    assert first.least_missed is not None
    changed = replace(first, least_missed=replace(first.least_missed, **proof))
    return replace(outcome, missed=(changed, *outcome.missed[1:]))


def stated(outcome: CapacityOutcome, short_by: float) -> CapacityOutcome:
    told = outcome.infeasibility
    assert told is not None
    clashes = (replace(told.clashes[0], short_by=short_by), *told.clashes[1:])
    return replace(outcome, infeasibility=replace(told, clashes=clashes))


def less_shipped(outcome: CapacityOutcome) -> CapacityOutcome:
    """One unit less than could be, and said so."""
    first = outcome.missed[0]
    worse = replace(
        first,
        units=first.units - 1,
        unserved=first.unserved + 1,
        short=first.short + 1,
        missed=first.missed + np.array([1, 0, 0]),
    )
    return stated(replace(outcome, missed=(worse, *outcome.missed[1:])), 11.0)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda outcome: proof_of(outcome, least=np.array([2.0, 0, 0])), "minima missed: least that lacks is proven"),
        (lambda outcome: proof_of(outcome, least=np.array([-1.0, 0, 0])), "minima missed: least that lacks is proven"),
        (lambda outcome: proof_of(outcome, least=np.zeros(0)), "minima missed: least that lacks is proven"),
        (less_shipped, "minima missed: least that lacks is proven"),
        (lambda outcome: stated(outcome, 9.0), "minima missed: what lacks is recomputed"),
        (lambda outcome: replace(outcome, missed=outcome.missed[:1]), "minima missed: what lacks is recomputed"),
        (lambda outcome: replace(outcome, missed=()), "no relief: shortage recomputed"),
        (lambda outcome: replace(outcome, status=ResultStatus.OPTIMAL), "status follows from what was found"),
    ],
    ids=["price", "sign", "no price", "too little", "figure", "a year left out", "no evidence", "status"],
)
def test_minima_that_cannot_be_met_need_their_evidence(change: Any, check: str):
    data, right = minimum(tables(), 60.0, np.nan, np.nan), impossible()
    assert [float(answer.missed.sum()) for answer in right.missed] == pytest.approx([10, 10])
    assert certify_capacity(data, GIVEN, right.sites, right, data.sha256()).valid
    assert CapacityOutcome.from_dict(right.as_dict()).as_dict() == right.as_dict()
    certificate = certify_capacity(data, GIVEN, right.sites, change(right), data.sha256())
    assert check in {check.name for check in certificate.checks if not check.passed}
