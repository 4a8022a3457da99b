"""Finding plans: from how open sites were on the way, any plan at all, and better ones near a good one."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.lagrangian.ascent import Node
from networx.solver.location.lagrangian.flows import Shipped, Shipping
from networx.solver.location.lagrangian.incumbent import Incumbent
from networx.solver.location.lagrangian.instance import ROUNDING
from networx.solver.location.lagrangian.neighbours import improve, least_missed, neighbours

PROGRAMS_NEAR_A_PLAN = 60  # flows solved at most while the neighbours of plans are looked at, each time
LIKELY = 0.02  # a site that was open less than this on average is no candidate


class Planner:
    """Offers plans to the incumbent."""

    def __init__(self, shipping: Shipping, incumbent: Incumbent) -> None:
        self._shipping, self._instance, self._incumbent = shipping, shipping.instance, incumbent
        self._improved_from = math.inf

    def ship(self, opened: Flags, rents: Floats) -> Shipped:
        """The best flows of these sites, offered, unless they cannot be worth it."""
        shipped = self._shipping.ship(opened, rents, self._incumbent.to_beat)
        if shipped.flows is not None:
            self._incumbent.offer(shipped.flows)
        return shipped

    def round(self, node: Node) -> None:
        """Open the sites that were most open on the way, as many as the demand needs and half-open ones ask for."""
        instance = self._instance
        order = np.argsort(-(node.average + 2.0 * node.opened - 2.0 * node.closed), kind="stable")
        held = np.cumsum(instance.size[order])
        enough = int(np.searchsorted(held, instance.total * (1 - ROUNDING))) + 1
        count = max(enough, instance.at_least, int(node.opened.sum()), int((node.average > 0.5).sum()))
        if count > instance.at_most:
            order = np.argsort(-(instance.size * (1 + node.average)), kind="stable")
            order = np.concatenate([order[node.opened[order]], order[~node.opened[order]]])
            count = instance.at_most
        self.ship(_only(order[:count], instance.sites), node.rents)

    def improve(self, node: Node) -> None:
        """Look at the neighbours of the best plan, if it is new."""
        if self._incumbent.cost < self._improved_from:
            order = np.argsort(-node.average, kind="stable")
            candidates = order[node.average[order] > LIKELY]
            improve(self._shipping, self._incumbent, candidates, node.rents, PROGRAMS_NEAR_A_PLAN)
            self._improved_from = self._incumbent.cost

    def near(self, opened: Flags, rents: Floats) -> None:
        """Offer a plan near the sites of a neighbour, whose number may be another: they come and go one by one."""
        instance = self._instance
        sites = opened | instance.must
        while int(sites.sum()) > max(instance.at_most, int(instance.must.sum())):
            sites[least_missed(instance, sites, rents)] = False
        every = np.arange(instance.sites)
        while int(sites.sum()) < instance.at_least or self._too_small(sites):
            if not sites.any():
                return
            more = int(sites.sum()) < instance.at_most
            found = neighbours(self._shipping, sites, every, rents, holding=not more)
            found = [one for one in found if one.opens >= 0 and (one.closes < 0) == more]
            if not found:
                return
            sites = found[0].applied(sites)
        self.ship(sites, rents)

    def _too_small(self, sites: Flags) -> bool:
        return bool(self._instance.size[sites].sum() < self._instance.total * (1 - ROUNDING))

    def largest(self) -> bool:
        """Try the largest sites; False if they show that no plan exists."""
        instance = self._instance
        order = np.lexsort((-instance.size, ~instance.must))
        count = min(instance.at_most, instance.sites)
        shipped = self._shipping.ship(_only(order[:count], instance.sites), np.zeros(instance.sites), math.inf)
        if shipped.flows is not None:
            self._incumbent.offer(shipped.flows)
        return shipped.flows is not None or count < instance.sites


def _only(sites: np.ndarray, count: int) -> Flags:
    chosen = np.zeros(count, dtype=bool)
    chosen[sites] = True
    return chosen
