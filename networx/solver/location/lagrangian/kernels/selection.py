"""Which sites to open once each has its price, as `lagrangian.selection` tells it."""

from __future__ import annotations

import numba
import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.lagrangian.kernels import CACHED
from networx.solver.location.lagrangian.kernels.knapsacks import Sites, select


@numba.njit(cache=CACHED)
def _counts(sites: Sites, must: int) -> tuple[int, int]:
    free = len(sites.opened) - must
    return max(sites.fewest - must, 0), min(sites.most - must, free)


@numba.njit(cache=CACHED)
def _by_ratio(sites: Sites, cost: Floats, share: Floats) -> tuple[float, float, int, bool]:
    """Sites come in by what a unit of their size costs, where the counts allow it: value, size price, whole ones."""
    held, count, must = 0.0, 0, 0
    ratio, size = np.empty(len(cost)), np.empty(len(cost))
    for site in range(len(cost)):
        if sites.opened[site]:
            held += sites.size[site]
            must += 1
        elif sites.size[site] > 0:
            ratio[count], size[count] = cost[site] / sites.size[site], sites.size[site]
            count += 1
    if held >= sites.total or count == 0:
        return 0.0, 0.0, 0, False
    needed = sites.total * (1 - 1e-9)
    price, _, _, found = select(ratio, size, count, needed - held, 0.0)
    least, most = _counts(sites, must)
    if not found or price <= 0:
        return 0.0, 0.0, 0, False
    whole, value = 0, price * sites.total
    for site in range(len(cost)):
        share[site] = 0.0
        if sites.opened[site]:
            share[site] = 1.0
            value += cost[site] - price * sites.size[site]
        elif sites.size[site] > 0 and cost[site] / sites.size[site] < price:
            share[site] = 1.0
            value += cost[site] - price * sites.size[site]
            held += sites.size[site]
            whole += 1
    for site in range(len(cost)):
        if not sites.opened[site] and sites.size[site] > 0 and cost[site] / sites.size[site] == price:
            if held + sites.size[site] >= needed:
                share[site] = min(max((sites.total - held) / sites.size[site], 0.0), 1.0)
                break
            share[site] = 1.0
            value += cost[site] - price * sites.size[site]
            held += sites.size[site]
            whole += 1
    if whole < least or whole + 1 > most:
        return 0.0, 0.0, 0, False
    return value, price, whole, True


@numba.njit(cache=CACHED)
def _line(sites: Sites, cost: Floats, size_price: float, chosen: Flags) -> tuple[float, float, int]:
    """The choice at one price of size: its value, how that rises with the price, and how many are chosen."""
    reduced = cost - size_price * sites.size
    value, held, must, negative = size_price * sites.total, 0.0, 0, 0
    free = np.empty(len(cost), dtype=np.intp)
    for site in range(len(cost)):
        chosen[site] = False
        if sites.opened[site]:
            value += reduced[site]
            held += sites.size[site]
            must += 1
        else:
            free[site - must] = site
            negative += reduced[site] < 0
    free = free[: len(cost) - must]
    least, most = _counts(sites, must)
    count = min(max(negative, least), most)
    order = free[np.argsort(reduced[free], kind="mergesort")]
    for site in order[:count]:
        chosen[site] = True
        value += reduced[site]
        held += sites.size[site]
    rise = sites.total - held
    return value, 0.0 if abs(rise) <= 1e-9 * sites.total else rise, count


@numba.njit(cache=CACHED)
def choose(sites: Sites, cost: Floats, near: float, share: Floats) -> tuple[float, float, int]:
    """The best choice: its value, its price of size, and how many of those that may be are open in it, all whole."""
    value, size_price, count, found = _by_ratio(sites, cost, share)
    if found:
        return value, size_price, count
    left, right, middle = np.zeros_like(sites.opened), np.zeros_like(sites.opened), np.zeros_like(sites.opened)
    left_price = 0.0
    left_value, left_rise, left_count = _line(sites, cost, left_price, left)
    if left_rise <= 0:
        return _mixed(sites, share, left, left_rise, left, left_rise, left_value, left_price, left_count)
    right_price = near if near > 0 else np.abs(cost).sum() / sites.size.sum() + 1e-12
    right_value, right_rise, right_count = _line(sites, cost, right_price, right)
    while right_rise > 0 and right_price < 1e280:
        right_price *= 2
        right_value, right_rise, right_count = _line(sites, cost, right_price, right)
    for _ in range(60):
        if right_rise >= 0:
            return _mixed(sites, share, right, right_rise, right, right_rise, right_value, right_price, right_count)
        meet = (left_value - right_value + right_rise * right_price - left_rise * left_price) / (right_rise - left_rise)
        if not left_price < meet < right_price:
            break
        value, rise, count = _line(sites, cost, meet, middle)
        if value >= left_value + left_rise * (meet - left_price) - 1e-12 * abs(value):
            return _mixed(sites, share, left, left_rise, right, right_rise, value, meet, count)
        if rise > 0:
            left_price, left_value, left_rise, left_count = meet, value, rise, count
            left[:] = middle
        else:
            right_price, right_value, right_rise, right_count = meet, value, rise, count
            right[:] = middle
    if left_value >= right_value:
        return _mixed(sites, share, left, left_rise, right, right_rise, left_value, left_price, left_count)
    return _mixed(sites, share, left, left_rise, right, right_rise, right_value, right_price, right_count)


@numba.njit(cache=CACHED)
def _mixed(
    sites: Sites,
    share: Floats,
    left: Flags,
    left_rise: float,
    right: Flags,
    right_rise: float,
    value: float,
    size_price: float,
    count: int,
) -> tuple[float, float, int]:
    """Sets `share`: of the two choices as much as makes their size just enough."""
    part = left_rise / (left_rise - right_rise) if left_rise > 0 >= right_rise else 1.0
    for site in range(len(share)):
        share[site] = 1.0 if sites.opened[site] else (1 - part) * left[site] + part * right[site]
    return value, size_price, count


@numba.njit(cache=CACHED)
def force(
    sites: Sites, cost: Floats, value: float, size_price: float, count: int, opened: Floats, closed: Floats
) -> None:
    """Sets the values with each free site open, and closed: the others are chosen anew."""
    must, negative = 0, 0
    reduced = cost - size_price * sites.size
    free = np.empty(len(cost), dtype=np.intp)
    for site in range(len(cost)):
        opened[site] = closed[site] = value
        if sites.opened[site]:
            must += 1
        else:
            free[site - must] = site
            negative += reduced[site] < 0
    number = len(cost) - must
    free = free[:number]
    order = free[np.argsort(reduced[free], kind="mergesort")]
    sums = np.zeros(number + 1)
    for rank in range(number):
        sums[rank + 1] = sums[rank] + reduced[order[rank]]
    least, most = _counts(sites, must)
    base = value - sums[count]
    for rank in range(number):
        site = order[rank]
        here = reduced[site]
        others = negative - (here < 0)
        if most >= 1:
            chosen = min(max(others, least - 1, 0), max(most - 1, 0))
            without = sums[min(chosen + 1, number)] - here if rank < chosen else sums[min(chosen, number)]
            opened[site] = base + here + without
        else:
            opened[site] = np.inf
        if least <= number - 1:
            chosen = min(max(others, least), most, number - 1)
            without = sums[min(chosen + 1, number)] - here if rank < chosen else sums[min(chosen, number)]
            closed[site] = base + without
        else:
            closed[site] = np.inf
