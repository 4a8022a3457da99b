"""Demand by destination and lanes with what was paid, out of shipments: sums, one row after another, and nothing else.

Memory holds a tally a destination and a lane. Which shipments count and why others do not is in docs/shipments.md.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from networx.domain.paid_demand import CELLS, LONGEST_MONTH, DemandAsked, LaneKey, PaidDemand, Tally
from networx.domain.phrases import counted
from networx.domain.shipment_columns import PLACES
from networx.errors import Problem, RefusedInput

INBOUND = "inbound: no delivery to a customer"
TRANSFER = "a transfer between facilities: no delivery to a customer"
OTHER_YEAR = "shipped in another year than the one asked for"
NO_ZIP = "no destination ZIP"
NO_NAME = "no name of a destination"
NO_UNITS = "no units above 0"
REASONS = (INBOUND, TRANSFER, OTHER_YEAR, NO_ZIP, NO_NAME, NO_UNITS)
# What to do where it is why nothing is demand.
_CURES = {
    OTHER_YEAR: "ask for a year that they are of",
    NO_ZIP: "fill in dest_zip, or ask by name where destination is filled in",
    NO_NAME: "fill in destination, or ask by zip3 or zip5 where dest_zip is filled in",
    NO_UNITS: "fill in units",
}
_OF_DIRECTION = {"inbound": INBOUND, "transfer": TRANSFER}
_EPOCH = dt.date(1970, 1, 1).toordinal()
_ZIP_DIGITS = {"zip3": 3, "zip5": 5}

_cells: Callable[[Sequence[Any]], Sequence[Any]] = itemgetter(*(PLACES[name] for name in CELLS))


def cells_of(batches: Iterable[Sequence[Sequence[Any]]]) -> Iterator[Sequence[Any]]:
    """What counts of whole rows, cells in the order of CELLS."""
    for rows in batches:
        yield from map(_cells, rows)


def paid_demand(shipments: Iterable[Sequence[Any]], asked: DemandAsked) -> PaidDemand:
    """Sum up shipments, cells of each in the order of CELLS.

    An origin is the client's name where the row states one, else its five-digit ZIP. Raises RefusedInput where no
    shipment is demand, and where the days of those that are do not fit what is asked.
    """
    destinations: dict[str, Tally] = defaultdict(Tally)
    lanes: dict[LaneKey, Tally] = defaultdict(Tally)
    left_out: dict[str, Tally] = defaultdict(Tally)
    undirected, days = Tally(), _Days()
    digits, of_year = _ZIP_DIGITS.get(asked.by), None if asked.year is None else _days_of(asked.year)
    for day, origin_zip, dest_zip, origin, name, mode, direction, units, cents in shipments:
        place = dest_zip if digits else name
        reason = _OF_DIRECTION.get(direction)
        if reason is None and of_year is not None and day not in of_year:
            reason = OTHER_YEAR
        elif reason is None and not place:
            reason = NO_ZIP if digits else NO_NAME
        elif reason is None and not units:
            reason = NO_UNITS
        if reason is not None:
            left_out[reason].add(cents, units)
            continue
        destination = place[:digits]
        destinations[destination].add(cents, units)
        lanes[origin or origin_zip[:5], destination, mode].add(cents, units)
        days.add(day)
        if direction is None:
            undirected.add(cents, units)
    why = {reason: left_out[reason] for reason in REASONS if reason in left_out}
    if not destinations:
        told = "".join(f" {_why(reason, tally)}." for reason, tally in why.items())
        raise RefusedInput([Problem(f"None of the shipments is demand.{told}", "no_rows")])
    days.require(asked)
    return PaidDemand(
        asked, dict(sorted(destinations.items())), dict(sorted(lanes.items())), why, undirected, days.first, days.last
    )


def _why(reason: str, tally: Tally) -> str:
    cure = f"; {_CURES[reason]}" if reason in _CURES else ""
    return f"{counted(tally.shipments, 'shipment')}: {reason}{cure}"


class _Days:
    """The first and last day of shipments."""

    def __init__(self) -> None:
        self.first, self.last = 2**31, -(2**31)

    def add(self, day: int) -> None:
        if day < self.first:
            self.first = day
        if day > self.last:
            self.last = day

    def require(self, asked: DemandAsked) -> None:
        """Raises RefusedInput where demand would be of more than a year, or not of the months that are stated."""
        span = self.last - self.first + 1
        if asked.months is not None and span > asked.months * LONGEST_MONTH:
            message = f"The shipments are of {counted(span, 'day')}, more than {counted(asked.months, 'month')} have."
            raise RefusedInput([Problem(message, "months", column="months")])
        if asked.months is None and self.last >= _a_year_later(self.first):
            message = (
                f"The shipments are of {counted(span, 'day')}, and demand is of a year: ask for one year of them, or "
                "state how many months they cover."
            )
            raise RefusedInput([Problem(message, "months", column="year")])


def _days_of(year: int) -> range:
    """The days of a year, counted from 1970-01-01. Raises RefusedInput."""
    if not 1 <= year < 9999:
        raise RefusedInput([Problem(f"year is {year}; write a year such as 2025.", "year", column="year")])
    return range(dt.date(year, 1, 1).toordinal() - _EPOCH, dt.date(year + 1, 1, 1).toordinal() - _EPOCH)


def _a_year_later(day: int) -> int:
    """The same day of the next year; of February 29 the first of March."""
    date = dt.date.fromordinal(day + _EPOCH)
    leap = (date.month, date.day) == (2, 29)
    return (dt.date(date.year + 1, 3, 1) if leap else date.replace(year=date.year + 1)).toordinal() - _EPOCH
