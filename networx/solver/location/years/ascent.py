"""Raising the bound of one part: subgradient steps on all multipliers, and the states that good bounds settle.

The direction is smoothed over steps and their length follows Polyak: towards what has to be reached, shorter whenever
the bound stalls. The average of the schedules on the way tells which states are undecided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.solver.location.years.flows import Shipped
from networx.solver.location.years.node import Node
from networx.solver.location.years.relaxation import Multipliers, Relaxation, Value

SMOOTHING = 0.7  # the weight of earlier directions
AVERAGING = 0.9  # the weight of earlier schedules
GAIN = 1e-5  # relative
SHORTEST = 2e-3  # step length at which it ends
PUSH = 0.02  # of what a unit pays on average: the first length along prices that show that a year has no flows
PUSHES = 60  # each twice as long as the one before
REACH_WITHOUT_PLAN = 0.03  # relative; how far above the bound to aim while there is no plan


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
        part, first, settled_at = node.part, len(node.steps), node.settled_at
        self._climb(node, effort, visit)
        added, reached = len(node.steps) - first, self._cutoff() <= node.bound < np.inf
        fewest = self._relaxation.instance.fewest(part)
        if fewest is None or node.bound == np.inf or added == 0 or (added == 1 and not reached):
            return
        knapsacks = self._relaxation.knapsacks(part.closed, node.at, node.rents)
        value = self._relaxation.value(knapsacks, part, fewest, node.at)
        if value.bound >= self._cutoff():
            # The last multipliers alone prove it: proofs are smaller without what was settled on the way.
            del node.steps[first:]
            node.part, node.settled_at, node.bound = part, settled_at, value.bound
        elif added > 1:
            node.gather(first, part, value.bound, *self._relaxation.margins(value), self._cutoff())

    def _climb(self, node: Node, effort: Effort, visit: Callable[[Node], None]) -> None:
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
            at = self._moved(at, scaled, length * max(target - value.bound, 1e-4 * abs(value.bound)) / norm)
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
                at = self._moved(start, ray, length)
                bound = self._relaxation.value(knapsacks, node.part, fewest, at).bound
                if not bound > node.bound:
                    break
                node.bound, node.at, node.shown, length = bound, at, at, 2 * length
                if bound >= self._cutoff():
                    return True
        return node.bound > before + GAIN * abs(before)

    def _moved(self, at: Multipliers, direction: Multipliers, step: float) -> Multipliers:
        """A step along a direction, to payments that are written with few digits."""
        moved = at.moved(direction, step)
        return replace(moved, pays=self._relaxation.instance.in_steps(moved.pays))

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
