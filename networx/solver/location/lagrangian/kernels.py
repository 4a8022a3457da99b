"""The ascent's loops, compiled by numba: many steps a call, since a step in numpy is mostly the overhead of its calls.

What they compute is told in `knapsacks`, `selection` and `ascent`, which do the same in numpy and are compared with them
in the tests. Importing this imports numba, and the first call of `climb` and of `evaluate` compiles it or loads it from
the cache: `compiled` sees to both. Nothing is reordered (no fastmath) and nothing runs in parallel, so that the same
numbers come out each time.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from networx.domain.arrays import Flags, Floats, Indices

SPENT, REACHED, SETTLED, BEYOND, PAUSED = range(5)  # why `climb` returned

ATTEMPTS = 8  # at a window around a rent; the last takes in everything
FINEST = 1e-3  # of the first window

# Places in `Climb.numbers` and `Climb.counts`.
BOUND, SIZE_PRICE, LENGTH, REFERENCE, SETTLED_AT = range(5)
STEPS, STALLED, DIRECTED, GAINED = range(4)


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
    customer: Indices
    price: Floats
    units: Floats
    limit: Floats
    floor: Floats


class Rules(NamedTuple):
    """How an ascent steps; see `ascent.Effort` and the constants there."""

    steps: int
    patience: int
    shorter: float
    shortest: float
    smoothing: float
    averaging: float
    gain: float
    reach: float


class Climb(NamedTuple):
    """Where an ascent stands, changed in place: payments now and at the best bound, (J,), averages and rents (I,).

    `rent` (A,) is that of the last step; `close` and `keep` (A,) say what was settled.
    """

    demand: Floats
    pays: Floats
    direction: Floats
    best_pays: Floats
    average: Floats
    best_rents: Floats
    rent: Floats
    close: Flags
    keep: Flags
    numbers: Floats
    counts: Indices


@numba.njit(cache=True)
def _select(worth: Floats, units: Floats, count: int, size: float, guess: float) -> tuple[float, float, float, bool]:
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


@numba.njit(cache=True)
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


@numba.njit(cache=True)
def _fill(
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
        threshold, remainder = 0.0, 0.0
        for attempt in range(ATTEMPTS):
            if attempt == ATTEMPTS - 1:
                low, high = -np.inf, 0.0
            count, below, gained, between = _within(worth, lanes.units, begin, end, low, high, inside, units)
            if below >= size:
                low, high = guess - 8.0 * (guess - low) - FINEST, low
            elif below + between < size and high < 0.0:
                low, high = high, min(guess + 8.0 * (high - guess) + FINEST, 0.0)
            else:
                break
        if high < 0.0 or below + between > size:
            found_at, more, gained_more, found = _select(inside, units, count, size - below, guess)
            if found:
                threshold, remainder = found_at, size - below - more
                gained += gained_more + found_at * remainder
        if threshold == 0.0:
            for place in range(count):
                gained += inside[place] * units[place]
        moved[site] = max(abs(rent[site] + threshold), 0.5 * moved[site])
        saved[site], left[site], rent[site] = gained, remainder, -threshold
        within = within and rent[site] >= lanes.floor[site]
    return within


@numba.njit(cache=True)
def _counts(sites: Sites, must: int) -> tuple[int, int]:
    free = len(sites.opened) - must
    return max(sites.fewest - must, 0), min(sites.most - must, free)


@numba.njit(cache=True)
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
    price, _, _, found = _select(ratio, size, count, needed - held, 0.0)
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


@numba.njit(cache=True)
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


@numba.njit(cache=True)
def _choose(sites: Sites, cost: Floats, near: float, share: Floats) -> tuple[float, float, int]:
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
        meet = (left_value - right_value + right_rise * right_price - left_rise * left_price) / (
            right_rise - left_rise
        )
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


@numba.njit(cache=True)
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


@numba.njit(cache=True)
def _force(
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
            chosen = min(max(others, max(least - 1, 0)), max(most - 1, 0))
            without = sums[min(chosen + 1, number)] - here if rank < chosen else sums[min(chosen, number)]
            opened[site] = base + here + without
        else:
            opened[site] = np.inf
        if least <= number - 1:
            chosen = min(max(others, least), min(most, number - 1))
            without = sums[min(chosen + 1, number)] - here if rank < chosen else sums[min(chosen, number)]
            closed[site] = base + without
        else:
            closed[site] = np.inf


@numba.njit(cache=True)
def _served(
    lanes: Lanes, worth: Floats, rent: Floats, left: Floats, share: Floats, served: Floats
) -> None:
    """Sets how many units of each customer (J,) are served."""
    served[:] = 0.0
    for site in range(len(share)):
        if share[site] <= 0:
            continue
        threshold, remainder = -rent[site], left[site]
        for lane in range(lanes.start[site], lanes.stop[site]):
            here, asked = worth[lane], lanes.units[lane]
            if here == threshold:
                asked = min(remainder, asked)
                remainder -= asked
            served[lanes.customer[lane]] += share[site] * asked if here <= threshold else 0.0


@numba.njit(cache=True)
def _longest(lanes: Lanes) -> int:
    longest = 0
    for site in range(len(lanes.start)):
        longest = max(longest, lanes.stop[site] - lanes.start[site])
    return longest


@numba.njit(cache=True)
def climb(sites: Sites, lanes: Lanes, rules: Rules, at: Climb, cutoff: float, most: int) -> int:
    """At most so many steps on; says why it came back. BEYOND: with lanes farther away the step is to be done again."""
    number, demand, numbers, counts = len(sites.row), at.demand, at.numbers, at.counts
    longest = _longest(lanes)
    worth, inside, units = np.empty(len(lanes.price)), np.empty(longest + 1), np.empty(longest + 1)
    moved = 0.003 * at.rent
    saved, left, share = np.empty(number), np.empty(number), np.empty(number)
    forced_open, forced_closed = np.empty(number), np.empty(number)
    unit, served = np.empty(len(demand)), np.empty(len(demand))
    for _ in range(most):
        if counts[STEPS] >= rules.steps:
            return SPENT
        paid, within = 0.0, True
        for customer in range(len(demand)):
            unit[customer] = at.pays[customer] / demand[customer]
            paid += at.pays[customer]
            within = within and unit[customer] <= lanes.limit[customer]
        if not within or not _fill(
            sites, lanes, unit, at.rent, moved, saved, left, worth, inside, units
        ):
            return BEYOND
        counts[STEPS] += 1
        for site in range(number):
            saved[site] += sites.fixed[site]
        value, size_price, count = _choose(sites, saved, numbers[SIZE_PRICE], share)
        bound = paid + value
        for site in range(len(at.average)):
            at.average[site] *= rules.averaging
        for site in range(number):
            at.average[sites.row[site]] += (1 - rules.averaging) * share[site]
        settled = False
        if bound > numbers[BOUND]:
            numbers[BOUND], numbers[SIZE_PRICE] = bound, size_price
            at.best_pays[:] = at.pays
            counts[GAINED] = 1
            for site in range(number):
                at.best_rents[sites.row[site]] = at.rent[site]
            if bound >= cutoff:
                return REACHED
            if cutoff < np.inf:
                _force(sites, saved, value, size_price, count, forced_open, forced_closed)
                for site in range(number):
                    free = not sites.opened[site]
                    at.close[site] = free and forced_open[site] + paid >= cutoff
                    at.keep[site] = free and forced_closed[site] + paid >= cutoff and not at.close[site]
                    if at.close[site]:
                        numbers[SETTLED_AT] = min(numbers[SETTLED_AT], forced_open[site] + paid)
                    if at.keep[site]:
                        numbers[SETTLED_AT] = min(numbers[SETTLED_AT], forced_closed[site] + paid)
                    settled = settled or at.close[site] or at.keep[site]
        reference = numbers[REFERENCE]
        if bound > reference + rules.gain * abs(reference) or not np.isfinite(reference):
            numbers[REFERENCE], counts[STALLED] = bound, 0
        else:
            counts[STALLED] += 1
        spent = False
        if counts[STALLED] >= rules.patience:
            numbers[LENGTH] *= rules.shorter
            counts[STALLED] = 0
            spent = numbers[LENGTH] < rules.shortest
        if not spent:
            _served(lanes, worth, at.rent, left, share, served)
            norm = 0.0
            keeps = rules.smoothing if counts[DIRECTED] else 0.0
            for customer in range(len(demand)):
                towards = 1.0 - served[customer] / demand[customer]
                at.direction[customer] = keeps * at.direction[customer] + (1 - keeps) * towards
                norm += at.direction[customer] ** 2
            counts[DIRECTED] = 1
            spent = norm < 1e-12
        if spent:
            counts[STEPS] = rules.steps
        else:
            target = cutoff if cutoff < np.inf else bound + rules.reach * abs(bound) + 1.0
            stride = numbers[LENGTH] * max(target - bound, 1e-4 * abs(bound)) / norm
            for customer in range(len(demand)):
                at.pays[customer] += stride * at.direction[customer]
        if settled:
            return SETTLED
    return PAUSED


@numba.njit(cache=True)
def evaluate(
    sites: Sites, lanes: Lanes, demand: Floats, pays: Floats, rent: Floats, near: float
) -> tuple[float, Floats, Floats, bool]:
    """At `pays` (J,) the price of size, and the bounds with each site forced open and closed, (A,).

    Last, whether the lanes at hand were enough; `rent` (A,) is set.
    """
    number, longest = len(sites.row), _longest(lanes)
    saved, left, share = np.empty(number), np.empty(number), np.empty(number)
    opened, closed = np.empty(number), np.empty(number)
    unit = pays / demand
    inside, units, worth = np.empty(longest + 1), np.empty(longest + 1), np.empty(len(lanes.price))
    within = _fill(sites, lanes, unit, rent, 0.003 * rent, saved, left, worth, inside, units)
    for customer in range(len(demand)):
        within = within and unit[customer] <= lanes.limit[customer]
    saved += sites.fixed
    value, size_price, count = _choose(sites, saved, near, share)
    _force(sites, saved, value, size_price, count, opened, closed)
    paid = pays.sum()
    return size_price, opened + paid, closed + paid, within


@numba.njit(cache=True)
def near_lanes(
    row: Indices,
    start: Indices,
    customer: Indices,
    price: Floats,
    demand: Floats,
    limit: Floats,
    floor: Floats,
) -> tuple[Indices, Indices, Indices, Floats, Floats]:
    """Those of the lanes of sites `row` (A,) whose price lies below limit less floor: start, stop and the rest."""
    most = 0
    for site in row:
        most += start[site + 1] - start[site]
    starts, stops = np.empty(len(row), dtype=np.intp), np.empty(len(row), dtype=np.intp)
    customers, prices, units = np.empty(most, dtype=np.int32), np.empty(most), np.empty(most)
    count = 0
    for place in range(len(row)):
        starts[place] = count
        for lane in range(start[row[place]], start[row[place] + 1]):
            if price[lane] < limit[customer[lane]] - floor[place]:
                customers[count], prices[count] = customer[lane], price[lane]
                units[count] = demand[customer[lane]]
                count += 1
        stops[place] = count
    return starts, stops, customers[:count], prices[:count], units[:count]
