"""Coefficients, given family of rows by family of rows, as one matrix in order of its columns.

Sorting them all would move each of them several times through memory that is fresh from the system, which costs more
than the sums. Most families have each column at most once, in rising order: how many entries a column has is then
counted without sorting, and each entry is written once, where it belongs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse

from networx.domain.arrays import Indices


@dataclass(frozen=True, slots=True)
class Block:
    """Coefficients of one family: `row` counts from the family's `first`; one value, or one for each."""

    first: int
    row: npt.NDArray[Any]
    column: npt.NDArray[Any]
    value: npt.ArrayLike


def by_columns(blocks: Sequence[Block], shape: tuple[int, int]) -> Any:
    """A scipy CSC matrix of this shape (rows, columns); entries of one place add up."""
    parts = [_Sorted.of(block, shape) for block in blocks if len(block.row)]
    count = sum(len(part.row) for part in parts)
    # The narrow numbers that HiGHS wants, wherever they are enough.
    kind: type[Any] = np.int32 if max(*shape, count) <= np.iinfo(np.int32).max else np.int64
    start: npt.NDArray[Any] = np.zeros(shape[1] + 1, dtype=kind)
    for part in parts:
        start[1:][part.columns] += part.lengths
    np.cumsum(start, out=start)
    rows: npt.NDArray[Any] = np.empty(count, dtype=kind)
    values = np.empty(count)
    free = start[:-1].copy()  # where the next entry of each column goes
    for part in parts:
        at = part.places(free)
        rows[at], values[at] = part.row + part.first, part.value
        free[part.columns] += part.lengths
    matrix = sparse.csc_matrix((values, rows, start), shape=shape)
    matrix.sum_duplicates()
    return matrix


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Entries in order of their columns: `columns` are those that have any, `lengths` how many each has."""

    columns: slice | Indices
    lengths: int | Indices
    first: int
    row: npt.NDArray[Any]
    value: npt.ArrayLike

    @classmethod
    def of(cls, block: Block, shape: tuple[int, int]) -> _Sorted:
        row, column, first = block.row, block.column, block.first
        rising = column[1:] > column[:-1]
        if rising.all():
            together = column[-1] - column[0] == len(rising)
            columns = slice(int(column[0]), int(column[-1]) + 1) if together else column
            return cls(columns, 1, first, row, block.value)
        if (column[1:] >= column[:-1]).all():
            begin = np.concatenate([[0], np.flatnonzero(rising) + 1])
            return cls(column[begin], np.diff(begin, append=len(column)), first, row, block.value)
        values = np.broadcast_to(np.asarray(block.value, dtype=np.float64), row.shape)
        part = sparse.csc_matrix((values, (row, column)), shape=shape)
        lengths = np.diff(part.indptr)
        columns = np.flatnonzero(lengths)
        return cls(columns, lengths[columns], first, part.indices, part.data)

    def places(self, free: npt.NDArray[Any]) -> slice | npt.NDArray[Any]:
        """Where the entries go, if `free` is where the next entry of each column does."""
        following = free[self.columns]
        if isinstance(self.lengths, int):
            return _evenly(following)
        before = np.cumsum(self.lengths) - self.lengths
        places = np.repeat(following - before, self.lengths)
        places += np.arange(len(places), dtype=places.dtype)
        return places


def _evenly(places: npt.NDArray[Any]) -> slice | npt.NDArray[Any]:
    """The same rising places, as a slice where it can be one, which is written in a fraction of the time."""
    first, last = int(places[0]), int(places[-1])
    step = max((last - first) // max(len(places) - 1, 1), 1)
    spaced = first + step * (len(places) - 1) == last and (places[1:] - places[:-1] == step).all()
    return slice(first, last + 1, step) if spaced else places
