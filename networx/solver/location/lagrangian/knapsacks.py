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

HEADROOM = 0.15  # lanes are held up to what customers pay and this share of the mean more


@dataclass(frozen=True, slots=True)
class Filled:
    """`saved` (A,), 0 or below, of each active site; `rent` (A,), what one more unit of size would save.

    `customer` and `units` (A, P) say what each takes; the customers of a full site stand in another order.
    """

    saved: Floats
    rent: Floats
    customer: Indices
    units: Floats


class Knapsacks:
    """The subproblems of the sites `active` (A,) of an instance, their lanes in rows padded to one length."""

    def __init__(self, instance: Instance, active: Indices, pays: Floats) -> None:
        self._instance, self._active = instance, active
        self._size = instance.size[active]
        self._limit = np.full(instance.customers, -np.inf)
        self._hold(pays / instance.demand)

    def _hold(self, pays: Floats) -> None:
        """Fetch the lanes cheaper than a limit a little above `pays`, a unit."""
        instance, prices = self._instance, self._instance.price[self._active]
        self._limit = np.maximum(self._limit, pays + HEADROOM * np.maximum(np.abs(pays), np.abs(pays).mean()))
        row, customer = np.nonzero(prices < self._limit)
        counts = np.bincount(row, minlength=len(self._active))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        place = row, np.arange(len(row)) - starts[row]
        shape = len(self._active), int(counts.max(initial=0))
        self._price = np.full(shape, np.inf)
        self._price[place] = prices[row, customer]
        self._customer = np.zeros(shape, dtype=np.intp)
        self._customer[place] = customer
        self._demand = np.zeros(shape)
        self._demand[place] = instance.demand[customer]

    def keep(self, left: Flags) -> None:
        """Forget the sites that are not `left` (A,)."""
        self._active, self._size = self._active[left], self._size[left]
        self._price, self._customer, self._demand = self._price[left], self._customer[left], self._demand[left]

    def fill(self, pays: Floats) -> Filled:
        """Solve all of them at `pays` (J,)."""
        unit = pays / self._instance.demand
        if (unit > self._limit).any():
            self._hold(unit)
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
        taken = np.clip(size - before, 0.0, asked)
        saved[full] = np.einsum("ij,ij->i", worth_sorted, taken)
        last = np.argmax(before + asked >= size, axis=1)
        rent[full] = -worth_sorted[np.arange(len(full)), last]
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
