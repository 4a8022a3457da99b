"""How facilities may grow, from the sheet Expansions, and what that adds to the model.

Tier n adds its units to the facility with the tiers before it. It is in use only where the facility is open and tier
n - 1 is in use, and from the year in which it is taken until the facility closes. A facility whose lease is as long as
the plan has one state over all years, and so have its tiers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats, Indices
from networx.domain.network import NetworkTables
from networx.errors import Problem, RefusedInput
from networx.models.transport.refusals import name_rows, repeated, row_name
from networx.models.transport.rules import SiteRules
from networx.solver.linear import Assembly


@dataclass(frozen=True, slots=True)
class Tiers:
    """K tiers, facility by facility and each facility's in their order; `number` is 1 for its first. Units, dollars.

    A plan says how many are in use: whole numbers of shape (T, I).
    """

    facility: Indices
    number: Indices
    units: Floats
    fixed_cost: Floats
    one_time_cost: Floats

    def __len__(self) -> int:
        return len(self.facility)

    @property
    def together(self) -> Floats:
        """(K,): units that each tier adds with those before it."""
        running = np.cumsum(self.units)
        before = (running - self.units)[self._first]
        units: Floats = running - before
        return units

    @property
    def _first(self) -> Indices:
        """(K,): the position of the first tier of each one's facility."""
        return np.arange(len(self)) - (self.number - 1)

    def most(self, sites: int) -> Floats:
        """(I,): units that all tiers of a facility add."""
        units: Floats = np.bincount(self.facility, self.units, sites).astype(float)
        return units

    def in_use(self, count: Codes) -> Flags:
        """(T, K) from how many are in use."""
        used: Flags = self.number <= count[:, self.facility]
        return used

    def added(self, count: Codes) -> Floats:
        """(T, I): units that the tiers in use add."""
        return self._by_site(self.in_use(count) * self.units, count.shape)

    def cost(self, count: Codes) -> Floats:
        """(T, I): dollars for the tiers in use, and for those taken in the year."""
        used = self.in_use(count)
        before = np.vstack([np.zeros((1, len(self)), dtype=bool), used[:-1]])
        return self._by_site(used * self.fixed_cost + (used & ~before) * self.one_time_cost, count.shape)

    def _by_site(self, values: Floats, shape: tuple[int, ...]) -> Floats:
        total = np.zeros(shape)
        np.add.at(total.T, self.facility, values.T)
        return total


NO_TIERS = Tiers(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0), np.zeros(0))


def tiers_of(tables: NetworkTables, ever: Flags) -> Tiers:
    """The tiers of the facilities that may be open in some year. Raises RefusedInput for tiers that do not follow."""
    rows = tables.expansions
    if not len(rows):
        return NO_TIERS
    _refuse_bad_tiers(tables)
    order = np.lexsort((rows.tier, rows.facility))
    kept = order[ever[rows.facility[order]]]
    once = rows.one_time_cost[kept]
    return Tiers(
        facility=rows.facility[kept].astype(np.intp),
        number=rows.tier[kept].astype(np.intp),
        units=rows.capacity_units[kept].astype(np.float64),
        fixed_cost=rows.fixed_cost_per_year[kept].astype(np.float64),
        one_time_cost=np.where(np.isnan(once), 0.0, once),
    )


def _refuse_bad_tiers(tables: NetworkTables) -> None:
    rows = tables.expansions
    stated = set(zip(rows.facility.tolist(), rows.tier.tolist(), strict=True))
    after_a_gap = [
        tier < 1 or (tier > 1 and (site, tier - 1) not in stated)
        for site, tier in zip(rows.facility.tolist(), rows.tier.tolist(), strict=True)
    ]

    def problem(message: str, position: int) -> Problem:
        at = row_name(tables, "Expansions", position)
        return Problem(f"{at} {message}", "rule", "Expansions", None, "tier", str(rows.tier[position]))

    problems = name_rows(
        repeated(rows.facility, rows.tier), lambda row: problem("is stated more than once; keep one row.", row)
    )
    problems += name_rows(
        after_a_gap, lambda row: problem("does not follow one before it; number tiers 1, 2, 3 and so on.", row)
    )
    if problems:
        raise RefusedInput(problems)


