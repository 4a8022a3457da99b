"""A client's own rates of the market from a small file: the sheet Rates of a workbook, or CSV.

Runs in a confined child. What each cell is stands here; whether a figure is plausible is said by `networx.market`.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from networx.domain.market import MARKET_KINDS, ROADS
from networx.domain.schema import Column, Kind, Sheet, fold
from networx.errors import RefusedInput
from networx.ingest.archive import open_archive
from networx.ingest.cells import BadCell, number, text
from networx.ingest.filekind import require_archive
from networx.ingest.inspection import inspect
from networx.ingest.parts import require_workbook, sheets_of
from networx.ingest.problems import ProblemLog
from networx.ingest.ranges import FileRanges, RangeFile
from networx.ingest.reader import Cell, OpenpyxlReader, Row, WorkbookReader
from networx.ingest.refusals import Refusal, refuse
from networx.ingest.tables import table_rows

TAB = "Rates"
MOST_ROWS = 10_000
KINDS = tuple(name for name in MARKET_KINDS if name not in ROADS)
SHEET = Sheet(
    TAB,
    "What you pay yourself; it counts before every public source.",
    (
        Column("kind", Kind.CHOICE, "What the figure is.", required=True, choices=KINDS),
        Column("subject", Kind.TEXT, "Of where or of whom, such as US.", required=True, synonyms=("area", "region")),
        Column("as_of", Kind.VALUE, "The day from which it holds.", required=True, synonyms=("date",)),
        Column("value", Kind.VALUE, "The figure.", required=True, synonyms=("rate", "price")),
        Column("unit", Kind.TEXT, "Such as $/gal.", required=True),
    ),
    table="rates",
    required=True,
)


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """The child's side: read the file at request["path"] and send its rows. Raises RefusedInput."""
    send({"rows": read_rates(Path(request["path"]))})


def read_rates(path: Path) -> list[dict[str, Any]]:
    """The rows as `{row, kind, subject, as_of, value, unit}`, figures and days as text. Raises RefusedInput."""
    log = ProblemLog()
    rows: list[dict[str, Any]] = []
    seen: dict[tuple[str, str, str], int] = {}
    with path.open("rb") as file:
        packed = file.read(2) == b"PK"
    reader = _workbook(path) if packed else _Csv(path)
    try:
        tab = _tab_of(reader)
        for row in table_rows(reader, SHEET, [tab], {"as_of": _day, "value": _figure}, log):
            if row.bad:
                continue
            if len(rows) >= MOST_ROWS:
                raise refuse(Refusal.FILE_TOO_LARGE, f"The file has more than {MOST_ROWS:,} rows. Split it.", tab)
            names = [column.name for column in SHEET.supported_columns]
            rate = dict(zip(names, row.values, strict=True))
            earlier = seen.setdefault((rate["kind"], rate["subject"], rate["as_of"]), row.number)
            if earlier != row.number:
                message = f"Row {earlier} has a figure of the same kind, subject and day; keep one."
                log.add(message, "duplicate", sheet=tab, row=row.number, column="subject", value=rate["subject"])
            rows.append({"row": row.number, **rate})
    finally:
        reader.close()
    if log.count:
        raise RefusedInput(log.kept)
    if not rows:
        raise refuse(Refusal.EMPTY_FILE, "The file has no row with a figure.", tab)
    return rows


def _workbook(path: Path) -> WorkbookReader:
    ranges = FileRanges(path)
    file = RangeFile(ranges, ranges.size)
    require_archive(file, path.name)
    archive = open_archive(file)
    require_workbook(archive)
    sheets, _ = sheets_of(archive)
    formulas = inspect(path, [sheet.part for sheet in sheets])
    for sheet in sheets:
        for cell in formulas.get(sheet.part, ()):
            raise refuse(
                Refusal.DAMAGED_FILE,
                f"The formula in cell {cell} has no saved value. Open the file in Excel, save it and send it again.",
                sheet.name,
            )
    return OpenpyxlReader(path)


def _tab_of(reader: WorkbookReader) -> str:
    """The sheet Rates, or the only one that shows."""
    shown = [tab for tab, shows in reader.sheets() if shows]
    named = [tab for tab in shown if fold(tab) == fold(TAB)]
    if named or len(shown) == 1:
        return (named or shown)[0]
    raise refuse(Refusal.MISSING_SHEET, f"The workbook has {len(shown)} sheets and none is called {TAB}.")


class _Csv:
    """A CSV file in UTF-8, with commas, semicolons or tabs, as a workbook of one sheet."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        if not content.strip():
            raise refuse(Refusal.EMPTY_FILE, "The file is empty. Check the export and send it again.")
        try:
            self._text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise refuse(
                Refusal.NOT_SUPPORTED_YET, "The file is neither an Excel workbook nor CSV in UTF-8. Save it as either."
            ) from None
        if "\0" in self._text:
            raise refuse(Refusal.NOT_A_WORKBOOK, "The file is neither an Excel workbook nor CSV.")

    def sheets(self) -> list[tuple[str, bool]]:
        return [(TAB, True)]

    def rows(self, sheet: str) -> Iterator[Row]:
        lines = self._text.splitlines(keepends=True)
        delimiter = max(",;\t", key=lines[0].count)
        read = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            for cells in read:
                yield read.line_num, [cell or None for cell in cells]
        except csv.Error as fault:
            raise refuse(Refusal.DAMAGED_FILE, f"Line {read.line_num} is no CSV: {fault}.", sheet) from None

    def close(self) -> None:
        self._text = ""


def _day(cell: Cell) -> str:
    """A day as a cell of dates, or as text: 2026-11-22."""
    if isinstance(cell, dt.datetime | dt.date):
        day = cell.date() if isinstance(cell, dt.datetime) else cell
        return day.isoformat()
    try:
        return dt.date.fromisoformat(text(cell)).isoformat()
    except ValueError:
        raise BadCell("date", "is no date; write it as 2026-11-22") from None


def _figure(cell: Cell) -> str:
    """A number as it is written: money is counted in decimals."""
    number(cell)
    return cell.strip() if isinstance(cell, str) else str(cell)
