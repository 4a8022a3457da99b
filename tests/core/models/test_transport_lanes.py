"""Lanes with capacities, modes and years of their own, against enumeration and arithmetic done by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from networx.domain.plan import TransportPlan
from networx.errors import RefusedInput
from networx.models.transport import prepare, solve_transport
from networx.verify.transport import certify
from tests.core.models.lane_networks import random_lane_case, with_lanes
from tests.core.models.small_networks import network, parameters, two_sites
from tests.core.models.test_transport_plans import assert_certified


def test_the_random_networks_hold_all_kinds():
    seen = set()
    for seed in range(60):
        tables, given = random_lane_case(seed)
        instance = prepare(tables, given)
        lanes, service = instance.lanes, instance.service
        seen |= {("lanes", lanes.limited, lanes.alike, given.single_sourcing)}
        seen |= {("service", service.measure, service.hard, service.priced, service.alike)}
    assert {kind[1:] for kind in seen if kind[0] == "lanes"} >= {
        (limited, alike, single) for limited in (False, True) for alike in (True,) for single in (False, True)
    } | {(True, False, False), (True, False, True)}
    assert len(seen) > 15


PLAIN = [
    {"at": (0, 0), "cost": 1, "miles": 10},
    {"at": (0, 1), "cost": 4, "miles": 200},
    {"at": (1, 0), "cost": 3, "miles": 150},
    {"at": (1, 1), "cost": 1, "miles": 20},
]


def by_hand(**changed):
    """The network worked out by hand (490) with other rows for some lanes: a pair's two digits and its rows."""
    told = {f"{row['at'][0]}{row['at'][1]}": [row] for row in PLAIN}
    for pair, rows in changed.items():
        at = tuple(int(digit) for digit in pair[1:])
        told[pair[1:]] = [{"at": at, **row} for row in rows]
    return with_lanes(two_sites(), [row for rows in told.values() for row in rows])


@pytest.mark.parametrize(
    ("changed", "stated", "cost"),
    [
        # South to Oak carries 30: in 2027, of Oak's 45 units 15 come from North at $4. 300 + 70 + 60 + 30 + 60.
        ({"_11": [{"cost": 1, "most": 30}]}, {}, 520),
        # What no demand reaches limits nothing.
        ({"_11": [{"cost": 1, "most": 45}]}, {}, 490),
        ({"_11": [{"cost": 1, "most": float("inf")}]}, {}, 490),
        # A truck takes 50 of Elm's 60 units of 2027, the rest goes by parcel at $2.
        ({"_00": [{"cost": 1, "most": 50, "mode": "tl"}, {"cost": 2, "mode": "parcel"}]}, {}, 500),
        # With one source, by one mode: the parcel takes all 60 units of 2027 to Elm, North alone serves Oak's 45.
        (
            {"_00": [{"cost": 1, "most": 50, "mode": "tl"}, {"cost": 2, "mode": "parcel"}]},
            {"single_sourcing": True},
            660,
        ),
        # The dearer mode is never used.
        ({"_00": [{"cost": 2, "mode": "parcel"}, {"cost": 1, "mode": "tl"}]}, {}, 490),
        # Half the price in 2027: 60 x 0.5 in place of 60.
        ({"_00": [{"cost": 1}, {"cost": 0.5, "year": 2027}]}, {}, 460),
        # A row of 2026 alone: Elm comes from South in 2027, whose 40 units leave 20 of Elm's 60 without a lane.
        ({"_00": [{"cost": 1, "year": 2026}]}, {}, None),
        # The row of the year states no capacity, so that it has none.
        ({"_11": [{"cost": 1, "most": 30}, {"cost": 1, "year": 2027}]}, {}, 490),
        # A mode of one year is an alternative to the row without a mode: North alone, 200 + 160 + 60 + 45.
        ({"_01": [{"cost": 4}, {"cost": 1, "mode": "rail", "year": 2027}]}, {}, 465),
        # Rail is cheap and far. 2026: 42 of 70 units within 100 miles, 30 to Oak and 12 to Elm by truck. 2027: 63 of
        # 105, South's 40 to Oak (5 more from North) and 23 to Elm by truck. 300 + (30 + 24 + 28) + (40 + 20 + 46 + 37).
        (
            {"_00": [{"cost": 1, "miles": 150, "mode": "rail"}, {"cost": 2, "miles": 10, "mode": "tl"}]},
            {"service_level": 0.6, "max_distance_miles": 100},
            525,
        ),
    ],
)
def test_each_rule_changes_the_answer_as_the_arithmetic_says(changed, stated, cost):
    tables = by_hand(**changed)

    outcome = solve_transport(tables, parameters(**stated))

    assert outcome.objective == (None if cost is None else pytest.approx(cost, rel=1e-9))
    assert_certified(tables, parameters(**stated), outcome)


