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

LARGEST_NARROW = 2**31 - 1  # of 32 bits


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
    kind: type[Any] = np.int32 if max(*shape, count) <= LARGEST_NARROW else np.int64
    # Counted two places too far, so that one place too far stands where each column begins; there its entries are
    # counted once more as they are written, and at the end stands where the next one begins.
    start: npt.NDArray[Any] = np.zeros(shape[1] + 2, dtype=kind)
    counts, free = start[2:], start[1:-1]
    for part in parts:
        counts[part.columns] += part.lengths
    start.cumsum(out=start)
    rows: npt.NDArray[Any] = np.empty(count, dtype=kind)
    values = np.empty(count)
    for part in parts:
        at = part.places(free)
        rows[at] = part.row + part.first
        values[at] = part.value
        free[part.columns] += part.lengths
    matrix = sparse.csc_matrix((values, rows, start[:-1]), shape=shape)
    matrix.sum_duplicates()
    return matrix


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Entries in order of their columns: `lengths` says how many each of `columns` has."""

    columns: slice | Indices
    lengths: int | Indices
    first: int
    row: npt.NDArray[Any]
    value: npt.ArrayLike

    @classmethod
    def of(cls, block: Block, shape: tuple[int, int]) -> _Sorted:
        row, column, value = block.row, block.column, block.value
        begin, end = int(column[0]), int(column[-1]) + 1
        if (column[1:] > column[:-1]).all():
            together = end - begin == len(column)
            return cls(slice(begin, end) if together else column, 1, block.first, row, value)
        if (column[1:] >= column[:-1]).all():
            borders = column.searchsorted(np.arange(begin, end + 1))
            return cls(slice(begin, end), borders[1:] - borders[:-1], block.first, row, value)
        values = np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape)
        part = sparse.csc_matrix((values, (row, column)), shape=shape)
        return cls(slice(0, shape[1]), np.diff(part.indptr), block.first, part.indices, part.data)

    def places(self, free: npt.NDArray[Any]) -> slice | npt.NDArray[Any]:
        """Where the entries go, if `free` is where the next entry of each column does."""
        following = free[self.columns]
        if isinstance(self.lengths, int):
            return _evenly(following)
        before = self.lengths.cumsum() - self.lengths
        places = np.repeat(following - before, self.lengths)
        places += np.arange(len(places), dtype=places.dtype)
        return places


def _evenly(places: npt.NDArray[Any]) -> slice | npt.NDArray[Any]:
    """The same rising places, as a slice where it can be one, which is written in a fraction of the time."""
    first, last = int(places[0]), int(places[-1])
    step = max((last - first) // max(len(places) - 1, 1), 1)
    spaced = first + step * (len(places) - 1) == last and (places[1:] - places[:-1] == step).all()
    return slice(first, last + 1, step) if spaced else places
