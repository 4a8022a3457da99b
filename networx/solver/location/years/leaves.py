"""Parts of the search in which everything is decided: their best flows, and multipliers that prove what they cost."""

from __future__ import annotations

import math

import numpy as np

from networx.solver.location.years.flows import Shipped, Shipping
from networx.solver.location.years.incumbent import Incumbent
from networx.solver.location.years.instance import Instance
from networx.solver.location.years.node import Node
from networx.solver.location.years.plans import Planner
from networx.solver.location.years.relaxation import Multipliers, Relaxation


class Leaves:
    """Closes such parts of one instance."""

    def __init__(
        self,
        instance: Instance,
        incumbent: Incumbent,
        planner: Planner,
        shipping: Shipping,
        relaxation: Relaxation,
    ) -> None:
        self._instance, self._incumbent, self._planner = instance, incumbent, planner
        self._shipping, self._relaxation = shipping, relaxation
        problem = instance.problem
        dearest = np.where(np.isfinite(problem.price), problem.price, 0.0).max(axis=1)
        every = float((dearest * problem.demand).sum() + np.abs(problem.fixed).sum())
        # No plan costs more; what has none is proven to cost that much.
        self._beyond = 1.01 * (every + problem.years * float((problem.opening + problem.closing).sum())) + 1.0

    def solve(self, node: Node) -> None:
        """Offer its plan, if it has one, and set its bound, with the multipliers that prove it."""
        instance, problem = self._instance, self._instance.problem
        opened = node.part.opened
        over = 0 if problem.most_changes is None else instance.changes(opened) - problem.most_changes
        excess = np.maximum(over, 0) * np.ones(problem.years)
        cutoff = min(self._incumbent.cutoff, self._beyond)
        settled = instance.settled_cost(opened)
        shipped = [
            self._shipping.ship(year, opened[year], node.rents[year], cutoff - settled) for year in range(problem.years)
        ]
        if not excess.any() and all(one.bound < math.inf for one in shipped):
            self._planner.ship(opened, node.rents)
        fewest = instance.fewest(node.part)
        if fewest is None:
            node.bound = np.inf
            return
        at = self._multipliers(shipped, excess, cutoff)
        knapsacks = self._relaxation.knapsacks(node.part.closed, at, node.rents)
        bound = self._relaxation.value(knapsacks, node.part, fewest, at).bound
        if bound > node.bound:
            node.bound, node.at, node.shown = bound, at, at

    def _multipliers(self, shipped: list[Shipped], excess: np.ndarray, cutoff: float) -> Multipliers:
        """What proves the flows of each year. What cannot be in a year is made as dear as it takes."""
        problem = self._instance.problem
        years = problem.years
        pays = np.array([one.pays for one in shipped])
        service = np.array([one.service for one in shipped])
        change = np.where(excess > 0, 2.0 * abs(cutoff) + 1.0, 0.0)
        for year, one in enumerate(shipped):
            if one.endless:
                factor = self._factor(year, one, cutoff)
                pays[year] *= factor
                service[year] *= factor
        return Multipliers(pays, np.zeros(years), np.zeros(years), change, service)

    def _factor(self, year: int, one: Shipped, cutoff: float) -> float:
        """How often the prices that show what is missing have to be paid so that it costs the cutoff."""
        missing = float(one.pays.sum()) + float(self._instance.problem.level[year]) * one.service
        rents, size, least = one.rents, self._instance.size[year], self._instance.problem.least
        missing -= float(np.maximum(rents, 0.0) @ size - np.maximum(-rents, 0.0) @ least)
        return (2.0 * abs(cutoff) + 1.0) / max(missing, 1e-300)
