"""Solving so that the answer stands: whole numbers are made whole, and what that breaks is searched again.

A solver takes 0.0000001 for 0, and beside a coefficient of 1e9 that is a large flow out of a closed site. So every
answer is settled: its integers rounded and fixed, the rest solved again. Where the settled answer is none, or costs
more than the solver's, the search goes on in two parts around a number that only looked whole.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.model_answer import PROVEN_WITHIN
from networx.domain.plan import Progress
from networx.errors import SolverFault
from networx.models.generic.evidence import elastic, farkas
from networx.solver.highs import solve
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits, Solution

MOST_PARTS = 500
LEAST_SECONDS = 1.0
# The least sum of violations that counts as one, of the largest right-hand side.
CONTRADICTION = 1e-6

OnIncumbent = Callable[[Floats, float], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: OPTIMAL, INFEASIBLE, UNBOUNDED or LIMIT. `bound` is None where nothing is proven.

    `duals`, one a row, come with the optimum of a model without integers.
    """

    ending: Ending
    values: Floats | None = None
    objective: float | None = None
    bound: float | None = None
    duals: Floats | None = None


@dataclass(slots=True)
class Clock:
    """What is left of a time limit; a step always gets a little, so that an answer at hand is still settled."""

    ends_at: float

    def left(self) -> float:
        return max(self.ends_at - time.monotonic(), LEAST_SECONDS)

    @property
    def over(self) -> bool:
        return time.monotonic() > self.ends_at


@dataclass(slots=True)
class Search:
    """One search. `incumbent` gets each better answer that the solver reports and that is whole enough to stand."""

    model: LinearModel
    gap: float
    clock: Clock
    progress: Callable[[Progress], None]
    incumbent: OnIncumbent | None = None

    def run(self) -> Found:
        parts = [self.model]
        best: Found | None = None
        bounds: list[float] = []
        seen = 0
        while parts:
            if seen >= MOST_PARTS or (seen > 0 and self.clock.over):
                return self._unfinished(best)
            part = parts.pop()
            seen += 1
            told = self.progress if seen == 1 else self._of_a_part
            solution = solve(part, Limits(self.clock.left(), self.gap), told, self.incumbent)
            if solution.ending is Ending.UNBOUNDED_OR_INFEASIBLE:
                solution = self._decided(part)
            if solution.ending is Ending.UNBOUNDED:
                return Found(Ending.UNBOUNDED)
            if solution.ending is Ending.INFEASIBLE:
                point = self._feasible_after_all(part)
                if point is not None:
                    parts += _around(part, point)
                continue
            if solution.values is None:
                return self._unfinished(best, solution.bound if seen == 1 else None)
            settled = self._settled(part, solution.values)
            if settled is not None and not part.integer.any():
                settled = replace(settled, duals=solution.row_duals)
            if settled is not None and (best is None or settled.objective < best.objective):  # type: ignore[operator]
                best = settled
            if solution.ending is not Ending.OPTIMAL:
                return self._unfinished(best, solution.bound if seen == 1 else None)
            assert solution.objective is not None
            if settled is None or not _same(settled.objective, solution.objective, self.gap):
                split = _around(part, solution.values)
                if best is None or solution.objective < best.objective:  # type: ignore[operator]
                    parts += split
                if split:
                    continue
            bounds.append(solution.objective if solution.bound is None else solution.bound)
        if best is None:
            return Found(Ending.INFEASIBLE)
        assert best.objective is not None
        return replace(best, bound=min([*bounds, best.objective]))

    def _of_a_part(self, now: Progress) -> None:
        """What is proven of a part is not proven of the whole."""
        self.progress(replace(now, bound=None, gap=None))

    def _unfinished(self, best: Found | None, bound: float | None = None) -> Found:
        if best is None:
            return Found(Ending.LIMIT, bound=bound)
        return replace(best, ending=Ending.LIMIT, bound=bound)

    def _decided(self, part: LinearModel) -> Solution:
        """Whether a part that the solver left open has an answer at all."""
        anything = replace(part, cost=np.zeros_like(part.cost))
        found = solve(anything, Limits(self.clock.left(), self.gap))
        return replace(found, ending=Ending.UNBOUNDED) if found.ending is Ending.OPTIMAL else found

    def _settled(self, part: LinearModel, values: Floats) -> Found | None:
        whole = part.integer
        if not whole.any():
            return Found(Ending.OPTIMAL, values, objective_of(part, values))
        rounded = np.where(whole, np.round(values), values)
        fixed = replace(
            part,
            lower=np.where(whole, rounded, part.lower),
            upper=np.where(whole, rounded, part.upper),
            integer=np.zeros_like(whole),
        )
        if whole.all():
            return Found(Ending.OPTIMAL, rounded, objective_of(part, rounded)) if _holds(part, rounded) else None
        again = solve(fixed, Limits(self.clock.left(), self.gap))
        if again.ending is not Ending.OPTIMAL or again.values is None:
            return None
        answer = np.where(whole, rounded, again.values)
        return Found(Ending.OPTIMAL, answer, objective_of(part, answer))

    def _feasible_after_all(self, part: LinearModel) -> Floats | None:
        """A point of a part that the solver called infeasible, where neither multipliers nor slacks bear it out."""
        if not part.integer.any() or farkas(part, self.clock.left()) is not None:
            return None
        found, _, _ = elastic(part, Limits(self.clock.left(), self.gap))
        if found.values is None or (found.bound or 0.0) > contradiction_of(part):
            return None
        return found.values[: part.matrix.shape[1]]


