"""What a solver is allowed and what it gives back: limits, the way it ended, and the solution."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from networx.domain.arrays import Floats


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: `time_seconds` of wall clock, and the relative gap at which a proof is good enough.

    A limit of `nodes` of a tree is the same on every machine.
    """

    time_seconds: float
    gap: float
    nodes: int | None = None


class Ending(StrEnum):
    """How a solve ended, in our words."""

    OPTIMAL = "optimal"  # proven within the gap
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    UNBOUNDED_OR_INFEASIBLE = "unbounded_or_infeasible"
    LIMIT = "limit"  # time, memory or another limit came first; values are the best found, if any
    INTERRUPTED = "interrupted"  # the caller said stop; values are the best found, if any
    FAULT = "fault"  # the solver could not work on the model


@dataclass(frozen=True, slots=True)
class Solution:
    """`values` (one a column) and `objective` are None where nothing was found; `bound` where nothing is proven.

    `row_duals` (one a row: how the objective moves with the row's limit) are of a linear program solved to the end.
    """

    ending: Ending
    values: Floats | None
    objective: float | None
    bound: float | None
    nodes: int
    seconds: float
    row_duals: Floats | None = None


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """|objective - bound| over |objective|, or over 1e-9 where that is larger; None where either is missing."""
    if objective is None or bound is None:
        return None
    return abs(objective - bound) / max(abs(objective), 1e-9)
