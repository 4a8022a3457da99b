"""What is wrong with a file, cell by cell: collected up to a limit, counted beyond it, and written as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from networx.errors import Problem

PROBLEMS_KEPT = 10_000
VALUE_CHARACTERS_KEPT = 200
_CSV_COLUMNS = ("sheet", "row", "column", "value", "rule", "message")
# A spreadsheet program runs what begins so.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ProblemLog:
    """The problems of one file in the order they were met; `kept` holds the first PROBLEMS_KEPT of `count`."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.count = 0

    def add(
        self,
        message: str,
        rule: str,
        *,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
    ) -> None:
        self.count += 1
        if len(self.kept) < PROBLEMS_KEPT:
            text = None if value is None else str(value)[:VALUE_CHARACTERS_KEPT]
            cleaned = [_storable(part) for part in (message, sheet, column, text)]
            self.kept.append(
                Problem(cleaned[0] or "", rule, sheet=cleaned[1], row=row, column=cleaned[2], value=cleaned[3])
            )

    def extend(self, other: ProblemLog) -> None:
        """Those of another log behind its own."""
        self.count += other.count
        self.kept += other.kept[: PROBLEMS_KEPT - len(self.kept)]


def _storable(text: str | None) -> str | None:
    """A client's text without the one character that PostgreSQL cannot hold."""
    return text and text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def problems_csv(problems: Iterable[Problem]) -> Iterator[str]:
    """The lines of an error report, header first; a cell that a spreadsheet would run as a formula gets a quote."""
    yield _line(_CSV_COLUMNS)
    for problem in problems:
        yield _line([_safe(getattr(problem, column)) for column in _CSV_COLUMNS])


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
