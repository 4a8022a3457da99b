"""The sites' knapsacks on the lanes at hand, as `lagrangian.knapsacks` tells them, by a window around the last rent."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian.kernels import CACHED

Shorts = npt.NDArray[np.int32]

ATTEMPTS = 8  # at a window around a rent; the last takes in everything
FINEST = 1e-3  # of the first window


class Sites(NamedTuple):
    """The active sites A. `row` (A,) is the place of each among all; `fewest` and `most` may be open, for `total`."""

    row: Indices
    fixed: Floats
    size: Floats
    opened: Flags
    fewest: int
    most: int
    total: float


class Lanes(NamedTuple):
    """The lanes at hand, those of active site a from `start[a]` to before `stop[a]`.

    They are all that may be used while a unit pays no more than `limit` (J,) and rents no less than `floor` (A,).
    """

    start: Indices
    stop: Indices
    customer: Shorts
    price: Floats
    units: Floats
    limit: Floats
    floor: Floats


@numba.njit(cache=CACHED)
def select(worth: Floats, units: Floats, count: int, size: float, guess: float) -> tuple[float, float, float, bool]:
    """The least t such that what is worth t or less takes `size` units; what lies below t: its units and their worth.

    By partition, `guess` first; the arrays are reordered. Not found where rounding has left all units short of it.
    """
    low, high, below, saved, pivot = 0, count, 0.0, 0.0, guess
    while low < high:
        less, at, more = low, low, high
        units_less, saved_less, units_equal = 0.0, 0.0, 0.0
        while at < more:
            here, asked = worth[at], units[at]
            if here < pivot:
                units_less += asked
                saved_less += here * asked
                worth[at], units[at] = worth[less], units[less]
                worth[less], units[less] = here, asked
                less += 1
                at += 1
            elif here > pivot:
                more -= 1
                worth[at], units[at] = worth[more], units[more]
                worth[more], units[more] = here, asked
            else:
                units_equal += asked
                at += 1
        if below + units_less >= size:
            high = less
        elif below + units_less + units_equal >= size:
            return pivot, below + units_less, saved + saved_less, True
        else:
            below += units_less + units_equal
            saved += saved_less + pivot * units_equal
            low = more
        if low < high:
            first, middle, last = worth[low], worth[(low + high) // 2], worth[high - 1]
            pivot = max(min(first, middle), min(max(first, middle), last))
    return 0.0, below, saved, False


@numba.njit(cache=CACHED)
def _within(
    worth: Floats, lane_units: Floats, begin: int, end: int, low: float, high: float, inside: Floats, units: Floats
) -> tuple[int, float, float, float]:
    """What is worth from `low` to before `high` goes to the front of `inside` and `units`: how many, and how much.

    With the units worth less than `low`, and what these are worth. Without branches: nothing here can be foreseen.
    """
    count, below, saved, between = 0, 0.0, 0.0, 0.0
    for lane in range(begin, end):
        here, asked = worth[lane], lane_units[lane]
        inside[count], units[count] = here, asked
        taken = asked if here < low else 0.0
        below += taken
        saved += here * taken
        up_to = asked if here < high else 0.0
        between += up_to - taken
        count += 1 if low <= here < high else 0
    return count, below, saved, between


@numba.njit(cache=CACHED)
def fill(
    sites: Sites,
    lanes: Lanes,
    unit: Floats,
    rent: Floats,
    moved: Floats,
    saved: Floats,
    left: Floats,
    worth: Floats,
    inside: Floats,
    units: Floats,
) -> bool:
    """Each site's knapsack. Taken is what is worth less than -rent, and `left` (A,) of what is worth just that.

    It is looked for near the last rent first, as far as that `moved` (A,) before. `worth` (L,) is that of every lane.
    False where a rent has left the reach of the lanes at hand.
    """
    for lane in range(len(worth)):
        worth[lane] = lanes.price[lane] - unit[lanes.customer[lane]]
    within = True
    for site in range(len(sites.row)):
        begin, end, size = lanes.start[site], lanes.stop[site], sites.size[site]
        guess, reach = -rent[site], 2.0 * moved[site]
        low, high = guess - reach, min(guess + reach, 0.0)
        threshold, remainder, gained, full = 0.0, 0.0, 0.0, False
        if size <= 0:  # it takes nothing, and a unit of size would save what its best lane does
            full = True
            for lane in range(begin, end):
                threshold = min(threshold, worth[lane])
        else:
            for attempt in range(ATTEMPTS):
                if attempt == ATTEMPTS - 1:
                    low, high = -np.inf, 0.0
                count, below, gained, between = _within(worth, lanes.units, begin, end, low, high, inside, units)
                if attempt == ATTEMPTS - 1 or (below < size and (below + between >= size or high >= 0.0)):
                    break
                if below >= size:
                    low, high = guess - 8.0 * (guess - low) - FINEST, low
                else:
                    low, high = high, min(guess + 8.0 * (high - guess) + FINEST, 0.0)
            if high < 0.0 or below + between > size:
                found_at, more, gained_more, full = select(inside, units, count, size - below, guess)
                if full:
                    threshold, remainder = found_at, size - below - more
                    gained += gained_more + found_at * remainder
            if not full:
                _, _, gained, _ = _within(worth, lanes.units, begin, end, 0.0, 0.0, inside, units)
        moved[site] = max(abs(rent[site] + threshold), 0.5 * moved[site])
        saved[site], left[site], rent[site] = gained, remainder, -threshold
        within = within and rent[site] >= lanes.floor[site]
    return within


@numba.njit(cache=CACHED)
def served_by(
    lanes: Lanes, worth: Floats, rent: Floats, left: Floats, share: Floats, served: Floats, taken: Indices
) -> None:
    """Sets how many units of each customer (J,) are served. `taken` has room for a site's lanes, and one more."""
    served[:] = 0.0
    for site in range(len(share)):
        if share[site] <= 0:
            continue
        threshold, remainder = -rent[site], left[site]
        count = 0
        for lane in range(lanes.start[site], lanes.stop[site]):  # without branches, as in `_within`
            taken[count] = lane
            count += 1 if worth[lane] <= threshold else 0
        for lane in taken[:count]:
            asked = lanes.units[lane]
            if worth[lane] == threshold:
                asked = min(remainder, asked)
                remainder -= asked
            served[lanes.customer[lane]] += share[site] * asked