def split_by_mode():
    """Of Elm's 60 units of 2027 a truck takes 50, at $1, and a parcel 10, at $2."""
    tables = by_hand(_00=[{"cost": 1, "most": 50, "mode": "tl"}, {"cost": 2, "mode": "parcel"}])
    return tables, solve_transport(tables, parameters())


def told(plan):
    """Flows as (year, facility, destination, mode, units)."""
    flows = zip(plan.flow_year, plan.flow_facility, plan.flow_destination, plan.flow_mode, plan.flow_units, strict=True)
    return [(int(t), int(i), int(j), ([*plan.modes, None])[mode], float(units)) for t, i, j, mode, units in flows]


def test_a_plan_says_by_which_mode_each_flow_goes():
    _, outcome = split_by_mode()

    assert told(outcome.plan) == [
        (0, 0, 0, "tl", pytest.approx(40)),
        (0, 1, 1, None, pytest.approx(30)),
        (1, 0, 0, "parcel", pytest.approx(10)),
        (1, 0, 0, "tl", pytest.approx(50)),
        (1, 0, 1, None, pytest.approx(5)),
        (1, 1, 1, None, pytest.approx(40)),
    ]


def test_a_plan_with_modes_comes_back_from_its_arrays_and_one_without_from_old_ones():
    plan = split_by_mode()[1].plan
    assert told(TransportPlan.from_arrays(plan.arrays())) == told(plan)

    old = solve_transport(two_sites(), parameters()).plan
    arrays = {name: part for name, part in old.arrays().items() if name not in {"flow_mode", "modes"}}
    assert told(TransportPlan.from_arrays(arrays)) == told(old)


def failing(tables, outcome, *, plan=None, objective=None, **stated):
    certificate = certify(
        tables,
        parameters(**stated),
        outcome.plan if plan is None else plan,
        objective=outcome.objective if objective is None else objective,
        bound=outcome.bound,
        gap=outcome.gap,
        status=outcome.status,
        bound_source=outcome.bound_source,
        dataset_sha256=tables.sha256(),
    )
    return {check.name: check.where for check in certificate.checks if not check.passed}


def test_a_lane_that_carries_too_much_is_found():
    tables, outcome = split_by_mode()
    units = outcome.plan.flow_units.copy()
    units[[2, 3]] = 5, 55

    found = failing(tables, outcome, plan=replace(outcome.plan, flow_units=units), objective=outcome.objective - 5)

    assert found["lane capacities hold"] == "North to Elm by tl, 2027"


def test_two_flows_over_one_lane_are_taken_together():
    tables, outcome = split_by_mode()
    mode = outcome.plan.flow_mode.copy()
    mode[2] = mode[3]

    found = failing(tables, outcome, plan=replace(outcome.plan, flow_mode=mode), objective=outcome.objective - 10)

    assert "lane capacities hold" in found


def test_a_mode_that_the_pair_does_not_have_is_found():
    tables, outcome = split_by_mode()
    mode = outcome.plan.flow_mode.copy()
    mode[1] = 0  # South to Oak has a row without a mode alone
    assert set(failing(tables, outcome, plan=replace(outcome.plan, flow_mode=mode))) >= {"flows use lanes of the data"}
    # A mode that no row names, and an index that stands for none.
    odd = replace(outcome.plan, modes=("parcel", "rail"))
    assert "flows use lanes of the data" in failing(tables, outcome, plan=odd)
    mode[1] = 7
    assert "flow indices" in failing(tables, outcome, plan=replace(outcome.plan, flow_mode=mode))


def test_two_modes_are_two_sources_where_one_is_asked_for():
    tables, outcome = split_by_mode()

    found = failing(tables, outcome, single_sourcing=True)

    assert found["one facility serves a destination"] == "first at Elm, 2027"


def test_the_price_of_another_year_is_found():
    tables = by_hand(_00=[{"cost": 1}, {"cost": 0.5, "year": 2027}])
    outcome = solve_transport(tables, parameters())
    assert not failing(tables, outcome)

    # 60 units at $1, as if the row of 2027 did not stand there; and a lane of 2027 used in 2026.
    assert set(failing(tables, outcome, objective=490.0)) >= {"cost"}
    only = by_hand(_00=[{"cost": 0.5, "year": 2027}])
    assert "flows use lanes of the data" in failing(only, outcome)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"cost": 1}, {"cost": 2}], "The lane from North to Elm is listed more than once; keep one row."),
        (
            [{"cost": 1, "mode": "tl"}, {"cost": 2, "mode": "tl"}],
            "The lane from North to Elm by tl is listed more than once; keep one row.",
        ),
        (
            [{"cost": 1, "year": 2027}, {"cost": 1}, {"cost": 2, "year": 2027}],
            "The lane from North to Elm in 2027 is listed more than once; keep one row.",
        ),
        (
            [{"cost": 1, "year": 2031}],
            (
                "The lane from North to Elm in 2031 is stated for 2031, which is not a year of the plan (2026 and "
                "2027); correct or remove the row."
            ),
        ),
        ([{"cost": 1, "most": -1}], "capacity_units of the lane from North to Elm must be a number, 0 or more."),
        ([{"cost": 1, "days": -1}], "transit_days of the lane from North to Elm must be a number, 0 or more."),
    ],
)
def test_a_row_that_cannot_be_used_is_named(rows, message):
    with pytest.raises(RefusedInput) as refused:
        prepare(by_hand(_00=rows), parameters())

    assert [problem.message for problem in refused.value.problems] == [message]


