"""What a plan of stock is asked with, and what it found: safety and cycle stock of each facility in each year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from networx.domain.parameter_rules import amount, fail, number, parameter, positive, required

SHEET = "Inventory"
FIXED_ASSIGNMENTS = "fixed"
PLAN_OF_JOB = "job "


def _service(text: str) -> float:
    share = number(text)
    return share if 0.5 <= share < 1 else float(fail("must be a share from 0.5 to below 1; no stock makes 1 certain"))


@dataclass(frozen=True, slots=True)
class AssignmentAsked:
    """Who serves whom: the plan of a finished job, or without one the fixed rows of the sheet Assignments."""

    job: UUID | None = None

    def __str__(self) -> str:
        """As it is stated."""
        return FIXED_ASSIGNMENTS if self.job is None else f"{PLAN_OF_JOB}{self.job}"


def _assignment(text: str) -> AssignmentAsked:
    if text == FIXED_ASSIGNMENTS:
        return AssignmentAsked()
    try:
        return AssignmentAsked(UUID(text.removeprefix(PLAN_OF_JOB).strip()))
    except ValueError:
        raise ValueError(f"must be {FIXED_ASSIGNMENTS}, or {PLAN_OF_JOB.strip()} and its id") from None


@dataclass(frozen=True, slots=True)
class InventoryParameters:
    """The parameters of the sheet Inventory, parsed. Times are in operating days."""

    service_level: float = required(
        _service, "Required. Probability that a replenishment comes before the stock is used up.", "share 0-1"
    )
    lead_time_days: float = required(amount, "Required. Mean time from order to arrival, in operating days.", "days")
    lead_time_std_days: float = required(amount, "Required. Its standard deviation; 0 where it never varies.", "days")
    demand_cv: float = required(
        amount, "Required. Of a destination's demand of one operating day: standard deviation over mean.", "ratio"
    )
    holding_cost_per_unit_per_year: float = required(amount, "Required. Of a unit held for a year.", "USD per unit")
    review_period_days: float = required(
        amount,
        "Required. Operating days from one order to the next; 0 where each unit is replaced as it leaves.",
        "days",
    )
    operating_days: float = required(
        positive, "Required, unless the sheet Warehouse states it: days of demand in a year.", "days"
    )
    assignment: AssignmentAsked | None = parameter(  # noqa: RUF009  # it makes a field
        _assignment,
        "Required by a scenario of type inventory, read by nothing else: who serves whom. `fixed`: the fixed rows of "
        "the sheet Assignments; `job` and its id: the plan of this finished job.",
    )
    compare_with: AssignmentAsked | None = parameter(  # noqa: RUF009  # it makes a field
        _assignment, "The same of today's assignment, to compare the stock with. Empty: no comparison."
    )


@dataclass(frozen=True, slots=True)
class Stock:
    """What one facility holds in one year, in units; `unpooled_safety` if each destination had a stock of its own."""

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
