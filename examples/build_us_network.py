"""Build us_network.xlsx: a distribution network over the 300 largest metropolitan areas of the United States.

Population, rents, trucking cost and growth are published figures; how much a resident orders or how large a building
is are assumptions of the example. `data/sources.csv` names each and becomes the sheet Sources. The same data give the
same file, byte for byte.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

HERE = Path(__file__).parent
WORKBOOK = HERE / "us_network.xlsx"
MADE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)

PALLETS_PER_RESIDENT = 0.01
PALLETS_PER_SQUARE_FOOT = 0.75
OPERATING_COST_PER_YEAR = 1_500_000
TRUCK_COST_PER_MILE = 2.26
PALLETS_PER_TRAILER = 26
CIRCUITY = 1.2
GROWTH_PER_YEAR = 0.004
YEARS = range(2026, 2031)

PARAMETERS: tuple[tuple[str, Any, str], ...] = (
    ("single_sourcing", "no", ""),
    ("lease_years", len(YEARS), "years"),
    ("min_facilities", 4, ""),
    ("max_facilities", 9, ""),
    ("service_level", 0.9, "share 0-1"),
    ("max_distance_miles", 500, "miles"),
    ("cost_per_unit_mile", round(TRUCK_COST_PER_MILE / PALLETS_PER_TRAILER, 4), "USD per unit and mile"),
    ("circuity", CIRCUITY, "ratio"),
    ("currency", "USD", ""),
    ("distance_unit", "miles", ""),
    ("time_limit_seconds", 60, "seconds"),
    ("gap", 0.000001, "share 0-1"),
)


def build(path: Path = WORKBOOK) -> Path:
    """Write the workbook to `path`."""
    metros = _rows("us_metros.csv")
    candidates = _rows("us_candidates.csv")
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": "A United States distribution network", "created": MADE})
        _sheet(
            book,
            "Facilities",
            "name city state latitude longitude capacity_units fixed_cost_per_year status",
            _facilities(candidates, {metro["cbsa_code"]: metro for metro in metros}),
        )
        destinations = [_destination(metro) for metro in metros]
        _sheet(book, "Destinations", "name city state latitude longitude demand_units", destinations)
        _sheet(book, "Forecast", "year annual_units", _forecast(sum(row[-1] for row in destinations)))
        _sheet(book, "Parameters", "name value unit", PARAMETERS)
        _sheet(book, "Sources", "what kind source", [tuple(row.values()) for row in _rows("sources.csv")])
    return path


def _facilities(candidates: list[dict[str, str]], metros: dict[str, dict[str, str]]) -> list[Sequence[Any]]:
    return [
        (
            *_place(metros[site["cbsa_code"]]),
            int(site["square_feet"]) * PALLETS_PER_SQUARE_FOOT,
            round(int(site["square_feet"]) * float(site["rent_per_sqft"])) + OPERATING_COST_PER_YEAR,
            site["status"],
        )
        for site in candidates
    ]


def _destination(metro: dict[str, str]) -> Sequence[Any]:
    return (*_place(metro), round(int(metro["population"]) * PALLETS_PER_RESIDENT))


def _place(metro: dict[str, str]) -> tuple[str, str, str, float, float]:
    name = f"{metro['city']}, {metro['state']}"
    return name, metro["city"], metro["state"], float(metro["latitude"]), float(metro["longitude"])


def _forecast(first_year: int) -> list[Sequence[Any]]:
    return [(year, round(first_year * (1 + GROWTH_PER_YEAR) ** (year - YEARS[0]))) for year in YEARS]


def _rows(name: str) -> list[dict[str, str]]:
    lines = (HERE / "data" / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _sheet(book: Any, name: str, headers: str, rows: Sequence[Sequence[Any]]) -> None:
    header = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for index, title in enumerate(headers.split()):
        longest = max([len(title), *(len(str(row[index])) for row in rows)])
        sheet.set_column(index, index, min(longest + 3, 100), wrapped if longest > 100 else None)
        sheet.write_string(0, index, title, header)
    for line, row in enumerate(rows, start=1):
        for index, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, index, value, wrapped if len(value) > 100 else None)
            else:
                sheet.write_number(line, index, value)


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else WORKBOOK))
