"""The sheet Demand with its months or years across: a column a month or year, read as a row a destination and year.

A month's units are a part of its year, which the plan is of: a year is the sum of its twelve months, and one of them
missing is refused, since fewer would be taken for the whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from networx.domain.phrases import listed
from networx.domain.schema import DEMAND
from networx.ingest.cells import BadCell, amount, is_empty
from networx.ingest.dated_headings import FEWEST, LONG_DEMAND, Dated, dated_headings, listed_columns
from networx.ingest.headers import column_named
from networx.ingest.problems import ProblemLog
from networx.ingest.reader import Cell, Row, WorkbookReader
from networx.ingest.tables import TableRow

MONTHS = 12
_YEAR_AT = 1  # its place among the values of a row of Demand


class DemandAcross:
    """A reader that shows tabs of Demand in the long form; what is long already passes as it is."""

    def __init__(self, reader: WorkbookReader, log: ProblemLog, warnings: list[str]) -> None:
        self._reader = reader
        self._log = log
        self._warnings = warnings
        self._bad: set[tuple[str, int, int]] = set()

    def sheets(self) -> list[tuple[str, bool]]:
        return self._reader.sheets()

    def close(self) -> None:
        """What it reads from is another's to close."""

    def rows(self, sheet: str) -> Iterator[Row]:
        stored = self._reader.rows(sheet)
        header = next(((number, row) for number, row in stored if not all(map(is_empty, row))), None)
        if header is None:
            return
        number, row = header
        across = _across(row)
        if not across:
            yield number, row
            yield from stored
        elif self._readable(across, sheet, number):
            years = _by_year(across)
            self._warnings.append(_said(sheet, across, years))
            yield number, _long(row, across, "year", "units")
            for at, cells in stored:
                yield from self._row(at, cells, sheet, years, across)

    def marked(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """Rows of the table as they come, those bad that have a bad cell across."""
        for row in rows:
            bad = (row.tab, row.number, row.values[_YEAR_AT]) in self._bad
            yield row._replace(bad=True) if bad else row

    def _readable(self, across: Sequence[Dated], tab: str, number: int) -> bool:
        faults = list(_faults(across))
        for heading, message in faults:
            self._log.add(message, "months_across", sheet=tab, row=number, column=heading, value=heading)
        return not faults

    def _row(
        self, number: int, stored: list[Cell], tab: str, years: dict[int, list[Dated]], across: Sequence[Dated]
    ) -> Iterator[Row]:
        if all(map(is_empty, stored)):
            return
        row = stored + [None] * (across[-1].index + 1 - len(stored))
        for year, columns in years.items():
            units: list[float] = []
            for column in columns:
                cell = row[column.index]
                try:
                    if is_empty(cell):
                        raise BadCell("required", "is empty; write the units, 0 where there is no demand")
                    units.append(amount(cell))
                except BadCell as fault:
                    self._bad.add((tab, number, year))
                    message = f"{column.heading} {fault.message}."
                    self._log.add(message, fault.rule, sheet=tab, row=number, column=column.heading, value=cell)
            yield number, _long(row, across, year, math.fsum(units))


def _across(header: Sequence[Cell]) -> list[Dated]:
    """The dated columns of a header that has them in place of year and units; none of any other."""
    named = {
        column.name for cell in header if not is_empty(cell) and (column := column_named(DEMAND, str(cell).strip()))
    }
    found = dated_headings(header)
    return found if len(found) >= FEWEST and not named & {"year", "units"} else []


def _by_year(across: Sequence[Dated]) -> dict[int, list[Dated]]:
    years: dict[int, list[Dated]] = {}
    for column in across:
        if column.year is not None:
            years.setdefault(column.year, []).append(column)
    return dict(sorted(years.items()))


def _faults(across: Sequence[Dated]) -> Iterator[tuple[str, str]]:
    """What keeps dated columns from being years: the heading, and what to do."""
    for column in across:
        if column.year is None:
            yield (
                column.heading,
                f"{column.heading} is not plainly a month or a year; write it as Jan 2025, or as 2025.",
            )
    for year, columns in _by_year(across).items():
        whole = [column for column in columns if column.month is None]
        months = [column for column in columns if column.month is not None]
        twice = [column for at, column in enumerate(columns) if column.month in {one.month for one in columns[:at]}]
        if twice:
            yield twice[0].heading, f"{twice[0].heading} has two columns; keep one."
        elif whole and months:
            yield whole[0].heading, f"{year} has a column of its own and columns for its months; keep one or the other."
        elif months and len(months) < MONTHS:
            have = listed_columns([column.heading for column in months])
            message = (
                f"Of {year} the sheet has {have}, and not all twelve months. A year's demand is the sum of all: add "
                f"the other {MONTHS - len(months)} (0 where there is no demand), or write {LONG_DEMAND}."
            )
            yield months[0].heading, message


def _long(row: Sequence[Cell], across: Sequence[Dated], year: Cell, units: Cell) -> list[Cell]:
    """The row with these two at the first two dated columns, the others empty, and all else where it stands."""
    long = list(row)
    for column in across:
        long[column.index] = None
    long[across[0].index], long[across[1].index] = year, units
    return long


def _said(tab: str, across: Sequence[Dated], years: dict[int, list[Dated]]) -> str:
    headings = f"{across[0].heading} to {across[-1].heading}"
    summed = [str(year) for year, columns in years.items() if columns[0].month is not None]
    how = (
        f"{listed(summed, 'and')} {'each ' * (len(summed) > 1)}the sum of its twelve months"
        if summed
        else "a column a year"
    )
    return f"The columns {headings} of {tab} are read as demand by year, {how}."
