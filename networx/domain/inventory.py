"""What a plan of stock found: safety and cycle stock of each facility in each year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from networx.domain.arrays import Codes, Floats, codes_of
from networx.domain.plan import TransportPlan


@dataclass(frozen=True, slots=True)
class Service:
    """Who serves whom: each row is one (year, facility, destination) with units > 0, as in a plan's flows.

    `year` indexes `years`, `facility` and `destination` the dataset's tables.
    """

    years: tuple[int, ...]
    year: Codes
    facility: Codes
    destination: Codes
    units: Floats

    @classmethod
    def of_plan(cls, plan: TransportPlan) -> Service:
        """That of a network's plan."""
        return cls(plan.years, plan.flow_year, plan.flow_facility, plan.flow_destination, plan.flow_units)

    def arrays(self) -> dict[str, Any]:
        """As plain arrays, to travel without pickling."""
        return {
            "years": np.asarray(self.years, dtype=np.int64),
            **{name: getattr(self, name) for name in ("year", "facility", "destination", "units")},
        }

    @classmethod
    def from_arrays(cls, arrays: Any) -> Service:
        """Raises KeyError where a part is missing."""
        return cls(
            years=tuple(int(year) for year in arrays["years"]),
            year=codes_of(arrays["year"]),
            facility=codes_of(arrays["facility"]),
            destination=codes_of(arrays["destination"]),
            units=np.asarray(arrays["units"], dtype=np.float64),
        )


@dataclass(frozen=True, slots=True)
class Stock:
    """What one facility holds in one year, in units; `unpooled_safety` if each destination had a stock of its own.

    `year` indexes the outcome's years; `daily_mean` and `daily_deviation` are of the demand of one operating day.
    """

    year: int
    facility: int
    destinations: int
    annual_units: float
    daily_mean: float
    daily_deviation: float
    z: float
    safety: float
    unpooled_safety: float
    cycle: float
    holding_cost: float

    @property
    def average(self) -> float:
        """Safety stock and the mean of what one order brings."""
        return self.safety + self.cycle


@dataclass(frozen=True, slots=True)
class InventoryOutcome:
    """The stock of every facility and year that serves anyone. `facility` is its position in the dataset's table.

    `objective` is the holding cost over the years. `compared` is the same for the assignment it is compared with.
    """

    years: tuple[int, ...]
    seconds: float
    objective: float
    stocks: tuple[Stock, ...]
    compared: tuple[Stock, ...] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, to travel between processes without pickling."""
        stated = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return stated | {
            "stocks": [_plain(stock) for stock in self.stocks],
            "compared": None if self.compared is None else [_plain(stock) for stock in self.compared],
        }

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> InventoryOutcome:
        compared = stated["compared"]
        parts = {
            "years": tuple(stated["years"]),
            "stocks": tuple(Stock(**stock) for stock in stated["stocks"]),
            "compared": None if compared is None else tuple(Stock(**stock) for stock in compared),
        }
        return cls(**{**stated, **parts})


def _plain(stock: Stock) -> dict[str, Any]:
    return {name: getattr(stock, name) for name in stock.__dataclass_fields__}
