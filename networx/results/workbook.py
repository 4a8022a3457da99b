"""The Excel workbook of a transport result: the answer first, then the figures, every assignment and the proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.results import wording
from networx.results.business_workbook import business_sheets, saving_lines
from networx.results.result_book import (
    NO_LIMIT,
    Column,
    ResultBook,
    SummaryLine,
    clash_lines,
    identity_lines,
    summary_line,
    verdict_lines,
)

YEAR_COLUMNS: tuple[Column, ...] = (
    ("Year", "year", 8),
    ("Facilities open", "units", 14),
    ("Units", "units", 16),
    ("Transport cost", "money", 20),
    ("Inbound cost", "money", 20),
    ("Fixed cost", "money", 20),
    ("Handling", "money", 20),
    ("Opening and closing", "money", 20),
    ("Expansions", "money", 20),
    ("Missed service", "money", 20),
    ("Total cost", "money", 20),
    ("Cost per unit", "price", 14),
    ("Service level", "share", 14),
    ("Average miles", "miles", 14),
)
YEAR_FIELDS = (
    "year",
    "facilities_open",
    "units",
    "transport_cost",
    "inbound_cost",
    "fixed_cost",
    "handling_cost",
    "one_time_cost",
    "expansion_cost",
    "service_penalty_cost",
    "total_cost",
    "cost_per_unit",
    "service_level",
    "weighted_distance_miles",
)
FACILITY_COLUMNS: tuple[Column, ...] = (
    ("Facility", "text", 28),
    ("City", "text", 20),
    ("State", "text", 8),
    ("Latitude", "degrees", 12),
    ("Longitude", "degrees", 12),
    ("Status", "text", 12),
    ("Open", "text", 8),
    ("Year", "year", 8),
    ("Units", "units", 16),
    ("Capacity", "units", 16),
    ("Use of capacity", "share", 16),
    ("Fixed cost", "money", 20),
    ("Tiers in use", "units", 12),
    ("Expansions", "money", 20),
)
INBOUND_COLUMNS: tuple[Column, ...] = (
    ("Year", "year", 8),
    ("Supplier", "text", 28),
    ("Facility", "text", 28),
    ("Units", "units", 16),
    ("Cost per unit", "price", 14),
    ("Cost", "money", 18),
    ("Miles", "miles", 12),
)
INBOUND_FIELDS = ("year", "supplier", "facility", "units", "cost_per_unit", "cost", "distance_miles")
COST_COLUMNS: tuple[Column, ...] = (
    ("Facility", "text", 28),
    ("Transport cost", "money", 20),
    ("Inbound cost", "money", 20),
    ("Fixed cost", "money", 20),
    ("Handling", "money", 20),
    ("Opening and closing", "money", 20),
    ("Expansions", "money", 20),
    ("Total cost", "money", 20),
)
COST_FIELDS = ("transport_cost", "inbound_cost", "fixed_cost", "handling_cost", "one_time_cost", "expansion_cost")
ASSIGNMENT_COLUMNS: tuple[Column, ...] = (
    ("Year", "year", 8),
    ("Facility", "text", 28),
    ("Destination", "text", 32),
    ("Units", "units", 16),
    ("Cost per unit", "price", 14),
    ("Cost", "money", 18),
    ("Miles", "miles", 12),
    ("Share of demand", "share", 16),
)
MODE_COLUMN: Column = ("Mode", "text", 16)
PRICE_COLUMN: Column = ("Price", "text", 60)
FITTED_COLUMNS: tuple[Column, ...] = (
    ("Mode", "text", 12),
    ("From lb", "units", 12),
    ("To lb", "units", 12),
    ("Lanes", "units", 12),
    ("Suppliers' lanes", "units", 16),
    ("Shipments", "units", 12),
    ("Median error in %", "miles", 16),
    ("Mean error in %", "miles", 16),
    ("R2", "share", 12),
    ("Miles from", "miles", 12),
    ("Miles to", "miles", 12),
    ("Pounds from", "units", 12),
    ("Pounds to", "units", 12),
    ("First month", "text", 12),
    ("Last month", "text", 12),
    ("Accepted by", "text", 24),
    ("Accepted on", "text", 14),
)
FITTED_FIELDS = (
    *("mode", "weight_from", "weight_to", "lanes", "inbound_lanes", "shipments"),
    *("median_error_percent", "mean_error_percent", "r_squared", "miles_from", "miles_to", "pounds_from", "pounds_to"),
    *("first_month", "last_month", "accepted_by", "accepted_on"),
)
ASSIGNMENT_FIELDS = (
    "year",
    "facility",
    "destination",
    "units",
    "cost_per_unit",
    "cost",
    "distance_miles",
    "share_of_demand",
)


def write_result_workbook(
    path: str | Path,
    result: dict[str, Any],
    assignments: Iterable[dict[str, Any]],
    inbound: Iterable[dict[str, Any]] = (),
) -> None:
    """Write the workbook. `assignments` and `inbound` are rows of the Parquet files, in their order, read once."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        writer = ResultBook(book)
        writer.summary(wording.verdict(result), wording.certificate_verdict(result), _summary_lines(result))
        if result["kpis"] is not None:
            writer.table("Years", YEAR_COLUMNS, ([year[name] for name in YEAR_FIELDS] for year in result["years"]))
            network_tables(writer, result, assignments, inbound)
        business_sheets(writer, result)
        writer.proof(result)


