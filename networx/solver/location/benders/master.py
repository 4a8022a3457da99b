"""The Benders master: which sites are open, and what each group of customers pays, held up by cuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.solver.growing import GrowingProgram
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.cuts import Groups, rows
from networx.solver.location.benders.part import Part

SLACK = 1e-6  # of the units that costs are in; a cut with more than this holds nothing up
VIOLATED = 1e-9  # relative; less is rounding


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An optimum of the master: `opening` (I,), what groups pay, and the `multipliers` (J,) its duals stand for."""

    opening: Floats
    price: Floats
    multipliers: Floats


class Master:
    """The linear program over one part, and the cuts that are in it."""

    def __init__(self, part: Part, stop: Callable[[], bool]) -> None:
        self._nearness = nearness = part.nearness
        self._sites = len(part.fixed)
        self.groups = groups = Groups.around_sites(nearness)
        cost = np.concatenate([part.fixed, np.ones(groups.count)])
        lower = np.concatenate([np.zeros(self._sites), groups.total(nearness.cost[:, 0])])
        upper = np.concatenate([np.ones(self._sites), np.full(groups.count, np.inf)])
        self._program = GrowingProgram(cost, lower, upper, stop)
        least, most = np.array([float(part.box.at_least)]), np.array([float(part.box.at_most)])
        self._program.add_rows(least, most, np.zeros(1, int), np.arange(self._sites), np.ones(self._sites))
        self.hold(part.box)
        # One a cut: its group, its right side, and whose levels (J,) it was made at.
        self._group: Indices = np.zeros(0, dtype=np.intp)
        self._level: Floats = np.zeros(0)
        self._origin: Indices = np.zeros(0, dtype=np.intp)
        self._levels: list[Floats] = []
        self._slack: Floats = np.zeros(0)

    @property
    def cuts(self) -> int:
        return len(self._group)

    def hold(self, box: Box) -> None:
        """Sites that are held open or closed from now on, instead of those before."""
        self._program.set_bounds(box.opened.astype(np.float64), (~box.closed).astype(np.float64))

    def count(self, at_least: int, at_most: int) -> None:
        """How many sites are open from now on."""
        self._program.set_row_bounds(0, at_least, at_most)

    def solve(self) -> Relaxed | None:
        """The optimum, or None when told to stop."""
        vertex = self._program.run()
        if vertex is None:
            return None
        self._slack = vertex.activity[1:] - self._level
        opening, price = vertex.values[: self._sites], vertex.values[self._sites :]
        return Relaxed(np.clip(opening, 0.0, 1.0), price, self._multipliers(np.maximum(vertex.duals[1:], 0.0)))

    def add(self, levels: Floats, relaxed: Relaxed | None = None) -> int:
        """Put in the cuts at these levels (J,), with `relaxed` only those it violates; returns how many."""
        cuts = rows(self._nearness, self.groups, levels)
        new = np.arange(self.groups.count)
        if relaxed is not None:
            asked = cuts.level - cuts.saving @ relaxed.opening
            new = np.flatnonzero(asked > relaxed.price + VIOLATED * (1.0 + np.abs(relaxed.price)))
        if len(new):
            self._put(new, cuts.saving[new], cuts.level[new])
            self._group = np.concatenate([self._group, new])
            self._level = np.concatenate([self._level, cuts.level[new]])
            self._origin = np.concatenate([self._origin, np.full(len(new), len(self._levels))])
            self._levels.append(levels)
        return len(new)

    def tidy(self) -> None:
        """Take out the cuts that held nothing up in the last solve."""
        kept = np.ones(self.cuts, dtype=bool)
        kept[: len(self._slack)] = self._slack <= SLACK
        if kept.all():
            return
        self._program.delete_rows(np.flatnonzero(~kept) + 1)
        self._group, self._level = self._group[kept], self._level[kept]
        origins, self._origin = np.unique(self._origin[kept], return_inverse=True)
        self._levels = [self._levels[origin] for origin in origins]
        self._slack = np.zeros(0)

    def _multipliers(self, weight: Floats) -> Floats:
        """What the duals of the cuts stand for (J,): each customer pays its levels by the weight of its group's cuts.

        What they leave of a group's weight rests on the lower bound of its price, the cut at everyone's cheapest cost.
        """
        holding = np.flatnonzero(weight)
        left = 1.0 - np.bincount(self._group[holding], weight[holding], self.groups.count)
        multipliers: Floats = left[self.groups.of] * self._nearness.cost[:, 0]
        origins, at = np.unique(self._origin[holding], return_inverse=True)
        shares = np.zeros((len(origins), self.groups.count))
        shares[at, self._group[holding]] = weight[holding]  # a group has one cut of an origin
        for origin, share in zip(origins, shares, strict=True):
            multipliers += share[self.groups.of] * self._levels[origin]
        return multipliers

    def _put(self, groups: Indices, saving: Floats, level: Floats) -> None:
        """Each row: what is saved at open sites, then the price of its group."""
        row, site = np.nonzero(saving)
        lengths = np.bincount(row, minlength=len(groups)) + 1
        ends = lengths.cumsum()
        columns, values = np.empty(ends[-1], dtype=np.intp), np.ones(ends[-1])
        of_sites = np.ones(ends[-1], dtype=bool)
        of_sites[ends - 1] = False
        columns[of_sites], columns[ends - 1] = site, self._sites + groups
        values[of_sites] = saving[row, site]
        self._program.add_rows(level, np.full(len(level), np.inf), ends - lengths, columns, values)
