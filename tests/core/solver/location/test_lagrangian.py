"""The Lagrangian engine against HiGHS, against itself in other units and orders, and when it is told to stop."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from networx.solver.location.lagrangian import control, solve
from networx.solver.location.lagrangian.instance import prepare
from networx.solver.location.lagrangian.knapsacks import Knapsacks
from networx.solver.location.lagrangian.selection import Chooser
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Ending, Limits
from networx.verify.location import LocationData, recomputed_bound
from tests.core.solver.location.capacitated import by_highs, faults_of, random_problem

PROBLEMS = int(os.environ.get("SOLVER_FUZZ") or 80)
FIRST = int(os.environ.get("SOLVER_SEED") or 0)
BATCH = 20
GAP = 1e-6
PUBLISHED = Path(__file__).parents[5] / "shared" / "data" / "orlib_cap"


def solved(problem: LocationProblem, start: LocationPlan | None = None) -> LocationAnswer:
    watch = Watch(lambda *_: None, lambda _: None, lambda: False)
    return solve(problem, Limits(120.0, GAP), watch, start)


def data_of(problem: LocationProblem) -> LocationData:
    return LocationData(*(getattr(problem, name) for name in LocationData.__slots__))


def larger_problem(seed: int = 3, sites: int = 30, customers: int = 150) -> LocationProblem:
    """Tight enough to need a tree."""
    draw = np.random.default_rng(seed)
    demand = draw.integers(5, 36, customers).astype(float)
    places, ends = draw.random((sites, 2)), draw.random((customers, 2))
    capacity = draw.integers(10, 161, sites).astype(float)
    capacity *= 3 * demand.sum() / capacity.sum()
    return LocationProblem(
        fixed=draw.uniform(0, 90, sites) + draw.uniform(100, 110, sites) * np.sqrt(capacity),
        capacity=capacity,
        demand=demand,
        cost=np.hypot(places[:, None, 0] - ends[:, 0], places[:, None, 1] - ends[:, 1]) * demand * 10,
        must=np.zeros(sites, dtype=bool),
        at_least=0,
        at_most=sites,
    )


def assert_right_and_proven(seed: int) -> None:
    problem = random_problem(seed)
    truth, answer = by_highs(problem), solved(problem)
    if truth is None:
        assert (answer.ending, answer.plan, answer.bound) == (Ending.INFEASIBLE, None, None), seed
        return
    assert answer.ending is Ending.OPTIMAL, seed
    assert answer.plan is not None, seed
    assert answer.bound is not None, seed
    assert answer.proof is not None, seed
    size = max(abs(truth), 1e-9)
    assert faults_of(problem, answer.plan) == [], seed
    assert answer.plan.cost <= truth + 1.01 * GAP * size, seed
    assert answer.plan.cost * (1 - GAP) - 1e-12 <= answer.bound <= truth + 1e-8 * size, seed
    recomputed = recomputed_bound(data_of(problem), answer.proof)
    assert answer.bound - 1e-9 * size - 1e-12 <= recomputed <= truth + 1e-8 * size, seed


@pytest.mark.parametrize("first", range(FIRST, FIRST + PROBLEMS, BATCH))
def test_it_agrees_with_highs_and_its_proof_is_confirmed(first: int) -> None:
    for seed in range(first, first + BATCH):
        assert_right_and_proven(seed)


@pytest.mark.parametrize(
    "seed",
    [
        156,  # nothing costs anything: a bound just below 0
        727,  # and one just above it
        3010,  # settled sites that cannot serve all: no step proved it
        3058,  # no plan, found out after the first ascent: it has no bound
        3101,  # the same as 3010, by a set that was seen to be impossible before there was a plan
        4537,  # most customers have one lane alone: none of them seemed free to move
    ],
)
def test_what_once_went_wrong_is_right(seed: int) -> None:
    assert_right_and_proven(seed)


@pytest.mark.parametrize("seed", range(400, 420))
def test_other_units_and_orders_change_nothing(seed: int) -> None:
    problem = random_problem(seed)
    draw = np.random.default_rng(seed)
    sites, customers = draw.permutation(len(problem.fixed)), draw.permutation(len(problem.demand))
    other = replace(
        problem,
        fixed=problem.fixed[sites] * 1e4,
        capacity=problem.capacity[sites] * 1e-3,
        demand=problem.demand[customers] * 1e-3,
        cost=problem.cost[sites][:, customers] * 1e4,
        must=problem.must[sites],
    )
    first, second = solved(problem), solved(other)
    assert first.ending is second.ending
    if first.plan is not None:
        assert second.plan is not None
        assert second.plan.cost / 1e4 == pytest.approx(first.plan.cost, rel=2.1 * GAP, abs=1e-9)


def test_the_same_problem_gives_the_same_answer() -> None:
    first, second = solved(larger_problem()), solved(larger_problem())
    assert first.plan is not None
    assert second.plan is not None
    assert (first.plan.cost, first.bound, first.nodes) == (second.plan.cost, second.bound, second.nodes)
    assert (first.plan.opened == second.plan.opened).all()


@pytest.fixture(scope="module")
def cheapest() -> float:
    """The cost of `larger_problem`, to the gap."""
    plan = solved(larger_problem()).plan
    assert plan is not None
    return plan.cost


@pytest.mark.parametrize("looks", [0, 1, 30, 300])
def test_told_to_stop_it_gives_the_best_plan_and_a_bound_that_holds(
    looks: int, cheapest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "SECONDS_BETWEEN_LOOKS", 0.0)  # a fast machine is done before a few of them are over
    problem = larger_problem()
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > looks

    told: list[LocationPlan] = []
    answer = solve(problem, Limits(120.0, 1e-9), Watch(lambda *_: None, told.append, stop))
    assert answer.ending is Ending.INTERRUPTED
    assert asked == looks + 1
    assert answer.bound is None or answer.bound <= cheapest * (1 + 1e-9)
    assert answer.plan is (told[-1] if told else None)
    assert [plan.cost for plan in told] == sorted({plan.cost for plan in told}, reverse=True)
    if answer.proof is not None and answer.bound is not None:
        recomputed = recomputed_bound(data_of(problem), answer.proof)
        assert answer.bound * (1 - 1e-9) <= recomputed <= cheapest * (1 + 1e-9)


def test_without_time_it_ends_at_its_limit() -> None:
    answer = solve(larger_problem(), Limits(0.0, GAP), Watch(lambda *_: None, lambda _: None, lambda: False))
    assert answer.ending is Ending.LIMIT


def test_it_goes_on_from_a_plan_and_a_lesson() -> None:
    problem = larger_problem()
    first = solved(problem)
    assert first.plan is not None
    told: list[LocationPlan] = []
    watch = Watch(lambda *_: None, told.append, lambda: False)
    again = solve(problem, Limits(120.0, GAP), watch, first.plan, first.lesson)
    assert told == []
    assert again.plan is first.plan
    assert again.ending is Ending.OPTIMAL


def test_progress_never_goes_back() -> None:
    said: list[tuple[float | None, float | None, int]] = []
    watch = Watch(lambda *now: said.append(now), lambda _: None, lambda: False)
    answer = solve(larger_problem(), Limits(120.0, GAP), watch)
    assert answer.plan is not None
    for _, bound, _ in said:
        assert bound is None or bound <= answer.plan.cost * (1 + 1e-9)
    incumbents = [now[0] for now in said if now[0] is not None]
    assert incumbents == sorted(incumbents, reverse=True)


def test_a_proof_takes_about_a_step_a_case() -> None:
    proof = solved(larger_problem()).proof
    assert proof is not None
    assert len(proof.step_case) < 1.75 * len(proof.parent)


@pytest.mark.parametrize("dollars", [1.0, 1e-6])
def test_payments_are_written_with_few_digits(dollars: float) -> None:
    problem = larger_problem(sites=20, customers=60)
    answer = solved(replace(problem, fixed=problem.fixed * dollars, cost=problem.cost * dollars))
    assert answer.proof is not None
    digits = [len(f"{Decimal(repr(float(pay))).normalize():e}".split("e")[0]) - 1 for pay in answer.proof.pays.ravel()]
    assert np.quantile(digits, 0.8) <= 9  # the rest belongs to plans that were solved to the end


def test_where_no_site_is_left_there_is_no_plan() -> None:
    none = np.zeros(0)
    problem = LocationProblem(none, none, np.ones(2), np.zeros((0, 2)), none.astype(bool), at_least=0, at_most=0)
    assert solved(problem).ending is Ending.INFEASIBLE


def test_payments_keep_their_digits_where_a_smaller_gap_is_asked_for_or_they_are_huge() -> None:
    problem = larger_problem(sites=12, customers=50)
    assert prepare(problem, 1e-6).steps_in_one == 1e6
    assert prepare(problem, 1e-7).steps_in_one == 0
    assert prepare(replace(problem, cost=problem.cost * 1e9), 1e-6).steps_in_one == 0


@pytest.mark.parametrize("seed", range(20))
def test_sites_save_the_same_with_the_lanes_at_hand_as_with_all(seed: int) -> None:
    draw = np.random.default_rng(seed)
    instance = prepare(larger_problem(seed))
    every, no_rents = np.arange(instance.sites), np.zeros(instance.sites)
    pays = np.partition(instance.price, 5, axis=0)[5] * instance.demand
    knapsacks = Knapsacks(instance, every, pays, no_rents)
    left = np.ones(instance.sites, dtype=bool)
    for step in range(12):
        if step == 6:
            left = draw.random(instance.sites) < 0.7
            knapsacks.keep(left)
        filled = knapsacks.fill(pays)
        worth = np.minimum(instance.price - pays / instance.demand, 0.0)[left]
        size = instance.size[left]
        for row, saved in enumerate(filled.saved):
            order = np.argsort(worth[row])
            taken = np.diff(np.minimum(np.cumsum(instance.demand[order]), size[row]), prepend=0.0)
            assert saved == pytest.approx(float(worth[row, order] @ taken), rel=1e-12, abs=1e-9)
        pays = pays * draw.uniform(0.9, 1.2, instance.customers)


@pytest.mark.parametrize("seed", range(60))
def test_the_choice_of_sites_is_a_bound_and_so_is_every_forced_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    sites = int(draw.integers(1, 8))
    size = np.where(draw.random(sites) < 0.5, 5.0, draw.integers(0, 9, sites))
    cost = draw.integers(-20, 20, sites) * draw.choice([0.0, 1.0])
    opened = draw.random(sites) < 0.2
    most = int(draw.integers(max(opened.sum(), 1), sites + 1))
    fewest = int(draw.integers(0, most + 1))
    total = float(draw.uniform(0, 1) * np.sort(size)[::-1][:most].sum())
    sets = [np.array(chosen, dtype=bool) for chosen in product((False, True), repeat=sites)]
    allowed = [
        chosen
        for chosen in sets
        if (chosen | ~opened).all() and fewest <= chosen.sum() <= most and size[chosen].sum() >= total
    ]
    if not allowed:
        return
    choice = Chooser(size, opened, fewest, most, total).choose(cost)
    assert choice.value <= min(cost[chosen].sum() for chosen in allowed) + 1e-9
    assert choice.share @ size >= total - 1e-6
    assert fewest - 1e-9 <= choice.share.sum() <= most + 1e-9
    assert choice.value == pytest.approx(cost @ choice.share, abs=1e-9)
    for site in np.flatnonzero(~opened):
        for values, state in ((choice.forced_open, True), (choice.forced_closed, False)):
            least = min((cost[chosen].sum() for chosen in allowed if chosen[site] == state), default=np.inf)
            assert values[site] <= least + 1e-9


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published instances are not on this machine")
@pytest.mark.parametrize(
    ("name", "capacity", "optimum"), [("capa", 14_000.0, 17_160_439.012), ("capb", 5_000.0, 13_656_379.578)]
)
def test_published_optima_are_reached_and_proven(name: str, capacity: float, optimum: float) -> None:
    numbers = (PUBLISHED / f"{name}.txt").read_text().replace("capacity", str(capacity)).split()
    sites, customers = int(numbers[0]), int(numbers[1])
    lines = np.array(numbers[2 : 2 + 2 * sites], dtype=float).reshape(sites, 2)
    rows = np.array(numbers[2 + 2 * sites :], dtype=float).reshape(customers, sites + 1)
    closed = np.zeros(sites, dtype=bool)
    problem = LocationProblem(
        lines[:, 1], lines[:, 0], rows[:, 0], np.ascontiguousarray(rows[:, 1:].T), closed, 0, sites
    )
    answer = solved(problem)
    assert answer.plan is not None
    assert answer.proof is not None
    assert answer.plan.cost == pytest.approx(optimum, rel=GAP)
    assert recomputed_bound(data_of(problem), answer.proof) >= answer.plan.cost * (1 - GAP)
