"""What a load uploads and solves: small networks that differ from one another, so that each is loaded anew."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

_SITES = ("North", "South", "East")
_TOWNS = ("Ash", "Birch", "Cedar", "Elm", "Oak")
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(number: int) -> bytes:
    """A network of three sites and five towns, over one year, which has a plan; another `number` is another network."""
    # Any two of the sites hold more than all towns ask for.
    demand = [40 + (7 * number + 3 * town) % 50 for town in range(len(_TOWNS))]
    towns = [*_TOWNS[:-1], f"{_TOWNS[-1]} {number}"]
    sheets: dict[str, Sequence[Sequence[Any]]] = {
        "Facilities": [
            ["name", "capacity_units", "fixed_cost_per_year", "status"],
            *([site, 400, 500 + 100 * row, "candidate"] for row, site in enumerate(_SITES)),
        ],
        "Destinations": [["name", "demand_units"], *([town, demand[row]] for row, town in enumerate(towns))],
        "Lanes": [
            ["origin", "destination", "cost_per_unit"],
            *(
                [site, town, 1 + (3 * row + 2 * column) % 7]
                for row, site in enumerate(_SITES)
                for column, town in enumerate(towns)
            ),
        ],
        "Parameters": [["name", "value"], ["single_sourcing", "no"]],
    }
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for row, values in enumerate(rows):
                page.write_row(row, 0, values)
    return written.getvalue()
