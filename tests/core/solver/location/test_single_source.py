"""The single-source engine against trying everything, against HiGHS, and against the checker of its proofs."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from networx.solver.location.problem import LocationProblem, Watch
from networx.solver.location.single.engine import solve
from networx.solver.outcome import Ending, Limits
from tests.core.solver.location.capacitated import random_problem
from tests.core.solver.location.problems import QUIET
from tests.core.solver.location.whole_customers import (
    by_trying_all,
    faults_of_whole,
    holmberg_like,
    proven_bound,
    tiny,
    whole_by_highs,
)

LIMITS = Limits(60.0, 1e-6)
FUZZ = int(os.environ.get("SOLVER_FUZZ", "0"))
FIRST_SEED = int(os.environ.get("SOLVER_SEED") or 0)


def problem(fixed: list[float], capacity: list[float], demand: list[float], cost: list[list[float]]) -> LocationProblem:
    sites = len(fixed)
    arrays = [np.array(part, dtype=float) for part in (fixed, capacity, demand, cost)]
    return LocationProblem(arrays[0], arrays[1], arrays[2], arrays[3], np.zeros(sites, dtype=bool), 0, sites)


def assert_agrees(given: LocationProblem, truth: float | None) -> None:
    answer = solve(given, LIMITS, QUIET)

    if truth is None:
        assert answer.ending is Ending.INFEASIBLE
        return
    assert answer.ending is Ending.OPTIMAL
    assert answer.plan is not None
    assert answer.bound is not None
    assert faults_of_whole(given, answer.plan) == []
    assert answer.plan.cost == pytest.approx(truth, rel=2e-6, abs=1e-9)
    proven = proven_bound(given, answer)
    assert answer.bound - proven <= 1e-9 * max(abs(truth), 1e-9) + 1e-12
    assert proven <= truth * (1 + 1e-9) + 1e-9


def test_a_customer_is_not_split_though_that_were_cheaper():
    # Site 0 is free and holds both but for one unit; split, the second customer would cost 1 there and a little.
    given = problem([0, 10], [9, 9], [5, 5], [[1, 1], [4, 4]])

    answer = solve(given, LIMITS, QUIET)

    assert answer.plan.cost == 15
    assert answer.plan.share.tolist() == [1, 1]
    assert proven_bound(given, answer) == pytest.approx(15)


def test_sizes_that_hold_all_demand_but_not_whole_customers_are_infeasible():
    assert solve(problem([1, 1], [5, 5], [3, 3, 3], [[1, 1, 1]] * 2), LIMITS, QUIET).ending is Ending.INFEASIBLE
    assert solve(problem([1, 1], [6, 4], [3, 3, 3], [[1, 1, 1]] * 2), LIMITS, QUIET).plan.cost == 5


def test_demands_with_many_decimals_and_sizes_without_a_common_step():
    demand = [math.pi, math.e, math.sqrt(2), math.sqrt(3), 1.1]
    given = problem(
        [2.3, 2.7, 3.1], [5.1, 6.3, 4.6], demand, [[1.7, 2.1, 3.3, 0.4, 2.2], [2, 1, 1, 3, 2], [1, 2, 1, 2, 1]]
    )

    assert_agrees(given, by_trying_all(given))


@pytest.mark.parametrize("seed", range(70))
def test_it_finds_what_trying_everything_finds(seed: int):
    given = tiny(seed, random_problem(seed))

    assert_agrees(given, by_trying_all(given))


@pytest.mark.parametrize("whole", [True, False], ids=["whole-costs", "cents"])
@pytest.mark.parametrize("ratio", [1.3, 3.0])
def test_it_agrees_with_highs(ratio: float, whole: bool):
    given = holmberg_like(7, 16, seed=3, ratio=ratio, whole=whole)

    assert_agrees(given, whole_by_highs(given))


@pytest.mark.timeout(3600)
@pytest.mark.skipif(not FUZZ, reason="make fuzz-solver asks for it")
def test_it_agrees_with_highs_on_many_problems():
    for seed in range(FIRST_SEED, FIRST_SEED + FUZZ):
        given = random_problem(seed)
        truth = whole_by_highs(given, seconds=5.0)
        answer = solve(given, Limits(20.0, 1e-6), QUIET)
        if answer.ending is Ending.LIMIT or (truth is not None and math.isnan(truth)):
            continue  # sizes so tight that it is a packing puzzle: neither has to know
        assert_agrees(given, truth)


def test_the_same_problem_gives_the_same_answer():
    given = holmberg_like(7, 18, seed=6, ratio=1.2)

    first, second = (solve(given, LIMITS, QUIET) for _ in range(2))

    assert (first.plan.cost, first.bound, first.nodes) == (second.plan.cost, second.bound, second.nodes)
    assert first.plan.site.tolist() == second.plan.site.tolist()


def test_order_and_units_do_not_matter():
    given = holmberg_like(6, 14, seed=6, ratio=1.6)
    cost = solve(given, LIMITS, QUIET).plan.cost
    draw = np.random.default_rng(0)
    sites, customers = draw.permutation(6), draw.permutation(14)
    shuffled = replace(
        given,
        fixed=given.fixed[sites],
        capacity=given.capacity[sites],
        demand=given.demand[customers],
        cost=given.cost[np.ix_(sites, customers)],
    )
    scaled = replace(
        given, fixed=given.fixed * 37, cost=given.cost * 37, demand=given.demand * 0.1, capacity=given.capacity * 0.1
    )

    assert solve(shuffled, LIMITS, QUIET).plan.cost == pytest.approx(cost, rel=2e-6)
    assert solve(scaled, LIMITS, QUIET).plan.cost == pytest.approx(37 * cost, rel=2e-6)


def test_a_start_is_never_worse_and_one_that_splits_is_passed_over():
    given = holmberg_like(6, 14, seed=6, ratio=1.6)
    best = solve(given, LIMITS, QUIET).plan
    told: list[float] = []
    watch = Watch(lambda *_: None, lambda plan: told.append(plan.cost), lambda: False)

    again = solve(given, LIMITS, watch, best)

    assert (again.plan.cost, told) == (best.cost, [])
    split = replace(best, site=np.r_[best.site, 0], customer=np.r_[best.customer, 0], share=np.full(15, 0.5), cost=0.0)
    assert solve(given, LIMITS, QUIET, split).plan.cost == best.cost


def test_told_to_stop_it_keeps_the_best_plan_and_a_bound_that_is_proven():
    given = holmberg_like(20, 80, seed=2, ratio=1.4, whole=False)
    found: list[float] = []
    watch = Watch(lambda *_: None, lambda plan: found.append(plan.cost), lambda: len(found) > 1)

    answer = solve(given, Limits(60.0, 0.0), watch)

    assert answer.ending is Ending.INTERRUPTED
    assert answer.plan.cost == min(found)
    assert answer.bound <= answer.plan.cost
    assert proven_bound(given, answer) >= answer.bound * (1 - 1e-9)


def test_without_time_it_says_so():
    answer = solve(holmberg_like(20, 80, seed=2, ratio=1.4), Limits(0.0, 0.0), QUIET)

    assert answer.ending is Ending.LIMIT


@pytest.mark.parametrize("name", ["p3", "p13", "p22"])
def test_published_optima_are_reached_and_proven(name: str):
    published = pytest.importorskip("bench.solver.published")
    reason = published.absent(str(Path("holmberg") / name))
    if reason:
        pytest.skip(reason)
    given = published.single_source(f"holmberg/{name}")

    assert_agrees(given, published.single_source_optima()[name])
