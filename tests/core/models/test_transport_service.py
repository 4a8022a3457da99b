"""The service level in miles or days, by year, as a requirement and at a price: by hand, refused, and in the results.

The random networks of test_transport_lanes.py ask for service in all these ways.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from networx.domain.network import ServiceYears
from networx.errors import RefusedInput
from networx.models.transport import prepare, solve_transport
from networx.results.kpis import transport_result
from networx.results.report import render_report
from networx.verify.transport import certify
from networx.verify.transport.exact import beyond_exact, check_exactly
from tests.core.models.lane_networks import with_lanes
from tests.core.models.small_networks import parameters, two_sites
from tests.core.models.test_transport_plans import assert_certified

BOTH = (
    "max_distance_miles and max_transit_days are both stated, and the service level can speak of one alone; remove one "
    "of the two, in Parameters and ServiceYears."
)
DAYS = {(0, 0): 1, (0, 1): 4, (1, 0): 3, (1, 1): 2}


def by_days(**years):
    """The network worked out by hand (490), each lane with its days, and what a year asks differently."""
    cost = {(0, 0): 1, (0, 1): 4, (1, 0): 3, (1, 1): 1}
    miles = {(0, 0): 10, (0, 1): 200, (1, 0): 150, (1, 1): 20}
    tables = with_lanes(
        two_sites(), [{"at": at, "cost": cost[at], "miles": miles[at], "days": DAYS[at]} for at in DAYS]
    )
    return replace(tables, service_years=asked_in(**years)) if years else tables


def asked_in(**years):
    """Rows of ServiceYears: y2027={"service_level": 0.9}."""
    names = ("service_level", "max_distance_miles", "max_transit_days", "service_penalty_per_unit")
    columns = {name: np.array([float(row.get(name, np.nan)) for row in years.values()]) for name in names}
    return ServiceYears(np.array([int(year[1:]) for year in years], dtype=np.int64), **columns)


@pytest.mark.parametrize(
    ("years", "stated", "cost"),
    [
        # At most 2 days: all of 2026 and, as South holds 40 of Oak's 45, 100 of 105 units of 2027, as for 100 miles.
        ({}, {"service_level": 0.95, "max_transit_days": 2}, 490),
        ({}, {"service_level": 0.96, "max_transit_days": 2}, None),
        ({}, {"service_level": 1, "max_transit_days": 4}, 490),
        # 2026 asks for all within 2 days, 2027 for nothing.
        ({"y2026": {"service_level": 1, "max_transit_days": 2}}, {}, 490),
        # A penalty of $10: 0.96 x 105 = 100.8, so that 0.8 units lack, and nobody can do better.
        ({}, {"service_level": 0.96, "max_transit_days": 2, "service_penalty_per_unit": 10}, 498),
        # Only in 2027 is the level a target.
        ({"y2027": {"service_penalty_per_unit": 10}}, {"service_level": 0.96, "max_transit_days": 2}, 498),
        # Only 2027 asks for more days.
        ({"y2027": {"max_transit_days": 4}}, {"service_level": 0.96, "max_transit_days": 2}, 490),
        # The same in miles, with a level of the year.
        ({"y2027": {"service_level": 0.95}}, {"service_level": 1, "max_distance_miles": 100}, 490),
        # South is worth its $100 to nobody who pays $0.1 a unit: North alone, 600, and 75 units to Oak lack. With both
        # sites 490 + 0.5: cheaper. With South at $205 a year more it is North alone.
        ({}, {"service_level": 1, "max_transit_days": 2, "service_penalty_per_unit": 0.1}, 490.5),
        ({}, {"service_level": 1, "max_transit_days": 2, "max_facilities": 1, "service_penalty_per_unit": 2}, 750),
    ],
)
def test_each_rule_changes_the_answer_as_the_arithmetic_says(years, stated, cost):
    tables, given = by_days(**years), parameters(**stated)

    outcome = solve_transport(tables, given)

    assert outcome.objective == (None if cost is None else pytest.approx(cost, rel=1e-9))
    assert_certified(tables, given, outcome)


def test_what_is_lacking_has_a_line_of_its_own_in_every_result():
    stated = {"service_level": 0.96, "max_transit_days": 2, "service_penalty_per_unit": 10}
    tables, given = by_days(), parameters(**stated)
    outcome = solve_transport(tables, given)

    result = transport_result(tables, given, outcome, None, identity={})

    kpis, (first, second) = result["kpis"], result["years"]
    assert kpis["total_cost"] == pytest.approx(498) == pytest.approx(outcome.objective)
    assert (kpis["service_penalty_cost"], kpis["transport_cost"]) == (pytest.approx(8), pytest.approx(190))
    assert (first["service_penalty_cost"], first["service_level"], first["service_within"]) == (0, 1, "2 days")
    assert second["service_shortfall_units"] == pytest.approx(0.8)
    assert second["service_level"] == pytest.approx(100 / 105)
    report = render_report(result, [])
    assert "Missed service" in report
    assert "of units within 2 days" in report


def test_a_year_without_enough_near_is_named_with_its_cure_in_days():
    tables, given = by_days(y2026={"service_level": 1}), parameters(max_transit_days=1, service_level=0.5)

    outcome = solve_transport(tables, given)

    assert outcome.infeasibility is not None
    (clash,) = outcome.infeasibility.clashes
    assert (clash.requirement, clash.short_by, clash.year) == ("service_level", 30, 2026)
    assert "100.00% of the 70 units in 2026 must travel at most 1 day," in clash.message
    assert clash.cure == (
        "Lower service_level to 0.5714 in the row of 2026 in the sheet ServiceYears, or raise max_transit_days to 2, "
        "or add a candidate near them."
    )
    assert_certified(tables, given, outcome)


def test_a_cure_names_the_row_and_the_sheet_in_which_what_it_changes_stands():
    own = by_days(y2026={"service_level": 0.9, "max_transit_days": 1}, y2027={"max_transit_days": 1})
    outcome = solve_transport(own, parameters(service_level=0.8, max_transit_days=2))

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.clashes[0].cure == (
        "Lower service_level to 0.5714 in Parameters and in the row of 2026 in the sheet ServiceYears, or raise "
        "max_transit_days to 2 in the rows of 2026 and 2027 in the sheet ServiceYears, or add a candidate near them."
    )


def test_the_level_that_the_elastic_model_lowers_is_named_by_its_row():
    outcome = solve_transport(by_days(y2027={"service_level": 0.96}), parameters(service_level=0.5, max_transit_days=2))

    assert outcome.infeasibility is not None
    cures = {clash.requirement: clash.cure for clash in outcome.infeasibility.clashes}
    assert cures["service_level"] == "Lower service_level to 0.9523 in the row of 2027 in the sheet ServiceYears."


def test_what_only_the_elastic_model_shows_says_which_level_can_be_reached():
    tables, given = by_days(), parameters(service_level=0.96, max_transit_days=2)

    outcome = solve_transport(tables, given)

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "elastic_model"
    found = {clash.requirement: clash for clash in outcome.infeasibility.clashes}
    assert found["service_level"].cure == "Lower service_level to 0.9523."
    assert "96.00% of demand within 2 days" in found["service_level"].message


def failing(tables, outcome, plan=None, objective=None, **stated):
    certificate = certify(
        tables,
        parameters(**stated),
        plan or outcome.plan,
        objective=outcome.objective if objective is None else objective,
        bound=None,
        gap=None,
        status="feasible",
        bound_source="solver",
        dataset_sha256=tables.sha256(),
    )
    return {check.name for check in certificate.checks if not check.passed}


def test_a_certificate_finds_a_missed_level_and_a_penalty_left_out():
    tables = by_days()
    outcome = solve_transport(tables, parameters())

    assert not failing(tables, outcome, service_level=0.95, max_transit_days=2)
    assert failing(tables, outcome, service_level=0.96, max_transit_days=2) == {"service level is reached"}
    priced = {"service_level": 0.96, "max_transit_days": 2, "service_penalty_per_unit": 10}
    assert failing(tables, outcome, **priced) == {"cost"}
    assert not failing(tables, outcome, objective=outcome.objective + 8, **priced)
    # A limit that nobody states lets nothing be near; of two limits both have to be kept.
    assert failing(tables, outcome, service_level=0.5) == {"service level is reached"}
    both = {"service_level": 0.95, "max_transit_days": 2, "max_distance_miles": 15}
    assert failing(tables, outcome, **both) == {"service level is reached"}


def test_the_row_of_the_year_counts_for_the_certificate_too():
    outcome = solve_transport(by_days(), parameters())
    tables = by_days(y2027={"service_level": 0.96, "max_transit_days": 2})

    assert failing(tables, outcome) == {"service level is reached"}
    eased = by_days(y2027={"service_level": 0.95})
    assert not failing(eased, outcome, service_level=1, max_transit_days=2)


@pytest.mark.parametrize(
    ("years", "stated", "message"),
    [
        (
            {},
            {"service_level": 0.9},
            "max_distance_miles is missing: service_level speaks of a distance; state it, or max_transit_days.",
        ),
        (
            {},
            {"service_level": 0.9, "max_transit_days": 2, "max_distance_miles": 5},
            BOTH,
        ),
        (
            {"y2026": {"max_distance_miles": 5}},
            {"service_level": 0.9, "max_transit_days": 2},
            BOTH,
        ),
        (
            {"y2026": {"service_level": 0.9}},
            {},
            "service_level is stated for 2026 without max_distance_miles or max_transit_days; state one.",
        ),
        (
            {},
            {"service_penalty_per_unit": 2},
            "service_penalty_per_unit is the price of missing service_level, which is not stated; state it.",
        ),
        ({"y2031": {"service_level": 0}}, {}, "year of ServiceYears in 2031 is not a year of the plan."),
        ({"y2026": {"service_level": 2}}, {}, "service_level of ServiceYears in 2026 must be a share from 0 to 1."),
        (
            {"y2026": {"max_transit_days": -2}},
            {},
            "max_transit_days of ServiceYears in 2026 must be a number, 0 or more.",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(years, stated, message):
    with pytest.raises(RefusedInput) as refused:
        prepare(by_days(**years), parameters(**stated))

    assert [problem.message for problem in refused.value.problems] == [message]


def test_days_that_are_not_stated_are_asked_for_by_lane():
    with pytest.raises(RefusedInput) as refused:
        prepare(two_sites(), parameters(service_level=0.5, max_transit_days=2))

    assert refused.value.problems[0].message == (
        "service_level asks for transit days, which the lane from North to Elm lacks (3 other lanes also); state "
        "transit_days."
    )


def test_lanes_priced_by_the_mile_have_no_days():
    tables = two_sites(
        facilities=[("North", 110, 100, "candidate", 40, -90), ("South", 40, 50, "candidate", 30, -90)],
        destinations=[("Elm", 40, 41, -90), ("Oak", 30, 31, -90)],
    )
    some = with_lanes(tables, [{"at": (0, 0), "cost": 1, "days": 2}])
    given = parameters(service_level=0.5, max_transit_days=2, cost_per_unit_mile=1, circuity=1)

    with pytest.raises(RefusedInput, match="the lane from North to Oak lacks"):
        prepare(some, given)


def test_the_exact_sums_read_days_prices_and_years():
    """Of 2026 all has to come within 2 days; 2027 may miss 96 % of its 105 units at $10: 0.8 are lacking."""
    stated = parameters(service_level=0.96, max_transit_days=2)
    tables = by_days(y2026={"service_level": 1.0}, y2027={"service_penalty_per_unit": 10})
    outcome = solve_transport(tables, stated)
    plan = outcome.plan
    assert plan is not None
    assert beyond_exact(tables, stated) == []
    # A unit of Elm's in 2026 goes the 3 days from South, in place of the day from North: $2 more.
    units = plan.flow_units.copy()
    units[np.flatnonzero((plan.flow_year == 0) & (plan.flow_destination == 0))[0]] -= 1
    added = {"flow_year": 0, "flow_facility": 1, "flow_destination": 0, "flow_mode": -1}
    columns = {name: np.append(getattr(plan, name), code).astype(np.int32) for name, code in added.items()}
    late = replace(plan, flow_units=np.append(units, 1.0), **columns)

    found = check_exactly(tables, stated, plan, 498.0)
    unpaid = check_exactly(tables, stated, plan, 490.0)
    missed = check_exactly(tables, stated, late, 500.0)

    assert all(check.passed for check in found.checks)
    assert float(found.cost) == pytest.approx(498, rel=1e-14)  # the plan's own units are rounded, nothing else is
    assert [check.name for check in unpaid.checks if not check.passed] == ["exactly: cost"]
    assert [check.name for check in missed.checks if not check.passed] == ["exactly: service level is reached"]
