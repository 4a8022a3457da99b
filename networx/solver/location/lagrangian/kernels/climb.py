"""Many steps of an ascent in one call, and the evaluation at the end of it, as `lagrangian.ascent` tells them."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian.kernels import CACHED
from networx.solver.location.lagrangian.kernels.knapsacks import Lanes, Sites, fill, longest_of, served_by
from networx.solver.location.lagrangian.kernels.selection import choose, force

SPENT, REACHED, SETTLED, BEYOND, PAUSED = range(5)  # why `climb` returned

# Places in `Climb.numbers` and `Climb.counts`.
BOUND, SIZE_PRICE, LENGTH, REFERENCE, SETTLED_AT = range(5)
STEPS, STALLED, DIRECTED, GAINED, ENDED = range(5)


class Rules(NamedTuple):
    """How an ascent steps; see `ascent.Effort` and the constants there, and `Instance` for `steps_in_one`."""

    steps: int
    patience: int
    shorter: float
    shortest: float
    smoothing: float
    averaging: float
    gain: float
    reach: float
    steps_in_one: float


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


@numba.njit(cache=CACHED)
def climb(sites: Sites, lanes: Lanes, rules: Rules, at: Climb, cutoff: float, most: int) -> int:
    """At most so many steps on; says why it came back. BEYOND: with lanes farther away the step is to be done again."""
    number, demand, numbers, counts = len(sites.row), at.demand, at.numbers, at.counts
    longest = longest_of(lanes)
    worth, inside, units = np.empty(len(lanes.price)), np.empty(longest + 1), np.empty(longest + 1)
    moved = 0.003 * at.rent
    saved, left, share = np.empty(number), np.empty(number), np.empty(number)
    forced_open, forced_closed = np.empty(number), np.empty(number)
    unit, served, taken = np.empty(len(demand)), np.empty(len(demand)), np.empty(longest + 1, dtype=np.intp)
    for _ in range(most):
        if counts[ENDED] or counts[STEPS] >= rules.steps:
            return SPENT
        paid, within = 0.0, True
        for customer in range(len(demand)):
            unit[customer] = at.pays[customer] / demand[customer]
            paid += at.pays[customer]
            within = within and unit[customer] <= lanes.limit[customer]
        if not within or not fill(sites, lanes, unit, at.rent, moved, saved, left, worth, inside, units):
            return BEYOND
        counts[STEPS] += 1
        for site in range(number):
            saved[site] += sites.fixed[site]
        value, size_price, count = choose(sites, saved, numbers[SIZE_PRICE], share)
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
                force(sites, saved, value, size_price, count, forced_open, forced_closed)
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
            served_by(lanes, worth, at.rent, left, share, served, taken)
            norm = 0.0
            keeps = rules.smoothing if counts[DIRECTED] else 0.0
            for customer in range(len(demand)):
                towards = 1.0 - served[customer] / demand[customer]
                at.direction[customer] = keeps * at.direction[customer] + (1 - keeps) * towards
                norm += at.direction[customer] ** 2
            counts[DIRECTED] = 1
            spent = norm < 1e-12
        if spent:
            counts[ENDED] = 1
        else:
            target = cutoff if cutoff < np.inf else bound + rules.reach * abs(bound) + 1.0
            stride = numbers[LENGTH] * max(target - bound, 1e-4 * abs(bound)) / norm
            for customer in range(len(demand)):
                at.pays[customer] += stride * at.direction[customer]
                if rules.steps_in_one > 0:
                    at.pays[customer] = np.rint(at.pays[customer] * rules.steps_in_one) / rules.steps_in_one
        if settled:
            return SETTLED
    return PAUSED


@numba.njit(cache=CACHED)
def evaluate(
    sites: Sites, lanes: Lanes, demand: Floats, pays: Floats, rent: Floats, near: float
) -> tuple[float, float, Floats, Floats, bool]:
    """At `pays` (J,) the bound and the price of size, and the bounds with each site forced open and closed, (A,).

    Last, whether the lanes at hand were enough; `rent` (A,) is set.
    """
    number, longest = len(sites.row), longest_of(lanes)
    saved, left, share = np.empty(number), np.empty(number), np.empty(number)
    opened, closed = np.empty(number), np.empty(number)
    unit = pays / demand
    inside, units, worth = np.empty(longest + 1), np.empty(longest + 1), np.empty(len(lanes.price))
    within = fill(sites, lanes, unit, rent, 0.003 * rent, saved, left, worth, inside, units)
    for customer in range(len(demand)):
        within = within and unit[customer] <= lanes.limit[customer]
    saved += sites.fixed
    value, size_price, count = choose(sites, saved, near, share)
    force(sites, saved, value, size_price, count, opened, closed)
    paid = pays.sum()
    return value + paid, size_price, opened + paid, closed + paid, within
