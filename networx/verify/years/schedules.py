"""The cheapest schedule of each site, put together from whole stays, each from opening to closing."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.verify.years.data import YearsData


def cheapest_schedules(
    data: YearsData, site: Indices, cost: Floats, change: Floats, opened: Flags, closed: Flags
) -> Floats:
    """The least cost of a schedule of each of these sites (S,); inf where it has none.

    `cost` of a year open, what is `opened` and what `closed` are (T, S), `change` (T,) is paid for each change. A
    schedule is a row of stays; what follows a stay does not depend on what was before it.
    """
    years = len(data.fixed)
    may, lease = data.may[:, site], data.lease[site]
    paid_open = np.where(closed, math.inf, cost)
    paid_shut = np.where(opened, math.inf, 0.0)
    opening = data.opening[site] + change[:, None]
    closing = data.closing[site] + change[:, None]
    after = np.zeros((years + 2, len(site)))  # from a year on, when closed before it

    def stay(first: int, starts: Floats, leaves_at_once: Flags) -> Floats:
        """The least cost from a year on of staying from then to some later one."""
        least, held = np.full(len(site), math.inf), starts
        for last in range(first, years - 1):
            held = held + paid_open[last]
            free = leaves_at_once | (last - first + 1 >= lease) | ~may[last + 1]
            left = held + closing[last + 1] + paid_shut[last + 1] + after[last + 2]
            least = np.minimum(least, np.where(free, left, math.inf))
        cheapest: Floats = np.minimum(least, held + paid_open[years - 1])
        return cheapest

    never = np.zeros(len(site), dtype=bool)
    for first in reversed(range(years)):
        shut = paid_shut[first] + after[first + 1]
        after[first] = np.minimum(shut, stay(first, opening[first], never))
    before = data.existing[site]
    leaves = closing[0] + paid_shut[0] + after[1]
    value = np.where(before, np.minimum(leaves, stay(0, np.zeros(len(site)), before)), after[0])
    return np.where(lease >= years, _unchanging(data, site, paid_open, paid_shut, opening, closing), value)


def _unchanging(
    data: YearsData, site: Indices, paid_open: Floats, paid_shut: Floats, opening: Floats, closing: Floats
) -> Floats:
    """The lesser cost (S,) of being open whenever a site may be, and never."""
    may, before = data.may[:, site], data.existing[site]
    always, never = np.zeros(len(site)), np.where(before, closing[0], 0.0)
    for year in range(len(data.fixed)):
        now = may[year]
        always = always + np.where(now, paid_open[year], paid_shut[year])
        always = always + np.where(now & ~before, opening[year], 0.0) + np.where(~now & before, closing[year], 0.0)
        never = never + paid_shut[year]
        before = now
    return np.minimum(always, never)
