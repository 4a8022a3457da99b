"""All numbers of sites in one search: each is answered and proven as if it had been asked alone.

SOLVER_FUZZ=2000 asks for so many problems, SOLVER_SEED= for others.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from networx.solver.location.benders.engine import solve
from networx.solver.location.benders.sweep import Sweep
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Ending, Limits
from tests.core.solver.location.problems import QUIET, any_kind, flaws, on_a_map, problem, proven

PROBLEMS = int(os.environ.get("SOLVER_FUZZ") or 40)
FIRST = int(os.environ.get("SOLVER_SEED") or 0)
BLOCKS = 4
LIMITS = Limits(time_seconds=60, gap=1e-8)


def exactly(asked: LocationProblem, count: int) -> LocationProblem:
    return replace(asked, at_least=count, at_most=count)


def flaw(asked: LocationProblem, together: LocationAnswer, alone: LocationAnswer) -> str | None:
    """What is wrong with an answer of the joint search to a problem that was also asked alone."""
    if together.ending is not alone.ending:
        return f"{together.ending}, alone {alone.ending}"
    if alone.plan is None or together.plan is None:
        return None if together.plan is alone.plan is None else "a plan where there is none"
    finite = np.abs(asked.cost[np.isfinite(asked.cost)])
    size = max(abs(alone.plan.cost), 1e-5 * float(finite.sum() + np.abs(asked.fixed).sum()), 1e-9)
    if abs(together.plan.cost - alone.plan.cost) > 1e-7 * size:
        return f"it costs {together.plan.cost}, alone {alone.plan.cost}"
    if together.bound is None or proven(asked, together) < together.bound - 1e-7 * size:
        return "its bound is above what its proof shows"
    return "; ".join(flaws(asked, together.plan)) or None


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_number_is_answered_as_if_asked_alone(block: int):
    wrong = {}
    for seed in range(FIRST + block, FIRST + PROBLEMS, BLOCKS):
        asked = replace(any_kind(seed), at_least=0)
        asked = replace(asked, at_most=len(asked.fixed))
        draw = np.random.default_rng(seed)
        counts = draw.permutation(len(asked.fixed) + 1)[:5]  # up, down and by leaps
        sweep = Sweep(asked)
        for count in counts:
            one = exactly(asked, int(count))
            found = flaw(one, sweep.solve(int(count), LIMITS, QUIET), solve(one, LIMITS, QUIET))
            if found is not None:
                wrong[seed, int(count)] = found

    assert wrong == {}


def test_numbers_with_long_searches_are_proven_each_by_itself():
    rng = np.random.default_rng(1)
    asked = problem(np.zeros(25), rng.integers(0, 1000, (25, 50)), at_least=2, at_most=8)
    sweep = Sweep(asked)

    answers = {count: sweep.solve(count, LIMITS, QUIET) for count in (4, 5, 6)}

    assert sum(answer.nodes > 0 for answer in answers.values()) >= 2
    for count, answer in answers.items():
        assert flaw(exactly(asked, count), answer, solve(exactly(asked, count), LIMITS, QUIET)) is None


def test_the_same_numbers_in_the_same_order_are_answered_alike():
    asked = replace(on_a_map(30, 150, seed=4), at_least=1, at_most=6)

    one, other = ([sweep.solve(count, LIMITS, QUIET) for count in (2, 3, 5)] for sweep in (Sweep(asked), Sweep(asked)))

    for first, second in zip(one, other, strict=True):
        assert (first.nodes, first.bound) == (second.nodes, second.bound)
        assert (first.plan.opened == second.plan.opened).all()


def test_a_number_outside_the_range_is_a_mistake():
    sweep = Sweep(replace(on_a_map(5, 9, seed=1), at_least=2, at_most=3))

    with pytest.raises(ValueError, match="4 sites are not in the range"):
        sweep.solve(4, LIMITS, QUIET)


def test_more_mandatory_sites_than_asked_are_infeasible_and_the_next_number_is_not():
    asked = replace(on_a_map(6, 12, seed=1), at_least=1, at_most=4, must=np.arange(6) < 2)
    sweep = Sweep(asked)

    assert sweep.solve(1, LIMITS, QUIET).ending is Ending.INFEASIBLE
    answer = sweep.solve(2, LIMITS, QUIET)
    assert answer.plan.opened.tolist() == [True, True, False, False, False, False]


def test_a_number_that_was_stopped_does_not_stop_the_next():
    asked = replace(on_a_map(40, 200, seed=2), at_least=3, at_most=5)
    sweep = Sweep(asked)

    stopped = sweep.solve(3, LIMITS, Watch(lambda *_: None, lambda _: None, lambda: True))
    assert stopped.ending is Ending.INTERRUPTED
    answer = sweep.solve(4, LIMITS, QUIET)
    assert flaw(exactly(asked, 4), answer, solve(exactly(asked, 4), LIMITS, QUIET)) is None


def test_every_number_may_begin_with_a_plan():
    asked = replace(on_a_map(30, 100, seed=5), at_least=3, at_most=5)
    sweep, none = Sweep(asked), np.zeros(0, dtype=np.intp)
    first = sweep.solve(4, LIMITS, QUIET)
    seen: list[LocationPlan] = []

    again = sweep.solve(4, LIMITS, Watch(lambda *_: None, seen.append, lambda: False), first.plan)
    assert again.plan.cost == first.plan.cost
    assert [plan.cost for plan in seen] == [first.plan.cost]
    too_many = LocationPlan(np.ones(30, dtype=bool), none, none, np.zeros(0), 0.0)
    assert sweep.solve(5, LIMITS, QUIET, too_many).plan.opened.sum() == 5
