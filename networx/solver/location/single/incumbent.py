"""The best plan so far, and the cost at which a part of the search is not worth looking at any more."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Flags, Indices
from networx.domain.single_source_proof import TOLERANCE
from networx.solver.location.lagrangian.incumbent import NO_BETTER, SHARE_OF_GAP, SMALLEST_COST
from networx.solver.location.problem import LocationPlan
from networx.solver.location.single.instance import Instance


class Incumbent:
    """Keeps the cheapest plan offered, `start` to begin with. `improved` gets each better one once.

    No plan costs less than `least`, whatever is open: 0 where no number is negative.
    """

    def __init__(
        self, instance: Instance, gap: float, improved: Callable[[LocationPlan], None], start: LocationPlan | None
    ) -> None:
        self._instance, self._gap, self._improved = instance, gap * SHARE_OF_GAP, improved
        self._dearest = _above_all(instance)
        self.least = _least_of_all(instance)
        self.plan = start

    @property
    def cost(self) -> float:
        return math.inf if self.plan is None else self.plan.cost

    @property
    def cutoff(self) -> float:
        """What a plan must cost less than to be worth finding; above every plan while there is none."""
        if self.plan is None:
            return self._dearest
        if self.cost <= self.least:
            return -math.inf
        instance = self._instance
        close = self.cost - self._gap * max(abs(self.cost), SMALLEST_COST)
        if not instance.lattice or 8 * instance.off_lattice > self._gap * max(abs(self.cost), SMALLEST_COST):
            return close
        return min(close, self.cost - instance.lattice + 4 * instance.off_lattice)

    def lifted(self, bound: float) -> float:
        """The least that a plan can cost that costs no less than `bound`: the next multiple of what costs come in."""
        instance = self._instance
        if not instance.lattice or not math.isfinite(bound):
            return bound
        steps = math.ceil((bound - instance.off_lattice) / instance.lattice)
        return max(bound, steps * instance.lattice - 2 * instance.off_lattice)

    def offer(self, opened: Flags, site: Indices) -> bool:
        """Take the plan if it is better and fits. `site` (J,) serves each customer."""
        instance = self._instance
        customers = np.arange(instance.customers)
        cost = float(instance.fixed[opened].sum() + instance.cost[site, customers].sum())
        if not cost < self.cost - NO_BETTER * abs(self.cost if self.plan is not None else 0.0):
            return False
        used = np.bincount(site, instance.demand, instance.sites)
        if (used > instance.size * (1 + TOLERANCE)).any():
            return False
        self.plan = LocationPlan(opened.copy(), site.copy(), customers, np.ones(instance.customers), cost)
        self._improved(self.plan)
        return True


def _least_of_all(instance: Instance) -> float:
    cheapest = np.minimum(instance.cost.min(axis=0), 0.0)
    return math.fsum(np.minimum(instance.fixed, 0.0)) + math.fsum(cheapest) * (1 + 1e-12)


def _above_all(instance: Instance) -> float:
    """More than any plan costs."""
    dearest = np.where(np.isfinite(instance.cost), instance.cost, -np.inf).max(axis=0)
    total = float(dearest[np.isfinite(dearest)].sum() + np.maximum(instance.fixed, 0.0).sum())
    return total + 1e-6 * abs(total) + 1.0
