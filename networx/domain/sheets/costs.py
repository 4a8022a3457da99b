"""The sheets on what was and will be paid beside the model: OperatingCosts, ControlTotals and OneTimeCosts."""

from __future__ import annotations

from networx.domain.sheets.columns import Column, Kind, Sheet

_LINE = (
    "transport, fixed and handling are compared with what the model says, and what is a part of one of them says so "
    "before a colon: `fixed: rent`. Any other line is reported as it is."
)

OPERATING_COSTS = Sheet(
    "OperatingCosts",
    "Optional: what was paid, by facility, year and line. A baseline is held against it; no model adds it to a cost.",
    (
        Column("facility", Kind.REFERENCE, "Which.", required=True, refers_to="Facilities", synonyms=("site",)),
        Column("year", Kind.YEAR, "When.", required=True),
        Column("line", Kind.TEXT, _LINE, required=True, synonyms=("cost_line",)),
        Column("amount", Kind.MONEY, "What was paid; a credit is negative.", required=True, unit="USD"),
    ),
    table="operating_costs",
)

CONTROL_TOTALS = Sheet(
    "ControlTotals",
    "Optional: what the books say was paid in all, by year and line; what the sheets add up to is held against it.",
    (
        Column("year", Kind.YEAR, "When.", required=True),
        Column("line", Kind.TEXT, "As in OperatingCosts; `total` is all lines together.", required=True),
        Column("amount", Kind.MONEY, "The total; one of credits is negative.", required=True, unit="USD"),
    ),
    table="control_totals",
)

ONE_TIME_COSTS = Sheet(
    "OneTimeCosts",
    "Optional: what the change costs once, for the business case; beside opening_cost and closing_cost of Facilities.",
    (
        Column("year", Kind.YEAR, "When; it may be before the first year of the plan.", required=True),
        Column("line", Kind.TEXT, "What for.", required=True, synonyms=("cost_line",)),
        Column("amount", Kind.MONEY, "What is spent; what is received is negative.", required=True, unit="USD"),
    ),
    table="one_time_costs",
)
