"""Raising the bound of a part by years apart: rents are moved until what years take and what schedules offer agree."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.solver.location.lagrangian.control import Halt
from networx.solver.location.years.apart import Apart, Schedulings
from networx.solver.location.years.exchange import Agreed, Exchange
from networx.solver.location.years.incumbent import Incumbent
from networx.solver.location.years.instance import Instance
from networx.solver.location.years.node import Node
from networx.solver.location.years.one_year import OneYear, YearBound
from networx.solver.location.years.plans import Planner
from networx.solver.location.years.relaxation import Relaxation

FIRST_GAP = 1e-4  # relative, of a year's bound; and how much sharper the next are
SHARPER = 0.1
SHARE_OF_GAP = 0.2  # of the gap that is asked for: the sharpest
REACH = 0.05  # of a mean fixed cost: how far rents may move at first
FARTHER, NEARER = 1.6, 0.5
MET = 1e-6  # sites; years and schedules that differ by less agree
HOPEFUL = 0.3  # of what is lacking; what rents can still win less than this is left to the tree


class Coordination:
    """Of one instance. `look` is called on the way and may raise to end it."""

    def __init__(
        self,
        instance: Instance,
        relaxation: Relaxation,
        schedulings: Schedulings,
        exchange: Exchange,
        incumbent: Incumbent,
        planner: Planner,
        gap: float,
        look: Callable[[], None],
    ) -> None:
        self._relaxation = relaxation
        self._instance, self._schedulings, self._exchange = instance, schedulings, exchange
        self._incumbent, self._planner, self._look = incumbent, planner, look
        self._years = OneYear(instance, self._stopping, exchange.offer)
        self._gap, self._sharpest = FIRST_GAP, max(gap * SHARE_OF_GAP, 1e-9)
        self._halt: Halt | None = None
        scale = float(np.abs(instance.problem.fixed).mean())
        self._reach = REACH * scale if scale > 0 else 1.0

    def raise_bound(self, node: Node, rounds: int) -> bool:
        """Improve the node in place until it can be closed, rounds are spent or rents cannot do more.

        False where it could not begin.
        """
        if node.apart is not None:
            rents, change = node.apart.rents, node.apart.change
            self._take(node, node.apart)
        else:
            fewest = self._instance.fewest(node.part)
            if fewest is None:
                return False
            rents, change = self._first_rents(node, fewest), node.at.change
        best, centre, reach = -np.inf, rents, self._reach
        for turn in range(rounds):
            if node.bound >= self._incumbent.cutoff:
                return True
            apart = self._bounded(node, rents, change)
            if apart is None:
                return turn > 0
            value = self._take(node, apart)
            better = value > best
            if better:
                best, centre = value, rents
            else:
                reach *= NEARER
            agreed = self._exchange.agreed(node.part, centre, reach)
            if agreed is None:
                return True
            self._put_together(node, agreed)
            if agreed.apart > MET and better:
                reach *= FARTHER
            if agreed.apart <= MET and not self._worth_it(agreed, best):
                return True
            rents, change = agreed.rents, agreed.change
        return True

    def _first_rents(self, node: Node, fewest: Indices) -> Floats:
        """What a year pays for each site at the multipliers of a node: years apart show no less there.

        What a schedule with a state lacks to the best one is divided among the years, so that years have less choice.
        """
        problem, relaxation = self._instance.problem, self._relaxation
        knapsacks = relaxation.knapsacks(node.part.closed, node.at, node.rents)
        value = relaxation.value(knapsacks, node.part, fewest, node.at)
        paid = problem.fixed - np.where(node.part.closed, problem.fixed, value.prices.opened)
        lacks = [
            np.where(np.isfinite(one), np.maximum(one - value.bound, 0.0), 0.0) for one in relaxation.margins(value)
        ]
        first: Floats = paid + (lacks[0] - lacks[1]) / problem.years
        return first

    def _take(self, node: Node, apart: Apart) -> float:
        """The bound that these show for the node, which is raised to it and decides what the bound settles."""
        value = self._schedulings.value(node.part, apart)
        if value.bound >= node.bound:
            node.apart = apart
            node.raise_to(value.bound, apart)
            if np.isfinite(value.bound) and value.bound < self._incumbent.cutoff:
                node.settle(apart, *self._schedulings.margins(value), self._incumbent.cutoff)
        return value.bound

    def _bounded(self, node: Node, rents: Floats, change: Floats) -> Apart | None:
        """Each year at these rents; those that are known need not be proven again."""
        known = () if node.apart is None else node.apart.years
        years: list[YearBound] = []
        for year in range(self._instance.problem.years):
            own = known[year] if known else None
            if own is None or not own.answers(node.part, rents[year], self._gap):
                own = self._one(node, year, rents[year])
            if own is None:
                return None
            years.append(own)
        return Apart(tuple(years), change)

    def _one(self, node: Node, year: int, rents: Floats) -> YearBound | None:
        self._look()
        service = float(node.at.service[year])
        found = self._years.bounded(node.part, node.steps, year, rents, service, self._gap)
        if self._halt is not None:
            raise self._halt
        return found

    def _stopping(self) -> bool:
        """Whether a year is to end where it is; what said so is raised once it has."""
        try:
            self._look()
        except Halt as halt:
            self._halt = halt
        return self._halt is not None

    def _put_together(self, node: Node, agreed: Agreed) -> None:
        """Offer the best plan of the sets that are known."""
        node.average = agreed.average
        if agreed.cost >= self._incumbent.cutoff and agreed.apart <= MET:
            return
        opened = self._exchange.plan(node.part)
        if opened is not None:
            self._planner.offer(opened, node)

    def _worth_it(self, agreed: Agreed, best: float) -> bool:
        """Whether years and schedules that agree can come to a better bound, or sharper ones of years can."""
        may_win, lacking = agreed.cost - best, self._incumbent.cutoff - best
        blunt = self._gap * abs(best)
        if agreed.cost < self._incumbent.cutoff and may_win < HOPEFUL * lacking:
            return False
        if may_win > 2 * blunt:
            return True
        sharper = self._gap > self._sharpest
        self._gap = max(self._gap * SHARPER, self._sharpest)
        return sharper
