"""The rows of a file that have a bad cell, with all their cells, so that a person may correct them.

They are kept for a decision alone, and no more of them than fit: a file may have millions.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

from networx.ingest.cells import is_empty
from networx.ingest.problems import PROBLEMS_KEPT
from networx.ingest.reader import Cell

MOST_CHARACTERS = 4_000_000
Plain = str | int | float | bool | None
# (header, cell) in the order of the tab.
Cells = list[tuple[str, Plain]]
RowCells = Mapping[tuple[str, int], Cells]


class BadRowCells:
    """The first of them by tab and row; what comes after MOST_CHARACTERS stands in the file alone."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], Cells] = {}
        self._left = MOST_CHARACTERS

    def keep(self, tab: str, number: int, header: Sequence[Cell], row: Sequence[Cell]) -> None:
        """Cells without a header are left out: no shipment has any."""
        if self._left <= 0 or len(self.kept) >= PROBLEMS_KEPT:
            return
        cells = [
            (header_name(name), plain(row[at] if at < len(row) else None))
            for at, name in enumerate(header)
            if not is_empty(name)
        ]
        self._left -= sum(len(name) + len(str(cell)) for name, cell in cells)
        if self._left > 0:
            self.kept[tab, number] = cells


def header_name(name: Cell) -> str:
    """A header as it stands beside the cells of a row."""
    return " ".join(str(name).split()).replace("\0", "")


def plain(cell: Cell) -> Plain:
    """As JSON has it; a date as people write it, which reads as the same date again."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell)
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    return cell.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(cell, str) else cell
