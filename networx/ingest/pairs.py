"""Which pairs a table has stated already, in a bit each, so that a million lanes are checked in little memory.

Only that a pair was seen is kept, not where; the first row of a pair stated twice is found by reading once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from networx.ingest.problems import PROBLEMS_KEPT, ProblemLog
from networx.ingest.tables import TableRow


class TooManyPairs(Exception):
    """More pairs than may be told apart in the memory that there is."""


class PairTable:
    """A table whose rows are named by a pair of their values: `first` and `second` are places in a row.

    The second value is a code from 0 below `size`; the first may be any whole number. `apart` are the places of what
    else tells rows of one pair apart, which may be empty. No more than `most` pairs are held.
    """

    def __init__(
        self, first: int, second: int, size: int, *, apart: tuple[int, ...] = (), most: float = math.inf
    ) -> None:
        self._first = first
        self._second = second
        self._apart = apart
        self._size = size
        self._most = most
        self._bits: dict[tuple[Any, ...], bytearray] = {}
        self._repeats: list[TableRow] = []
        self._repeated = 0

    def unique(self, rows: Iterable[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows whose pair is new; repetitions are remembered for `report`. Raises TooManyPairs."""
        first, second, apart, bits_of = self._first, self._second, self._apart, self._bits
        for row in rows:
            values = row.values
            a, b = values[first], values[second]
            if a is None or b is None:
                continue
            key = (a, *(values[place] for place in apart)) if apart else (a,)
            if row.bad and None in key:
                continue  # an empty part may be a bad cell, so that it cannot be said what the row repeats
            bits = bits_of.get(key)
            if bits is None:
                bits = bits_of[key] = self._empty()
            mask = 1 << (b & 7)
            if bits[b >> 3] & mask:
                self._repeated += 1
                if len(self._repeats) < PROBLEMS_KEPT:
                    self._repeats.append(row)
            else:
                bits[b >> 3] |= mask
                if not row.bad:
                    yield tuple(row.values)

    def _empty(self) -> bytearray:
        if (len(self._bits) + 1) * self._size > self._most:
            raise TooManyPairs
        return bytearray((self._size >> 3) + 1)

    def holds(self, a: int, b: int) -> bool:
        bits = self._bits.get((a,))
        return bits is not None and bool(bits[b >> 3] & (1 << (b & 7)))

    def report(self, again: Iterable[TableRow], columns: str, say: Callable[..., str], log: ProblemLog) -> None:
        """Name every repetition with the row it repeats; `again` reads the table once more, only if there are any.

        `say` puts a pair, and what else tells rows apart, into words that begin a sentence.
        """
        if not self._repeats:
            return
        earlier = self._earliest(again)
        for row in self._repeats:
            first = earlier[self._pair(row)]
            where = f"row {first.number}" if first.tab == row.tab else f"{first.tab}, row {first.number}"
            message = f"{say(*self._pair(row))} is in {where} already; state it once."
            log.add(message, "duplicate_row", sheet=row.tab, row=row.number, column=columns)
        log.count += self._repeated - len(self._repeats)

    def _earliest(self, again: Iterable[TableRow]) -> dict[tuple[Any, ...], TableRow]:
        wanted = {self._pair(row) for row in self._repeats}
        found: dict[tuple[Any, ...], TableRow] = {}
        for row in again:
            pair = self._pair(row)
            if pair in wanted and pair not in found:
                found[pair] = row
                if len(found) == len(wanted):
                    break
        return found

    def _pair(self, row: TableRow) -> tuple[Any, ...]:
        return row.values[self._first], row.values[self._second], *(row.values[place] for place in self._apart)
