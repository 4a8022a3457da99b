"""The Lagrangian function: what ties sites together has a price, and each site takes its cheapest schedule.

Priced are the demand of each customer in each year, that the open sites hold a year's demand, how many are open, how
many change, and the service level. For any prices the value is a lower bound; the less the schedules break of what is
priced, the nearer it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.compiling import kernels_at_hand
from networx.solver.location.lagrangian.gear import LARGE, LONG
from networx.solver.location.years.instance import Instance, Part
from networx.solver.location.years.knapsacks import Filled, Knapsacks, PlainKnapsacks
from networx.solver.location.years.schedules import Prices, Schedules

if TYPE_CHECKING:
    from networx.solver.location.years.kernels import Lanes

UNIT_ROUNDING = 2.0**-53


@dataclass(frozen=True, slots=True)
class Multipliers:
    """Dollars: `pays` (T, J) of each customer for all its demand of a year; (T,) each: `size` for holding a year's
    demand, `count` for one more open site (below 0: for one fewer), `change` for one change, `service` for all near.
    """

    pays: Floats
    size: Floats
    count: Floats
    change: Floats
    service: Floats

    def moved(self, direction: Multipliers, step: float) -> Multipliers:
        """A step along a direction, staying within the signs. The sign of `count` does not turn in one step."""
        count = self.count + step * direction.count
        count = np.where(count * self.count < 0, 0.0, count)
        return Multipliers(
            self.pays + step * direction.pays,
            np.maximum(self.size + step * direction.size, 0.0),
            count,
            np.maximum(self.change + step * direction.change, 0.0),
            np.maximum(self.service + step * direction.service, 0.0),
        )

    def mixed(self, other: Multipliers, weight: float) -> Multipliers:
        """`weight` of this one and the rest of the other."""
        rest = 1 - weight
        return Multipliers(
            weight * self.pays + rest * other.pays,
            weight * self.size + rest * other.size,
            weight * self.count + rest * other.count,
            weight * self.change + rest * other.change,
            weight * self.service + rest * other.service,
        )


@dataclass(frozen=True, slots=True)
class Value:
    """The bound at some multipliers, the schedules (T, I) that give it, what each row saves, and the prices they saw.

    `lacking` says by how much the schedules break what is priced, in the units of the multipliers.
    """

    bound: float
    chosen: Flags
    filled: Filled
    prices: Prices
    best: Floats
    lacking: Multipliers


class Relaxation:
    """Evaluates it for the parts of one instance."""

    def __init__(self, instance: Instance, schedules: Schedules) -> None:
        self.instance, self._schedules = instance, schedules
        self._kernels = False
        self._lanes: Lanes | None = None
        self._values = 0
        problem = instance.problem
        self._unit = np.where(problem.demand > 0, problem.demand, 1.0)
        self._asked = instance.total > 0
        self._whole = np.where(self._asked, instance.total, 1.0)
        self._terms = 8 * (problem.demand.size + 8 * problem.years + 4 * problem.fixed.size + 16)
        once = 2 * problem.years * float((np.abs(problem.opening) + np.abs(problem.closing)).sum())
        self._stated = 2 * float(np.abs(problem.fixed).sum()) + once
        self._counted = np.ones(problem.years, dtype=bool)
        self._counted[0] = bool(problem.existing.any())

    def knapsacks(self, closed: Flags, at: Multipliers, rents: Floats) -> Knapsacks:
        """Those of what is not closed; `rents` (T, I) are what they are expected to find."""
        year, site = np.nonzero(~closed)
        unit, reward = at.pays / self._unit, at.service / self._whole
        if self._compiled():
            from networx.solver.location.years.compiled import CompiledKnapsacks, lanes_of

            if self._lanes is None:
                self._lanes = lanes_of(self.instance.problem)
            return CompiledKnapsacks(self.instance, self._lanes, year, site, unit, reward, rents[year, site])
        return PlainKnapsacks(self.instance, year, site, unit, reward)

    def _compiled(self) -> bool:
        """Whether to go on with the kernels: as for one period, by steps taken and not by time."""
        if not self._kernels and (self.instance.problem.price.size >= LARGE or self._values >= LONG):
            self._kernels = kernels_at_hand()
        return self._kernels

    def value(self, knapsacks: Knapsacks, part: Part, fewest: Indices, at: Multipliers) -> Value:
        """The Lagrangian function for a part; the rows of `knapsacks` are those not closed in it."""
        self._values += 1
        opened, closed, most_open = part.opened, part.closed, part.most
        instance, problem = self.instance, self.instance.problem
        filled = knapsacks.fill(at.pays / self._unit, at.service / self._whole)
        place = knapsacks.year, knapsacks.site
        gain = np.zeros(closed.shape)
        gain[place] = filled.saved
        cost = problem.fixed + gain - at.size[:, None] * instance.share - at.count[:, None]
        most = float(problem.most_changes or 0)
        change = at.change[:, None]
        prices = Prices(
            opened=np.where(closed, np.inf, cost),
            closed=np.where(opened, np.inf, 0.0),
            opening=problem.opening + change,
            closing=problem.closing + change,
        )
        best, chosen = self._schedules.best(prices)
        wanted = np.where(at.count > 0, fewest, most_open)
        base = at.pays.sum() + at.size.sum() + at.count @ wanted + problem.level @ at.service - most * at.change.sum()
        served, near = filled.served(chosen[place])
        counts, changes = chosen.sum(axis=1), instance.changes(chosen)
        lacking = Multipliers(
            np.where(problem.demand > 0, 1.0 - served / self._unit, 0.0),
            np.where(self._asked, 1.0 - np.where(chosen, instance.share, 0.0).sum(axis=1), 0.0),
            np.where(
                at.count > 0,
                fewest - counts,
                np.where(
                    at.count < 0,
                    most_open - counts,
                    np.maximum(fewest - counts, 0.0) + np.minimum(most_open - counts, 0.0),
                ),
            ),
            np.where(self._counted & (problem.most_changes is not None), changes - most, 0.0),
            np.where(self._asked & (problem.level > 0), problem.level - near / self._whole, 0.0),
        )
        return Value(float(base + best.sum()) - self._rounding(at), chosen, filled, prices, best, lacking)

    def _rounding(self, at: Multipliers) -> float:
        """More than rounding can add to a value: a sum of n terms is off by less than n roundings of their sizes."""
        shared = (at.size, np.abs(at.count), at.change, at.service)
        sizes = float(np.abs(at.pays).sum()) + sum(float(part.sum()) for part in shared)
        return self._terms * UNIT_ROUNDING * (3 * (self.instance.problem.sites + 1) * sizes + self._stated)

    def margins(self, value: Value) -> tuple[Floats, Floats]:
        """The bound (T, I) if a site is open in a year, and if it is closed."""
        if_open, if_closed = self._schedules.margins(value.prices)
        return value.bound + (if_open - value.best), value.bound + (if_closed - value.best)