@numba.njit(cache=CACHED)
def near_lanes(
    row: Indices,
    start: Indices,
    customer: Shorts,
    price: Floats,
    demand: Floats,
    limit: Floats,
    floor: Floats,
) -> tuple[Indices, Indices, Shorts, Floats, Floats]:
    """Those of the lanes of sites `row` (A,) whose price lies below limit less floor: start, stop and the rest."""
    most = 0
    for site in row:
        most += start[site + 1] - start[site]
    starts, stops = np.empty(len(row), dtype=np.intp), np.empty(len(row), dtype=np.intp)
    customers, prices = np.empty(most + 1, dtype=np.int32), np.empty(most + 1)
    count = 0
    for place in range(len(row)):
        starts[place] = count
        for lane in range(start[row[place]], start[row[place] + 1]):  # without branches, as in `_within`
            who, asks = customer[lane], price[lane]
            customers[count], prices[count] = who, asks
            count += 1 if asks < limit[who] - floor[place] else 0
        stops[place] = count
    units = np.empty(count)
    for lane in range(count):
        units[lane] = demand[customers[lane]]
    return starts, stops, customers[:count], prices[:count], units


@numba.njit(cache=CACHED)
def longest_of(lanes: Lanes) -> int:
    longest = 0
    for site in range(len(lanes.start)):
        longest = max(longest, lanes.stop[site] - lanes.start[site])
    return longest
