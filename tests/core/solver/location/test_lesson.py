"""A neighbour's lesson: it changes where a search begins, never what it answers or proves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from networx.solver.location.benders.engine import solve as benders
from networx.solver.location.lagrangian import solve as lagrangian
from networx.solver.location.lesson import Lesson
from networx.solver.location.problem import LocationAnswer, LocationProblem
from networx.solver.outcome import Ending, Limits
from networx.verify.location import LocationData, recomputed_bound
from tests.core.solver.location.capacitated import random_problem
from tests.core.solver.location.problems import QUIET, any_kind, on_a_map

GAP = 1e-6


def exactly(problem: LocationProblem, count: int) -> LocationProblem:
    return replace(problem, at_least=count, at_most=count)


def assert_same(problem: LocationProblem, alone: LocationAnswer, taught: LocationAnswer) -> None:
    """Both ended alike, at one cost, and what the second proves is recomputed from its proof."""
    assert taught.ending is alone.ending
    if alone.plan is None:
        assert taught.plan is None
        return
    assert taught.plan is not None
    assert taught.plan.cost == pytest.approx(alone.plan.cost, rel=2 * GAP, abs=1e-6)
    assert problem.at_least <= taught.plan.opened.sum() <= problem.at_most
    if taught.proof is not None:
        data = LocationData(*(getattr(problem, name) for name in LocationData.__slots__))
        shown = recomputed_bound(data, taught.proof)
        assert shown >= taught.plan.cost - 2 * GAP * abs(taught.plan.cost) - 1e-6


def some_counts(problem: LocationProblem) -> list[int]:
    """Up by one, by several, and down again."""
    least, most = max(int(problem.must.sum()), 1), len(problem.fixed)
    middle = (least + most) // 2
    return [middle, min(middle + 1, most), most, least]


def swept(solve, problem: LocationProblem, counts: list[int]) -> None:
    lesson = None
    for count in counts:
        asked = exactly(problem, count)
        taught = solve(asked, Limits(60.0, GAP), QUIET, lesson=lesson)
        assert_same(asked, solve(asked, Limits(60.0, GAP), QUIET), taught)
        lesson = taught.lesson or lesson


@pytest.mark.parametrize("seed", range(6))
def test_the_lagrangian_engine_answers_alike_with_a_neighbours_lesson(seed: int) -> None:
    problem = random_problem(seed)
    swept(lagrangian, problem, some_counts(problem))


@pytest.mark.parametrize("seed", range(6))
def test_the_benders_engine_answers_alike_with_a_neighbours_lesson(seed: int) -> None:
    problem = any_kind(seed)
    swept(benders, problem, some_counts(problem))


@pytest.mark.parametrize("solve", [lagrangian, benders], ids=["lagrangian", "benders"])
def test_a_wrong_lesson_changes_no_answer(solve) -> None:
    problem = on_a_map(12, 60, seed=3, count=4)
    alone = solve(problem, Limits(60.0, GAP), QUIET)
    draw = np.random.default_rng(1)
    wrong = [
        Lesson(np.zeros(60), np.zeros(12, dtype=bool)),
        Lesson(draw.normal(0, 1e9, 60), np.ones(12, dtype=bool)),
        Lesson(np.full(60, 1e-9), draw.random(12) < 0.5),
    ]
    for lesson in wrong:
        assert_same(problem, alone, solve(problem, Limits(60.0, GAP), QUIET, lesson=lesson))


@pytest.mark.parametrize(
    "lesson",
    [
        Lesson(np.ones(3), np.ones(12, dtype=bool)),
        Lesson(np.ones(60), np.ones(3, dtype=bool)),
        Lesson(np.full(60, np.nan), np.ones(12, dtype=bool)),
    ],
    ids=["other customers", "other sites", "no numbers"],
)
@pytest.mark.parametrize("solve", [lagrangian, benders], ids=["lagrangian", "benders"])
def test_a_lesson_of_another_network_is_passed_over(solve, lesson: Lesson) -> None:
    problem = on_a_map(12, 60, seed=3, count=4)
    assert not lesson.fits(12, 60)
    assert solve(problem, Limits(60.0, GAP), QUIET, lesson=lesson).ending is Ending.OPTIMAL


def test_an_answer_teaches_its_own_multipliers_and_sites() -> None:
    answer = benders(on_a_map(12, 60, seed=3, count=4), Limits(60.0, GAP), QUIET)
    assert answer.lesson is not None
    assert answer.plan is not None
    assert answer.lesson.fits(12, 60)
    assert (answer.lesson.opened == answer.plan.opened).all()
    again = Lesson.from_arrays(answer.lesson.arrays())
    assert (again.pays == answer.multipliers).all()


def test_a_lesson_is_in_the_problems_own_money() -> None:
    problem = random_problem(2)
    huge = replace(problem, fixed=problem.fixed * 1e9, cost=problem.cost * 1e9)
    small, large = (lagrangian(one, Limits(60.0, GAP), QUIET).lesson for one in (problem, huge))
    assert small is not None
    assert large is not None
    assert np.abs(large.pays).sum() == pytest.approx(1e9 * np.abs(small.pays).sum(), rel=0.2)
