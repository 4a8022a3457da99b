"""The least that serving customers adds for each year and site, at what they pay: a knapsack each, all at once.

Any rent on a unit of size gives a valid bound of a knapsack, be it below 0 where a site has to ship; the one where it
is full, or has shipped what it must, gives the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices, picked
from networx.verify.years.data import Sizes, YearsData

NEAR = 0.05  # of what a lane is worth in the mean


@dataclass(frozen=True, slots=True)
class Gains:
    """For each year and site, (T, I), the least that service adds; `magnitude` are all numbers' sizes added up."""

    gain: Floats
    magnitude: float


class Knapsacks:
    """Those of one problem, on the lanes that some step of its proof may use: few, and looked for once.

    A lane is of no use at `unit` prices (T, J) and `reward` (T,) of a near unit, the highest of all steps, where it
    costs as much as they are or more: then nowhere. Rows are years and sites, T x I of them.
    """

    def __init__(self, data: YearsData, sizes: Sizes, unit: Floats, reward: Floats) -> None:
        self._data, self._sizes = data, sizes
        years, sites = data.fixed.shape
        found = [
            np.nonzero(_price(data, year, reward[year]) < np.where(sizes.asked[year], unit[year], -np.inf))
            for year in range(years)
        ]
        year = np.repeat(np.arange(years), [len(site) for site, _ in found])
        site, customer = (np.concatenate([part[at] for part in found]) for at in range(2))
        self._row, self._customer = year * sites + site, year * data.demand.shape[1] + customer
        self._count = np.bincount(self._row, minlength=years * sites)
        self._price, self._units = data.price[year, site, customer], data.demand[year, customer]
        self._near, self._year = data.near[year, site, customer], year
        self._size, self._least = sizes.size.ravel(), np.tile(data.least, years)
        self._last = np.zeros(years * sites)  # what a unit of size was worth when its row was last full

    def gains(self, unit: Floats, reward: Floats, usable: Flags) -> Gains:
        """At what customers pay a unit (T, J), near ones `reward` (T,) more, of the sites that are `usable` (T, I)."""
        held = picked(np.repeat(usable.ravel(), self._count))
        price, paid = self._price[held], unit.ravel()[self._customer[held]]
        if reward.any():
            price = price - self._near[held] * reward[self._year[held]]
        worth = price - paid
        # What would only cost is shipped by no one but who has to ship.
        used = picked(worth < 0)
        row, units, worth = self._row[held][used], self._units[held][used], worth[used]
        wanted: Floats = np.bincount(row, units, len(self._size)).astype(np.float64)
        rent = self._rents(row, units, worth, wanted)
        left = worth + rent[row]
        taken = left <= 0
        gain: Floats = np.bincount(row, units * np.minimum(left, 0.0), len(rent)) - rent * self._size
        numbers = (np.abs(price[used]) + np.abs(paid[used]) + rent[row])[taken]
        magnitude = float(numbers @ units[taken]) + float(rent @ np.maximum(self._size, self._least))
        for short in np.flatnonzero(usable.ravel() & (wanted < self._least)):
            gain[short], added = self._forced(int(short), unit, reward)
            magnitude += added
        return Gains(gain.reshape(usable.shape), magnitude)

    def _rents(self, row: Indices, units: Floats, worth: Floats, wanted: Floats) -> Floats:
        """What a unit of size is worth in each row (R,): 0 where there is room for all, else the last unit's worth.

        The last unit is looked for among those that are worth about what it was at the step before, and among all of a
        row where it is not there.
        """
        rent, is_full = np.zeros(len(wanted)), wanted > self._size
        full = np.flatnonzero(is_full)
        if not len(full):
            return rent
        beyond, reach = worth + self._last[row], NEAR * float(np.abs(worth).mean())
        near, better = np.abs(beyond) <= reach, beyond < -reach
        taken = np.bincount(row[better], units[better], len(rent))
        around = taken + np.bincount(row[near], units[near], len(rent))
        is_near = (taken <= self._size) & (self._size < around)
        number = np.full(len(rent), -1)
        number[full] = np.arange(len(full))
        among = np.flatnonzero(is_full[row] & (near | ~is_near[row]))
        best = among[np.argsort(worth[among])]
        # Rows beside each other, the best unit of each first; numbers this short are sorted in one pass.
        of_row = number[row[best]].astype(np.min_scalar_type(len(full)))
        order = best[np.argsort(of_row, kind="stable")]
        end = np.cumsum(np.bincount(of_row))
        start = np.concatenate([[0], end[:-1]])
        filled = np.concatenate([[0.0], np.cumsum(units[order])])
        room = np.where(is_near, self._size - taken, self._size)[full]
        # Within its row also where it has no size at all.
        last = np.clip(np.searchsorted(filled[1:], filled[start] + room), start, end - 1)
        rent[full] = self._last[full] = -worth[order[last]]
        return rent

    def _forced(self, row: int, unit: Floats, reward: Floats) -> tuple[float, float]:
        """What a row that has to ship more than pays adds, and the sizes of its numbers added up."""
        data = self._data
        year, site = divmod(row, data.fixed.shape[1])
        lane = np.flatnonzero(self._sizes.asked[year] & np.isfinite(data.price[year, site]))
        price = _price(data, year, reward[year])[site, lane]
        worth, units, least = price - unit[year, lane], data.demand[year, lane], float(self._least[row])
        order = np.argsort(worth)
        at = int(np.searchsorted(np.cumsum(units[order]), least))
        rent = -float(worth[order[min(at, len(order) - 1)]]) if len(order) else 0.0
        left = worth + rent
        numbers = (np.abs(price) + np.abs(unit[year, lane]) + abs(rent))[left <= 0]
        gain = float(units @ np.minimum(left, 0.0)) - max(rent, 0.0) * self._size[row] + max(-rent, 0.0) * least
        return gain, float(numbers @ units[left <= 0]) + abs(rent) * max(float(self._size[row]), least)


def _price(data: YearsData, year: int, reward: float) -> Floats:
    """(I, J): of a unit, less the reward of near ones."""
    price: Floats = data.price[year] - data.near[year] * reward if reward else data.price[year]
    return price
