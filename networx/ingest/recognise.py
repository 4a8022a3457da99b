"""Shipments told by their columns, whatever the file or the tab is called, from its first rows.

Needs nothing beyond the standard library, so that the check of an upload can do it too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from itertools import islice

from networx.domain.schema import Column, fold
from networx.domain.sheets.shipments import CHARGES, SHIPMENTS
from networx.ingest.dated_headings import FEWEST, dated_headings

DELIMITERS = (",", ";", "\t", "|")
TITLE_ROWS = 30  # how far down a header may stand
KNOWN_COLUMNS = 4  # a header has at least so many, a charge among them
KNOWN_BESIDE_MONTHS = 2  # such as where from and where to
_NAMED: dict[str, Column] = {
    fold(header): column for column in SHIPMENTS.columns for header in (column.name, *column.synonyms)
}


def is_header(cells: Iterable[object]) -> bool:
    """Whether a row is the header of shipments."""
    found = {column.name for cell in cells if isinstance(cell, str) and (column := _NAMED.get(fold(cell)))}
    return len(found) >= KNOWN_COLUMNS and not found.isdisjoint(CHARGES)


def header_row(rows: Iterable[tuple[int, Sequence[object]]]) -> int | None:
    """The number of the first row that is a header of shipments, among the first TITLE_ROWS."""
    for seen, (number, cells) in enumerate(rows):
        if seen >= TITLE_ROWS:
            return None
        if is_header(cells):
            return number
    return None


def months_across(rows: Iterable[Sequence[object]]) -> list[str]:
    """The months or years across of the first row that else names what shipments have; none where no row does so."""
    for cells in islice(rows, TITLE_ROWS):
        known = {column.name for cell in cells if isinstance(cell, str) and (column := _NAMED.get(fold(cell)))}
        dated = dated_headings(cells)
        if len(known) >= KNOWN_BESIDE_MONTHS and len(dated) >= FEWEST:
            return [column.heading for column in dated]
    return []


def text_has_months_across(start: str) -> list[str]:
    """The same of the start of a CSV file, by whichever delimiter it has one."""
    return next((found for delimiter in DELIMITERS if (found := months_across(_rows(start, delimiter)))), [])


def delimiter_of(start: str) -> str:
    """The delimiter of a CSV file: by it the start of the file has a row with the most known columns."""
    return max(DELIMITERS, key=lambda delimiter: _known(start, delimiter))


def text_has_shipments(start: str) -> bool:
    """Whether the start of a CSV file has a header of shipments."""
    return any(is_header(row) for row in _rows(start, delimiter_of(start)))


def _known(start: str, delimiter: str) -> int:
    return max((sum(fold(cell) in _NAMED for cell in row) for row in _rows(start, delimiter)), default=0)


def _rows(start: str, delimiter: str) -> list[list[str]]:
    found: list[list[str]] = []
    try:
        found.extend(csv.reader(start.splitlines()[:TITLE_ROWS], delimiter=delimiter))
    except csv.Error:
        return found  # a line that is cut off, or no CSV: what came before it counts
    return found
