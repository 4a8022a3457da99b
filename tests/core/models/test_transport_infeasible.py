"""Why there is no plan: exact shortfalls, the nearest cure, and the proof behind them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import networx.models.transport.elastic as elastic
from networx.domain.network import NetworkTables
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
        ({}, {"max_facilities": 0}, "max_facilities", 105, "units", 2027, "Raise max_facilities to 1."),
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


def test_a_destination_without_a_lane_is_one_clash_over_all_years():
    (clash,) = infeasibility({"lanes": [(0, 0, 1), (1, 0, 1)]}, {}).clashes

    assert (clash.requirement, clash.year, clash.short_by) == ("lanes", 2027, 45)
    assert clash.message == (
        "Oak needs 45 units in 2027, but no facility that may open and has capacity has a lane to it: 45 units short. "
        "2026 is short too, by no more than that."
    )


def test_a_lane_from_a_facility_that_holds_nothing_is_not_called_missing():
    """Elm and Oak have their lanes; what they lack is capacity."""
    found = infeasibility({"facilities": [("North", 0, 1), ("South", 0, 1)]}, {})
    clash = next(clash for clash in found.clashes if clash.requirement == "lanes")
    assert "its lanes and the facilities at their start hold 0 units" in clash.message
    assert clash.cure is not None
    assert clash.cure.endswith("of capacity of lanes and facilities in each of these years.")


FIVE_YEARS = [(year, units) for year, units in zip(range(2026, 2031), (70, 100, 120, 90, 80), strict=True)]


@pytest.mark.parametrize(
    ("changes", "stated", "requirement", "short", "said", "cure"),
    [
        # Both facilities hold 60 units together; all five years need more.
        (
            {"facilities": [("North", 40, 1), ("South", 20, 1)]},
            {},
            "capacity",
            60,
            (
                "Demand of 120 units in 2028 is above the 60 units that all allowed facilities can hold "
                "together: 60 units short. 2026, 2027, 2029 and 2030 are short too, by no more than that."
            ),
            "Add 60 units of capacity in each of these years, or plan for that much less demand.",
        ),
        # The larger facility alone holds 85 units: enough in 2026 and 2030.
        (
            {"facilities": [("North", 85, 1), ("South", 50, 1)]},
            {"max_facilities": 1},
            "max_facilities",
            35,
            (
                "Demand of 120 units in 2028 is above the 85 units that the best facility can hold, "
                "and max_facilities is 1: 35 units short. 2027 and 2029 are short too, by no more than that."
            ),
            "Raise max_facilities to 2, or enlarge the best facility by 35 units in each of these years.",
        ),
        # Elm's four sevenths of the demand are near a facility; nine tenths are asked for.
        (
            {"facilities": [("North", 500, 1), ("South", 500, 1)]},
            {"service_level": 0.9, "max_distance_miles": 15.0},
            "service_level",
            (0.9 - 4 / 7) * 120,
            (
                "90.00% of the 120 units in 2028 must travel at most 15 miles, but only 68.5714 units can, with "
                "every allowed facility open: 39.4286 units short. 2026, 2027, 2029 and 2030 are short too, by no more "
                "than that."
            ),
            "Lower service_level to 0.5714, or raise max_distance_miles to 20, or add a candidate near them.",
        ),
    ],
)
def test_a_requirement_that_falls_short_in_several_years_is_one_clash(changes, stated, requirement, short, said, cure):
    clash = one(infeasibility({"forecast": FIVE_YEARS, **changes}, stated), requirement)

    assert (clash.year, clash.unit, clash.cure) == (2028, "units", cure)
    assert clash.short_by == pytest.approx(short)
    assert clash.message == said


@pytest.mark.parametrize(
    ("changes", "stated", "requirements"),
    [
        ({"facilities": [("North", 40, 1), ("South", 20, 1)]}, {}, {"capacity"}),
        ({"facilities": [("North", 60, 1), ("South", 50, 1)]}, {"max_facilities": 1}, {"max_facilities"}),
        ({}, {"max_facilities": 0}, {"max_facilities"}),
        ({"lanes": [(0, 0, 1), (1, 0, 1)]}, {}, {"lanes"}),
        ({"lanes": [(0, 0, 1), (1, 1, 1)]}, {"max_facilities": 1}, {"capacity", "max_facilities"}),
        ({}, {"service_level": 0.8, "max_distance_miles": 15.0}, {"service_level"}),
        (
            {"facilities": [("North", 110, 1, "forbidden"), ("South", 40, 1, "forbidden")]},
            {},
            {"capacity"},
        ),
        ({"facilities": [("North", 38, 1), ("South", 38, 1)]}, {"single_sourcing": True}, {"single_sourcing"}),
    ],
)
def test_a_year_that_nobody_stated_is_not_named(changes, stated, requirements):
    """Without Demand and Forecast the plan is one year that has no name; inside it is called 1."""
    found = infeasibility({"forecast": [], **changes}, stated)

    assert requirements <= {clash.requirement for clash in found.clashes}
    said = " ".join(f"{clash.message} {clash.cure}" for clash in found.clashes)
    assert re.search(r"\b(in|of) 1\b(?! (facility|of them))", said, re.IGNORECASE) is None, said
    assert "  " not in said


def test_the_cure_of_several_years_mends_them_all():
    # One facility holds 100 of 130 units in 2026: four are needed. In 2027 North has 200 of 290: two are enough.
    changes = {
        "facilities": [("West", 100, 1), ("North", 10, 1), ("South", 10, 1), ("East", 10, 1)],
        "lanes": [(facility, destination, 1) for facility in range(4) for destination in range(2)],
        "forecast": [(2026, 130), (2027, 290)],
        "facility_years": [(1, 2027, 1, 200)],
    }
    (clash,) = infeasibility(changes, {"max_facilities": 1}).clashes

    assert (clash.year, clash.short_by) == (2027, 90)
    assert clash.cure is not None
    assert clash.cure.startswith("Raise max_facilities to 4")
    assert solve_transport(two_sites(**changes), parameters(max_facilities=4)).status is ResultStatus.OPTIMAL


@pytest.mark.parametrize(
    ("facilities", "stated", "said", "cure"),
    [
        (
            [("North", 200, 1, "mandatory"), ("South", 40, 1, "mandatory")],
            {"max_facilities": 1},
            "At most 1 facility may be open, but 2 are mandatory.",
            "Raise max_facilities to 2, or make 1 of them a candidate.",
        ),
        (
            [("North", 200, 1, "mandatory"), ("South", 40, 1)],
            {"max_facilities": 0},
            "At most 0 facilities may be open, but 1 is mandatory.",
            "Raise max_facilities to 1, or make 1 of them a candidate.",
        ),
        (
            [("North", 200, 1), ("South", 40, 1, "forbidden")],
            {"min_facilities": 2},
            "At least 2 facilities must be open, but only 1 is not forbidden.",
            "Lower min_facilities to 1, or add 1 candidate.",
        ),
    ],
)
def test_one_of_anything_is_said_in_the_singular(facilities, stated, said, cure):
    clash = infeasibility({"facilities": facilities, "forecast": [(2026, 70)]}, stated).clashes[0]

    assert (clash.message, clash.cure) == (said, cure)


def test_a_facility_whose_window_has_closed_is_named_as_a_cure():
    """Reno's window ends in 2026, and Erie's 60 are all there is for the 105 of 2027."""
    changes = {"facilities": [("Reno", 110, 1), ("Erie", 60, 1)]}
    tables = two_sites(**changes)

    def until(year: float) -> NetworkTables:
        sites = replace(tables.facilities, available_to_year=np.array([year, np.nan]))
        return replace(tables, facilities=sites)

    outcome = solve_transport(until(2026), parameters())
    assert outcome.infeasibility is not None
    assert one(outcome.infeasibility, "capacity").cure == (
        "Add 45 units of capacity in 2027, or let Reno be open in 2027 too, or plan for that much less demand."
    )
    assert solve_transport(until(2027), parameters()).status is ResultStatus.OPTIMAL


def test_lanes_from_forbidden_facilities_do_not_count():
    found = infeasibility({"facilities": [("North", 110, 1, "forbidden"), ("South", 200, 1)], "lanes": [(0, 0, 1)]}, {})

    assert {clash.requirement for clash in found.clashes} == {"lanes"}
    assert len(found.clashes) == 2


def test_many_unreached_destinations_are_counted_after_the_first_twenty():
    places = [(f"D{j}", 1.0) for j in range(30)]
    tables = network([("A", 100, 1)], places, [(0, 0, 1)])

    outcome = solve_transport(tables, parameters())

    assert outcome.infeasibility is not None
    assert len(outcome.infeasibility.clashes) == 21
    assert outcome.infeasibility.clashes[-1].message == "9 more destinations have the same problem."
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


@pytest.mark.parametrize(
    ("held", "cure"),
    [
        (90, "Raise max_changes_per_year to 1."),
        (60, "Raise max_changes_per_year to 1, and relax another requirement: that alone is not enough."),
    ],
)
def test_a_number_of_changes_is_a_cure_only_where_all_demand_can_then_be_served(held, cure):
    # All may change is nothing, and A has to be open in 2026 and closed in 2027. Then B alone reaches Elm and Oak.
    tables = network(
        [("A", 200, 1), ("B", held, 1), ("C", 60, 1)],
        [("Elm", 40), ("Oak", 40), ("Ash", 20)],
        [(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 0, 1), (1, 1, 1), (2, 2, 1)],
        forecast=[(2026, 100), (2027, 100)],
    )
    only_first = np.array([2026.0, np.nan, np.nan])
    sites = replace(
        tables.facilities, available_to_year=only_first, forced_from_year=only_first, forced_to_year=only_first
    )
    given = parameters(lease_years=1, max_changes_per_year=0)

    outcome = solve_transport(replace(tables, facilities=sites), given)

    assert outcome.infeasibility is not None
    assert one(outcome.infeasibility, "max_changes_per_year").cure == cure


def test_a_service_level_of_years_without_demand_is_no_obstacle_to_saying_why():
    # Nobody asks for anything, and a facility that has to be open has to ship something.
    tables = network([("A", 50, 1)], [("Elm", 10)], [(0, 0, 1, 5)], forecast=[(2026, 0)])
    tables = replace(tables, facilities=replace(tables.facilities, min_throughput_units=np.array([5.0])))

    outcome = solve_transport(tables, parameters(min_facilities=1, service_level=0.5, max_distance_miles=60))

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "elastic_model"
    assert "min_throughput_units" in {clash.requirement for clash in outcome.infeasibility.clashes}


def test_one_reason_is_told_once_where_no_facility_may_be_open():
    tables = two_sites()
    nowhere = replace(tables, facilities=replace(tables.facilities, status=("forbidden", "forbidden")))
    given = parameters()
    found = solve_transport(nowhere, given).infeasibility
    assert found is not None
    (clash,) = found.clashes
    assert clash.message.startswith("No facility may be open in ")
    assert clash.cure is not None
    assert "all are forbidden" in clash.cure
    assert certify_infeasible(nowhere, given, found, nowhere.sha256()).valid
