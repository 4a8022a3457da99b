"""A workbook that the command line reads by itself holds what a loaded one would."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from cli.reading import read_workbook
from networx.domain.network_digest import DIGEST_COLUMNS

SHEETS = {
    "Facilities": [
        ["name", "capacity_units", "fixed_cost_per_year", "status", "existing", "available_to_year", "opening_cost"],
        ["North", "unlimited", 100, "candidate", "yes", None, None],
        ["South", 50, 0, "mandatory", None, 2027, 12.5],
    ],
    "Destinations": [["name", "demand_units"], ["Elm", 10], ["Oak", 20]],
    "Forecast": [["year", "annual_units"], [2026, 30], [2027, 40]],
    "FacilityYears": [["facility", "year", "status"], ["North", 2027, "forbidden"]],
    "Assignments": [["facility", "destination", "rule"], ["South", "Oak", "fixed"], ["North", "Elm", "forbidden"]],
    "Lanes": [
        ["origin", "destination", "cost_per_unit"],
        ["North", "Elm", 1],
        ["South", "Elm", 2],
        ["South", "Oak", 3],
    ],
    "Parameters": [["name", "value"], ["single_sourcing", "no"]],
}


def test_every_sheet_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "network.xlsx")

    tables, summary = read_workbook(tmp_path / "network.xlsx")

    filled = {"facilities": 2, "destinations": 2, "forecast": 2, "facility_years": 1, "assignments": 2}
    assert summary.rows == dict.fromkeys(DIGEST_COLUMNS, 0) | filled | {"parameters": 1, "lanes": 3}
    assert tables.facilities.existing == ("yes", None)
    assert tables.facilities.available_to_year[1] == 2027
    assert tables.facilities.opening_cost[1] == 12.5
    assert tables.facility_years.status == ("forbidden",)
    assert tables.assignments.rule == ("fixed", "forbidden")
    assert (tables.assignments.facility.tolist(), tables.assignments.destination.tolist()) == ([1, 0], [1, 0])
    assert tables.parameters == {"single_sourcing": "no"}
