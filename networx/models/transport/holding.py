"""What facilities hold, with and without their tiers, and the rows that keep flows within it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Indices, numbered, picked
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import Periods
from networx.models.transport.tiers import TierColumns
from networx.solver.linear import Assembly


@dataclass(frozen=True, slots=True)
class Held:
    """What facilities hold in a period, part by part: the units that a column adds where it is 1, all of one length.

    `place` is the period and facility as one position in an array of shape (P, I).
    """

    place: Indices
    column: Indices
    units: Floats


def held_by(instance: TransportInstance, periods: Periods, opened: Indices, grown: TierColumns | None) -> Held:
    """What an open facility holds and what each of its tiers adds, clipped to what it could ever serve."""
    most = periods.capacity
    if grown is None:
        place = np.flatnonzero(most)
        return Held(place, opened.take(place), most.take(place))
    # Years are periods of their own where there are tiers.
    own = np.minimum(instance.capacity, most)
    site = grown.tiers.facility
    after = instance.capacity[:, site] + grown.tiers.together
    step = np.minimum(after, most[:, site]) - np.minimum(after - grown.tiers.units, most[:, site])
    place = np.flatnonzero(own)
    year, tier = np.nonzero(step)
    use = grown.by_period(len(most))
    return Held(
        np.concatenate([place, year * most.shape[1] + site[tier]]),
        np.concatenate([opened.take(place), use[year, tier]]),
        np.concatenate([own.take(place), step[year, tier]]),
    )


def add_capacity_rows(assembly: Assembly, periods: Periods, held: Held, flows: tuple[Indices, Indices, Floats]) -> None:
    """A facility sends no more than its capacity. Only where its lanes could ask for more, and it has any.

    `flows` are where each starts (see `FlowColumns`), its column, and the units that a value of 1 carries.
    """
    row_of, count = numbered(periods.binding & (periods.capacity > 0))
    start, flow, most_units = flows
    row = row_of.take(start)
    used = picked(row >= 0)
    shares = most_units[used] / periods.capacity.take(start[used])
    part = row_of.take(held.place)
    kept = picked(part >= 0)
    parts = held.units[kept] / -periods.capacity.take(held.place[kept])
    assembly.add_rows(
        "capacity",
        -np.inf,
        0.0,
        count,
        (row[used], flow[used], shares),
        (part[kept], held.column[kept], parts),
    )


def add_cover_rows(assembly: Assembly, periods: Periods, held: Held) -> None:
    """The open facilities can hold all demand: implied by the rest, but not by its linear relaxation."""
    totals = periods.demand.sum(axis=1)
    row_of, count = numbered(periods.binding.any(axis=1) & (totals > 0))
    period = held.place // periods.capacity.shape[1]
    kept = picked(row_of[period] >= 0)
    shares = held.units[kept] / totals[period[kept]]
    entries = (row_of[period[kept]], held.column[kept], np.minimum(shares, 1.0))
    assembly.add_rows("cover", 1.0, np.inf, count, entries)
