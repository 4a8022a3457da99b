"""The rows of a file that have a bad cell as a workbook: what is wrong and what to do, beside the row's own cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.domain.bad_rows_book import CURE, NOTES, PLACE, PROBLEMS, ROW, ROWS, SHEET, naming_sheet
from networx.domain.phrases import counted
from networx.errors import Problem

_WIDTH, _WIDE = 16, 70
_PROBLEM = (SHEET, ROW, "column", "value", CURE)


def write_bad_rows(
    target: Path,
    problems: Sequence[Problem],
    cells: Mapping[tuple[str, int], Sequence[Sequence[Any]]],
    *,
    filename: str,
    problem_count: int,
    sha256: str | None = None,
) -> None:
    """Write it. `cells` are those of a row by sheet and number, (header, cell) each; `problems` are the first of
    `problem_count`. `sha256` is of the file where the workbook can be sent back with its rows corrected."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(target), {**options, "tmpdir": str(target.parent)}) as book:
        _bad_rows(book, problems, cells)
        rows = [(one.sheet, one.row, one.column, one.value, one.message) for one in problems]
        _sheet(book, PROBLEMS, _PROBLEM, rows)
        notes = list(_notes(problems, cells, filename, problem_count, correctable=sha256 is not None))
        _sheet(book, NOTES, ("note",), [(note,) for note in notes])
        if sha256 is not None:
            told = f"The name of this sheet says which file the rows are of: {filename}, SHA-256 {sha256}. Keep it."
            _sheet(book, naming_sheet(sha256), ("note",), [(told,)])


def _bad_rows(book: Any, problems: Sequence[Problem], cells: Mapping[tuple[str, int], Sequence[Sequence[Any]]]) -> None:
    """A row of the file each, its own columns behind what is wrong with it, the bad cells coloured."""
    wrong: dict[tuple[str, int], list[Problem]] = {}
    for problem in problems:
        wrong.setdefault((problem.sheet or "", problem.row or 0), []).append(problem)
    headers = list(dict.fromkeys(header for row in cells.values() for header, _ in row))
    at = {header: place for place, header in enumerate(headers, len(PLACE))}
    sheet = _begun(book, ROWS, (*PLACE, *headers))
    bad = book.add_format({"bg_color": "#FFD9D0"})
    shown = ((where, found) for where, found in wrong.items() if where in cells)
    for number, (where, found) in enumerate(shown, 1):
        _write(sheet, number, (*where, " ".join(problem.message for problem in found)))
        faulty = {problem.column for problem in found}
        for header, cell in cells[where]:
            _cell(sheet, number, at[header], cell, bad if header in faulty else None)
    sheet.autofilter(0, 0, max(len(cells), 1), len(PLACE) + len(headers) - 1)


def _notes(
    problems: Sequence[Problem], cells: Mapping[Any, Any], filename: str, problem_count: int, *, correctable: bool
) -> Sequence[str]:
    use = f"{ROWS}: the rows as they stand in the file, sheet and row saying where, the bad cells coloured. " + (
        "Correct them there and upload this workbook: they take the place of those in the file. A row that you remove "
        "stays as it is and is asked about again. Leave the columns sheet and row, the headers and the names of the "
        "sheets as they are."
        if correctable
        else "Correct them in the file at that place and upload it again; this workbook is not read."
    )
    told = [f"What is wrong with {filename}: {counted(problem_count, 'problem')}.", use]
    if len(problems) < problem_count:
        told.append(f"{PROBLEMS} has the first {len(problems):,}; the others show once these are corrected.")
    missing = len({(one.sheet, one.row) for one in problems if one.row is not None}) - len(cells)
    if missing > 0:
        told.append(f"The cells of {counted(missing, 'row')} are not repeated here; they stand in the file.")
    return told


def _sheet(book: Any, name: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet = _begun(book, name, headers)
    for number, row in enumerate(rows, 1):
        _write(sheet, number, row)
    sheet.autofilter(0, 0, max(len(rows), 1), len(headers) - 1)


def _begun(book: Any, name: str, headers: Sequence[str]) -> Any:
    sheet = book.add_worksheet(name)
    for place, header in enumerate(headers):
        sheet.set_column(place, place, _WIDE if header in (CURE, "note") else _WIDTH)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, header in enumerate(headers):
        sheet.write_string(0, place, header, bold)
    return sheet


def _write(sheet: Any, number: int, row: Sequence[Any]) -> None:
    for place, cell in enumerate(row):
        _cell(sheet, number, place, cell)


def _cell(sheet: Any, number: int, place: int, cell: Any, style: Any = None) -> None:
    """Text as text, whatever it begins with: a workbook's text cell is run by nobody."""
    if cell is None:
        if style is not None:
            sheet.write_blank(number, place, None, style)
    elif isinstance(cell, str):
        sheet.write_string(number, place, cell, style)
    elif isinstance(cell, bool):
        sheet.write_boolean(number, place, cell, style)
    else:
        sheet.write_number(number, place, cell, style)