@dataclass(frozen=True, slots=True)
class TierColumns:
    """Columns that say which tiers are in use, of shape (Y, K): Y is 1 for a fixed set, else the number of years."""

    tiers: Tiers
    use: Indices

    def by_period(self, periods: int) -> Indices:
        """(P, K): those of each period."""
        return self.use if len(self.use) == periods else np.tile(self.use, (periods, 1))


def add_tier_columns(
    assembly: Assembly, tiers: Tiers, rules: SiteRules, opened: Indices, *, fixed_set: bool
) -> TierColumns:
    """Columns `tier` and `take`, and the rows that tie them to `opened`, the columns (1, I) or (T, I) of `open`."""
    may = rules.may[:, tiers.facility]
    if fixed_set:
        begun = may & ~np.vstack([np.zeros((1, len(tiers)), dtype=bool), may[:-1]])
        cost = (may * tiers.fixed_cost + begun * tiers.one_time_cost).sum(axis=0, keepdims=True)
        most = may.any(axis=0, keepdims=True)
    else:
        cost = np.tile(tiers.fixed_cost, (len(may), 1))
        cost[0] += tiers.one_time_cost
        most = may
    use: Indices = assembly.add_columns("tier", cost.ravel(), 0.0, most.ravel(), integer=True).reshape(cost.shape)
    _nested(assembly, tiers, opened, use)
    if not fixed_set and len(use) > 1:
        _kept(assembly, tiers, rules, opened, use)
        take = assembly.add_columns("take", np.tile(tiers.one_time_cost, len(use) - 1), 0.0, 1.0)
        rows = np.arange(len(take))
        assembly.add_rows(
            "take",
            0.0,
            np.inf,
            len(take),
            (rows, take, 1.0),
            (rows, use[1:].ravel(), -1.0),
            (rows, use[:-1].ravel(), 1.0),
        )
    return TierColumns(tiers, use)


def _nested(assembly: Assembly, tiers: Tiers, opened: Indices, use: Indices) -> None:
    """A tier needs the one before it, the first its facility open."""
    below = np.where(tiers.number == 1, opened[:, tiers.facility], np.roll(use, 1, axis=1)).ravel()
    rows = np.arange(use.size)
    assembly.add_rows("tier", -np.inf, 0.0, use.size, (rows, use.ravel(), 1.0), (rows, below, -1.0))


def _kept(assembly: Assembly, tiers: Tiers, rules: SiteRules, opened: Indices, use: Indices) -> None:
    """What is in use stays so while the facility is open; over all years where that never changes."""
    may = rules.may[:, tiers.facility]
    whole = rules.whole[tiers.facility]
    year, tier = np.nonzero(may[1:] & may[:-1] & ~whole)
    at = np.arange(len(year))
    assembly.add_rows(
        "tier stays",
        -np.inf,
        1.0,
        len(at),
        (at, use[year, tier], 1.0),
        (at, opened[year + 1, tiers.facility[tier]], 1.0),
        (at, use[year + 1, tier], -1.0),
    )
    first = may.argmax(axis=0)
    year, tier = np.nonzero(may & whole & (np.arange(len(may))[:, None] > first))
    at = np.arange(len(year))
    assembly.add_rows("tier whole", 0.0, 0.0, len(at), (at, use[year, tier], 1.0), (at, use[first[tier], tier], -1.0))


def counts_from(tiers: Tiers, values: Floats, opened: Flags, *, fixed_set: bool) -> Codes:
    """How many tiers are in use, (T, I), from the values of the columns of a model; `opened` is of that shape."""
    states = 1 if fixed_set else len(opened)
    use = values[: states * len(tiers)].reshape(states, len(tiers)) > 0.5
    count = np.zeros(opened.shape, dtype=np.int32)
    np.add.at(count.T, tiers.facility, np.broadcast_to(use, (len(opened), len(tiers))).T)
    return np.where(opened, count, 0).astype(np.int32)


def values_from(tiers: Tiers, count: Codes, *, fixed_set: bool) -> list[Floats]:
    """The other way round: the values of those columns."""
    used = tiers.in_use(count)
    if fixed_set:
        return [np.logical_or.reduce(used, axis=0).astype(np.float64)]
    taken = used[1:] & ~used[:-1]
    return [used.ravel().astype(np.float64), taken.ravel().astype(np.float64)]
