"""The rows of OperatingCosts, ControlTotals and OneTimeCosts: each amount stated once, each line written one way.

Lines are matched by their name from sheet to sheet, so that `Rent` beside `rent` would silently be two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from networx.domain.schema import Sheet, fold
from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow


class CostLines:
    """The cost lines of one workbook, gathered sheet by sheet."""

    def __init__(self, log: ProblemLog) -> None:
        self._log = log
        self._written: dict[str, tuple[str, TableRow]] = {}

    def rows(self, sheet: Sheet, rows: Iterable[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows; what names an amount is every column but the amount."""
        line_at = [column.name for column in sheet.supported_columns].index("line")
        first: dict[tuple[Any, ...], TableRow] = {}
        for row in rows:
            line = row.values[line_at]
            known = line is None or self._one_way(line, row)
            key = tuple(row.values[:-1])
            if None in key:
                continue
            earlier = first.setdefault(key, row)
            if earlier is not row:
                where = f"row {earlier.number}" if earlier.tab == row.tab else f"{earlier.tab}, row {earlier.number}"
                message = f"line {line} is in {where} already for the same; state their sum once."
                self._log.add(message, "duplicate_row", sheet=row.tab, row=row.number, column="line", value=line)
            elif known and not row.bad:
                yield tuple(row.values)

    def _one_way(self, line: str, row: TableRow) -> bool:
        written, first = self._written.setdefault(fold(line), (line, row))
        if written == line:
            return True
        message = f"line {line} is written {written} in {first.tab}, row {first.number}; write it the same way."
        self._log.add(message, "another_spelling", sheet=row.tab, row=row.number, column="line", value=line)
        return False
