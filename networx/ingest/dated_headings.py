"""Headings that are months or years: which they are, and what to do with columns of them in each sheet.

Only what can mean one thing is read: `Jan-25` may be a day or a month, so that it is named and not taken for either.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from networx.domain.schema import FIRST_YEAR, LAST_YEAR, Sheet

FEWEST = 2  # dated headings beside one another; one alone may be a name
NAMED = 3  # of many columns
_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTHS = {name.casefold(): at for at, name in enumerate(_NAMES, 1)}
_MONTHS |= {name[:3]: at for name, at in _MONTHS.items()} | {"sept": 9}
_WORD_YEAR = re.compile(r"([A-Za-z]+)\.?[\s\-_/,]*(\d{4})")
_YEAR_WORD = re.compile(r"(\d{4})[\s\-_/,]*([A-Za-z]+)\.?")
_YEAR_MONTH = re.compile(r"(\d{4})[\-/.](\d{1,2})(?:[\-/.]0?1)?")
_MONTH_YEAR = re.compile(r"(\d{1,2})[\-/.](\d{4})")
_YEAR = re.compile(r"\d{4}")
_SHORT = re.compile(r"([A-Za-z]+)\.?[\s\-_/']*\d{2}|\d{1,2}[\s\-_/]+([A-Za-z]+)\.?")


@dataclass(frozen=True, slots=True)
class Dated:
    """A heading that is a month or, without `month`, a year; without `year` it looks like a date and is not plain."""

    index: int
    heading: str
    year: int | None
    month: int | None


def dated_headings(header: Sequence[object]) -> list[Dated]:
    """Those of a header row, in their order."""
    found: list[Dated] = []
    for index, cell in enumerate(header):
        text = _written(cell)
        known = _dated(cell, text)
        if known is not None:
            found.append(Dated(index, text, *known))
        elif _looks_dated(cell, text):
            found.append(Dated(index, text, None, None))
    return found


def listed_columns(headings: Sequence[str]) -> str:
    """The first of them by name, and how many more."""
    named = ", ".join(headings[:NAMED])
    more = len(headings) - NAMED
    return f"{named} and {more} more" if more > 0 else named


def cure_of(sheet: Sheet) -> tuple[str, frozenset[str]]:
    """What to do about dated columns in a sheet, and the columns that it then has."""
    if sheet.name in _CURES:
        return _CURES[sheet.name]
    if any(column.name == "year" for column in sheet.supported_columns):
        return "write a row a year, with the year in the column year", frozenset({"year"})
    return "no column of this sheet is dated; remove them", frozenset()


LONG_DEMAND = "a row a destination and year, in the columns destination, year and units"
_ACROSS = "a column a month (Jan 2025 to Dec 2025) or a year (2025)"
_OF_DEMAND = f"write {LONG_DEMAND}, or destination and {_ACROSS}, and neither year nor units"
_OF_DESTINATIONS = (
    "demand_units is one number a destination; put what is dated into a sheet Demand, where "
    f"{_ACROSS} may stand beside destination"
)
OF_SHIPMENTS = (
    "a row is one shipment, with its day in ship_date and what it cost in net_charge (or freight_cost_usd or "
    "gross_charge); export the shipments themselves. Units a month are demand: put them into the sheet Demand of a "
    "network's workbook, where a column a month may stand beside destination"
)
_CURES = {
    "Demand": (_OF_DEMAND, frozenset({"year", "units"})),
    "Destinations": (_OF_DESTINATIONS, frozenset({"demand_units"})),
    "Forecast": ("write a row a year, in the columns year and annual_units", frozenset({"year", "annual_units"})),
    "Shipments": (OF_SHIPMENTS, frozenset({"ship_date"})),
}


def _written(cell: object) -> str:
    if isinstance(cell, dt.datetime | dt.date):
        return f"{_NAMES[cell.month - 1][:3]} {cell.year}" if _of_month(cell) else cell.strftime("%Y-%m-%d")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else " ".join(str(cell).split())


def _of_month(cell: dt.date) -> bool:
    """The first or the last of a month, which is how spreadsheets hold one."""
    return cell.day == 1 or (cell + dt.timedelta(days=1)).day == 1


def _dated(cell: object, text: str) -> tuple[int, int | None] | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, dt.datetime | dt.date):
        return _plain(cell.year, cell.month) if _of_month(cell) else None
    if _YEAR.fullmatch(text):
        return (int(text), None) if FIRST_YEAR <= int(text) <= LAST_YEAR else None
    if found := _WORD_YEAR.fullmatch(text):
        return _plain(int(found[2]), _MONTHS.get(found[1].casefold(), 0))
    if found := _YEAR_WORD.fullmatch(text):
        return _plain(int(found[1]), _MONTHS.get(found[2].casefold(), 0))
    if found := _YEAR_MONTH.fullmatch(text):
        return _plain(int(found[1]), int(found[2]))
    if found := _MONTH_YEAR.fullmatch(text):
        return _plain(int(found[2]), int(found[1]))
    return None


def _plain(year: int, month: int) -> tuple[int, int] | None:
    return (year, month) if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 else None


def _looks_dated(cell: object, text: str) -> bool:
    if isinstance(cell, dt.datetime | dt.date) or text.casefold() in _MONTHS:
        return True
    found = _SHORT.fullmatch(text)
    return found is not None and (found[1] or found[2]).casefold() in _MONTHS
