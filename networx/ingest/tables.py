"""From the rows of a tab to the cells of a table: each cell parsed, each fault named by sheet, row and column.

Knows what a column is, not what the rows of a table mean together: that is said by `places`, `years`, `lanes` and
`parameter_rows`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from networx.domain.schema import Sheet
from networx.ingest.cells import BadCell, Parser, Unjudged, is_empty
from networx.ingest.headers import Layout, layout_of, without_header
from networx.ingest.problems import ProblemLog
from networx.ingest.reader import Cell, WorkbookReader


class TableRow(NamedTuple):
    """One row: `values` in the order of the supported columns, None where empty or bad; `bad` if any cell is.

    `stored` are its cells as the reader gave them.
    """

    tab: str
    number: int
    values: list[Any]
    bad: bool
    stored: Sequence[Cell] = ()


def table_rows(
    reader: WorkbookReader,
    sheet: Sheet,
    tabs: Sequence[str],
    parsers: Mapping[str, Parser],
    log: ProblemLog,
    cells: ProblemLog | None = None,
) -> Iterator[TableRow]:
    """The rows of a table over all its tabs, empty rows left out; `parsers` replace those of the columns they name.

    What is wrong with the cells of a row goes to `cells` where it is given, what is wrong with columns to `log`.
    """
    for tab in tabs:
        rows = reader.rows(tab)
        number, header = next(((number, row) for number, row in rows if not _blank(row)), (1, []))
        layout = layout_of(sheet, tab, number, header, parsers, log) if header or sheet.required else None
        if layout is not None:
            yield from _rows(rows, layout, tab, log, log if cells is None else cells)


class Tables:
    """The tables of one workbook, by the `tabs` that hold each; what is wrong goes to `log`."""

    def __init__(self, reader: WorkbookReader, tabs: Mapping[str, Sequence[str]], log: ProblemLog) -> None:
        self._reader = reader
        self._tabs = tabs
        self._log = log

    def rows(self, sheet: Sheet, parsers: Mapping[str, Parser] | None = None) -> Iterator[TableRow]:
        """The rows of a table; `parsers` replace those of the columns they name."""
        return table_rows(self._reader, sheet, self._tabs[sheet.table], parsers or {}, self._log)

    def again(self, sheet: Sheet, parsers: Mapping[str, Parser]) -> Iterator[TableRow]:
        """The rows of a table that was read before, whose problems are named already."""
        return table_rows(self._reader, sheet, self._tabs[sheet.table], parsers, ProblemLog())


def has_rows(reader: WorkbookReader, tab: str, *, beneath_header: bool) -> bool:
    """Whether a tab holds any value, or any beneath its first row that has one."""
    filled = (number for number, row in reader.rows(tab) if not _blank(row))
    first = next(filled, None)
    return next(filled, None) is not None if beneath_header else first is not None


def _rows(
    rows: Iterator[tuple[int, list[Cell]]], layout: Layout, tab: str, log: ProblemLog, cells: ProblemLog
) -> Iterator[TableRow]:
    places = layout.places
    reported: set[int] = set()
    for number, stored in rows:
        # Readers leave out what lies behind a row's last cell.
        row = stored + [None] * (layout.width - len(stored)) if len(stored) < layout.width else stored
        values: list[Any] = [None] * places
        bad = False
        for field in layout.fields:
            cell = row[field.index]
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                if field.column.required:
                    if _blank(row):
                        break
                    bad = True
                    message = f"{field.header} is empty; it must be {field.column.rule}."
                    cells.add(message, "required", sheet=tab, row=number, column=field.header)
                continue
            try:
                values[field.place] = field.parse(cell)
            except Unjudged:
                bad = True
            except BadCell as fault:
                bad = True
                message = f"{field.header} {fault.message}".rstrip("?.") + ("?" if fault.message.endswith("?") else ".")
                cells.add(message, fault.rule, sheet=tab, row=number, column=field.header, value=cell)
        else:  # the row was not blank
            if layout.closed or len(row) > layout.width:
                bad = _check_closed(row, number, layout, tab, reported, log) or bad
            yield TableRow(tab, number, values, bad, row)


def _check_closed(row: list[Cell], number: int, layout: Layout, tab: str, reported: set[int], log: ProblemLog) -> bool:
    """Name values where none may stand, each column once. Returns whether the row has one."""
    filled = [index for index in (*layout.closed, *range(layout.width, len(row))) if not is_empty(row[index])]
    for index in filled:
        if index not in reported:
            reported.add(index)
            closed = layout.closed.get(index) or without_header(index)
            log.add(closed.message, closed.rule, sheet=tab, row=number, column=closed.header, value=row[index])
    return bool(filled)


def _blank(row: list[Cell]) -> bool:
    return all(is_empty(cell) for cell in row)
