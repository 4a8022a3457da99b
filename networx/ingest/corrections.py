"""A correction: the workbook of a file's bad rows, mended, and how its rows take the place of the file's own.

A row is named by its sheet and its number in the file, as the workbook states them. Only rows that were bad may stand
there; what is wrong with the workbook itself is named by its own cells. Runs in the confined child.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from networx.domain.bad_rows_book import PLACE, ROW, ROWS, SHEET
from networx.domain.phrases import counted
from networx.domain.schema import fold
from networx.ingest.bad_rows import MOST_CHARACTERS, Cells, header_name, plain
from networx.ingest.cells import is_empty
from networx.ingest.formulas import report_formulas
from networx.ingest.headers import without_header
from networx.ingest.inspection import inspect
from networx.ingest.mended import MendedRows, Place
from networx.ingest.preflight import preflight
from networx.ingest.problems import PROBLEMS_KEPT, ProblemLog
from networx.ingest.ranges import FileRanges
from networx.ingest.reader import Cell, Row, open_workbook
from networx.ingest.refusals import Refusal, refuse


@dataclass(slots=True)
class Correction:
    """The rows of a workbook by their place in the file, where each stands in the workbook, and what is wrong."""

    rows: dict[Place, Cells] = field(default_factory=dict)
    stands: dict[Place, int] = field(default_factory=dict)
    log: ProblemLog = field(default_factory=ProblemLog)


def read_correction(path: Path, open_rows: Collection[Place]) -> Correction:
    """Read it; `open_rows` are the places that may be corrected. Raises RefusedInput where it is no such workbook."""
    ranges = FileRanges(path)
    accepted = preflight(ranges, ranges.size, path.name, correction=True)
    formulas = inspect(path, [sheet.part for sheet in accepted.sheets])
    reader = open_workbook(path)
    try:
        named = next((name for name, shows in reader.sheets() if shows and fold(name) == fold(ROWS)), None)
        if named is None:
            raise _no_sheet(f"The workbook has no sheet {ROWS}")
        found = Correction()
        report_formulas(accepted, formulas, {named}, found.log)
        _Reading(named, found, open_rows).run(reader.rows(named))
        return found
    finally:
        reader.close()


def _no_sheet(what: str) -> Exception:
    message = f"{what}. Correct the rows in the workbook of bad rows as it was downloaded, and upload that."
    return refuse(Refusal.MISSING_SHEET, message, sheet=ROWS)


class _Reading:
    def __init__(self, sheet: str, found: Correction, open_rows: Collection[Place]) -> None:
        self._sheet = sheet
        self._found = found
        self._open = open_rows
        self._left = 2 * MOST_CHARACTERS

    def run(self, rows: Iterable[Row]) -> None:
        filled = ((number, row) for number, row in rows if not all(map(is_empty, row)))
        number, header = next(filled, (1, []))
        names = [None if is_empty(cell) else header_name(cell) for cell in header]
        places = {name: at for at, name in enumerate(names) if name is not None}
        if SHEET not in places or ROW not in places:
            raise _no_sheet(f"The sheet {ROWS} does not begin with the columns {SHEET} and {ROW}")
        for name in {name for name in names if name is not None and names.count(name) > 1}:
            self._wrong(f"Two columns are called {name}; keep one.", "duplicate_column", number, name)
        for number, row in filled:
            self._row(number, row, names, places)
        if not self._found.rows and not self._found.log.count:
            self._found.log.add(f"{ROWS} holds no row; leave those in it that are corrected.", "no_rows", sheet=ROWS)

    def _row(self, number: int, stored: list[Cell], names: list[str | None], places: Mapping[str, int]) -> None:
        row = stored + [None] * (len(names) - len(stored))
        place = self._place(number, row[places[SHEET]], row[places[ROW]])
        cells: Cells = []
        for at, cell in enumerate(row):
            name = names[at] if at < len(names) else None
            if name is not None and name not in PLACE:
                cells.append((name, plain(cell)))
            elif name is None and not is_empty(cell):
                closed = without_header(at)
                self._wrong(closed.message, closed.rule, number, closed.header)
        if place is None:
            return
        where = f"Row {place[1]:,} of {place[0]}"
        if place in self._found.rows:
            first = self._found.stands[place]
            self._wrong(f"{where} stands in row {first:,} already; keep one of them.", "repeated", number, ROW)
        elif place not in self._open:
            message = (
                f"{where} is not among the rows that can be corrected, which are those that could not be read. Remove "
                "this line, or take the row's number from the workbook of bad rows."
            )
            self._wrong(message, "not_bad", number, ROW)
        elif all(is_empty(cell) for _, cell in cells):
            message = (
                f"{where} is empty here. Fill it in; or remove this line, so that the row stays as it is and can be "
                "left out by a decision."
            )
            self._wrong(message, "empty", number, ROW)
        else:
            self._keep(place, number, cells)

    def _keep(self, place: Place, number: int, cells: Cells) -> None:
        self._left -= sum(len(name) + len(str(cell)) for name, cell in cells)
        if self._left < 0 or len(self._found.rows) >= PROBLEMS_KEPT:
            raise refuse(
                Refusal.FILE_TOO_LARGE,
                f"A correction holds at most {PROBLEMS_KEPT:,} rows and {2 * MOST_CHARACTERS:,} characters. Correct "
                "the rows in the file itself, and upload that.",
                sheet=ROWS,
            )
        self._found.rows[place] = cells
        self._found.stands[place] = number

    def _place(self, number: int, sheet: Cell, row: Cell) -> Place | None:
        """The place that a line names, or None where it names none, which is told."""
        tab = sheet if isinstance(sheet, str) and sheet.strip() else None
        if isinstance(row, str) and row.strip().isdecimal():
            row = int(row.strip())
        whole = isinstance(row, int | float) and not isinstance(row, bool) and math.isfinite(row) and row == int(row)
        if tab is None:
            self._wrong("The sheet of this row is not stated; take it from the workbook.", "place", number, SHEET)
        if not whole:
            message = "The row's number in its sheet is not stated; take it from the workbook."
            self._wrong(message, "place", number, ROW)
        return (tab, int(row)) if tab is not None and whole and isinstance(row, int | float) else None

    def _wrong(self, message: str, rule: str, number: int, column: str) -> None:
        self._found.log.add(message, rule, sheet=self._sheet, row=number, column=column)


def name_column_faults(mended: MendedRows, headers: Mapping[str, Sequence[Cell]], log: ProblemLog) -> None:
    """Say of each column once where a correction lacks one of the file's, or has a value under one it has not."""
    told: set[tuple[str, str]] = set()
    for (tab, _), row in mended.items():
        columns = [header_name(name) for name in headers.get(tab, ()) if not is_empty(name)]
        stated = {name for name, _ in row.cells}
        filled = [name for name, cell in row.cells if not is_empty(cell)]
        absent = [(name, "missing_column") for name in columns if name not in stated]
        for name, rule in absent + [(name, "unknown_column") for name in filled if name not in columns]:
            if (tab, name) in told:
                continue
            told.add((tab, name))
            message = (
                f"The column {name} of {tab} is missing in {row.by}; add it, as the workbook of bad rows has it."
                if rule == "missing_column"
                else f"{row.by} has values under {name}, which is no column of {tab}; clear them."
            )
            log.add(message, rule, sheet=ROWS, column=name)


def corrected_words(rows: int, tab: str, by: str, dollars: str) -> str:
    """What every report says of rows that are corrected."""
    verb, what = ("is", "it") if rows == 1 else ("are", "them")
    return f"{tab}: {counted(rows, 'row')} that could not be read {verb} as {by} corrects {what}, {dollars}."
