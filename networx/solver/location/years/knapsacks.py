"""The subproblems of sites and years: what an open site saves at most, given what each customer pays for being served.

A site takes the units worth most, up to its size and at least what it has to ship: a continuous knapsack, solved for
all rows (a year and a site each) at once, on the lanes whose price lies below what their customer pays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.years.instance import Instance

HEADROOM = 0.15  # lanes are held up to what customers pay and this share of the mean more


class Filled(Protocol):
    """Rows that are solved: what each adds to the cost, mostly below 0, and what a unit of its size is worth, (R,)."""

    @property
    def saved(self) -> Floats: ...

    @property
    def rent(self) -> Floats: ...

    def served(self, open_rows: Flags) -> tuple[Floats, Floats]:
        """The units of each customer (T, J) that rows which are open serve, and those of each year that go near."""
        ...


class Knapsacks(Protocol):
    """The rows `year` and `site` (R,) of an instance. What customers pay is given by the unit, (T, J)."""

    @property
    def year(self) -> Indices: ...

    @property
    def site(self) -> Indices: ...

    def keep(self, left: Flags) -> None:
        """Forget the rows that are not `left` (R,)."""
        ...

    def fill(self, unit: Floats, reward: Floats) -> Filled:
        """Solve all of them at what customers pay a unit (T, J), near ones `reward` (T,) more."""
        ...


@dataclass(frozen=True, slots=True)
class _Filled:
    """`customer` and `units` (R, P) say what each takes, a customer counted as year x customers + customer."""

    saved: Floats
    rent: Floats
    customer: Indices
    units: Floats
    of: PlainKnapsacks

    def served(self, open_rows: Flags) -> tuple[Floats, Floats]:
        return self.of.served(self, open_rows)


class PlainKnapsacks:
    """Them in numpy, in rows padded to one length."""

    def __init__(self, instance: Instance, year: Indices, site: Indices, unit: Floats, reward: Floats) -> None:
        self._instance, self.year, self.site = instance, year, site
        self._size, self._least = instance.size[year, site], instance.problem.least[site]
        self._limit = np.full(unit.shape, -np.inf)
        self._near: Floats | None = None
        self._hold(unit, reward)

    def _hold(self, unit: Floats, reward: Floats) -> None:
        """Fetch the lanes cheaper than a limit a little above what is paid, a `reward` (T,) for near ones counted."""
        problem = self._instance.problem
        worth = unit + reward[:, None]
        self._limit = np.maximum(self._limit, worth + HEADROOM * np.maximum(np.abs(worth), np.abs(worth).mean()))
        held = problem.price[self.year, self.site] < np.where(problem.demand > 0, self._limit, -np.inf)[self.year]
        row, customer = np.nonzero(held)
        counts = np.bincount(row, minlength=len(self.year))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
        place = row, np.arange(len(row)) - starts[row]
        shape = len(self.year), int(counts.max(initial=0))
        year, site = self.year[row], self.site[row]
        self._price, self._demand = np.full(shape, np.inf), np.zeros(shape)
        self._customer = np.zeros(shape, dtype=np.intp)
        self._price[place] = problem.price[year, site, customer]
        self._demand[place] = problem.demand[year, customer]
        self._customer[place] = year * problem.customers + customer
        if problem.level.any():
            self._near = np.zeros(shape)
            self._near[place] = problem.near[year, site, customer]

    def keep(self, left: Flags) -> None:
        """Forget the rows that are not `left` (R,)."""
        self.year, self.site = self.year[left], self.site[left]
        self._size, self._least = self._size[left], self._least[left]
        self._price, self._demand, self._customer = self._price[left], self._demand[left], self._customer[left]
        if self._near is not None:
            self._near = self._near[left]

    def fill(self, unit: Floats, reward: Floats) -> Filled:
        """Solve all of them at what customers pay a unit (T, J), near ones `reward` (T,) more."""
        if (unit + reward[:, None] > self._limit).any():
            self._hold(unit, reward)
        worth = self._price - unit.ravel()[self._customer]
        if self._near is not None:
            worth -= self._near * reward[self.year, None]
        np.minimum(worth, 0.0, out=worth)
        units = np.where(worth < 0, self._demand, 0.0)
        saved = np.einsum("ij,ij->i", worth, units)
        rent, taken = np.zeros(len(saved)), units.sum(axis=1)
        customer = self._customer
        full = np.flatnonzero(taken > self._size)
        if len(full):
            customer = customer.copy()
            order = np.argsort(worth[full], axis=1)
            flat = order + (full * worth.shape[1])[:, None]
            best, asked = worth.ravel()[flat], units.ravel()[flat]
            before = np.cumsum(asked, axis=1) - asked
            size = self._size[full][:, None]
            some = np.clip(size - before, 0.0, asked)
            saved[full] = np.einsum("ij,ij->i", best, some)
            last = np.argmax(before + asked >= size, axis=1)
            rent[full] = -best[np.arange(len(full)), last]
            customer[full], units[full] = customer.ravel()[flat], some
        short = np.flatnonzero(taken < self._least)
        if len(short):
            return self._with_more(_Filled(saved, rent, customer, units, self), short, unit, reward)
        return _Filled(saved, rent, customer, units, self)

    def _with_more(self, filled: _Filled, short: Indices, unit: Floats, reward: Floats) -> _Filled:
        """The rows that have to ship more than is worth it take the least bad of all their lanes."""
        problem = self._instance.problem
        year, site = self.year[short], self.site[short]
        worth = problem.price[year, site] - unit[year] - problem.near[year, site] * reward[year, None]
        demand = np.where(np.isfinite(worth), problem.demand[year], 0.0)
        worth = np.where(demand > 0, worth, np.inf)
        order = np.argsort(worth, axis=1)
        asked = np.take_along_axis(demand, order, axis=1)
        best = np.where(asked > 0, np.take_along_axis(worth, order, axis=1), 0.0)
        before = np.cumsum(asked, axis=1) - asked
        some = np.clip(self._least[short][:, None] - before, 0.0, asked)
        width = max(filled.units.shape[1], problem.customers)
        customer = np.zeros((len(self.year), width), dtype=np.intp)
        units = np.zeros(customer.shape)
        customer[:, : filled.units.shape[1]], units[:, : filled.units.shape[1]] = filled.customer, filled.units
        customer[short], units[short] = 0, 0.0
        customer[short, : problem.customers] = year[:, None] * problem.customers + order
        units[short, : problem.customers] = some
        filled.saved[short] = np.einsum("ij,ij->i", best, some)
        last = np.argmax(before + asked >= self._least[short][:, None] * (1 - 1e-12), axis=1)
        filled.rent[short] = np.minimum(-best[np.arange(len(short)), last], 0.0)
        return _Filled(filled.saved, filled.rent, customer, units, self)

    def served(self, filled: _Filled, open_rows: Flags) -> tuple[Floats, Floats]:
        """The units of each customer (T, J) that rows which are open serve, and those of each year that go near."""
        problem = self._instance.problem
        used = np.flatnonzero(open_rows)
        customer, units = filled.customer[used].ravel(), filled.units[used].ravel()
        served: Floats = np.bincount(customer, units, problem.demand.size).astype(float)
        served = served.reshape(problem.demand.shape)
        if not problem.level.any():
            return served, np.zeros(problem.years)
        shape = filled.units[used].shape
        site = np.broadcast_to(self.site[used][:, None], shape).ravel()
        year = np.broadcast_to(self.year[used][:, None], shape).ravel()
        near = units * problem.near[year, site, customer % problem.customers]
        by_year: Floats = np.bincount(year, near, problem.years).astype(float)
        return served, by_year
