"""What ties the years together where facilities may open and close: leases, the budget of changes, one-time costs.

`start` is 1 where a facility opens in a year after the first. What opened within its last L years is still open: the
tightest form of such rows (Rajan and Takriti 2005, minimum up times). A lease ends early where the facility may no
longer be open. The lease of one that was open before the first year has run.
"""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.models.transport.instance import TransportInstance
from networx.models.transport.rules import SiteRules
from networx.solver.linear import Assembly


def has_starts(instance: TransportInstance) -> bool:
    """Whether a model of this instance has columns `start`; else every year is free to have its own set."""
    rules = instance.rules
    changing = instance.allowed & ~rules.whole
    asked = instance.parameters.max_changes_per_year is not None or rules.one_time_costs
    return not instance.fixed_set and (asked or bool((rules.lease[changing] > 1).any()))


def starts(opened: Flags) -> Floats:
    """The values of the columns `start` for a plan: where a facility opens in a year after the first."""
    begun: Floats = (opened[1:] & ~opened[:-1]).astype(np.float64)
    return begun


def closing_and_first_opening(rules: SiteRules) -> Floats:
    """What `open` costs beside the fixed cost, of shape (T, I), for closing and for opening in the first year.

    A closing is what was open, less what is, plus what starts: each year owes the next one's, and has its own back.
    """
    cost = np.zeros(rules.may.shape)
    cost[0] = np.where(rules.existing, -rules.closing_cost, rules.opening_cost)
    cost[1:] -= rules.closing_cost
    cost[:-1] += rules.closing_cost
    return cost


def add_lease_rows(assembly: Assembly, instance: TransportInstance, opened: Indices) -> None:
    """`opened` are columns of shape (T, I)."""
    _whole(assembly, instance.rules, opened)
    if has_starts(instance):
        add_starts(assembly, instance.rules, opened, instance.parameters.max_changes_per_year)


def add_starts(assembly: Assembly, rules: SiteRules, opened: Indices, most_changes: int | None) -> None:
    """Columns `start`, and the rows of leases that are shorter than the plan and of the budget of changes.

    `opened` are columns of shape (T, I), whose cost is that of `closing_and_first_opening`.
    """
    later, sites = opened.shape[0] - 1, opened.shape[1]
    cost = np.tile(rules.opening_cost + rules.closing_cost, later)
    start = assembly.add_columns("start", cost, 0.0, 1.0).reshape(later, sites)
    rows = np.arange(start.size)
    assembly.add_rows(
        "start",
        0.0,
        np.inf,
        start.size,
        (rows, start.ravel(), 1.0),
        (rows, opened[1:].ravel(), -1.0),
        (rows, opened[:-1].ravel(), 1.0),
    )
    _leases(assembly, rules, opened, start)
    if most_changes is not None:
        _changes(assembly, rules, opened, start, most_changes)


def _whole(assembly: Assembly, rules: SiteRules, opened: Indices) -> None:
    """A facility whose lease is as long as the plan is open in all the years in which it may be, or in none."""
    first = rules.may.argmax(axis=0)
    year, facility = np.nonzero(rules.may & rules.whole)
    tied = year > first[facility]
    year, facility = year[tied], facility[tied]
    rows = np.arange(len(year))
    assembly.add_rows(
        "whole",
        0.0,
        0.0,
        len(rows),
        (rows, opened[year, facility], 1.0),
        (rows, opened[first[facility], facility], -1.0),
    )


def _leases(assembly: Assembly, rules: SiteRules, opened: Indices, start: Indices) -> None:
    """In each year after the first in which it may be, what opened within its lease is open."""
    tied = rules.may[1:] & (rules.lease > 1) & ~rules.whole
    year, facility = np.nonzero(tied)
    rows = np.arange(len(year))
    year = year + 1
    barred = np.where(~rules.may, np.arange(len(rules.may))[:, None], -1)
    cut = np.maximum.accumulate(barred, axis=0)[year, facility]  # the last year before in which it may not be open
    entries = [(rows, opened[year, facility], -1.0)]
    for back in range(int(rules.lease[~rules.whole].max(initial=1))):
        began = year - back
        counts = (rules.lease[facility] > back) & (began > cut)
        after = np.flatnonzero(counts & (began >= 1))
        entries.append((rows[after], start[began[after] - 1, facility[after]], 1.0))
        # What is open in the first year began there, unless it was open before.
        first = np.flatnonzero(counts & (began == 0) & ~rules.existing[facility])
        entries.append((rows[first], opened[0, facility[first]], 1.0))
    assembly.add_rows("lease", -np.inf, 0.0, len(rows), *entries)


def add_fixed_changes(assembly: Assembly, instance: TransportInstance, opened: Indices) -> None:
    """The budget of changes of a fixed set, which changes where facilities become or cease to be available."""
    most, rules = instance.parameters.max_changes_per_year, instance.rules
    if most is None:
        return
    year, facility = np.nonzero(rules.may[1:] != rules.may[:-1])
    assembly.add_rows("changes", -np.inf, float(most), len(rules.may) - 1, (year, opened[facility], 1.0))
    if rules.existing.any():
        _first_changes(assembly, rules, opened, rules.may[0], most)


def _first_changes(assembly: Assembly, rules: SiteRules, opened: Indices, may: Flags, most: int) -> None:
    """What the first year opens and closes; a facility that may not be open in it does neither by its column."""
    entries = (np.zeros(int(may.sum())), opened[may], np.where(rules.existing, -1.0, 1.0)[may])
    assembly.add_rows("first changes", -np.inf, float(most) - float(rules.existing.sum()), 1, entries)


def _changes(assembly: Assembly, rules: SiteRules, opened: Indices, start: Indices, most: int) -> None:
    """What opens and what closes from one year to the next: twice what opens, less by how many more are open.

    The first year counts where the sheet says what was open before it.
    """
    later, sites = start.shape
    rows = np.repeat(np.arange(later), sites)
    assembly.add_rows(
        "changes",
        -np.inf,
        float(most),
        later,
        (rows, start.ravel(), 2.0),
        (rows, opened[1:].ravel(), -1.0),
        (rows, opened[:-1].ravel(), 1.0),
    )
    if rules.existing.any():
        _first_changes(assembly, rules, opened[0], rules.may[0], most)