def network_tables(
    writer: ResultBook,
    result: dict[str, Any],
    assignments: Iterable[dict[str, Any]],
    inbound: Iterable[dict[str, Any]] = (),
) -> None:
    """The sheets on facilities, what each costs over all years by kind, who serves whom, and what comes in."""
    writer.table("Facilities", FACILITY_COLUMNS, _facility_rows(result))
    writer.table("Costs", COST_COLUMNS, _cost_rows(result))
    writer.table("Assignments", *_flow_rows(assignments, ASSIGNMENT_COLUMNS, ASSIGNMENT_FIELDS))
    if result["suppliers"]:
        writer.table("Inbound", *_flow_rows(inbound, INBOUND_COLUMNS, INBOUND_FIELDS))
    fits = result.get("fitted_rates") or []
    if fits:
        writer.table("Fitted rates", FITTED_COLUMNS, ([fit[name] for name in FITTED_FIELDS] for fit in fits))


def _summary_lines(result: dict[str, Any]) -> Iterator[SummaryLine]:
    yield from verdict_lines(result)
    for name, kind in (
        ("total_cost", "money"),
        ("transport_cost", "money"),
        ("inbound_cost", "money"),
        ("fixed_cost", "money"),
        ("handling_cost", "money"),
        ("one_time_cost", "money"),
        ("expansion_cost", "money"),
        ("service_penalty_cost", "money"),
        ("cost_per_unit", "price"),
        ("total_units", "units"),
        ("facilities_open", "units"),
        ("service_level", "share"),
        ("weighted_distance_miles", "miles"),
    ):
        if result["kpis"] is not None:
            yield summary_line(name, result["kpis"][name], kind)
    yield from saving_lines(result)
    for name, count in result.get("pricing", {}).items():
        yield summary_line(f"priced_by_{name}", count, "units")
    for name, count in (result.get("inbound_pricing") or {}).items():
        yield summary_line(f"inbound_priced_by_{name}", count, "units")
    yield from clash_lines(result)
    yield from identity_lines(result)


def _facility_rows(result: dict[str, Any]) -> Iterator[list[Any]]:
    for site in result["facilities"]:
        place = [site[name] for name in ("name", "city", "state", "latitude", "longitude", "status", "open")]
        if not site["years"]:
            yield [*place, *(None,) * (len(FACILITY_COLUMNS) - len(place))]
        for year in site["years"]:
            capacity = NO_LIMIT if year["capacity_units"] is None else year["capacity_units"]
            used = [year["year"], year["units"], capacity, year["utilization"]]
            yield [*place, *used, year["fixed_cost"], year["tiers"], year["expansion_cost"]]


def _cost_rows(result: dict[str, Any]) -> Iterator[list[Any]]:
    """Facilities that cost something, one that is closed included."""
    for site in result["facilities"]:
        spent = [site[name] for name in COST_FIELDS]
        if site["open"] or any(spent):
            yield [site["name"], *spent, sum(spent)]


def _flow_rows(
    flows: Iterable[dict[str, Any]], stated: tuple[Column, ...], names: tuple[str, ...]
) -> tuple[list[Column], Iterator[list[Any]]]:
    """The columns and rows, with the mode where the plan has modes."""
    rows = iter(flows)
    first = next(rows, None)
    columns, fields = list(stated), list(names)
    if first is not None and "mode" in first:
        at = fields.index("units")
        columns.insert(at, MODE_COLUMN)
        fields.insert(at, "mode")
    if first is not None and "price_fitted" in first:
        columns.append(PRICE_COLUMN)
        fields.append("price_fitted")
    every = rows if first is None else chain((first,), rows)
    return columns, ([row[name] for name in fields] for row in every)
