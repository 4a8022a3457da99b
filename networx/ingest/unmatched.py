"""Columns of a refused file whose headers mean nothing to us: their headers, and what their cells look like.

Runs in the confined child. Of the cells it gives patterns alone (networx.domain.masking): no value leaves the child
this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from networx.domain.masking import masked, masked_header
from networx.domain.schema import SUPPORTED_SHEETS, Sheet
from networx.errors import Problem
from networx.ingest.cells import is_empty
from networx.ingest.headers import column_named
from networx.ingest.reader import WorkbookReader

MOST_COLUMNS = 100
ROWS_LOOKED_AT = 50
MOST_PATTERNS = 5


@dataclass(frozen=True, slots=True)
class UnmatchedColumn:
    """One such column. `fields` are the columns of its sheet that no other header of the tab means."""

    tab: str
    header: str
    patterns: tuple[str, ...]
    fields: tuple[str, ...]


def unmatched_columns(
    reader: WorkbookReader, tabs: Mapping[str, list[str]], problems: Iterable[Problem]
) -> tuple[UnmatchedColumn, ...]:
    """The first MOST_COLUMNS columns that were refused as unknown, tab by tab."""
    concerned = {problem.sheet for problem in problems if problem.rule == "unknown_column"}
    found = (
        column
        for sheet in SUPPORTED_SHEETS
        for tab in tabs[sheet.table]
        if tab in concerned
        for column in _of_tab(reader, sheet, tab)
    )
    return tuple(islice(found, MOST_COLUMNS))


def _of_tab(reader: WorkbookReader, sheet: Sheet, tab: str) -> Iterator[UnmatchedColumn]:
    rows = (row for _, row in reader.rows(tab) if not all(map(is_empty, row)))
    header = next(rows, [])
    below = list(islice(rows, ROWS_LOOKED_AT))
    named = {index: column_named(sheet, str(cell).strip()) for index, cell in enumerate(header) if not is_empty(cell)}
    taken = {column.name for column in named.values() if column is not None}
    fields = tuple(column.name for column in sheet.supported_columns if column.name not in taken)
    for index, column in named.items():
        if column is None:
            cells = (row[index] for row in below if index < len(row))
            patterns = dict.fromkeys(masked(cell) for cell in cells if not is_empty(cell))
            yield UnmatchedColumn(
                tab=tab.replace("\0", ""),
                header=masked_header(str(header[index])),
                patterns=tuple(islice(patterns, MOST_PATTERNS)),
                fields=fields,
            )
