"""The sheets on today's network: the baseline as modelled, paid and booked, the cash flow, and profit and loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from networx.results import wording
from networx.results.result_book import Column, ResultBook, SummaryLine

BASELINE_COLUMNS: tuple[Column, ...] = (
    ("Year", "year", 8),
    ("Line", "text", 28),
    ("Modelled", "money", 20),
    ("In no model", "money", 18),
    ("Paid", "money", 20),
    ("Control total", "money", 20),
    ("Difference", "money", 18),
    ("Difference, share", "share", 16),
    ("Within tolerance", "text", 16),
    ("Paid meets control", "text", 18),
)
BASELINE_FIELDS = (
    *("year", "line", "modelled", "not_modelled", "paid", "control", "difference", "difference_share"),
    *("within_tolerance", "reconciled"),
)
CASH_COLUMNS: tuple[Column, ...] = (
    ("Year", "year", 8),
    ("Saving in operation", "money", 20),
    ("Opening and closing", "money", 20),
    ("Other one-time costs", "money", 20),
    ("Cash flow", "money", 20),
    ("Cash flow so far", "money", 20),
)
CASH_FIELDS = ("year", "operating_saving", "opening_and_closing", "one_time_costs", "cash_flow", "cumulative")
PROFIT_COLUMNS: tuple[Column, ...] = (
    ("Year", "year", 8),
    ("Line", "text", 26),
    ("Today", "money", 20),
    ("Plan", "money", 20),
    ("Saving", "money", 20),
)
# What a person reads first: label, member of the case, format, meaning.
_CASE = (
    ("Net present value", "npv", "money", "Cash flow at discount_rate, as of the first year of the cash flow"),
    ("Pays back after", "payback_years", "exact", "Years from the start of the cash flow until it is made up for"),
    ("Invested", "investment", "money", "Opening and closing, and OneTimeCosts"),
    ("Return on investment", "roi", "share", "(savings in operation - invested) / invested"),
)


def business_sheets(writer: ResultBook, result: dict[str, Any]) -> None:
    """Nothing where no baseline was priced."""
    if result.get("baseline") is None:
        return
    lines = ([line[name] for name in BASELINE_FIELDS] for line in result["baseline"]["lines"])
    writer.table("Baseline", BASELINE_COLUMNS, lines)
    case = result["business_case"]
    writer.table("Cash flow", CASH_COLUMNS, ([year[name] for name in CASH_FIELDS] for year in case["years"]))
    writer.table("Profit and loss", PROFIT_COLUMNS, _profit(case))


def saving_lines(result: dict[str, Any]) -> Iterator[SummaryLine]:
    """The lines of the summary: the savings with how far they can be trusted, or why there are none."""
    savings = result.get("savings")
    if savings is None:
        return
    if not savings["known"]:
        yield "Savings", wording.NOT_KNOWN, "text", savings["why"]
        return
    yield "Savings", savings["total"], "money", savings["note"]
    yield "Savings, share of today", savings["share"], "share", "Against today's network at the same demand and rates"
    case = result["business_case"]
    for label, name, kind, note in _CASE:
        value = wording.NOT_KNOWN if case[name] is None else case[name]
        yield label, value, kind, (case["npv_why"] or note) if name == "npv" else (case["why"] or note)


def _profit(case: dict[str, Any]) -> Iterator[list[Any]]:
    for year in case["profit_and_loss"]:
        for line in year["lines"]:
            name = wording.TERMS[line["line"]].label
            yield [year["year"], name, line["baseline"], line["scenario"], line["saving"]]
