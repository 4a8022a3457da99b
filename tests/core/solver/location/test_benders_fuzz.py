"""Small problems of every kind, by the engine and by HiGHS. SOLVER_FUZZ=2000 asks so many, SOLVER_SEED= others."""

import os

import numpy as np
import pytest

from networx.solver import highs
from networx.solver.location.benders.engine import solve
from networx.solver.outcome import Ending, Limits
from tests.core.solver.location.problems import QUIET, any_kind, as_linear, flaws, proven

PROBLEMS = int(os.environ.get("SOLVER_FUZZ") or 300)
FIRST = int(os.environ.get("SOLVER_SEED") or 0)
BLOCKS = 10
GAP = 1e-8
HOPELESS = {Ending.INFEASIBLE, Ending.UNBOUNDED_OR_INFEASIBLE}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_engine_agrees_with_highs(block: int):
    wrong = [seed for seed in range(FIRST + block, FIRST + PROBLEMS, BLOCKS) if not _agrees(seed)]

    assert wrong == []


def _agrees(seed: int) -> bool:
    asked = any_kind(seed)
    theirs = highs.solve(as_linear(asked), Limits(60, 1e-9))
    ours = solve(asked, Limits(60, GAP), QUIET)
    if theirs.ending in HOPELESS:
        return ours.ending is Ending.INFEASIBLE and ours.plan is None
    if ours.ending is not Ending.OPTIMAL or ours.plan is None or ours.bound is None or ours.proof is None:
        return False
    finite = np.abs(asked.cost[np.isfinite(asked.cost)])
    added = float(finite.sum() + np.abs(asked.fixed).sum())
    # Where earnings cancel costs, what is left is smaller than the rounding of what was added up.
    size = max(abs(theirs.objective), 1e-5 * added, 1e-9)
    close = abs(ours.plan.cost - theirs.objective) <= 1e-6 * size
    bounded = ours.plan.cost - 10 * GAP * size <= ours.bound <= ours.plan.cost + 1e-9 * size
    checked = proven(asked, ours) >= ours.bound - 10 * GAP * size
    return close and bounded and checked and not flaws(asked, ours.plan)
