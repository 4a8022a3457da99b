"""A requirement that falls short in one year or more: the worst year, and how a sentence speaks of them all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from networx.domain.phrases import in_year, years_listed

SOLVED = 1e-7  # relative; what a solver's figure may be above the true one
ROUNDING = 1e-9  # relative; a shortage has to be larger than this


@dataclass(frozen=True, slots=True)
class Shortage:
    """Units needed in a year and units to be had at most; `reached` says whether there is a way for them at all."""

    year: int
    needed: float
    held: float
    reached: bool = False

    @property
    def short(self) -> float:
        return self.needed - self.held

    @property
    def when(self) -> str:
        """Its year as a sentence goes on; empty where no year was stated."""
        return in_year(self.year)


def worst_of(shortages: Sequence[Shortage]) -> Shortage:
    """The one with most units short, the first of equals."""
    return max(shortages, key=lambda shortage: shortage.short)


def other_years(shortages: Sequence[Shortage]) -> str:
    """A sentence on the years beside the worst; empty where there is none."""
    years = [shortage.year for shortage in shortages if shortage is not worst_of(shortages)]
    if not years:
        return ""
    return f" {years_listed(years)} {'is' if len(years) == 1 else 'are'} short too, by no more than that."


def when(shortages: Sequence[Shortage]) -> str:
    """Where a cure must reach, as a sentence goes on: one year by its name, or all of them."""
    return shortages[0].when if len(shortages) == 1 else " in each of these years"


def units(number: float) -> str:
    """Units in a sentence, whole, or as exact as a small number needs: `1 unit`, `0.8 units`, `1,200 units`."""
    figure = f"{number:,.0f}" if abs(number) >= 100 or number == int(number) else f"{number:,.6g}"
    return f"{figure} unit" if figure == "1" else f"{figure} units"


def enough(number: float) -> str:
    """`units`, rounded up, so that what a cure says does."""
    step = 1.0 if number >= 100 else 10.0 ** (math.floor(math.log10(number)) - 5)
    return units(math.ceil(number * (1 - SOLVED) / step) * step)


def falls_short(needed: float, held: float) -> bool:
    """Whether less is held than is needed, beyond rounding."""
    return needed - held > ROUNDING * needed
