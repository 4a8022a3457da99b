"""Shipments told by their columns, whatever the file or the tab is called, from its first rows.

Needs nothing beyond the standard library, so that the check of an upload can do it too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence

from networx.domain.schema import Column, fold
from networx.domain.sheets.shipments import CHARGES, SHIPMENTS

DELIMITERS = (",", ";", "\t", "|")
TITLE_ROWS = 30  # how far down a header may stand
KNOWN_COLUMNS = 4  # a header has at least so many, a charge among them
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