def test_a_year_has_no_meaning_in_a_plan_without_years():
    tables = with_lanes(network([("North", 9, 1)], [("Elm", 5)]), [{"at": (0, 0), "cost": 1, "year": 2026}])

    with pytest.raises(RefusedInput, match="in 2026 is stated for 2026, which has no meaning"):
        prepare(tables, parameters())


def test_a_listed_pair_is_not_priced_by_the_mile_in_years_that_no_row_counts_in():
    tables = network(
        [("Near", 100, 0, "candidate", 40, -100), ("Far", 100, 5, "candidate", 40, -90)],
        [("Elm", 10, 40, -101)],
        forecast=[(2026, 10), (2027, 10)],
    )
    tables = with_lanes(tables, [{"at": (0, 0), "cost": 0.5, "year": 2026}])
    given = parameters(cost_per_unit_mile=0.01, circuity=1, lease_years=1)

    outcome = solve_transport(tables, given)

    assert told(outcome.plan) == [(0, 0, 0, None, 10), (1, 1, 0, None, 10)]
    assert_certified(tables, given, outcome)


def test_lanes_too_small_for_a_destination_are_named_in_closed_form():
    # To Oak go at most 30 from South and 10 from North: 5 short of 2027's 45.
    tables = by_hand(_11=[{"cost": 1, "most": 30}], _01=[{"cost": 4, "most": 10}])

    outcome = solve_transport(tables, parameters())

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "closed_form"
    (clash,) = outcome.infeasibility.clashes
    assert (clash.requirement, clash.short_by, clash.year) == ("lanes", 5, 2027)
    assert "Oak needs 45 units in 2027, but its lanes and the facilities at their start hold 40 units" in clash.message
    assert "or 5 units of capacity of lanes and facilities in 2027" in clash.cure
    assert_certified(tables, parameters(), outcome)


def test_lanes_and_facilities_that_are_too_small_only_together_are_shown_by_the_elastic_model():
    # North holds 110 and its lanes 60 and 45; without South the sums fit. South may send 40, but 20 to each.
    tables = by_hand(_00=[{"cost": 1, "most": 50}], _01=[{"cost": 4, "most": 30}], _10=[{"cost": 3, "most": 20}])
    given = parameters(max_facilities=1)

    outcome = solve_transport(tables, given)

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "elastic_model"
    found = {(clash.requirement, clash.year): clash for clash in outcome.infeasibility.clashes}
    assert found["capacity", 2027].short_by == pytest.approx(25)
    assert found["max_facilities", None].cure == "Raise max_facilities to 2."
    assert_certified(tables, given, outcome)


def test_modes_that_nothing_limits_leave_a_location_problem_and_limits_do_not():
    rng = np.random.default_rng(5)
    sites, places = 12, 45
    rows = [
        {"at": (i, j), "cost": float(rng.integers(5, 60)), "mode": mode}
        for i in range(sites)
        for j in range(places)
        for mode in ("ltl", "tl")
    ]
    bare = network([(f"F{i}", 1e9, 900.0) for i in range(sites)], [(f"D{j}", 5.0 + j) for j in range(places)])
    tables, stated = with_lanes(bare, rows), parameters()

    outcome = solve_transport(tables, stated)
    by_highs = solve_transport(tables, parameters(engine="highs"))

    assert outcome.engine.startswith("NetWORX")
    assert outcome.objective == pytest.approx(by_highs.objective, rel=1e-6)
    assert_certified(tables, stated, outcome)
    limited = with_lanes(bare, [{**rows[0], "most": 1.0}, *rows[1:]])
    assert not solve_transport(limited, stated).engine.startswith("NetWORX")
    with pytest.raises(RefusedInput, match=r"does not solve .*lane capacities that can bind"):
        solve_transport(limited, parameters(engine="benders"))
    yearly = replace(
        with_lanes(bare, [*rows, {**rows[0], "year": 2027}]),
        forecast=two_sites().forecast,
    )
    with pytest.raises(RefusedInput, match="lanes that differ by year"):
        solve_transport(yearly, parameters(engine="benders"))
