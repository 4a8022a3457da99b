"""Raising the bound of one part: subgradient steps on all multipliers, and the states that good bounds settle.

The direction is smoothed over steps and their length follows Polyak: towards what has to be reached, shorter whenever
the bound stalls. The average of the schedules on the way tells which states are undecided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.solver.location.years.apart import Apart
from networx.solver.location.years.flows import Shipped
from networx.solver.location.years.instance import Part
from networx.solver.location.years.relaxation import Multipliers, Relaxation, Value

SMOOTHING = 0.7  # the weight of earlier directions
AVERAGING = 0.9  # the weight of earlier schedules
GAIN = 1e-5  # relative
SHORTEST = 2e-3  # step length at which it ends
PUSH = 0.02  # of what a unit pays on average: the first length along prices that show that a year has no flows
PUSHES = 60  # each twice as long as the one before
REACH_WITHOUT_PLAN = 0.03  # relative; how far above the bound to aim while there is no plan


@dataclass(frozen=True, slots=True)
class Step:
    """What shows a bound, and the states (year, site) whose other state is bounded there."""

    at: Multipliers | Apart
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
        if_open[part.opened.sum(axis=1) >= part.most] = np.inf
        if_closed[(~part.closed).sum(axis=1) <= part.least] = np.inf
        close = part.free & (if_open >= cutoff)
        keep = part.free & (if_closed >= cutoff) & ~close
        if not close.any() and not keep.any():
            return False
        (kept_year, kept_site), (shut_year, shut_site) = np.nonzero(keep), np.nonzero(close)
        self.steps.append(Step(at, (kept_year, kept_site), (shut_year, shut_site)))
        self.settled_at = min(
            self.settled_at, float(if_open[close].min(initial=np.inf)), float(if_closed[keep].min(initial=np.inf))
        )
        self.part = replace(part, opened=part.opened | keep, closed=part.closed | close)
        return True

    def conclude(self) -> None:
        """Write down what proves the bound; what is impossible is seen at any multipliers."""
        if self.bound > -np.inf and not self.impossible and self.shown is not None:
            none = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
            self.steps.append(Step(self.shown, none, none))


def _only(year: int, shipped: Shipped, like: Multipliers) -> Multipliers:
    """The prices of one year as a direction."""
    pays, nothing, service = np.zeros_like(like.pays), np.zeros_like(like.size), np.zeros_like(like.service)
    pays[year], service[year] = shipped.pays, shipped.service
    return Multipliers(pays, nothing, nothing, nothing, service)


def _inward(direction: Floats, price: Floats) -> Floats:
    """The direction without what would push a price below 0."""
    inward: Floats = np.where((price <= 0) & (direction < 0), 0.0, direction)
    return inward


@dataclass(frozen=True, slots=True)
class Effort:
    """How an ascent steps: how often at most, the first one's length as a share of Polyak's, and how it shortens.

    After `patience` steps without a gain worth it, the length is taken times `shorter`.
    """

    steps: int
    length: float
    patience: int
    shorter: float


class Ascent:
    """Improves nodes of one problem. `weights` (T,) scale the prices that many customers share."""

    def __init__(self, relaxation: Relaxation, cutoff: Callable[[], float]) -> None:
        self._relaxation, self._cutoff = relaxation, cutoff
        problem = relaxation.instance.problem
        customers = np.maximum((problem.demand > 0).sum(axis=1), 1).astype(np.float64)
        self._shared = customers
        self._most_changes = max(problem.most_changes or 0, 1)

    def ascend(self, node: Node, effort: Effort, visit: Callable[[Node], None]) -> None:
        """Improve the node in place until its bound reaches the cutoff, nothing is undecided, or the effort is spent.

        `visit` is called each step and may raise to end it. A node without a plan gets the bound inf.
        """
        instance = self._relaxation.instance
        fewest = instance.fewest(node.part)
        if fewest is None:
            node.bound = np.inf
            return
        at, length, stalled = node.at, effort.length, 0
        knapsacks = self._relaxation.knapsacks(node.part.closed, at, node.rents)
        reference = node.bound
        direction: Multipliers | None = None
        best: Value | None = None
        for _ in range(effort.steps):
            visit(node)
            value = self._relaxation.value(knapsacks, node.part, fewest, at)
            if not np.isfinite(value.bound):
                node.bound = np.inf
                return
            node.average *= AVERAGING
            node.average += (1 - AVERAGING) * value.chosen
            if value.bound > node.bound:
                node.bound, node.at, node.shown, best = value.bound, at, at, value
                node.rents[knapsacks.year, knapsacks.site] = value.filled.rent
                if node.bound >= self._cutoff():
                    return
            if value.bound > reference + GAIN * abs(reference) or not np.isfinite(reference):
                reference, stalled = value.bound, 0
            else:
                stalled += 1
            if stalled >= effort.patience:
                length, stalled = length * effort.shorter, 0
                if best is not None and self._settle(node, best):
                    best = None
                    fewest = instance.fewest(node.part)
                    if fewest is None:
                        node.bound = np.inf
                        return
                    if not node.part.free.any():
                        return
                    knapsacks.keep(~node.part.closed[knapsacks.year, knapsacks.site])
                    continue
                if length < SHORTEST:
                    break
            direction = value.lacking if direction is None else direction.mixed(value.lacking, SMOOTHING)
            scaled, norm = self._scaled(direction, fewest, at)
            if norm < 1e-12:
                break
            target = self._cutoff()
            if not np.isfinite(target):
                target = value.bound + REACH_WITHOUT_PLAN * abs(value.bound) + 1.0
            at = at.moved(scaled, length * max(target - value.bound, 1e-4 * abs(value.bound)) / norm)
        if best is not None:
            self._settle(node, best)

    def push(self, node: Node, missing: list[tuple[int, Shipped]]) -> bool:
        """Raise the bound along prices that show that some sites cannot serve a year; False where none does."""
        instance = self._relaxation.instance
        fewest = instance.fewest(node.part)
        if fewest is None or not missing:
            return False
        knapsacks = self._relaxation.knapsacks(node.part.closed, node.at, node.rents)
        before = node.bound
        for year, shipped in missing:
            ray = _only(year, shipped, node.at)
            unit = float(np.abs(node.at.pays[year]).sum()) / max(float(instance.total[year]), 1e-300)
            start, length = node.at, PUSH * max(unit, 1e-9)
            for _ in range(PUSHES):
                at = start.moved(ray, length)
                bound = self._relaxation.value(knapsacks, node.part, fewest, at).bound
                if not bound > node.bound:
                    break
                node.bound, node.at, node.shown, length = bound, at, at, 2 * length
                if bound >= self._cutoff():
                    return True
        return node.bound > before + GAIN * abs(before)

    def _scaled(self, direction: Multipliers, fewest: Indices, at: Multipliers) -> tuple[Multipliers, float]:
        """The direction in which shared prices move as fast as those of single customers, and its square."""
        shared = self._shared
        counted = np.maximum(fewest, 1).astype(np.float64)
        weights = (shared, shared / counted**2, shared / self._most_changes**2, shared)
        parts = (
            _inward(direction.size, at.size),
            direction.count,
            _inward(direction.change, at.change),
            _inward(direction.service, at.service),
        )
        moved = [weight * part for weight, part in zip(weights, parts, strict=True)]
        norm = float((direction.pays**2).sum()) + sum(float(m @ part) for m, part in zip(moved, parts, strict=True))
        return Multipliers(direction.pays, *moved), norm

    def _settle(self, node: Node, value: Value) -> bool:
        """Decide the undecided states of which the other costs the cutoff or more; False where there are none."""
        return node.settle(node.at, *self._relaxation.margins(value), self._cutoff())
