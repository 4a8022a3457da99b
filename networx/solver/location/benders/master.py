"""The Benders master: which sites are open, and a price a customer, held up by cuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats
from networx.solver.growing import GrowingProgram
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.cuts import Cuts
from networx.solver.location.benders.part import Part

SLACK = 1e-6  # of the units that costs are in; a cut with more than this holds nothing up


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An optimum of the master: `opening` (I,), `price` (J,), and the `multipliers` (J,) that its duals stand for."""

    opening: Floats
    price: Floats
    multipliers: Floats


class Master:
    """The linear program over one part, and the cuts that are in it."""

    def __init__(self, part: Part, stop: Callable[[], bool]) -> None:
        self._nearness = nearness = part.nearness
        self._sites, self._customers = len(part.fixed), len(nearness.cost)
        cost = np.concatenate([part.fixed, np.ones(self._customers)])
        lower = np.concatenate([np.zeros(self._sites), nearness.cost[:, 0]])
        upper = np.concatenate([np.ones(self._sites), np.full(self._customers, np.inf)])
        self._program = GrowingProgram(cost, lower, upper, stop)
        box = part.box
        every = np.arange(self._sites)
        self._program.add_rows(
            np.array([float(box.at_least)]),
            np.array([float(box.at_most)]),
            np.zeros(1, int),
            every,
            np.ones(self._sites),
        )
        self.hold(box)
        self._in = Cuts(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))
        self._known = np.zeros(nearness.cost.shape, dtype=bool)
        self._slack = np.zeros(0)

    @property
    def cuts(self) -> int:
        return len(self._in.customer)

    def hold(self, box: Box) -> None:
        """Sites that are held open or closed from now on, instead of those before."""
        self._program.set_bounds(box.opened.astype(np.float64), (~box.closed).astype(np.float64))

    def solve(self, *, from_inside: bool = False) -> Relaxed | None:
        """The optimum, or None when told to stop."""
        vertex = self._program.run(from_inside=from_inside)
        if vertex is None:
            return None
        customer, levels = self._in.customer, self._in.levels(self._nearness)
        self._slack = vertex.activity[1:] - levels
        weight = np.maximum(vertex.duals[1:], 0.0)
        total = np.bincount(customer, weight, minlength=self._customers)
        level = np.bincount(customer, weight * levels, minlength=self._customers)
        # What the cuts leave of a price's weight rests on its lower bound, the cut at the nearest site's cost.
        multipliers = level + (1.0 - total) * self._nearness.cost[:, 0]
        opening, price = vertex.values[: self._sites], vertex.values[self._sites :]
        return Relaxed(np.clip(opening, 0.0, 1.0), price, multipliers)

    def add(self, cuts: Cuts) -> int:
        """Put in those that are new and say more than the prices' lower bounds; returns how many."""
        levels = cuts.levels(self._nearness)
        # One rank a level, the lowest, so that no cut comes twice by another name.
        ranks = (self._nearness.cost[cuts.customer] < levels[:, None]).sum(axis=1)
        _, first = np.unique(cuts.customer * self._sites + ranks, return_index=True)
        fresh = first[(ranks[first] > 0) & ~self._known[cuts.customer[first], ranks[first]]]
        if not len(fresh):
            return 0
        new = Cuts(cuts.customer[fresh], ranks[fresh])
        self._known[new.customer, new.rank] = True
        self._put(new)
        self._in = Cuts(np.concatenate([self._in.customer, new.customer]), np.concatenate([self._in.rank, new.rank]))
        return len(fresh)

    def tidy(self) -> None:
        """Take out the cuts that held nothing up in the last solve."""
        idle = np.flatnonzero(self._slack > SLACK)
        if not len(idle):
            return
        self._program.delete_rows(idle + 1)
        self._known[self._in.customer[idle], self._in.rank[idle]] = False
        kept = np.ones(self.cuts, dtype=bool)
        kept[idle] = False
        self._in = Cuts(self._in.customer[kept], self._in.rank[kept])
        self._slack = np.zeros(0)

    def _put(self, new: Cuts) -> None:
        width = int(new.rank.max())
        levels = new.levels(self._nearness)
        cheaper = np.arange(width)[None, :] < new.rank[:, None]
        sites = self._nearness.site[new.customer, :width][cheaper]
        savings = (levels[:, None] - self._nearness.cost[new.customer, :width])[cheaper]
        lengths = new.rank + 1
        ends = lengths.cumsum()
        columns, values = np.empty(ends[-1], dtype=np.intp), np.ones(ends[-1])
        of_sites = np.ones(ends[-1], dtype=bool)
        of_sites[ends - 1] = False
        columns[of_sites], columns[ends - 1] = sites, self._sites + new.customer
        values[of_sites] = savings
        self._program.add_rows(levels, np.full(len(levels), np.inf), ends - lengths, columns, values)
