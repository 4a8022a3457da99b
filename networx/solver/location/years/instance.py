"""A problem over years made ready for the engine: sizes, what each year needs, and what cannot be open at all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian.instance import FINEST_GAP, steps_in_one
from networx.solver.location.years.problem import YearsProblem

ROUNDING = 1e-9  # relative; capacity counts as short only beyond this


@dataclass(frozen=True, slots=True)
class Part:
    """A part of all plans: sites opened and closed (T, I) in all of it, at least and at most so many (T,) in a year."""

    opened: Flags
    closed: Flags
    least: Indices
    most: Indices

    @property
    def free(self) -> Flags:
        """(T, I): may be either."""
        undecided: Flags = ~self.opened & ~self.closed
        return undecided

    def with_state(self, year: int, site: int, *, opened: bool) -> Part:
        """The part of it with that site opened or closed in that year."""
        changed = (self.opened if opened else self.closed).copy()
        changed[year, site] = True
        return replace(self, opened=changed) if opened else replace(self, closed=changed)

    def with_count(self, year: int, count: int, *, more: bool) -> Part:
        """The part of it in which at least so many sites are open in that year, or fewer."""
        changed = (self.least if more else self.most).copy()
        changed[year] = count if more else count - 1
        return replace(self, least=changed) if more else replace(self, most=changed)


@dataclass(frozen=True, slots=True)
class Instance:
    """`size` (T, I) is capacity clipped to the demand in reach; `share` (T, I) how much of the year's demand it holds.

    `total` (T,) is a year's demand. `all` is the part that holds every plan. What customers pay goes in steps of 1 /
    `steps_in_one`, as for one period; 0 where it has all digits.
    """

    problem: YearsProblem
    size: Floats
    share: Floats
    total: Floats
    all: Part
    steps_in_one: float = 0.0

    def in_steps(self, pays: Floats) -> Floats:
        """The nearest payments (T, J) that may be written down."""
        near: Floats = np.rint(pays * self.steps_in_one) / self.steps_in_one if self.steps_in_one else pays
        return near

    def fewest(self, part: Part) -> Indices | None:
        """(T,): the fewest sites that hold each year's demand within a part; None where none do."""
        opened, closed = part.opened, part.closed
        already, usable = opened.sum(axis=1), (~closed).sum(axis=1)
        others = -np.sort(np.where(opened | closed, 0.0, -self.size), axis=1)
        held = np.where(opened, self.size, 0.0).sum(axis=1)[:, None] + np.cumsum(others, axis=1)
        held = np.hstack([np.where(opened, self.size, 0.0).sum(axis=1)[:, None], held])
        enough = held >= self.total[:, None] * (1 - ROUNDING)
        count = np.maximum(already + enough.argmax(axis=1), part.least)
        possible = enough.any(axis=1) & (count <= np.minimum(part.most, usable))
        return count if possible.all() else None

    def one_time(self, opened: Flags) -> float:
        """What opening and closing costs with this schedule (T, I)."""
        problem = self.problem
        before = np.vstack([problem.existing, opened[:-1]])
        return float(((opened & ~before) * problem.opening + (~opened & before) * problem.closing).sum())

    def settled_cost(self, opened: Flags) -> float:
        """What a schedule (T, I) costs before any flow."""
        return float(self.problem.fixed[opened].sum()) + self.one_time(opened)

    def changes(self, opened: Flags) -> Indices:
        """(T,): how many sites change in each year; none are counted in the first where no site is existing."""
        before = np.vstack([self.problem.existing, opened[:-1]])
        changes: Indices = (before != opened).sum(axis=1)
        if not self.problem.existing.any():
            changes[0] = 0
        return changes


def prepare(problem: YearsProblem, gap: float = 0.0) -> Instance:
    """`gap` is asked for, relative."""
    reach = np.array([np.isfinite(problem.price[year]) @ problem.demand[year] for year in range(problem.years)])
    size = np.where(problem.may, np.minimum(problem.capacity, reach), 0.0)
    total = problem.demand.sum(axis=1)
    share = np.divide(size, total[:, None], out=np.zeros_like(size), where=total[:, None] > 0)
    return Instance(
        problem=problem,
        size=size,
        share=np.minimum(share, 1.0),
        total=total,
        all=Part(
            opened=problem.must.copy(),
            closed=~problem.may | (size < problem.least * (1 - ROUNDING)),
            least=np.full(problem.years, problem.at_least),
            most=np.full(problem.years, problem.at_most),
        ),
        steps_in_one=0.0 if gap < FINEST_GAP else steps_in_one(_mean_payment(problem)),
    )


def _mean_payment(problem: YearsProblem) -> float:
    """About what a customer pays for its demand of a year: the price of its cheapest lane."""
    cheapest = np.abs(problem.price.min(axis=1, initial=np.inf))
    paid = (cheapest * problem.demand)[(problem.demand > 0) & np.isfinite(cheapest)]
    return float(paid.mean()) if len(paid) else 0.0
