"""Finding plans: flows for a schedule of all sites, schedules near the average on the way, better ones near a plan."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.years.flows import Shipped, Shipping
from networx.solver.location.years.incumbent import Incumbent
from networx.solver.location.years.instance import Instance
from networx.solver.location.years.neighbours import Duals, Neighbours
from networx.solver.location.years.node import Node
from networx.solver.location.years.problem import YearsPlan
from networx.solver.location.years.rounding import Rounding
from networx.solver.location.years.schedules import Schedules

HALF = 0.5
PROGRAMS_NEAR_A_PLAN = 200  # flows solved at most while the neighbours of plans are looked at, each time
TRIED_EACH_ROUND = 12
ROUNDINGS = 20


class Planner:
    """Offers plans to the incumbent. `missing` are the years that had no flows, until somebody takes them.

    `served` gets the year, the open sites (I,) and the cost of flows that were found.
    """

    def __init__(
        self,
        instance: Instance,
        schedules: Schedules,
        shipping: Shipping,
        incumbent: Incumbent,
        rounding: Rounding,
        neighbours: Neighbours,
        served: Callable[[int, Flags, float], None],
    ) -> None:
        self._instance, self._shipping, self._incumbent = instance, shipping, incumbent
        self._schedules, self._served = schedules, served
        self._rounding, self._neighbours = rounding, neighbours
        self._tried: set[bytes] = set()
        self.missing: list[tuple[int, Shipped]] = []
        self._improved_from = math.inf

    def ship(self, opened: Flags, rents: Floats) -> list[Shipped] | None:
        """The best flows of each year for these schedules (T, I), offered; None where they cannot be worth it."""
        if not self._obeys(opened):
            return None
        problem, cutoff = self._instance.problem, self._incumbent.cost
        least = [self._shipping.least_cost(year, opened[year]) for year in range(problem.years)]
        known = self._instance.settled_cost(opened) + sum(least)
        shipped = []
        for year in np.argsort(-np.array(least), kind="stable"):
            if known >= cutoff:
                return None
            one = self._shipping.ship(int(year), opened[year], rents[year], cutoff - (known - least[year]))
            known += one.bound - least[year]
            if one.flows is None:
                if one.endless:
                    self._rounding.learn(int(year), one)
                    self.missing.append((int(year), one))
                return None
            self._served(int(year), opened[year], one.bound)
            shipped.append((int(year), one))
        in_order = [one for _, one in sorted(shipped, key=lambda entry: entry[0])]
        self._incumbent.offer(self._plan(opened, in_order))
        return in_order

    def _obeys(self, opened: Flags) -> bool:
        """Whether schedules, counts and changes are as they have to be: what was open on the way need not be."""
        problem, counts = self._instance.problem, opened.sum(axis=1)
        most = problem.most_changes
        return bool(
            (counts >= problem.at_least).all()
            and (counts <= problem.at_most).all()
            and (most is None or (self._instance.changes(opened) <= most).all())
            and self._schedules.allow(opened)
        )

    def _plan(self, opened: Flags, shipped: list[Shipped]) -> YearsPlan:
        problem = self._instance.problem
        parts = [one.flows for one in shipped if one.flows is not None]
        year = np.repeat(np.arange(len(parts)), [len(units) for _, _, units in parts])
        site, customer, units = (np.concatenate([part[at] for part in parts]) for at in range(3))
        cost = self._instance.settled_cost(opened) + float(problem.price[year, site, customer] @ units)
        return YearsPlan(opened.copy(), year, site.astype(np.intp), customer.astype(np.intp), units, cost)

    def taken(self) -> list[tuple[int, Shipped]]:
        """What is `missing`, which is then forgotten."""
        missing, self.missing = self.missing, []
        return missing

    def round(self, node: Node, threshold: float = HALF) -> None:
        """The schedules nearest to how open each site was on the way; while there is no plan, until one has flows."""
        for _ in range(ROUNDINGS):
            opened = self._rounding.nearest(threshold - node.average, node.part)
            if opened is None:
                return
            self.offer(opened, node)
            if self._incumbent.plan is not None:
                return

    def offer(self, opened: Flags, node: Node) -> None:
        """Ship a schedule (T, I), if it is new."""
        key = np.packbits(opened).tobytes()
        if key not in self._tried:
            self._tried.add(key)
            self.ship(opened, node.rents)

    def improve(self, node: Node) -> None:
        """Move to better neighbours of the best plan until there is none, if it is new."""
        last = self._shipping.programs + PROGRAMS_NEAR_A_PLAN
        while self._incumbent.cost < self._improved_from and self._shipping.programs < last:
            self._improved_from = self._incumbent.cost
            self._step(node, last)

    def _step(self, node: Node, last: int) -> None:
        plan = self._incumbent.plan
        assert plan is not None
        shipped = [
            self._shipping.ship(year, plan.opened[year], node.rents[year], math.inf) for year in range(len(plan.opened))
        ]
        rents = np.where(plan.opened, np.array([one.rents for one in shipped]), node.rents)
        total = np.where(self._instance.total > 0, self._instance.total, 1.0)
        duals = Duals(rents, np.array([one.service for one in shipped]) / total)
        tried = 0
        for neighbour in self._neighbours.of(plan.opened, duals):
            if neighbour.estimate >= self._incumbent.cost or self._shipping.programs >= last:
                return
            key = np.packbits(neighbour.opened).tobytes()
            if key in self._tried:
                continue
            self._tried.add(key)
            before = self._incumbent.cost
            self.ship(neighbour.opened, rents)
            tried += 1
            if self._incumbent.cost < before or tried >= TRIED_EACH_ROUND:
                return
