"""The Excel workbook of a capacity analysis: the answer first, then years, use, shortage, bottlenecks and relief."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.results import wording
from networx.results.capacity_wording import changed_name, once, until_words
from networx.results.result_book import (
    NO_LIMIT,
    Column,
    ResultBook,
    SummaryLine,
    clash_lines,
    identity_lines,
    verdict_lines,
)

YEAR_COLUMNS: tuple[Column, ...] = (
    ("Year", "year", 8),
    ("Demand", "units", 16),
    ("Units served", "units", 16),
    ("Units short", "units", 16),
    ("Capacity", "units", 16),
    ("Use of capacity", "share", 16),
    ("Transport cost", "money", 20),
    ("Handling cost", "money", 20),
    ("Cost of what comes in", "money", 20),
    ("Cost of lacking service", "money", 20),
    ("Facility cost", "money", 20),
    ("Opening and closing", "money", 20),
    ("Total cost", "money", 20),
)
YEAR_FIELDS = (
    "year",
    "demand_units",
    "units",
    "units_short",
    "capacity_units",
    "utilisation",
    "transport_cost",
    "handling_cost",
    "inbound_cost",
    "service_penalty",
    "fixed_cost",
    "one_time_cost",
    "total_cost",
)
USE_COLUMNS: tuple[Column, ...] = (
    ("Facility", "text", 28),
    ("Year", "year", 8),
    ("Capacity", "units", 16),
    ("Units", "units", 16),
    ("Use of capacity", "share", 16),
    ("Spare", "units", 16),
)
SHORTAGE_COLUMNS: tuple[Column, ...] = (
    ("Year", "year", 8),
    ("Destination", "text", 32),
    ("Units short", "units", 16),
)
BOTTLENECK_COLUMNS: tuple[Column, ...] = (
    ("Kind", "text", 12),
    ("What is full", "text", 28),
    ("Year", "year", 8),
    ("One more unit", "price", 16),
    ("Unit", "text", 34),
    ("Holds from capacity", "units", 20),
    ("Holds to at least", "units", 20),
    ("10 % more is", "units", 16),
    ("Saves, solved again", "units", 20),
    ("Unit of the saving", "text", 18),
)
RELIEF_COLUMNS: tuple[Column, ...] = (
    ("Open or take", "text", 28),
    ("From year", "year", 12),
    ("To year", "text", 12),
    ("Capacity", "units", 16),
    ("Facility cost, first year", "money", 24),
    ("Facility cost, all years", "money", 24),
    ("Opening and closing", "money", 24),
)


def write_capacity_workbook(path: str | Path, result: dict[str, Any]) -> None:
    """Write the workbook of a result of `capacity_result`."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        writer = ResultBook(book)
        writer.summary(result["verdict"], wording.certificate_verdict(result), _summary(result))
        writer.table("Years", YEAR_COLUMNS, _years(result["years"]))
        writer.table("Use of capacity", USE_COLUMNS, _use(result["utilisation"]))
        writer.table("Shortage", SHORTAGE_COLUMNS, _shortage(result["shortage"]))
        writer.table("Bottlenecks", BOTTLENECK_COLUMNS, _bottlenecks(result["bottlenecks"]))
        if result["relief"] is not None:
            writer.table("Relief", RELIEF_COLUMNS, _changes(result["relief"]))
            writer.table("Years with relief", YEAR_COLUMNS, _years(result["relief"]["years"]))
            writer.table("Use with relief", USE_COLUMNS, _use(result["relief"]["utilisation"]))
        writer.proof(result)


def _summary(result: dict[str, Any]) -> Iterator[SummaryLine]:
    yield from verdict_lines(result)
    kpis = result["kpis"]
    if kpis is not None:
        first = "none" if kpis["first_year_of_shortage"] is None else kpis["first_year_of_shortage"]
        yield "First year of shortage", first, "year", "The first year in which demand cannot all be served"
        yield "Units short", kpis["units_short"], "units", "Least units that stay unserved, all years"
        yield "Facilities analysed", kpis["facilities_open"], "units", "Open in every year in which they may be"
        yield "Highest use of capacity", kpis["highest_utilisation"], "share", "Of one facility in one year"
        yield "Cost of the network as it is", kpis["total_cost"], "money", "Of what can be served, all years"
    if result["bottlenecks_not_examined"]:
        left = result["bottlenecks_not_examined"]
        yield "Not examined", left, "units", "Full places, by year, for which the time did not suffice"
    yield from clash_lines(result)
    yield from identity_lines(result)


def _years(years: list[dict[str, Any]]) -> Iterator[list[Any]]:
    for year in years:
        shown = {**year, "capacity_units": NO_LIMIT if year["capacity_units"] is None else year["capacity_units"]}
        yield [shown.get(name, 0.0) for name in YEAR_FIELDS]  # older results know no other costs


def _use(rows: list[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        capacity = NO_LIMIT if row["capacity"] is None else row["capacity"]
        yield [row["facility"], row["year"], capacity, row["throughput"], row["utilisation"], row["spare"]]


def _shortage(shortage: dict[str, Any]) -> Iterator[list[Any]]:
    for year in shortage["by_year"]:
        yield [year["year"], "all", year["units"]]
        for place in year["destinations"]:
            yield [year["year"], place["name"], place["units"]]


def _bottlenecks(bottlenecks: list[dict[str, Any]]) -> Iterator[list[Any]]:
    for one in bottlenecks:
        figures = [one[name] for name in ("kind", "name", "year", "shadow_price", "unit", "valid_from", "valid_to")]
        yield [*figures, *(one["tenth_more"][name] for name in ("capacity", "saves", "unit"))]


def _changes(relief: dict[str, Any]) -> Iterator[list[Any]]:
    for change in relief["changes"]:
        capacity = NO_LIMIT if change["capacity"] is None else change["capacity"]
        costs = (change["fixed_cost_in_first_year"], change["fixed_cost"], once(change))
        yield [changed_name(change), change["from_year"], until_words(change), capacity, *costs]
