"""Demand and lanes that a dataset of shipments holds: what was delivered where, and what was paid for it.

Sums are exact: cents are whole, and units are whole numbers or fractions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from networx.errors import Problem, RefusedInput

BY = ("zip3", "zip5", "name")
MONTHS_OF_A_YEAR = 12
LONGEST_MONTH = 31  # days
MOST_MONTHS = 1200
# What is read of each shipment, in this order.
CELLS = ("ship_date", "origin_zip", "dest_zip", "origin", "destination", "mode", "direction", "units", "charge")

# Origin, destination and mode.
LaneKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class DemandAsked:
    """What to make of shipments. A destination is a ZIP3, a ZIP5 or a name; `year` takes those of one year alone.

    `months` is how many months they cover, as somebody states it: then demand is of a year, x 12 / months, and
    otherwise of the days that they are of.

    Raises RefusedInput.
    """

    by: str
    year: int | None = None
    months: int | None = None

    def __post_init__(self) -> None:
        if self.by not in BY:
            raise RefusedInput([Problem(f"by is {self.by}; write zip3, zip5 or name.", "choice", column="by")])
        if self.months is not None and not 1 <= self.months <= MOST_MONTHS:
            message = f"months is {self.months}; write a whole number from 1 to {MOST_MONTHS:,}."
            raise RefusedInput([Problem(message, "amount", column="months")])

    @property
    def to_a_year(self) -> Fraction:
        """What units are multiplied by."""
        return Fraction(1) if self.months is None else Fraction(MONTHS_OF_A_YEAR, self.months)


@dataclass(slots=True)
class Tally:
    """Some shipments: how many, what was paid for them, and their units as far as they state them."""

    shipments: int = 0
    cents: int = 0
    units: int | Fraction = 0

    def add(self, cents: int, units: float | None) -> None:
        """One shipment more."""
        self.shipments += 1
        self.cents += cents
        if units:
            self.units += int(units) if units.is_integer() else Fraction(units)

    @property
    def cost_per_unit(self) -> float:
        """In dollars; negative where credits are more than charges. There are units."""
        return float(Fraction(self.cents, 100) / self.units)


@dataclass(frozen=True, slots=True)
class PaidDemand:
    """Demand by destination and lanes by origin, destination and mode, each a tally of the same shipments.

    `left_out` are the others by reason, and `undirected` those counted whose row states no direction. Days count from
    1970-01-01 and are of the shipments counted.
    """

    asked: DemandAsked
    destinations: Mapping[str, Tally]
    lanes: Mapping[LaneKey, Tally]
    left_out: Mapping[str, Tally]
    undirected: Tally
    first_day: int
    last_day: int

    @property
    def counted(self) -> Tally:
        """All shipments that are demand."""
        return added(self.destinations.values())

    @property
    def whole(self) -> Tally:
        """All shipments of the dataset."""
        return added([self.counted, *self.left_out.values()])

    @property
    def unpriced(self) -> dict[LaneKey, Tally]:
        """Lanes without a price, since credits on them are more than charges; they are demand all the same."""
        return {key: tally for key, tally in self.lanes.items() if tally.cents < 0}

    def demand_units(self, destination: str) -> float:
        """Of the days that the shipments are of, or of a year where the months that they cover are stated."""
        return float(self.destinations[destination].units * self.asked.to_a_year)


def added(tallies: Iterable[Tally]) -> Tally:
    """Their sum."""
    whole = Tally()
    for tally in tallies:
        whole.shipments += tally.shipments
        whole.cents += tally.cents
        whole.units += tally.units
    return whole
