import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from networx.solver.location.benders import course
from networx.solver.location.benders.engine import solve
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Ending, Limits
from tests.core.solver.location.problems import QUIET, any_kind, flaws, on_a_map, problem, proven, proven_alone

LIMITS = Limits(time_seconds=60, gap=1e-6)


@pytest.fixture(scope="module")
def hard() -> LocationProblem:
    """One that no root closes: prices that follow no map."""
    rng = np.random.default_rng(1)
    return problem(np.zeros(40), rng.integers(0, 1000, (40, 80)), at_least=5, at_most=5)


@pytest.fixture(scope="module")
def solved(hard: LocationProblem) -> LocationAnswer:
    """What it comes to, from nothing."""
    return solve(hard, LIMITS, QUIET)


def test_one_site_serves_everybody():
    answer = solve(problem([7], [[1, 2, 3]]), LIMITS, QUIET)

    assert (answer.ending, answer.bound) == (Ending.OPTIMAL, 13)
    assert answer.plan.cost == 13
    assert answer.plan.opened.tolist() == [True]


def test_a_site_opens_where_it_saves_more_than_it_costs():
    # Alone, site 0 costs 5 + 10, site 1 costs 5 + 10; both together 10 + 2.
    answer = solve(problem([5, 5], [[1, 9], [9, 1]]), LIMITS, QUIET)

    assert answer.plan.opened.tolist() == [True, True]
    assert answer.plan.site.tolist() == [0, 1]
    assert answer.plan.cost == answer.bound == 12


def test_exactly_as_many_sites_open_as_asked():
    three_of_four = problem([0, 0, 0, 0], [[0, 9, 9], [9, 0, 9], [9, 9, 0], [1, 1, 1]], at_least=1, at_most=1)

    assert solve(three_of_four, LIMITS, QUIET).plan.opened.tolist() == [False, False, False, True]
    four = solve(replace(three_of_four, at_least=4, at_most=4), LIMITS, QUIET)
    assert four.plan.opened.all()
    assert four.plan.cost == 0


def test_a_mandatory_site_is_open_though_it_serves_nobody():
    answer = solve(problem([5, 100], [[1, 1], [2, 2]], must=[False, True]), LIMITS, QUIET)

    assert answer.plan.opened.tolist() == [False, True]
    assert answer.plan.cost == 104


def test_a_site_that_earns_opens():
    answer = solve(problem([5, -3], [[1, 1], [2, 2]]), LIMITS, QUIET)

    assert answer.plan.cost == answer.bound == 1


def test_a_missing_lane_is_not_used():
    # Site 0 is cheapest for both and cannot serve the second customer.
    answer = solve(problem([1, 100], [[1, np.inf], [2, 2]]), LIMITS, QUIET)

    assert answer.plan.cost == 104
    assert flaws(problem([1, 100], [[1, np.inf], [2, 2]]), answer.plan) == []


@pytest.mark.parametrize(
    "hopeless",
    [
        problem([1, 1], [[1, np.inf], [2, np.inf]]),
        problem([1, 1], [[1, np.inf], [np.inf, 2]], at_least=1, at_most=1),
        problem([1, 1], [[1], [2]], at_least=3),
        problem([1, 1], [[1], [2]], at_most=0),
        problem([1, 1], [[1], [2]], at_most=1, must=[True, True]),
        problem([1] * 4, [[1, 1, np.inf], [1, np.inf, 1], [np.inf, 1, 1], [np.inf, 1, np.inf]], at_most=1),
    ],
    ids=["no-lane", "one-site-for-two", "too-few-sites", "none-allowed", "too-many-mandatory", "three-for-one"],
)
def test_what_has_no_plan_is_called_infeasible(hopeless):
    answer = solve(hopeless, LIMITS, QUIET)

    assert (answer.ending, answer.plan) == (Ending.INFEASIBLE, None)


def test_a_cover_that_no_three_sites_make_is_infeasible():
    rng = np.random.default_rng(3)
    lanes = np.where(rng.random((20, 40)) < 0.3, rng.random((20, 40)), np.inf)
    lanes[0, ~np.isfinite(lanes).any(axis=0)] = 1.0

    assert solve(problem(np.zeros(20), lanes, at_most=3), LIMITS, QUIET).ending is Ending.INFEASIBLE
    enough = solve(problem(np.zeros(20), lanes, at_most=20), LIMITS, QUIET)
    assert enough.plan.cost == pytest.approx(lanes.min(axis=0).sum())


def test_no_customers_open_what_is_mandatory_or_earns():
    answer = solve(problem([3, -1, 2], np.zeros((3, 0)), must=[True, False, False]), LIMITS, QUIET)

    assert (answer.ending, answer.plan.cost, answer.bound) == (Ending.OPTIMAL, 2, 2)
    assert answer.plan.opened.tolist() == [True, True, False]


def test_costs_of_nothing_are_proven():
    answer = solve(problem(np.zeros(4), np.zeros((4, 6)), at_least=2), LIMITS, QUIET)

    assert (answer.ending, answer.plan.cost, answer.bound) == (Ending.OPTIMAL, 0, 0)


def test_a_problem_that_must_branch_is_proven_and_its_proof_holds(hard: LocationProblem, solved: LocationAnswer):
    answer = solved

    assert answer.ending is Ending.OPTIMAL
    assert answer.nodes > 1
    assert flaws(hard, answer.plan) == []
    assert answer.plan.cost * (1 - LIMITS.gap) <= answer.bound <= answer.plan.cost
    assert proven(hard, answer) == pytest.approx(answer.bound, rel=1e-9)
    assert proven_alone(hard, answer) == pytest.approx(answer.root_bound, rel=1e-9)


