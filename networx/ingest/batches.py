"""Good rows on their way out of a reading: in batches a table, with word of how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

BATCH_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Good rows of one table, at most BATCH_ROWS, cells in the order of DIGEST_COLUMNS.

    An empty cell is None, unlimited capacity the text `inf`; references are row numbers from 0 in the table they name.
    """

    table: str
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """How far the reading is: good rows so far of the table now read."""

    table: str
    rows: int


class Batches:
    """Hands on the rows of one file; `rows` counts those of each table so far."""

    def __init__(self, emit: Callable[[Batch], None], progress: Callable[[ReadingProgress], None]) -> None:
        self.rows: dict[str, int] = {}
        self._emit = emit
        self._progress = progress

    def send(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Hand on all rows of a table as they are read."""
        self.rows[table] = 0
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH_ROWS)):
            self._emit(Batch(table, batch))
            self.rows[table] += len(batch)
            self._progress(ReadingProgress(table, self.rows[table]))
