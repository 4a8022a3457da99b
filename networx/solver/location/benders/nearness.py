"""Each customer's sites in order of cost, the one form in which the engine reads a problem's costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.problem import LocationProblem


@dataclass(frozen=True, slots=True)
class Nearness:
    """I sites, J customers. `site` and `cost` (J, I) have a customer's sites in a row, the cheapest first.

    A missing lane has the price `missing`, so high that every plan which serves all customers costs less than
    `dearest`, and every other plan more. `sites` (I,) are the indices in the problem, which has `count` sites.
    """

    site: Indices
    cost: Floats
    sites: Indices
    count: int
    dearest: float
    missing: float

    @classmethod
    def of(cls, problem: LocationProblem) -> Nearness:
        costs = np.ascontiguousarray(problem.cost.T)
        missing = ~np.isfinite(costs)
        dearest, price = np.inf, np.inf
        if missing.any():
            dearest, price = _penalty(problem, costs, missing)
            costs[missing] = price
        site = np.argsort(costs, axis=1, kind="stable")
        count = len(problem.fixed)
        return cls(site, np.take_along_axis(costs, site, axis=1), np.arange(count), count, dearest, price)

    def only(self, kept: Flags) -> Nearness:
        """The same without the sites that `kept` (I,) leaves out."""
        customers, count = len(self.cost), int(kept.sum())
        chosen = kept[self.site]
        place = np.cumsum(kept) - 1
        return Nearness(
            place[self.site[chosen]].reshape(customers, count),
            self.cost[chosen].reshape(customers, count),
            self.sites[kept],
            self.count,
            self.dearest,
            self.missing,
        )

    def reach(self, levels: Floats) -> int:
        """So many ranks hold everything that is cheaper than `levels` (J,), whoever's it is."""
        low, high = 0, self.cost.shape[1]
        while low < high:
            middle = (low + high) // 2
            if (self.cost[:, middle] < levels).any():
                low = middle + 1
            else:
                high = middle
        return low


def _penalty(problem: LocationProblem, costs: Floats, missing: Flags) -> tuple[float, float]:
    most = np.where(missing, -np.inf, costs).max(axis=1)
    least = np.where(missing, np.inf, costs).min(axis=1)
    fixed = np.sort(problem.fixed)[::-1][: problem.at_most]
    dearest = float(most.sum() + np.maximum(fixed, 0.0).sum())
    cheapest = float(np.minimum(least, 0.0).sum() + np.minimum(problem.fixed, 0.0).sum())
    span = dearest - cheapest if dearest > cheapest else 1.0
    return dearest + span, 3 * span
