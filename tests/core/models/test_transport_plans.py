"""Answers of the transport model against arithmetic done by hand, enumeration, and published optima."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome, ResultStatus
from networx.models.transport import prepare, solve_transport
from networx.models.transport.periods import merged_years
from networx.verify.transport import certify, certify_infeasible
from tests.chaos.clocks import BY_THE_CLOCK
from tests.core.models.small_networks import UNLIMITED, network, parameters, random_network, spread_network, two_sites

PUBLISHED = Path(__file__).parents[3].parent / "shared" / "data" / "orlib_cap"


def flows(outcome: Outcome) -> dict[tuple[int, int, int], float]:
    plan = outcome.plan
    assert plan is not None
    keys = zip(plan.flow_year.tolist(), plan.flow_facility.tolist(), plan.flow_destination.tolist(), strict=True)
    return dict(zip(keys, plan.flow_units.tolist(), strict=True))


def assert_certified(tables: NetworkTables, stated: TransportParameters, outcome: Outcome) -> None:
    if outcome.plan is None:
        assert outcome.infeasibility is not None
        certificate = certify_infeasible(tables, stated, outcome.infeasibility, tables.sha256())
    else:
        assert outcome.objective is not None
        certificate = certify(
            tables,
            stated,
            outcome.plan,
            objective=outcome.objective,
            bound=outcome.bound,
            gap=outcome.gap,
            status=outcome.status,
            bound_source=outcome.bound_source,
            dataset_sha256=tables.sha256(),
            proof=outcome.proof,
        )
    assert certificate.valid, [check for check in certificate.checks if not check.passed]


def test_the_network_worked_out_by_hand_costs_490():
    outcome = solve_transport(two_sites(), parameters())

    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.objective == pytest.approx(490, rel=1e-12)
    assert outcome.bound == pytest.approx(490, rel=1e-6)
    assert outcome.plan is not None
    assert outcome.plan.years == (2026, 2027)
    assert outcome.plan.open == (True, True)
    assert flows(outcome) == pytest.approx(
        {(0, 0, 0): 40, (0, 1, 1): 30, (1, 0, 0): 60, (1, 0, 1): 5, (1, 1, 1): 40}, rel=1e-9
    )
    assert_certified(two_sites(), parameters(), outcome)


@pytest.mark.parametrize(
    ("stated", "changes", "cost"),
    [
        # Only North fits, as worked out at `two_sites`.
        ({"max_facilities": 1}, {}, 600),
        ({}, {"facilities": [("North", 110, 100), ("South", 40, 50, "forbidden")]}, 600),
        # 95 % within 100 miles is just reached by the optimum (100 of 105 units).
        ({"service_level": 0.95, "max_distance_miles": 100.0}, {}, 490),
        # At 20 miles, the distance itself still counts as within.
        ({"service_level": 0.95, "max_distance_miles": 20.0}, {}, 490),
        # South at $500 a year: both cost 2 x 600 + 190 = 1,390, North alone stays 600.
        ({}, {"facilities": [("North", 110, 100), ("South", 40, 500)]}, 600),
        ({}, {"facilities": [("North", 110, 100), ("South", 40, 500, "mandatory")]}, 1390),
        ({"min_facilities": 2}, {"facilities": [("North", 110, 100), ("South", 40, 500)]}, 1390),
        # One year of its own: without Forecast the plan is 40 + 30 units in one year, 150 + 40 + 30.
        ({}, {"forecast": []}, 220),
        # Demand rows replace the forecast: 20 of Elm and 10 of Oak in 2027: 300 + 70 + 30 against 200 + 160 + 60.
        ({}, {"demand": [(0, 2027, 20), (1, 2027, 10)]}, 400),
        # Without Forecast the years are those of Demand. South alone holds it: 50 + 20 x 3 + 10 x 1.
        ({}, {"forecast": [], "demand": [(0, 2030, 20), (1, 2030, 10)]}, 120),
        # South holds 45 units in 2027, so that nothing of Oak's comes from North, and costs 10 more: 50 + 60 a year.
        ({}, {"facility_years": [(1, 2027, 60, 45)]}, 200 + 50 + 60 + 70 + 105),
        # An empty override keeps the facility's own value.
        ({}, {"facility_years": [(1, 2027, float("nan"), 45)]}, 300 + 70 + 105),
        # Nothing capacitated: every destination takes its cheapest lane; 300 + 70 + 105.
        ({}, {"facilities": [("North", UNLIMITED, 100), ("South", UNLIMITED, 50)]}, 475),
    ],
)
def test_each_rule_changes_the_answer_as_the_arithmetic_says(stated, changes, cost):
    tables, given = two_sites(**changes), parameters(**stated)

    outcome = solve_transport(tables, given)

    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.objective == pytest.approx(cost, rel=1e-9)
    assert_certified(tables, given, outcome)


def test_without_years_the_only_year_is_called_1():
    outcome = solve_transport(two_sites(forecast=[]), parameters())

    assert outcome.plan is not None
    assert outcome.plan.years == (1,)


def test_pairs_without_a_lane_are_priced_by_the_mile_where_a_rate_is_given():
    # One degree of longitude on the equator: 3958.7613 x pi / 180 = 69.0934 miles; x 1.2 x $0.5 x 10 units = 414.56.
    tables = network(
        [("A", UNLIMITED, 0, "candidate", 0.0, 0.0), ("B", UNLIMITED, 10_000, "candidate", 0.0, 1.0)],
        [("P", 10, 0.0, 1.0), ("Q", 10, 0.0, 0.0)],
        [(0, 1, 2.0)],
    )
    given = parameters(cost_per_unit_mile=0.5, circuity=1.2)

    outcome = solve_transport(tables, given)

    assert outcome.objective == pytest.approx(10 * 0.5 * 1.2 * 3958.7613 * np.pi / 180 + 10 * 2.0, rel=1e-12)
    assert_certified(tables, given, outcome)


def test_pairs_without_a_lane_are_not_used_where_no_rate_is_given():
    # Without the lane from South to Oak, South can only help Elm, at $3 against $1: North alone, 600.
    tables = two_sites(lanes=[(0, 0, 1), (0, 1, 4), (1, 0, 3)])

    assert solve_transport(tables, parameters()).objective == pytest.approx(600)


def test_a_year_without_demand_costs_only_its_facilities():
    # 2027 is empty, 2026 as worked out: North alone is 2 x 100 + 160 = 360, both 300 + 70 = 370.
    outcome = solve_transport(two_sites(forecast=[(2026, 70), (2027, 0)]), parameters())

    assert outcome.objective == pytest.approx(360)
    assert_certified(two_sites(forecast=[(2026, 70), (2027, 0)]), parameters(), outcome)


def test_without_any_demand_only_what_must_be_open_is_open():
    tables = network([("A", 10, 7), ("B", 10, 5), ("C", 10, 9, "mandatory")], [("X", 0)], [(0, 0, 1)])
    given = parameters(min_facilities=2, service_level=0.9, max_distance_miles=5.0, circuity=1.0)
    tables = network(
        [("A", 10, 7), ("B", 10, 5), ("C", 10, 9, "mandatory")], [("X", 0)], [(0, 0, 1, 3), (1, 0, 1, 3), (2, 0, 1, 3)]
    )

    outcome = solve_transport(tables, given)

    assert outcome.plan is not None
    assert outcome.plan.open == (False, True, True)
    assert outcome.objective == pytest.approx(14)
    assert len(outcome.plan.flow_units) == 0
    assert_certified(tables, given, outcome)


def test_a_facility_that_serves_nobody_and_costs_nothing_stays_closed():
    tables = network([("A", UNLIMITED, 0), ("B", UNLIMITED, 0)], [("X", 5)], [(0, 0, 1), (1, 0, 2)])

    outcome = solve_transport(tables, parameters())

    assert outcome.plan is not None
    assert outcome.plan.open == (True, False)


@pytest.mark.parametrize("capacity", [1e3, 1e8, 1e12, UNLIMITED])
def test_a_capacity_far_above_demand_changes_nothing(capacity):
    # Against a plain link of flow <= capacity x open, capacities of 1e8 and more let solvers open a sliver of a site.
    tables = network([("A", capacity, 100_000)], [("X", 100)], [(0, 0, 1)])

    outcome = solve_transport(tables, parameters())

    assert outcome.objective == pytest.approx(100_100)
    assert_certified(tables, parameters(), outcome)


def enumerated(tables: NetworkTables, given: TransportParameters) -> float | None:
    """The optimum by trying every set of facilities, with its flows from a plain linear program in units."""
    instance = prepare(tables, given)
    lanes, years = instance.lanes, len(instance.years)
    sites, places, count = len(instance.facility_names), len(instance.destination_names), len(lanes)
    near = lanes.miles <= (given.max_distance_miles or 0)
    best = None
    for opened in itertools.product([False, True], repeat=sites):
        chosen = np.array(opened)
        outside = not instance.min_open <= chosen.sum() <= instance.max_open
        if outside or (chosen & ~instance.allowed).any() or (instance.mandatory & ~chosen).any():
            continue
        cost = float(instance.fixed_cost[:, chosen].sum())
        for year in range(years):
            if count == 0:  # nothing can travel, which is right only where nothing has to
                if instance.demand[year].any():
                    break
                continue
            serves, sends = np.zeros((places, count)), np.zeros((sites, count))
            serves[lanes.destination, np.arange(count)] = 1
            sends[lanes.facility, np.arange(count)] = 1
            limits = np.where(chosen, np.minimum(instance.capacity[year], 1e6), 0)
            upper, rows = limits, sends
            if given.service_level:
                upper = np.append(limits, -given.service_level * instance.demand[year].sum())
                rows = np.vstack([sends, -near.astype(float)])
            answer = linprog(lanes.cost_per_unit, rows, upper, serves, instance.demand[year])
            if answer.status == 2:
                break
            assert answer.status == 0
            cost += answer.fun
        else:
            best = cost if best is None else min(best, cost)
    return best


@pytest.mark.parametrize("seed", range(60))
def test_small_random_networks_agree_with_enumeration(seed):
    rng = np.random.default_rng(seed)
    tables = random_network(rng, int(rng.integers(1, 5)), int(rng.integers(1, 6)), int(rng.integers(1, 4)))
    stated = {}
    if rng.random() < 0.4:
        stated |= {"service_level": float(rng.choice([0.3, 0.6, 0.9, 1.0])), "max_distance_miles": 50.0}
    if rng.random() < 0.4:
        stated["max_facilities"] = int(rng.integers(1, 4))
    if rng.random() < 0.3:
        stated["min_facilities"] = int(rng.integers(0, 3))
    given = parameters(gap=0.0, **stated)

    outcome = solve_transport(tables, given)

    expected = enumerated(tables, given)
    if expected is None:
        assert outcome.status is ResultStatus.INFEASIBLE
    else:
        assert outcome.status is ResultStatus.OPTIMAL
        assert outcome.objective == pytest.approx(expected, rel=1e-7, abs=1e-6)
    assert_certified(tables, given, outcome)


def test_the_random_networks_hold_both_kinds_of_answer():
    kinds = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        tables = random_network(rng, int(rng.integers(1, 5)), int(rng.integers(1, 6)), int(rng.integers(1, 4)))
        kinds.add((solve_transport(tables, parameters()).status, len(prepare(tables, parameters()).years) > 1))
    assert len(kinds) == 4


@pytest.mark.parametrize(
    ("changes", "stated", "periods"),
    [
        ({}, {}, 2),  # South binds in 2027 only
        ({"facilities": [("North", 500, 100), ("South", 500, 50)]}, {}, 1),
        # Proportional demand and no capacity in the way: one period even with a service level.
        (
            {"facilities": [("North", 500, 100), ("South", 500, 50)]},
            {"service_level": 0.9, "max_distance_miles": 100.0},
            1,
        ),
        # Another mix of demand: a service level keeps the years apart, none lets them merge.
        (
            {"facilities": [("North", 500, 100), ("South", 500, 50)], "demand": [(0, 2027, 90)]},
            {"service_level": 0.9, "max_distance_miles": 100.0},
            2,
        ),
        ({"facilities": [("North", 500, 100), ("South", 500, 50)], "demand": [(0, 2027, 90)]}, {}, 1),
        # South binds in both years, but in the same proportion.
        ({"facilities": [("North", 110, 100), ("South", 40, 50)], "forecast": [(2026, 70), (2027, 70)]}, {}, 1),
    ],
)
def test_years_are_merged_only_where_one_answer_fits_all(changes, stated, periods):
    instance = prepare(two_sites(**changes), parameters(**stated))

    assert len(merged_years(instance).demand) == periods


def test_incumbents_are_plans_that_would_pass_their_certificate():
    tables = spread_network(12, 80, 3, tightness=4.0)
    given = parameters(cost_per_unit_mile=0.05, circuity=1.2, service_level=0.7, max_distance_miles=800.0)
    seen = []

    outcome = solve_transport(tables, given, incumbent=lambda plan, cost, bound: seen.append((plan, cost, bound)))

    assert seen
    costs = [cost for _, cost, _ in seen]
    assert costs == sorted(costs, reverse=True)
    assert outcome.objective == pytest.approx(costs[-1], rel=1e-6)
    for plan, cost, bound in seen:
        as_outcome = Outcome(
            ResultStatus.FEASIBLE,
            outcome.engine,
            0.0,
            cost,
            bound,
            None if bound is None else abs(cost - bound) / cost,
            plan=plan,
        )
        assert_certified(tables, given, as_outcome)


def test_cancel_keeps_the_best_plan_found():
    tables = spread_network(40, 300, 4, tightness=3.0)
    given = parameters(cost_per_unit_mile=0.01, circuity=1.2)
    seen = []

    outcome = solve_transport(
        tables, given, incumbent=lambda plan, cost, bound: seen.append(cost), stop=lambda: bool(seen)
    )

    assert outcome.status is ResultStatus.FEASIBLE
    assert outcome.objective is not None
    assert outcome.objective <= seen[0]
    assert outcome.gap is not None
    assert outcome.gap > given.gap
    assert_certified(tables, given, outcome)


def test_cancel_before_the_first_plan_claims_nothing():
    outcome = solve_transport(two_sites(), parameters(), stop=lambda: True)

    assert outcome.status is ResultStatus.NO_SOLUTION
    assert (outcome.plan, outcome.objective, outcome.gap) == (None, None, None)


def test_the_time_limit_ends_the_search_with_what_there_is():
    # Proven after about half a minute of one core: no machine comes near that within the limit.
    tables = spread_network(80, 800, 4, tightness=3.0)
    given = parameters(cost_per_unit_mile=0.05, circuity=1.2, time_limit_seconds=1.0, engine="highs")

    outcome = solve_transport(tables, given)

    assert outcome.status in {ResultStatus.FEASIBLE, ResultStatus.NO_SOLUTION}
    # What is made before the search takes its time on a busy machine.
    assert outcome.seconds < (6 if BY_THE_CLOCK else 25)
    if outcome.plan is not None:
        assert_certified(tables, given, outcome)


def test_a_wide_gap_is_reported_as_it_is():
    tables = spread_network(12, 80, 3, tightness=4.0)
    given = parameters(cost_per_unit_mile=0.05, circuity=1.2, gap=0.5)

    outcome = solve_transport(tables, given)

    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.objective is not None
    assert outcome.bound is not None
    assert outcome.gap == pytest.approx((outcome.objective - outcome.bound) / outcome.objective)


def read_or_library(path: Path) -> NetworkTables:
    """`m n`; m lines of capacity and fixed cost; for each customer its demand and its whole cost from each site."""
    numbers = [float(word) for word in path.read_text().split()]
    sites, customers = int(numbers[0]), int(numbers[1])
    capacity_and_cost = np.array(numbers[2 : 2 + 2 * sites]).reshape(sites, 2)
    rest = np.array(numbers[2 + 2 * sites :]).reshape(customers, sites + 1)
    demand, costs = rest[:, 0], rest[:, 1:]
    return network(
        [(f"F{i}", *capacity_and_cost[i]) for i in range(sites)],
        [(f"C{j}", demand[j]) for j in range(customers)],
        [(i, j, costs[j, i] / demand[j]) for i in range(sites) for j in range(customers)],
    )


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the OR-Library instances are not in ../shared/data/orlib_cap")
@pytest.mark.parametrize(
    "name",
    [
        "cap41",
        "cap42",
        "cap43",
        "cap44",
        "cap51",
        "cap61",
        "cap62",
        "cap63",
        "cap64",
        "cap71",
        "cap72",
        "cap73",
        "cap74",
        "cap101",
        "cap121",
        "cap131",
    ],
)
def test_published_optima_are_reached(name):
    lines = (PUBLISHED / "capopt.txt").read_text().splitlines()
    published = next(float(line.split()[1]) for line in lines if line.split()[:1] == [name])
    tables = read_or_library(PUBLISHED / f"{name}.txt")

    outcome = solve_transport(tables, parameters())

    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.objective == pytest.approx(published, rel=1e-6)
    assert_certified(tables, parameters(), outcome)
