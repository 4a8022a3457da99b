"""A part of the search: its bound, what shows it, and the steps that prove what was settled within."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.years.apart import Apart
from networx.solver.location.years.instance import Part
from networx.solver.location.years.relaxation import Multipliers


@dataclass(frozen=True, slots=True)
class Step:
    """What shows a `bound`, and the states (year, site) whose other state is bounded there."""

    at: Multipliers | Apart
    bound: float
    opened: tuple[Indices, Indices]
    closed: tuple[Indices, Indices]


@dataclass(slots=True)
class Node:
    """A part of the search and a bound on its plans, which `shown` shows: multipliers, or bounds of years apart.

    `at` are its best multipliers, and `apart` its best bounds of years apart, where it has any. `average` (T, I) is how
    open each site was on the way, `rents` (T, I) what a unit of size was worth. `steps` prove what was settled within,
    at `settled_at` at least, and at its end its bound; `case` is its number in the proof once it stands there, and
    `impossible` that it says there that nothing in it is a plan.
    """

    part: Part
    bound: float
    at: Multipliers
    average: Floats
    rents: Floats
    apart: Apart | None = None
    shown: Multipliers | Apart | None = None
    steps: list[Step] = field(default_factory=list)
    settled_at: float = np.inf
    case: int = -1
    impossible: bool = False

    def child(self, part: Part) -> Node:
        """A part of it; its bound is not known yet."""
        return Node(part, -np.inf, self.at, self.average.copy(), self.rents.copy(), self.apart)

    def raise_to(self, bound: float, shown: Multipliers | Apart) -> None:
        """Its bound where this one is higher."""
        if bound > self.bound:
            self.bound, self.shown = bound, shown

    def settle(self, at: Multipliers | Apart, if_open: Floats, if_closed: Floats, cutoff: float) -> bool:
        """Decide the states that are free and of which the other costs the cutoff or more; False where there are none.

        `if_open` and `if_closed` (T, I) are what plans with that state cost at least, as `at` shows.
        """
        if not np.isfinite(cutoff):
            return False
        part = self.part
        _with_counts(part, if_open, if_closed)
        close = part.free & (if_open >= cutoff)
        keep = part.free & (if_closed >= cutoff) & ~close
        if not close.any() and not keep.any():
            return False
        self.steps.append(Step(at, self.bound, _places(keep), _places(close)))
        self.settled_at = min(
            self.settled_at, float(if_open[close].min(initial=np.inf)), float(if_closed[keep].min(initial=np.inf))
        )
        self.part = replace(part, opened=part.opened | keep, closed=part.closed | close)
        return True

    def gather(self, first: int, part: Part, bound: float, if_open: Floats, if_closed: Floats, cutoff: float) -> None:
        """Let one step, at what was best in the end, settle what it can of what the steps from `first` on have settled.

        They began with `part`, for which `bound`, `if_open` and `if_closed` hold. The other steps stay true after it:
        they find more decided than they did. What they have not settled stays undecided, even where both states cost
        too much.
        """
        _with_counts(part, if_open, if_closed)
        close = self.part.closed & ~part.closed & (if_open >= cutoff)
        keep = self.part.opened & ~part.opened & (if_closed >= cutoff)
        left = []
        for step in self.steps[first:]:
            opened, closed = (_without(step.opened, keep), _without(step.closed, close))
            if len(opened[0]) or len(closed[0]):
                left.append(replace(step, opened=opened, closed=closed))
        self.steps[first:] = [Step(self.at, bound, _places(keep), _places(close)), *left]
        self.settled_at = min(
            self.settled_at, float(if_open[close].min(initial=np.inf)), float(if_closed[keep].min(initial=np.inf))
        )

    def conclude(self) -> None:
        """Write down what proves the bound, unless the last step does.

        What is impossible is seen at any multipliers.
        """
        if self.bound == -np.inf or self.impossible or self.shown is None:
            return
        if self.steps and self.steps[-1].at is self.shown and self.steps[-1].bound >= self.bound:
            return
        none = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
        self.steps.append(Step(self.shown, self.bound, none, none))


def _with_counts(part: Part, if_open: Floats, if_closed: Floats) -> None:
    """No plan has one more site open in a year where as many are as may be, or one fewer where as few are left."""
    if_open[part.opened.sum(axis=1) >= part.most] = np.inf
    if_closed[(~part.closed).sum(axis=1) <= part.least] = np.inf


def _places(states: Flags) -> tuple[Indices, Indices]:
    year, site = np.nonzero(states)
    return year, site


def _without(places: tuple[Indices, Indices], settled: Flags) -> tuple[Indices, Indices]:
    """The places (year, site) that are not settled (T, I)."""
    year, site = places
    left = ~settled[places]
    return year[left], site[left]
