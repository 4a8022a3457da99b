"""The knapsacks of the certificate over years, all at once: each is what it is by itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from networx.verify.years.data import Part, Sizes, YearsData
from networx.verify.years.knapsacks import Knapsacks

YEARS, SITES, CUSTOMERS = 3, 7, 25


def some_data(draw: np.random.Generator, *, with_rules: bool) -> YearsData:
    demand = draw.integers(0, 30, (YEARS, CUSTOMERS)).astype(float)
    price = draw.uniform(1, 20, (YEARS, SITES, CUSTOMERS))
    price[draw.random(price.shape) < 0.2] = np.inf
    capacity = draw.uniform(20, 300, (YEARS, SITES))
    capacity[:, 0], capacity[1, 3:5] = np.inf, 0.0
    nothing = np.zeros(SITES)
    return YearsData(
        fixed=draw.uniform(0, 100, (YEARS, SITES)),
        capacity=capacity,
        may=np.ones((YEARS, SITES), dtype=bool),
        must=np.zeros((YEARS, SITES), dtype=bool),
        demand=demand,
        price=price,
        lease=np.ones(SITES),
        existing=np.zeros(SITES, dtype=bool),
        opening=nothing,
        closing=nothing,
        least=draw.uniform(0, 60, SITES) if with_rules else nothing,
        at_least=0,
        at_most=SITES,
        most_changes=math.inf,
        near=draw.random(price.shape) < 0.4,
        level=np.full(YEARS, 0.5 if with_rules else 0.0),
    )


def saved(data: YearsData, size: float, year: int, site: int, unit: np.ndarray, reward: float) -> float:
    """What one site adds to the cost at least: the best units first, as many as it may and as it has to."""
    worth = data.price[year, site] - data.near[year, site] * reward - unit
    total = taken = 0.0
    for lane in np.argsort(worth):
        if not np.isfinite(worth[lane]):
            break
        room = size - taken if worth[lane] < 0 else max(data.least[site] - taken, 0.0)
        some = min(data.demand[year, lane], max(room, 0.0))
        total, taken = total + some * worth[lane], taken + some
    return float(total)


@pytest.mark.parametrize("with_rules", [False, True], ids=["plain", "with minima and service"])
def test_all_knapsacks_at_once_are_each_by_itself(with_rules: bool):
    draw = np.random.default_rng(11)
    data = some_data(draw, with_rules=with_rules)
    sizes = Sizes.of(data)
    units = draw.uniform(-2, 25, (20, YEARS, CUSTOMERS))
    rewards = draw.uniform(0, 4, (20, YEARS)) if with_rules else np.zeros((20, YEARS))
    knapsacks = Knapsacks(data, sizes, units.max(axis=0), rewards.max(axis=0))
    for unit, reward in zip(units, rewards, strict=True):
        usable = ~sizes.never & (draw.random((YEARS, SITES)) < 0.8)

        gains = knapsacks.gains(unit, reward, usable)

        for year, site in np.ndindex(YEARS, SITES):
            expected = 0.0
            if usable[year, site]:
                expected = saved(data, sizes.size[year, site], year, site, unit[year], reward[year])
            assert gains.gain[year, site] == pytest.approx(expected, abs=1e-9)
        assert gains.magnitude >= np.abs(gains.gain).sum()


def test_the_fewest_sites_that_hold_a_year_are_found_by_halves():
    draw = np.random.default_rng(3)
    for _ in range(50):
        data = some_data(draw, with_rules=False)
        data = replace(data, capacity=draw.uniform(1, 120, (YEARS, SITES)))
        sizes = Sizes.of(data)
        state = draw.random((YEARS, SITES))
        least, most = np.full(YEARS, int(draw.integers(0, 3))), np.full(YEARS, int(draw.integers(3, SITES + 1)))
        part = Part(state < 0.2, state > 0.9, least, most)

        found = part.fewest(sizes)

        numbers = []
        for year in range(YEARS):
            must, others = part.opened[year], np.sort(sizes.size[year, (state[year] >= 0.2) & (state[year] <= 0.9)])
            allowed = range(max(int(must.sum()), least[0]), min(most[0], int(must.sum()) + len(others)) + 1)
            held = {count: sizes.size[year, must].sum() + others[::-1][: count - must.sum()].sum() for count in allowed}
            numbers.append(next((count for count in allowed if held[count] >= sizes.total[year] * (1 - 1e-9)), None))
        assert (None if found is None else list(found)) == (None if None in numbers else numbers)
