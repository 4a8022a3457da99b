"""A figure of a result as a model is told it, with what it means; and all that may be said of one result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a figure counts. Each is written and checked in its own way."""

    DOLLARS = "dollars"
    DOLLARS_PER_UNIT = "dollars per unit"
    SHARE = "share"
    UNITS = "units"
    MILES = "miles"
    FACILITIES = "facilities"
    YEARS = "years"
    YEAR = "year"
    BOTTLENECKS = "bottlenecks"
    SQUARE_FEET = "square feet"
    PALLETS = "pallets"
    DOORS = "doors"
    BUILDINGS = "buildings"
    PLACES = "places"


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the result. A share is 0 to 1."""

    label: str
    value: float
    unit: Unit

    @property
    def written(self) -> str:
        """In full, as the model is told it."""
        match self.unit:
            case Unit.DOLLARS:
                return f"{'-' if self.value < 0 else ''}${abs(self.value):,.2f}"
            case Unit.DOLLARS_PER_UNIT:
                return f"${self.value:,.4f} per unit"
            case Unit.SHARE:
                return f"{_plain(self.value * 100)} %"
            case Unit.YEAR:
                return f"{self.value:.0f}"
        return f"{_plain(self.value)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that may be said of a result. `names` are those of the facilities, by what they are called here.

    `clashing` are the requirements that no plan can meet together, where there is no plan.
    """

    status: str
    partial: bool
    clashing: tuple[str, ...]
    figures: tuple[Fact, ...]
    names: Mapping[str, str]

    def lines(self) -> list[str]:
        return [f"{fact.label}: {fact.written}" for fact in self.figures]


def known(label: str, value: float | None, unit: Unit) -> Iterator[Fact]:
    """The fact, where the result knows its value."""
    if value is not None:
        yield Fact(label, value, unit)


def _plain(value: float) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".")