def objective_of(model: LinearModel, values: Floats) -> float:
    """The cost of an answer, summed exactly."""
    return math.fsum([*(model.cost * values).tolist(), model.offset])


def contradiction_of(model: LinearModel) -> float:
    """The elastic optimum above which a model has no answer."""
    ends = np.concatenate([model.row_lower, model.row_upper])
    return float(CONTRADICTION * max(1.0, np.abs(ends[np.isfinite(ends)]).max(initial=0.0)))


def _holds(model: LinearModel, values: Floats) -> bool:
    activity = model.matrix @ values
    rows = np.concatenate([model.row_lower - activity, activity - model.row_upper])
    ends = np.abs(np.concatenate([model.row_lower, model.row_upper]))
    inside = (values >= model.lower - PROVEN_WITHIN) & (values <= model.upper + PROVEN_WITHIN)
    limits = PROVEN_WITHIN * np.maximum(1.0, np.where(np.isfinite(ends), ends, 1.0))
    return bool(inside.all() and (rows <= limits).all())


def _same(settled: float | None, claimed: float, gap: float) -> bool:
    if settled is None:
        raise SolverFault(what="a settled answer has no cost")
    return settled - claimed <= max(gap, PROVEN_WITHIN) * max(1.0, abs(settled))


def _around(part: LinearModel, point: Floats) -> list[LinearModel]:
    """The part in two, around the integer that is furthest from whole; where all are, around one of them in three."""
    away = np.where(part.integer & (part.lower < part.upper), np.abs(point - np.round(point)), -1.0)
    if away.max(initial=-1.0) < 0:
        return []
    at = int(np.argmax(away))
    value = point[at]
    if away[at] > 0:
        return [_within(part, at, upper=math.floor(value)), _within(part, at, lower=math.ceil(value))]
    reach = np.abs(part.matrix).max(axis=0).toarray().ravel()
    at = int(np.argmax(np.where(away >= 0, reach, -1.0)))
    value = float(np.round(point[at]))
    pieces = [_within(part, at, lower=value, upper=value)]
    if value > part.lower[at]:
        pieces.append(_within(part, at, upper=value - 1))
    if value < part.upper[at]:
        pieces.append(_within(part, at, lower=value + 1))
    return pieces


def _within(part: LinearModel, at: int, lower: float | None = None, upper: float | None = None) -> LinearModel:
    lowers, uppers = part.lower.copy(), part.upper.copy()
    if lower is not None:
        lowers[at] = lower
    if upper is not None:
        uppers[at] = upper
    return replace(part, lower=lowers, upper=uppers)
