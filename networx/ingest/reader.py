"""Reading the cells of a workbook: one adapter, two engines that pass the same conformance suite.

A reader streams rows in bounded memory and says nothing about what they mean. An empty cell is None; an error cell is
its text (`#N/A`); a formula is its saved value; a merged cell holds its value only in its top-left cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol, cast

from networx.ingest.archive import ARCHIVE_ERRORS
from networx.ingest.refusals import Refusal, damaged, refuse

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
Row = tuple[int, list[Cell]]
Engine = Literal["calamine", "openpyxl"]

LAST_ROW = 1_048_576
# It has no error of its own: what is wrong in a file surfaces as whatever broke.
_OPENPYXL_ERRORS = (*ARCHIVE_ERRORS, LookupError, SyntaxError, TypeError)


class WorkbookReader(Protocol):
    """An open workbook. `rows` gives (row number from 1, cells from column A); one sheet is read at a time."""

    def sheets(self) -> list[tuple[str, bool]]:
        """The tabs that hold cells, in their order, each with whether it shows."""
        ...

    def rows(self, sheet: str) -> Iterator[Row]:
        """The rows of one tab up to the last that is stored. Raises RefusedInput where the file breaks off."""
        ...

    def close(self) -> None: ...


def open_workbook(path: Path, engine: Engine = "calamine") -> WorkbookReader:
    """Open a workbook by its path. Raises RefusedInput where it cannot be opened."""
    return CalamineReader(path) if engine == "calamine" else OpenpyxlReader(path)


class CalamineReader:
    """The fast engine: streams a sheet without loading it."""

    def __init__(self, path: Path) -> None:
        from python_calamine_plus import CalamineError, CalamineWorkbook

        self._errors: tuple[type[Exception], ...] = (CalamineError, OSError, ValueError)
        try:
            self._book = CalamineWorkbook.from_path(str(path))
        except self._errors as error:
            raise damaged(fault=error) from error

    def sheets(self) -> list[tuple[str, bool]]:
        from python_calamine_plus import SheetTypeEnum, SheetVisibleEnum

        return [
            (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
            for sheet in self._book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]

    def rows(self, sheet: str) -> Iterator[Row]:
        number = 0
        try:
            stream = cast(Iterator[list[Cell]], self._book.stream_sheet_by_name(sheet))
            for number, row in enumerate(stream, 1):
                if number > LAST_ROW:
                    raise _beyond_the_last_row(sheet)
                yield number, ([None if cell == "" else cell for cell in row] if "" in row else row)
        except self._errors as error:
            raise damaged(f"{sheet}, after row {number}", error) from error

    def close(self) -> None:
        self._book.close()


class OpenpyxlReader:
    """The reference engine: slower, and the measure of what a cell holds."""

    def __init__(self, path: Path) -> None:
        import openpyxl

        # By its content: of a path the library believes the ending.
        self._file = path.open("rb")
        try:
            self._book = openpyxl.load_workbook(self._file, read_only=True, data_only=True)
        except _OPENPYXL_ERRORS as error:
            self._file.close()
            raise damaged(fault=error) from error

    def sheets(self) -> list[tuple[str, bool]]:
        return [(sheet.title, sheet.sheet_state == "visible") for sheet in self._book.worksheets]

    def rows(self, sheet: str) -> Iterator[Row]:
        worksheet = self._book[sheet]
        worksheet.reset_dimensions()  # the declared size may be wrong; the cells are what counts
        number = 0
        try:
            for number, cells in enumerate(worksheet.iter_rows(values_only=True), 1):
                if number > LAST_ROW:
                    raise _beyond_the_last_row(sheet)
                yield number, [_plain(cell) for cell in cells]
        except _OPENPYXL_ERRORS as error:
            raise damaged(f"{sheet}, after row {number}", error) from error

    def close(self) -> None:
        self._book.close()
        self._file.close()


def _plain(cell: Cell) -> Cell:
    if cell == "":
        return None
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date()
    return cell


def _beyond_the_last_row(sheet: str) -> Exception:
    return refuse(Refusal.SUSPICIOUS_ARCHIVE, f"A row stands beyond {LAST_ROW:,}, where every sheet ends.", sheet=sheet)
