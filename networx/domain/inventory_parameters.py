"""What a plan of stock is asked with: the parameters of the sheet Inventory."""

from __future__ import annotations

from dataclasses import dataclass
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
    word, _, job_id = text.partition(" ")
    try:
        return AssignmentAsked(UUID(job_id.strip() if word == PLAN_OF_JOB.strip() else ""))
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