def test_every_way_to_the_answer_ends_in_the_same_one(hard: LocationProblem, solved: LocationAnswer):
    first, again = solved, solve(hard, LIMITS, QUIET)

    assert (first.plan.cost, first.bound, first.nodes) == (again.plan.cost, again.bound, again.nodes)
    assert (first.multipliers == again.multipliers).all()
    assert (first.plan.opened == again.plan.opened).all()


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_sites_and_customers_changes_nothing(seed):
    asked = on_a_map(25, 80, seed=seed, count=4) if seed % 2 else on_a_map(25, 80, seed=seed, fixed=4e4)
    rng = np.random.default_rng(seed)
    sites, customers = rng.permutation(25), rng.permutation(80)
    turned = replace(asked, fixed=asked.fixed[sites], cost=asked.cost[np.ix_(sites, customers)])

    here, there = solve(asked, LIMITS, QUIET), solve(turned, LIMITS, QUIET)

    assert there.plan.cost == pytest.approx(here.plan.cost, rel=1e-12)
    assert (there.plan.opened == here.plan.opened[sites]).all()


@pytest.mark.parametrize("factor", [2.0**-40, 1e-6, 3.0, 1e9])
def test_the_currency_changes_nothing(factor):
    asked = on_a_map(25, 80, seed=1, fixed=4e4)
    scaled = replace(asked, fixed=asked.fixed * factor, cost=asked.cost * factor)

    here, there = solve(asked, LIMITS, QUIET), solve(scaled, LIMITS, QUIET)

    assert (there.plan.opened == here.plan.opened).all()
    assert there.plan.cost == pytest.approx(here.plan.cost * factor, rel=1e-12)
    assert there.ending is Ending.OPTIMAL


def test_customers_of_very_unlike_weight_are_all_served_at_least_cost():
    unlike = on_a_map(30, 60, seed=2, fixed=1e6)
    unlike.cost[:, ::2] *= 1e6
    light = np.arange(1, 60, 2)

    answer = solve(unlike, Limits(60, 1e-12), QUIET)

    inside = np.flatnonzero(answer.plan.opened)
    assert (answer.plan.site[light] == inside[unlike.cost[np.ix_(inside, light)].argmin(axis=0)]).all()


def test_a_start_is_never_made_worse(hard: LocationProblem, solved: LocationAnswer):
    best = solved.plan
    told: list[LocationPlan] = []

    answer = solve(hard, LIMITS, replace(QUIET, improved=told.append), start=best)

    assert answer.plan.cost == best.cost
    assert [plan.cost for plan in told] == [best.cost]


def test_a_start_that_is_no_plan_is_passed_over(hard: LocationProblem, solved: LocationAnswer):
    best = solved.plan
    opened = np.ones_like(best.opened)

    answer = solve(hard, LIMITS, QUIET, start=replace(best, opened=opened))

    assert answer.plan.opened.sum() == 5


def test_better_plans_are_told_once_each_and_are_whole(hard: LocationProblem):
    told: list[LocationPlan] = []

    answer = solve(hard, LIMITS, replace(QUIET, improved=told.append))

    costs = [plan.cost for plan in told]
    assert costs == sorted(set(costs), reverse=True)
    assert costs[-1] == answer.plan.cost
    assert [flaws(hard, plan) for plan in told] == [[]] * len(told)


@pytest.mark.parametrize("looks", [1, 30, 300])
def test_at_its_limit_it_gives_the_best_plan_and_a_bound(looks: int, monkeypatch: pytest.MonkeyPatch):
    # A second passes with each look at the clock: the limit comes at a step, however fast the machine is.
    seconds = itertools.count()
    monkeypatch.setattr(course, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))

    answer = solve(on_a_map(150, 1500, seed=1, count=12), Limits(time_seconds=looks, gap=1e-9), QUIET)

    assert answer.ending is Ending.LIMIT
    assert looks < answer.seconds < looks + 20
    assert answer.bound is not None
    assert answer.plan is None or answer.bound < answer.plan.cost


@pytest.mark.parametrize("asked_before", [0, 1, 30, 300])
def test_told_to_stop_it_asks_no_more_and_answers(asked_before, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(course, "SECONDS_BETWEEN_LOOKS", 0.0)  # a fast machine is done before a few of them are over
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > asked_before

    answer = solve(on_a_map(150, 1500, seed=1, count=12), Limits(60, 1e-9), replace(QUIET, stop=stop))

    assert answer.ending is Ending.INTERRUPTED
    assert asked == asked_before + 1
    assert answer.plan is None or answer.bound < answer.plan.cost


def test_progress_comes_closer_and_never_crosses():
    told: list[tuple[float | None, float | None, int]] = []
    watch = Watch(lambda *now: told.append(now), lambda _: None, lambda: False)

    answer = solve(on_a_map(100, 1000, seed=1, count=12), LIMITS, watch)

    best = [incumbent for incumbent, _, _ in told if incumbent is not None]
    bounds = [bound for _, bound, _ in told if bound is not None]
    assert best == sorted(best, reverse=True)
    assert bounds == sorted(bounds)
    assert all(bound <= answer.plan.cost * (1 + 1e-9) for bound in bounds)


@pytest.mark.parametrize("seed", range(12))
def test_every_proof_holds_and_proves_no_more(seed):
    asked = any_kind(seed)

    answer = solve(asked, Limits(60, 1e-8), QUIET)

    if answer.ending is Ending.OPTIMAL:
        assert proven(asked, answer) == pytest.approx(answer.bound, rel=1e-9, abs=1e-6)
        assert proven_alone(asked, answer) == pytest.approx(answer.root_bound, rel=1e-9, abs=1e-6)
