"""The Excel workbook of plans of space and stock: the answer first, then every table, who serves whom, the proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.results import wording
from networx.results.result_book import (
    ResultBook,
    SummaryLine,
    clash_lines,
    identity_lines,
    verdict_lines,
)
from networx.results.storage_tables import Table, storage_tables
from networx.results.workbook import network_tables

_WIDTHS = {"text": 28, "year": 8, "money": 20, "units": 16, "area": 16}
_FORMATS = {"area": "units"}
_LONGEST_NAME = 31  # of a sheet, in Excel
_NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_KINDS = {"cost_per_unit": "price"}


def write_storage_workbook(
    path: str | Path,
    result: Mapping[str, Any],
    assignments: Iterable[dict[str, Any]] = (),
    inbound: Iterable[dict[str, Any]] = (),
) -> None:
    """Write the workbook. `assignments` and `inbound` are rows of the Parquet files of a network's plan."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        writer = ResultBook(book)
        writer.summary(result["verdict"], wording.certificate_verdict(result), _summary(result))
        names: set[str] = set()
        for table in _joined(storage_tables(result)):
            columns = [(heading, _FORMATS.get(kind, kind), _WIDTHS[kind]) for heading, kind in table.columns]
            writer.table(_sheet_name(table.title, names), columns, table.rows)
        if result["type"] == "integrated":
            network_tables(writer, dict(result), assignments, inbound)
        writer.proof(dict(result))


def _joined(tables: Iterable[Table]) -> Iterator[Table]:
    """Tables that only differ by whose they are become one, with the facility in front: a network has many."""
    found: dict[str, list[Table]] = {}
    for table in tables:
        found.setdefault(table.title.split(": ")[0], []).append(table)
    for title, parts in found.items():
        if ": " not in parts[0].title:
            yield from parts
            continue
        rows = tuple((part.title.split(": ", 1)[1], *row) for part in parts for row in part.rows)
        yield Table(title, parts[0].note, (("Facility", "text"), *parts[0].columns), rows)


def _sheet_name(title: str, names: set[str]) -> str:
    name = title.translate(_NOT_IN_A_NAME)[:_LONGEST_NAME].strip()
    assert name not in names, name
    names.add(name)
    return name


def _summary(result: Mapping[str, Any]) -> Iterator[SummaryLine]:
    yield from verdict_lines(dict(result))
    for name, value in (result["kpis"] or {}).items():
        if value is not None:
            kind = _KINDS.get(name, "money" if name.endswith("_cost") else "units")
            yield wording.words(name), value, kind, _NOTES.get(name, "")
    for note in result["notes"]:
        yield "Note", "", "text", note
    yield from clash_lines(dict(result))
    yield from identity_lines(dict(result))


_NOTES = {
    "total_cost": "All costs over all years",
    "network_cost": "Transport and facilities over all years",
    "warehouse_cost": "Own and hired space over all years",
    "inventory_cost": "Holding the average stock, over all years",
    "average_stock": "Safety and cycle stock, mean over the years",
    "unpooled_safety_stock": "If every destination were served from a stock of its own",
    "largest_gross_area": "Square feet, in the year that needs most",
    "most_hired_area": "Square feet, in the year that hires most",
    "service_level": "Share of units within reach in the worst year",
}
