"""The cheapest schedule of each site over the years, once each year has its price: an exact dynamic program.

The state after a year is 0, closed, or for how many years the site has been open, up to the longest lease. All sites
are gone through at once. A site that never changes has two schedules, which are compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.years.problem import YearsProblem


@dataclass(frozen=True, slots=True)
class Prices:
    """What each site costs in each year, of shape (T, I): while open, while closed, for opening and for closing.

    inf where that state is ruled out.
    """

    opened: Floats
    closed: Floats
    opening: Floats
    closing: Floats


class Schedules:
    """The rules of a problem that schedules obey. `ages` is the longest lease of a site that may change."""

    def __init__(self, problem: YearsProblem) -> None:
        self._may, self._existing, self._whole = problem.may, problem.existing, problem.whole
        self._years, self._sites = problem.years, problem.sites
        self._ages = int(problem.lease[~problem.whole].max(initial=1))
        age = np.arange(1, self._ages + 1)[:, None]
        free = (age >= problem.lease)[None, :, :] | ~problem.may[:, None, :]
        self._locked = np.where(free, 0.0, np.inf)  # (T, ages, I): what closing at that age costs beside its price
        self._next = np.minimum(np.arange(self._ages + 1) + 1, self._ages)
        self._start = np.where(self._existing, self._ages, 0)

    def best(self, prices: Prices) -> tuple[Floats, Flags]:
        """The cost (I,) of the cheapest schedule of each site, inf where it has none, and that schedule (T, I)."""
        if self._whole.all():
            _, every, none = self._unchanging(prices)
            return np.minimum(every, none), self._may & (every < none)
        tables = self._backward(prices)
        sites = np.arange(self._sites)
        state = self._start
        chosen = np.zeros((self._years, self._sites), dtype=bool)
        value = tables[0][state, sites]
        for year in range(self._years):
            later = tables[year + 1]
            older = self._next[state]
            stay = prices.opened[year] + later[older, sites]
            shut = prices.closed[year] + later[0]
            was_open = state > 0
            stay = np.where(was_open, stay, stay + prices.opening[year])
            locked = self._locked[year, np.maximum(state, 1) - 1, sites]
            shut = np.where(was_open, shut + prices.closing[year] + locked, shut)
            chosen[year] = stay < shut
            state = np.where(chosen[year], older, 0)
        whole, every, none = self._unchanging(prices)
        value[whole] = np.minimum(every, none)
        chosen[:, whole] = self._may[:, whole] & (every < none)
        return value, chosen

    def allow(self, opened: Flags) -> bool:
        """Whether every site may have its schedule (T, I)."""
        nothing = np.zeros((self._years, self._sites))
        only = Prices(np.where(opened, 0.0, np.inf), np.where(opened, np.inf, 0.0), nothing, nothing)
        return bool(np.isfinite(self.best(only)[0]).all())

    def margins(self, prices: Prices) -> tuple[Floats, Floats]:
        """The cost (T, I) of the cheapest schedule that has a site open in a year, and of that which has it closed."""
        whole, every, none = self._unchanging(prices)
        if whole.all():
            if_open = np.where(self._may, every, np.inf)
            return if_open, np.where(self._may, none, np.minimum(every, none))
        tables = self._backward(prices)
        if_open, if_closed = np.empty((2, self._years, self._sites))
        before = np.full((self._ages + 1, self._sites), np.inf)
        before[self._start, np.arange(self._sites)] = 0.0
        for year in range(self._years):
            now = np.full_like(before, np.inf)
            leaving = (before[1:] + self._locked[year]).min(axis=0) + prices.closing[year]
            now[0] = prices.closed[year] + np.minimum(before[0], leaving)
            now[1] = prices.opened[year] + prices.opening[year] + before[0]
            for age in range(1, self._ages + 1):
                older = self._next[age]
                now[older] = np.minimum(now[older], prices.opened[year] + before[age])
            if_open[year] = (now[1:] + tables[year + 1][1:]).min(axis=0)
            if_closed[year] = now[0] + tables[year + 1][0]
            before = now
        if_open[:, whole] = np.where(self._may[:, whole], every, np.inf)
        if_closed[:, whole] = np.where(self._may[:, whole], none, np.minimum(every, none))
        return if_open, if_closed

    def _backward(self, prices: Prices) -> list[Floats]:
        """For each year, what it and the later ones cost at least from each state before it, (ages + 1, I)."""
        later = np.zeros((self._ages + 1, self._sites))
        tables = [later]
        for year in reversed(range(self._years)):
            now = prices.opened[year] + later[self._next]
            shut = prices.closed[year] + later[0]
            now[0] = np.minimum(now[0] + prices.opening[year], shut)
            now[1:] = np.minimum(now[1:], self._locked[year] + (prices.closing[year] + shut))
            tables.append(now)
            later = now
        return tables[::-1]

    def _unchanging(self, prices: Prices) -> tuple[Flags, Floats, Floats]:
        """Which sites never change, and for those the cost of being open whenever they may be, and of never."""
        whole = self._whole
        may = self._may[:, whole]
        before = np.vstack([self._existing[whole], may[:-1]])
        every = np.where(may, prices.opened[:, whole], prices.closed[:, whole])
        every += np.where(may & ~before, prices.opening[:, whole], 0.0)
        every += np.where(~may & before, prices.closing[:, whole], 0.0)
        none = prices.closed[:, whole].sum(axis=0) + np.where(self._existing[whole], prices.closing[0, whole], 0.0)
        return whole, every.sum(axis=0), none
