"""The plan beside today's network: the baseline, what is saved, and the business case."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from networx.results.shapes.network import TransportYear
from networx.results.shapes.parts import Certificate, Dollars, Part, Share


class BaselineLine(Part):
    """A cost line of a year: as it is modelled, was paid, and stands in the books."""

    year: int
    line: str
    modelled: Dollars | None
    not_modelled: Dollars = Field(description="of a total, what was paid in lines that no model has")
    paid: Dollars | None
    control: Dollars | None
    difference: Dollars | None = Field(description="modelled + not_modelled - control, or - paid where there is none")
    difference_share: float | None
    within_tolerance: bool | None
    reconciled: bool | None = Field(description="whether what was paid meets the control total, within the tolerance")
    paid_difference: Dollars | None = Field(None, description="paid - control")
    paid_difference_share: float | None = Field(None, description="of the control total")


class Baseline(Part):
    """Today's network with the plan's demand, years and rates."""

    flows: Literal["cheapest", "assignments"]
    calibration: Literal["calibrated", "uncalibrated", "not_compared"]
    note: str
    tolerance: Share
    total_cost: Dollars
    years: list[TransportYear]
    lines: list[BaselineLine]
    bound_source: str
    certificate: Certificate | None


class SavingYear(Part):
    """One year of the plan beside today's network."""

    year: int
    baseline_cost: Dollars
    scenario_cost: Dollars
    saving: Dollars


class Savings(Part):
    """Modelled against modelled; `note` says how far they can be trusted, `why` why they are not known."""

    known: bool
    why: str | None
    note: str | None
    total: Dollars | None
    share: float | None = Field(description="of the baseline's cost")
    years: list[SavingYear]


class CashYear(Part):
    """One year of the cash flow: saving in operation less what is spent once."""

    year: int
    operating_saving: Dollars
    opening_and_closing: Dollars
    one_time_costs: Dollars
    cash_flow: Dollars
    cumulative: Dollars


class OneTimeCost(Part):
    """A row of the sheet OneTimeCosts."""

    year: int
    line: str
    amount: Dollars


class ProfitLine(Part):
    """A cost line of a year, today and by the plan."""

    line: str
    baseline: Dollars
    scenario: Dollars
    saving: Dollars


class ProfitYear(Part):
    """A year's profit and loss, today beside the plan."""

    year: int
    lines: list[ProfitLine]


class BusinessCase(Part):
    """The cash flow against today's network and what it is worth: docs/models/business-case.md."""

    known: bool
    why: str | None
    years: list[CashYear]
    one_time_costs: list[OneTimeCost]
    investment: Dollars | None
    total_cash_flow: Dollars | None
    discount_rate: float | None
    npv: Dollars | None
    npv_why: str | None
    discounted_to: int | None
    payback_years: float | None
    roi: float | None
    profit_and_loss: list[ProfitYear]
