"""A network workbook whose Facilities are places that a greenfield study chose: candidates, without any cost.

What they cost and hold only the client knows: those cells are empty, and until they are filled in the workbook is
refused, each cell by name. Destinations, demand and parameters are those of the file that was studied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.domain.network import NetworkTables
from networx.domain.phrases import counted
from networx.domain.schema import DEMAND, DESTINATIONS, FACILITIES, FORECAST, PARAMETERS, Kind, Sheet
from networx.results.greenfield import place_of

WIDTH = 18


def said_of(result: Mapping[str, Any]) -> list[str]:
    """The lines of its sheet Notes: where the places come from, which belong to which number, and what to do."""
    return [
        f"Candidates found by a greenfield study of {result['dataset_file']}: {result['candidates']['meaning']}.",
        f"Chosen by demand-weighted {result['distance']} alone. Source: {result['candidates']['source']}.",
        "Fill in what each costs a year and holds (fixed_cost_per_year, capacity_units); until then it is refused.",
        *(
            f"Best for {counted(row['count'], 'place')}: {', '.join(place['zip'] for place in row['places'])}."
            for row in result["frontier"]
        ),
    ]


def write_candidates(target: Path, tables: NetworkTables, zips: Iterable[str], said: Sequence[str]) -> None:
    """Write it; `said` are lines for its sheet Notes, which no loader reads."""
    places, years = tables.destinations, tables.demand
    with xlsxwriter.Workbook(str(target)) as book:
        _write(book, FACILITIES, [{"name": f"ZIP {zip5}", **place_of(zip5), "status": "candidate"} for zip5 in zips])
        _write(
            book,
            DESTINATIONS,
            [{column: getattr(places, column)[row] for column in _COLUMNS} for row in range(len(places))],
        )
        if len(years):
            stated = zip(years.destination.tolist(), years.year.tolist(), years.units.tolist(), strict=True)
            _write(book, DEMAND, [{"destination": places.name[at], "year": y, "units": n} for at, y, n in stated])
        if len(tables.forecast):
            totals = zip(tables.forecast.year.tolist(), tables.forecast.annual_units.tolist(), strict=True)
            _write(book, FORECAST, [{"year": year, "annual_units": units} for year, units in totals])
        _write(book, PARAMETERS, [{"name": name, "value": value} for name, value in tables.parameters.items()])
        notes = book.add_worksheet("Notes")
        for row, line in enumerate(said):
            notes.write_string(row, 0, line)
        book.get_worksheet_by_name(FACILITIES.name).activate()


_COLUMNS = ("name", "city", "state", "zip", "latitude", "longitude", "demand_units")


def _write(book: Any, sheet: Sheet, rows: Sequence[dict[str, Any]]) -> None:
    """Every required column, and every other that any row has something for."""
    page, bold, text = book.add_worksheet(sheet.name), book.add_format({"bold": True}), book.add_format()
    text.set_num_format("@")
    columns = [
        column
        for column in sheet.supported_columns
        if column.required or any(not _nothing(row.get(column.name)) for row in rows)
    ]
    page.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        page.set_column(at, at, WIDTH, text if column.kind is Kind.ZIP else None)
        page.write_string(0, at, column.name, bold)
        for line, row in enumerate(rows, 1):
            cell: Any = row.get(column.name)
            if _nothing(cell):
                continue
            if isinstance(cell, str):
                page.write_string(line, at, cell)  # a ZIP keeps its zeros, and nothing becomes a formula
            else:
                page.write_number(line, at, float(cell))


def _nothing(cell: Any) -> bool:
    return cell is None or (not isinstance(cell, str) and math.isnan(cell))
