"""The knapsacks' loops, compiled by numba: a step in numpy is mostly the overhead of its calls and of padded rows.

What they compute is told in `knapsacks`. Importing this imports numba, and the first call of each compiles it or loads
it from the cache. Nothing is reordered (no fastmath) and nothing runs in parallel, so that the same numbers come out
each time, and what `fill` found worth is equal to the bit in `serve`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian.kernels import CACHED
from networx.solver.location.lagrangian.kernels.knapsacks import select


class Lanes(NamedTuple):
    """All lanes: `price` (1 or T, I, J), inf without one, and those that are `near` (1 or T, I, J) by."""

    price: Floats
    near: Flags
    demand: Floats


class Held(NamedTuple):
    """The lanes at hand of rows, a year and a site each: those of row r from `start[r]` to before `start[r + 1]`.

    Their price and units stand beside them: to look them up among all lanes takes longer than the rest.
    """

    start: Indices
    customer: Indices
    price: Floats
    units: Floats
    near: Flags


class Rows(NamedTuple):
    """Their places (R,), what they hold and have to ship.

    `floor` (R,) is how little a unit of size may be worth for the lanes at hand to be all that can be used.
    """

    year: Indices
    site: Indices
    size: Floats
    least: Floats
    floor: Floats


class Solved(NamedTuple):
    """Of each row, (R,): what it adds to the cost, what a unit of its size is worth, and how it takes units.

    It takes all that is worth less than `-rent` and `left` of what is worth just that; of all its lanes where it has to
    ship more than is worth it (`forced`), else of those at hand.
    """

    saved: Floats
    rent: Floats
    left: Floats
    forced: Flags


@numba.njit(cache=CACHED)
def among_all(lanes: Lanes, year: Indices, site: Indices, limit: Floats, floor: Floats) -> Held:
    """The lanes of rows (R,) whose price lies below limit (T, J) less floor (R,)."""
    rows, customers, planes = len(year), limit.shape[1], len(lanes.price)
    start = np.zeros(rows + 1, dtype=np.intp)
    for row in range(rows):
        plane, count = min(year[row], planes - 1), 0
        for customer in range(customers):
            count += lanes.price[plane, site[row], customer] < limit[year[row], customer] - floor[row]
        start[row + 1] = start[row] + count
    held = _empty(start)
    place = 0
    for row in range(rows):
        plane, near_plane = min(year[row], planes - 1), min(year[row], len(lanes.near) - 1)
        for customer in range(customers):
            price = lanes.price[plane, site[row], customer]
            if price < limit[year[row], customer] - floor[row]:
                held.customer[place], held.price[place] = customer, price
                held.units[place] = lanes.demand[year[row], customer]
                held.near[place] = lanes.near[near_plane, site[row], customer]
                place += 1
    return held


@numba.njit(cache=CACHED)
def among(wide: Held, year: Indices, limit: Floats, floor: Floats) -> Held:
    """The same of lanes that are at hand."""
    start = np.zeros(len(year) + 1, dtype=np.intp)
    for row in range(len(year)):
        count = 0
        for lane in range(wide.start[row], wide.start[row + 1]):
            count += wide.price[lane] < limit[year[row], wide.customer[lane]] - floor[row]
        start[row + 1] = start[row] + count
    held = _empty(start)
    place = 0
    for row in range(len(year)):
        for lane in range(wide.start[row], wide.start[row + 1]):
            if wide.price[lane] < limit[year[row], wide.customer[lane]] - floor[row]:
                held.customer[place], held.price[place] = wide.customer[lane], wide.price[lane]
                held.units[place], held.near[place] = wide.units[lane], wide.near[lane]
                place += 1
    return held


@numba.njit(cache=CACHED)
def _empty(start: Indices) -> Held:
    number = start[-1]
    customer, near = np.empty(number, dtype=np.int32), np.empty(number, dtype=np.bool_)
    return Held(start, customer, np.empty(number), np.empty(number), near)


@numba.njit(cache=CACHED)
def _worth(price: float, near: bool, unit: float, reward: float) -> float:
    """What serving a unit of a customer adds to the cost."""
    worth = price - unit
    return worth - reward if near else worth


@numba.njit(cache=CACHED)
def _every(
    lanes: Lanes, year: int, site: int, unit: Floats, reward: Floats, worth: Floats, units: Floats
) -> tuple[int, float]:
    """All lanes of a row with demand: how many, and what the dearest adds to the cost."""
    plane, near_plane = min(year, len(lanes.price) - 1), min(year, len(lanes.near) - 1)
    count, dearest = 0, 0.0
    for customer in range(unit.shape[1]):
        price, asked = lanes.price[plane, site, customer], lanes.demand[year, customer]
        if price < np.inf and asked > 0:
            near = lanes.near[near_plane, site, customer]
            worth[count], units[count] = _worth(price, near, unit[year, customer], reward[year]), asked
            dearest = max(dearest, worth[count])
            count += 1
    return count, dearest


@numba.njit(cache=CACHED)
def fill(lanes: Lanes, rows: Rows, held: Held, unit: Floats, reward: Floats, guess: Floats) -> tuple[Solved, bool]:
    """Solve all rows at what customers pay a unit (T, J), near ones `reward` (T,) more; `guess` (R,) are rents.

    False where the lanes at hand are not known to be enough.
    """
    number, customers = len(rows.year), unit.shape[1]
    solved = Solved(np.zeros(number), np.zeros(number), np.zeros(number), np.zeros(number, dtype=np.bool_))
    worth, units = np.empty(customers), np.empty(customers)
    within = True
    for row in range(number):
        year, size, least = rows.year[row], rows.size[row], rows.least[row]
        pays, more = unit[year], reward[year]
        count, asked, gained = 0, 0.0, 0.0
        for lane in range(held.start[row], held.start[row + 1]):
            here = _worth(held.price[lane], held.near[lane], pays[held.customer[lane]], more)
            if here < 0:
                worth[count], units[count] = here, held.units[lane]
                asked += units[count]
                gained += here * units[count]
                count += 1
        if asked > size and size <= 0:  # it takes nothing, whatever it is paid
            gained, solved.rent[row] = 0.0, -worth[:count].min()
        elif asked > size:
            threshold, below, gained_below, found = select(worth, units, count, size, -guess[row])
            if found:
                solved.rent[row], solved.left[row] = -threshold, size - below
                gained = gained_below + threshold * (size - below)
        within = within and solved.rent[row] >= rows.floor[row]
        if asked < least:
            count, dearest = _every(lanes, year, rows.site[row], unit, reward, worth, units)
            threshold, below, gained, found = select(worth, units, count, least, 0.0)
            if not found:  # but for rounding, all that it can ship is the least
                threshold, below = dearest, least
            threshold = max(threshold, 0.0)
            gained += threshold * (least - below)
            solved.rent[row], solved.forced[row] = -threshold, True
            solved.left[row] = least - below if found else np.inf
        solved.saved[row] = gained
    return solved, within


@numba.njit(cache=CACHED)
def serve(
    lanes: Lanes, rows: Rows, held: Held, solved: Solved, opened: Flags, unit: Floats, reward: Floats
) -> tuple[Floats, Floats]:
    """The units of each customer (T, J) that rows which are open (R,) serve, and those of each year that go near."""
    served, nearby = np.zeros(unit.shape), np.zeros(len(unit))
    for row in range(len(rows.year)):
        if not opened[row]:
            continue
        year, site, threshold, left = rows.year[row], rows.site[row], -solved.rent[row], solved.left[row]
        forced, pays, more = solved.forced[row], unit[year], reward[year]
        near_plane, plane = min(year, len(lanes.near) - 1), min(year, len(lanes.price) - 1)
        for place in range(unit.shape[1] if forced else held.start[row + 1] - held.start[row]):
            lane = held.start[row] + place
            customer = place if forced else held.customer[lane]
            price = lanes.price[plane, site, customer] if forced else held.price[lane]
            near = lanes.near[near_plane, site, customer] if forced else held.near[lane]
            here, taken = _worth(price, near, pays[customer], more), 0.0
            if here < threshold:
                taken = lanes.demand[year, customer]
            elif here == threshold and left > 0:
                taken = min(left, lanes.demand[year, customer])
                left -= taken
            served[year, customer] += taken
            if near:
                nearby[year] += taken
    return served, nearby
