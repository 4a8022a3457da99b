"""Schedules of all sites that together obey what ties them, as near as can be to how open each was on the way.

A small integer program over the patterns of each site. Of the flows it knows their sums, and what it learns where a
year turned out to have none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.highs import solve
from networx.solver.linear import Assembly
from networx.solver.location.years.flows import Shipped
from networx.solver.location.years.instance import Instance, Part
from networx.solver.location.years.patterns import Patterns
from networx.solver.outcome import Limits

NODES = 200  # no limit of time: a busy machine is to find the same
GOOD_ENOUGH = 1e-3  # relative gap: the rounding is a guess anyway
EACH = 8  # patterns looked at for each site, the nearest first


class Rounding:
    """Finds schedules for one instance. `stop` ends it."""

    def __init__(self, instance: Instance, patterns: Patterns, stop: Callable[[], bool]) -> None:
        self._instance, self._patterns, self._stop = instance, patterns, stop
        self._learnt: list[tuple[int, Floats, float]] = []

    def learn(self, year: int, shipped: Shipped) -> None:
        """What prices show that some sites cannot serve a year: what they ask for exceeds what each site can give."""
        problem = self._instance.problem
        demand = problem.demand[year]
        unit = np.divide(shipped.pays, demand, out=np.zeros_like(demand), where=demand > 0)
        total = float(self._instance.total[year])
        worth = unit + (shipped.service / total if total > 0 else 0.0) * problem.near[year]
        worth = np.where(np.isfinite(problem.price[year]), np.maximum(worth, 0.0), 0.0)
        order = np.argsort(-worth, axis=1, kind="stable")
        asked = np.where(np.take_along_axis(worth, order, axis=1) > 0, demand[order], 0.0)
        before = np.cumsum(asked, axis=1) - asked
        taken = np.clip(self._instance.size[year][:, None] - before, 0.0, asked)
        gives = np.einsum("ij,ij->i", np.take_along_axis(worth, order, axis=1), taken)
        needs = float(shipped.pays.sum()) + float(problem.level[year]) * shipped.service
        if needs > 0:
            self._learnt.append((year, gives / needs, 1.0))

    def nearest(self, distance: Floats, part: Part) -> Flags | None:
        """Open sites (T, I) at the least sum of `distance` (T, I) where open; None where none was found.

        Only within the part.
        """
        patterns = self._patterns
        is_open = patterns.opened[:, :, None]
        allowed = patterns.allowed & (~part.opened | is_open).all(axis=1) & (~part.closed | ~is_open).all(axis=1)
        cost = np.where(allowed, patterns.opened.astype(float) @ distance, np.inf)
        order = np.argsort(cost, axis=0, kind="stable")[:EACH]
        near = np.zeros(cost.shape, dtype=bool)
        np.put_along_axis(near, order, True, axis=0)
        for some in (near, np.ones_like(near)):
            chosen = self._chosen(allowed & some, cost, part)
            if chosen is not None or near.all():
                return chosen
        return None

    def _chosen(self, allowed: Flags, cost: Floats, part: Part) -> Flags | None:
        problem, instance, patterns = self._instance.problem, self._instance, self._patterns
        pattern, site = np.nonzero(allowed)
        fewest = instance.fewest(part)
        if fewest is None or len(np.unique(site)) < problem.sites:
            return None
        assembly = Assembly()
        column = assembly.add_columns("pattern", cost[pattern, site], 0.0, 1.0, integer=True)
        assembly.add_rows("one", 1.0, 1.0, problem.sites, (site, column, 1.0))
        which, year = np.nonzero(patterns.opened[pattern])
        entries = year, column[which]
        at = year, site[which]
        years = problem.years
        assembly.add_rows("count", fewest, part.most, years, (*entries, 1.0))
        asked = np.where(instance.total > 0, 1.0, 0.0)
        assembly.add_rows("cover", asked, np.inf, years, (*entries, instance.share[at]))
        least = problem.least[at[1]] / np.where(instance.total > 0, instance.total, 1.0)[year]
        assembly.add_rows("throughput", -np.inf, asked, years, (*entries, least))
        for number, (of_year, gives, needs) in enumerate(self._learnt):
            share = np.where(year == of_year, gives[at[1]], 0.0)
            assembly.add_rows(f"learnt {number}", needs, np.inf, 1, (np.zeros(len(share)), column[which], share))
        if problem.most_changes is not None:
            which, year = np.nonzero(patterns.changes[pattern, :, site])
            assembly.add_rows("changes", -np.inf, problem.most_changes, years, (year, column[which], 1.0))
        solution = solve(assembly.model(), Limits(np.inf, GOOD_ENOUGH, NODES), stop=self._stop)
        if solution.values is None:
            return None
        taken = np.flatnonzero(solution.values > 0.5)
        opened = np.zeros((years, problem.sites), dtype=bool)
        opened[:, site[taken]] = patterns.opened[pattern[taken]].T
        return opened
