"""Why there is no plan: exact shortfalls, the nearest cure, and the proof behind them."""

from __future__ import annotations

import pytest

import networx.models.transport.elastic as elastic
from networx.domain.plan import Clash, Infeasibility, ResultStatus
from networx.errors import SolverFault
from networx.models.transport import prepare, solve_transport
from networx.verify.transport import certify_infeasible
from tests.core.models.small_networks import network, parameters, two_sites


def infeasibility(changes: dict, stated: dict) -> Infeasibility:
    tables, given = two_sites(**changes), parameters(**stated)
    outcome = solve_transport(tables, given)
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.infeasibility is not None
    assert (outcome.plan, outcome.objective, outcome.bound) == (None, None, None)
    certificate = certify_infeasible(tables, given, outcome.infeasibility, tables.sha256())
    assert certificate.valid, [check for check in certificate.checks if not check.passed]
    by_sum = outcome.infeasibility.evidence == "closed_form"
    assert outcome.bound_source == certificate.bound_source == ("closed_form" if by_sum else "solver")
    return outcome.infeasibility


def one(found: Infeasibility, requirement: str) -> Clash:
    (clash,) = [clash for clash in found.clashes if clash.requirement == requirement]
    return clash


@pytest.mark.parametrize(
    ("changes", "stated", "requirement", "short", "unit", "year", "cure"),
    [
        # 300 units forecast for 2027, 150 units of capacity.
        (
            {"forecast": [(2026, 70), (2027, 300)]},
            {},
            "capacity",
            150,
            "units",
            2027,
            "Add 150 units of capacity in 2027",
        ),
        # The largest single facility holds 60 of 70 and of 105 units; both together hold 110.
        (
            {"facilities": [("North", 60, 1), ("South", 50, 1)], "forecast": [(2027, 105)]},
            {"max_facilities": 1},
            "max_facilities",
            45,
            "units",
            2027,
            "Raise max_facilities to 2",
        ),
        # A mandatory facility takes the only place: South's 40 units count, not North's 110.
        (
            {"facilities": [("North", 110, 1), ("South", 40, 1, "mandatory")], "forecast": [(2026, 70)]},
            {"max_facilities": 1},
            "max_facilities",
            30,
            "units",
            2026,
            "Raise max_facilities to 2",
        ),
        (
            {"facilities": [("North", 110, 1, "mandatory"), ("South", 40, 1, "mandatory")]},
            {"max_facilities": 1},
            "max_facilities",
            1,
            "facilities",
            None,
            "Raise max_facilities to 2",
        ),
        ({}, {"min_facilities": 5}, "min_facilities", 3, "facilities", None, "Lower min_facilities to 2"),
        ({}, {"min_facilities": 2, "max_facilities": 1}, "min_facilities", 1, "facilities", None, "to 1"),
        # Oak's only lane is from South, which holds 40 of its 45 units in 2027.
        (
            {"lanes": [(0, 0, 1), (1, 0, 1), (1, 1, 1)]},
            {},
            "lanes",
            5,
            "units",
            2027,
            "Add a lane to Oak",
        ),
        # Only Elm's 60 of 105 units have a facility within 15 miles; 84 are asked for; the next is 20 miles away.
        (
            {"forecast": [(2027, 105)]},
            {"service_level": 0.8, "max_distance_miles": 15.0},
            "service_level",
            24,
            "units",
            2027,
            "Lower service_level to 0.5714, or raise max_distance_miles to 20",
        ),
    ],
)
def test_a_sum_shows_the_shortfall_and_the_nearest_cure(changes, stated, requirement, short, unit, year, cure):
    found = infeasibility(changes, stated)

    assert found.evidence == "closed_form"
    clash = one(found, requirement)
    assert clash.short_by == pytest.approx(short, rel=1e-9)
    assert (clash.unit, clash.year) == (unit, year)
    assert clash.cure is not None
    assert cure in clash.cure


def test_a_destination_without_a_lane_is_named_in_every_year():
    found = infeasibility({"lanes": [(0, 0, 1), (1, 0, 1)]}, {})

    assert [(clash.requirement, clash.year, clash.short_by) for clash in found.clashes] == [
        ("lanes", 2026, 30),
        ("lanes", 2027, 45),
    ]
    assert all("Oak" in clash.message for clash in found.clashes)


def test_lanes_from_forbidden_facilities_do_not_count():
    found = infeasibility({"facilities": [("North", 110, 1, "forbidden"), ("South", 200, 1)], "lanes": [(0, 0, 1)]}, {})

    assert {clash.requirement for clash in found.clashes} == {"lanes"}
    assert len(found.clashes) == 4


def test_many_unreached_destinations_are_counted_after_the_first_twenty():
    places = [(f"D{j}", 1.0) for j in range(30)]
    tables = network([("A", 100, 1)], places, [(0, 0, 1)])

    outcome = solve_transport(tables, parameters())

    assert outcome.infeasibility is not None
    assert len(outcome.infeasibility.clashes) == 21
    assert outcome.infeasibility.clashes[-1].message.startswith("9 more")
    assert certify_infeasible(tables, parameters(), outcome.infeasibility, tables.sha256()).valid


def test_a_service_level_that_capacity_stands_in_the_way_of_is_explained_by_the_elastic_model():
    # 100 of 105 units can travel at most 100 miles in 2027 (see two_sites); 96 % are 100.8 units.
    found = infeasibility({}, {"service_level": 0.96, "max_distance_miles": 100.0})

    assert found.evidence == "elastic_model"
    short = one(found, "capacity")
    assert short.short_by == pytest.approx(0.8, rel=1e-6)
    assert short.year == 2027
    service = one(found, "service_level")
    assert service.cure == "Lower service_level to 0.9523."
    assert service.short_by == pytest.approx(0.96 - 0.9523)
    feasible = parameters(service_level=0.9523, max_distance_miles=100.0)
    assert solve_transport(two_sites(), feasible).status is ResultStatus.OPTIMAL


def test_lanes_that_need_more_facilities_than_allowed_are_explained_by_the_elastic_model():
    # North alone can only reach Elm, South alone only Oak: one facility leaves 30 (South closed) or 40 units.
    found = infeasibility({"lanes": [(0, 0, 1), (1, 1, 1)], "forecast": []}, {"max_facilities": 1})

    assert found.evidence == "elastic_model"
    assert one(found, "capacity").short_by == pytest.approx(30, rel=1e-6)
    assert "Oak 30" in one(found, "capacity").message
    sites = one(found, "max_facilities")
    assert (sites.short_by, sites.unit, sites.cure) == (1, "facilities", "Raise max_facilities to 2.")


def test_the_elastic_model_refuses_to_explain_what_can_be_served():
    instance = prepare(two_sites(), parameters())

    with pytest.raises(SolverFault, match="can serve in full"):
        elastic.explain(instance, 10.0, lambda: False)


def test_a_cancel_before_the_elastic_proof_claims_nothing():
    instance = prepare(two_sites(), parameters(service_level=0.96, max_distance_miles=100.0))

    assert elastic.explain(instance, 10.0, lambda: True) is None
