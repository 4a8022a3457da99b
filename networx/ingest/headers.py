"""Which column of a tab is which column of the table: by exact name, by folded name, then by synonym.

A header that is none of them is refused with the likeliest name; a column that no model reads yet, or that has no
header, may be there as long as it is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from networx.domain.schema import Column, Sheet, fold
from networx.ingest.cells import Parser, is_empty, parser_for
from networx.ingest.dated_headings import FEWEST, Dated, cure_of, dated_headings, listed_columns
from networx.ingest.names import nearest
from networx.ingest.problems import ProblemLog
from networx.ingest.reader import Cell


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is read: its position in the tab, its place among the values, and how its cells are parsed."""

    index: int
    place: int
    header: str
    column: Column
    parse: Parser


@dataclass(frozen=True, slots=True)
class Closed:
    """A position whose cells must be empty, and what to say if one is not."""

    header: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one tab stand: `width` header cells, `places` values in a row of the table."""

    fields: tuple[Field, ...]
    closed: dict[int, Closed]
    width: int
    places: int


def without_header(index: int) -> Closed:
    """What to say of a value under no header; `index` counts from 0 at column A."""
    letter = _letter(index)
    message = f"A value stands in column {letter}, which has no header; name the column or clear it."
    return Closed(letter, "no_header", message)


def layout_of(
    sheet: Sheet, tab: str, number: int, row: list[Cell], parsers: Mapping[str, Parser], log: ProblemLog
) -> Layout | None:
    """Match the header row, row `number` of `tab`. Returns None where the rows cannot be read for what is wrong."""
    found: dict[str, tuple[int, str]] = {}
    closed: dict[int, Closed] = {}
    dated, told = _dated_columns(sheet, row)
    if dated:
        cure, _ = cure_of(sheet)
        message = f"The columns {listed_columns([column.heading for column in dated])} are months or years; {cure}."
        log.add(message, "months_across", sheet=tab, row=number, column=dated[0].heading, value=dated[0].heading)
    across = {column.index for column in dated}
    readable = not dated
    for index, cell in enumerate(row):
        header = str(cell).strip()
        if is_empty(cell):
            closed[index] = without_header(index)
        elif index in across:
            continue
        elif (column := column_named(sheet, header)) is None:
            log.add(_unknown(sheet, header), "unknown_column", sheet=tab, row=number, column=header, value=header)
        elif not column.supported:
            message = f"{header} is not supported yet; remove the column or clear its values."
            closed[index] = Closed(header, "not_supported", message)
        elif column.name in found:
            readable = False
            message = f"{header} and {found[column.name][1]} both mean the column {column.name}; keep one."
            log.add(message, "duplicate_column", sheet=tab, row=number, column=header)
        else:
            found[column.name] = (index, header)
    for column in sheet.supported_columns:
        if column.required and column.name not in found:
            readable = False
            if column.name in told:
                continue
            message = f"The column {column.name} is missing; add it, with {column.rule} in each row."
            log.add(message, "missing_column", sheet=tab, row=number, column=column.name)
    if not readable:
        return None
    fields = [
        Field(index, place, header, column, parsers.get(column.name) or parser_for(column))
        for place, column in enumerate(sheet.supported_columns)
        if column.name in found
        for index, header in [found[column.name]]
    ]
    return Layout(tuple(fields), closed, len(row), len(sheet.supported_columns))


def _dated_columns(sheet: Sheet, row: list[Cell]) -> tuple[list[Dated], frozenset[str]]:
    """The columns that are months or years where the sheet has none, and the columns that their cure names."""
    found = [column for column in dated_headings(row) if column_named(sheet, str(row[column.index]).strip()) is None]
    return (found, cure_of(sheet)[1]) if len(found) >= FEWEST else ([], frozenset())


def column_named(sheet: Sheet, header: str) -> Column | None:
    """The column that a header means, if it means one."""
    folded = fold(header)
    tests: tuple[Callable[[Column], bool], ...] = (
        lambda column: column.name == header,
        lambda column: fold(column.name) == folded,
        lambda column: folded in map(fold, column.synonyms),
    )
    return next((column for test in tests for column in sheet.columns if test(column)), None)


def _unknown(sheet: Sheet, header: str) -> str:
    names = [column.name for column in sheet.supported_columns]
    likely = nearest(header, names)
    cure = f"did you mean {likely}?" if likely else f"the columns are {', '.join(names)}."
    return f"{header} is not a column of the sheet {sheet.name}; {cure}"


def _letter(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
