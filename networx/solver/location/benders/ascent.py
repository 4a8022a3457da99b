"""Multipliers that prove much, found quickly: subgradient steps on the Lagrangian function, smoothed."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.benders.course import Course
from networx.solver.location.benders.dual import evaluate, subgradient
from networx.solver.location.benders.part import Part

PATIENCE = 10  # steps without a better bound, after which steps become shorter
SHORTER = 0.5
SHORTEST = 1e-3
MEMORY = 0.5  # of the direction before, in the next one
AVERAGE = 0.9
HOPE = 0.05  # while no plan is known, the bound is thought to rise by so much


class Ascent:
    """The state of a climb, which may be broken off and taken up in a smaller part. `dual` is the best so far.

    It begins from `first` (J,), a neighbour's multipliers, where they say more than prices alone do. `share` (I,) is
    how often each site was chosen lately: near to what a fractional optimum would open.
    """

    def __init__(self, part: Part, first: Floats | None = None) -> None:
        self.dual = evaluate(part.nearness, part.fixed, part.box, _first(part))
        if first is not None:
            learned = evaluate(part.nearness, part.fixed, part.box, first)
            self.dual = max(self.dual, learned, key=lambda dual: dual.bound)
        self.share: Floats = self.dual.chosen.astype(float)
        self._at = self.dual
        self._direction = subgradient(part.nearness, self.dual)
        self._factor, self._waited = 1.0, 0

    @property
    def spent(self) -> bool:
        """Whether steps have become so short that they gain nothing."""
        return self._factor < SHORTEST

    def climb(self, part: Part, course: Course, steps: int) -> None:
        """So many steps, or until the bound reaches the cutoff."""
        nearness = part.nearness
        # Beyond a customer's cheapest and dearest price the bound only falls.
        floor, ceiling = nearness.cost[:, 0], nearness.cost[:, -1]
        for _ in range(steps):
            length = self._length(course)
            if length is None or course.stopping():
                break
            multipliers = np.clip(self._at.multipliers + length * self._direction, floor, ceiling)
            self._at = evaluate(nearness, part.fixed, part.box, multipliers)
            self._direction = MEMORY * self._direction + (1 - MEMORY) * subgradient(nearness, self._at)
            self.share = AVERAGE * self.share + (1 - AVERAGE) * self._at.chosen
            self._keep()

    def reduced(self, part: Part, kept: Flags) -> None:
        """Go on in a part with only the sites `kept` of the one before."""
        self.share = self.share[kept]
        self.dual = evaluate(part.nearness, part.fixed, part.box, self.dual.multipliers)
        self._at = evaluate(part.nearness, part.fixed, part.box, self._at.multipliers)

    def _length(self, course: Course) -> float | None:
        """Towards the best plan's cost, as far as the factor allows; None where there is nowhere to go."""
        aim = course.cost if np.isfinite(course.cost) else self.dual.bound + HOPE * abs(self.dual.bound)
        square = float(self._direction @ self._direction)
        if self.spent or square == 0.0 or self.dual.bound >= course.cutoff:
            return None
        return self._factor * max(aim - self._at.bound, 0.0) / square

    def _keep(self) -> None:
        better = self._at.bound > self.dual.bound
        self._waited = 0 if self._at.bound > self.dual.bound + 1e-4 * abs(self.dual.bound) else self._waited + 1
        if better:
            self.dual = self._at
        if self._waited >= PATIENCE:
            self._factor, self._waited = self._factor * SHORTER, 0


def _first(part: Part) -> Floats:
    """Each customer's price at the site that would be its last if all open ones had as many, or a few lanes out."""
    nearness = part.nearness
    customers, sites = nearness.cost.shape
    rank = min(sites - 1, sites // part.box.at_least if part.box.at_least > 1 else 2)
    lanes = (nearness.cost < nearness.missing).sum(axis=1)
    multipliers: Floats = nearness.cost[np.arange(customers), np.clip(lanes - 1, 0, rank)]
    return multipliers
