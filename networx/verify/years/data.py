"""The problem as the data states it, what follows of it for every case, and what holds in one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.verify.location import SHORT


@dataclass(frozen=True, slots=True)
class YearsData:
    """Years T, sites I, customers J: the problem as the data states it.

    `price` (T, I, J) of a unit is inf without a lane. `lease` (I,) in years, `existing` (I,) before the first year; a
    site with a lease as long as the plan is open in all the years in which it `may` (T, I), or in none. `level` (T,) of
    a year's demand goes over `near` (T, I, J) lanes; `most_changes` is inf where any number may change.
    """

    fixed: Floats
    capacity: Floats
    may: Flags
    must: Flags
    demand: Floats
    price: Floats
    lease: Floats
    existing: Flags
    opening: Floats
    closing: Floats
    least: Floats
    at_least: int
    at_most: int
    most_changes: float
    near: Flags
    level: Floats


@dataclass(frozen=True, slots=True)
class Sizes:
    """What each site holds of the demand in its reach, (T, I), and as a `share` of the year's `total` (T,).

    `asked` (T, J) are customers with demand. `never` (T, I) are sites that cannot be open.
    """

    size: Floats
    share: Floats
    total: Floats
    asked: Flags
    never: Flags

    @classmethod
    def of(cls, data: YearsData) -> Sizes:
        lanes = np.isfinite(data.price)
        reach = np.array([np.where(lanes[t], data.demand[t], 0.0).sum(axis=1) for t in range(len(data.demand))])
        size = np.where(data.may, np.minimum(data.capacity, reach), 0.0)
        total = np.array([math.fsum(row) for row in data.demand])
        whole = np.where(total > 0, total, 1.0)[:, None]
        return cls(
            size=size,
            share=np.where(total[:, None] > 0, np.minimum(size / whole, 1.0), 0.0),
            total=total,
            asked=data.demand > 0,
            # An open site that cannot ship what it has to is none; what is short by rounding counts as enough.
            never=~data.may | (size < data.least * (1 - SHORT)),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What holds in a case: sites opened and closed (T, I), which steps add to, and how many (T,) in a year."""

    opened: Flags
    closed: Flags
    least: Indices
    most: Indices

    def fewest(self, sizes: Sizes) -> Indices | None:
        """For each year the fewest sites that are allowed and large enough; None where a year has none."""
        fewest = np.zeros(len(self.opened), dtype=np.intp)
        if (self.opened & self.closed).any():
            return None
        for year in range(len(fewest)):
            must, may = self.opened[year], ~self.closed[year] & ~self.opened[year]
            held, others = sizes.size[year, must].tolist(), np.sort(sizes.size[year, may])[::-1].tolist()
            needed, already = sizes.total[year] * (1 - SHORT), len(held)
            least, most = max(already, int(self.least[year])), min(int(self.most[year]), already + len(others))
            if least > most or math.fsum([*held, *others[: most - already]]) < needed:
                return None
            while least < most:  # the more sites, the more they hold: halved until one number is left
                middle = (least + most) // 2
                enough = math.fsum([*held, *others[: middle - already]]) >= needed
                least, most = (least, middle) if enough else (middle + 1, most)
            fewest[year] = least
        return fewest


@dataclass(frozen=True, slots=True)
class Shown:
    """What a step says of a case: its plans cost no less than `parts` together and one schedule of each site.

    A site pays `cost` (T, I) in each year in which it is open and `change` (T,) each time it opens or closes, beside
    what that costs. `magnitude` are the sizes of the numbers that all sums are made of but for the fixed costs, `terms`
    how many they are.
    """

    parts: list[float]
    cost: Floats
    change: Floats
    magnitude: float
    terms: int
