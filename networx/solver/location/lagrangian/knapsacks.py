"""The sites' subproblems: what a site saves at most if it is open, given what each customer pays for being served.

Customer j pays u[j] for all of its demand. A site takes the units that are worth most, up to its size: a continuous
knapsack, solved for all sites at once on the lanes whose price lies below what their customer pays. Only lanes up to a
limit are held; whoever asks beyond it gets them fetched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian.instance import Instance

NEAR, WIDE = 0.08, 0.3  # of what a unit pays in the mean: how far beyond what is used now lanes are held
WIDER = 2.0  # each time that this was not enough


@dataclass(frozen=True, slots=True)
class Filled:
    """`saved` (A,), 0 or below, of each active site; `rent` (A,), what one more unit of size would save.

    `customer` and `units` (A, P) say what each takes; the customers of a full site stand in another order.
    """

    saved: Floats
    rent: Floats
    customer: Indices
    units: Floats


class Reach:
    """How much a customer may pay for a unit, `limit` (J,), and how little a site's rent may be, `floor` (A,).

    Lanes of which price and floor exceed the limit are not used within it. Whoever leaves it gets more room each time.
    """

    def __init__(self, room: float, customers: int, sites: int) -> None:
        self.limit, self._above = np.full(customers, -np.inf), np.full(customers, room)
        self.floor, self._below = np.full(sites, np.inf), np.full(sites, room)

    def covers(self, limit: Floats, floor: Floats) -> bool:
        return bool((limit <= self.limit).all() and (floor >= self.floor).all())

    def widen(self, limit: Floats, floor: Floats) -> None:
        """Take in what is beyond, with room beyond it."""
        paid, rented = limit > self.limit, floor < self.floor
        self.limit[paid] = limit[paid] + self._above[paid]
        self.floor[rented] = np.maximum(floor[rented] - self._below[rented], 0.0)
        self._above[paid] *= WIDER
        self._below[rented] *= WIDER

    def keep(self, left: Flags) -> None:
        self.floor, self._below = self.floor[left], self._below[left]


@dataclass(slots=True)
class _Lanes:
    """Lanes in the order of their sites: `row` is the place of the site among the active ones."""

    row: Indices
    customer: Indices
    price: Floats

    def within(self, reach: Reach) -> _Lanes:
        held = np.flatnonzero(self.price < reach.limit[self.customer] - reach.floor[self.row])
        return _Lanes(self.row[held], self.customer[held], self.price[held])

    def keep(self, left: Flags) -> None:
        held = np.flatnonzero(left[self.row])
        self.row = (np.cumsum(left) - 1)[self.row[held]]
        self.customer, self.price = self.customer[held], self.price[held]


class Knapsacks:
    """The subproblems of the sites `active` (A,) of an instance, their lanes in rows padded to one length.

    Full sites know few lanes beside those that they use: the ones within a narrow reach of what is paid and rented now.
    They are found among those within a wide reach, and these among all.
    """

    def __init__(self, instance: Instance, active: Indices, pays: Floats, rents: Floats) -> None:
        self._instance, self._active = instance, active
        self._size = instance.size[active]
        unit = float(np.abs(pays).sum()) / instance.total
        self._wide = Reach(WIDE * unit, instance.customers, len(active))
        self._near = Reach(NEAR * unit, instance.customers, len(active))
        self._hold(pays / instance.demand, rents[active])

    def _hold(self, pays: Floats, rents: Floats) -> None:
        """Have the lanes at hand that may be used near `pays` (J,) and `rents` (A,)."""
        near, wide, instance = self._near, self._wide, self._instance
        near.widen(pays, rents)
        if not wide.covers(near.limit, near.floor):
            wide.widen(near.limit, near.floor)
            prices = instance.price[self._active]
            row, customer = np.nonzero(prices < wide.limit - wide.floor[:, None])
            self._lanes = _Lanes(row, customer, prices[row, customer])
        lanes = self._lanes.within(near)
        row = lanes.row
        counts = np.bincount(row, minlength=len(self._active))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        width = int(counts.max(initial=0))
        place = row * width + np.arange(len(row)) - starts[row]
        shape = len(self._active), width
        self._price, self._customer, self._demand = np.full(shape, np.inf), np.zeros(shape, np.intp), np.zeros(shape)
        self._price.ravel()[place] = lanes.price
        self._customer.ravel()[place] = lanes.customer
        self._demand.ravel()[place] = instance.demand[lanes.customer]

    def keep(self, left: Flags) -> None:
        """Forget the sites that are not `left` (A,)."""
        self._active, self._size = self._active[left], self._size[left]
        self._near.keep(left)
        self._wide.keep(left)
        self._lanes.keep(left)
        self._price, self._customer, self._demand = self._price[left], self._customer[left], self._demand[left]

    def fill(self, pays: Floats) -> Filled:
        """Solve all of them at `pays` (J,)."""
        unit = pays / self._instance.demand
        if not self._near.covers(unit, self._near.floor):
            self._hold(unit, self._near.floor)
        filled = self._filled(unit)
        while not self._near.covers(unit, filled.rent):
            self._hold(unit, filled.rent)
            filled = self._filled(unit)
        return filled

    def _filled(self, unit: Floats) -> Filled:
        """On the lanes that are held, whose prices compare with `unit` (J,)."""
        worth = self._price - unit[self._customer]
        np.minimum(worth, 0.0, out=worth)
        units = np.where(worth < 0, self._demand, 0.0)
        saved = np.einsum("ij,ij->i", worth, units)
        rent = np.zeros(len(saved))
        full = np.flatnonzero(units.sum(axis=1) > self._size)
        if not len(full):
            return Filled(saved, rent, self._customer, units)
        order = np.argsort(worth[full], axis=1)
        flat = order + (full * worth.shape[1])[:, None]
        worth_sorted, asked = worth.ravel()[flat], units.ravel()[flat]
        before = np.cumsum(asked, axis=1) - asked
        size = self._size[full][:, None]
        taken = np.minimum(np.maximum(size - before, 0.0), asked)
        saved[full] = np.einsum("ij,ij->i", worth_sorted, taken)
        last = np.argmax(before + asked >= size, axis=1)
        rent[full] = -worth_sorted[np.arange(len(full)), last]
        if len(full) == len(saved):
            return Filled(saved, rent, self._customer.ravel()[flat], taken)
        customer = self._customer.copy()
        customer[full] = self._customer.ravel()[flat]
        units[full] = taken
        return Filled(saved, rent, customer, units)

    def served(self, filled: Filled, share: Floats) -> Floats:
        """The share of each customer's demand that is served if the sites are open to `share` (A,)."""
        used = np.flatnonzero(share)
        units = filled.units[used] * share[used, None]
        sums = np.bincount(filled.customer[used].ravel(), units.ravel(), self._instance.customers)
        served: Floats = sums / self._instance.demand
        return served
