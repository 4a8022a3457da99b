"""A linear or mixed-integer model as plain arrays, and the assembly of its rows from blocks.

Models build these without knowing a solver; `networx.solver.highs` solves them without knowing what they mean. Rows
come in named families and columns in named groups, so that a model can be read, extended and spoken about in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse

from networx.domain.arrays import Flags, Floats, Indices

Entries = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Minimise cost @ x + offset, with lower <= x <= upper, row_lower <= matrix @ x <= row_upper, x[integer] whole.

    `matrix` is scipy CSC of shape (rows, columns). `rows` and `columns` name their families by slices.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    matrix: Any
    integer: Flags
    rows: Mapping[str, slice]
    columns: Mapping[str, slice]
    offset: float = 0.0

    def relaxed(self) -> LinearModel:
        """The same model without its integer requirements."""
        return replace(self, integer=np.zeros_like(self.integer))


@dataclass(slots=True)
class Assembly:
    """Puts a model together: groups of columns first, then families of rows over them."""

    _columns: dict[str, slice] = field(default_factory=dict)
    _rows: dict[str, slice] = field(default_factory=dict)
    _bounds: list[tuple[Floats, Floats, Floats, bool]] = field(default_factory=list)
    _row_bounds: list[tuple[Floats, Floats]] = field(default_factory=list)
    _entries: list[_Block] = field(default_factory=list)

    def add_columns(
        self, name: str, cost: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, *, integer: bool = False
    ) -> Indices:
        """A group of columns as long as `cost`; bounds may be scalars. Returns their indices."""
        costs = np.atleast_1d(np.asarray(cost, dtype=np.float64))
        span = _next(self._columns, len(costs))
        self._columns[name] = span
        self._bounds.append((costs, _spread(lower, len(costs)), _spread(upper, len(costs)), integer))
        return np.arange(span.start, span.stop)

    def add_rows(self, name: str, lower: npt.ArrayLike, upper: npt.ArrayLike, count: int, *entries: Entries) -> None:
        """A family of `count` rows; each entry is (row within the family, column, value), all of one length."""
        span = _next(self._rows, count)
        self._rows[name] = span
        self._row_bounds.append((_spread(lower, count), _spread(upper, count)))
        for row, column, value in entries:
            self._entries.append(_Block(span.start, np.atleast_1d(row), np.atleast_1d(column), value))

    def model(self) -> LinearModel:
        shape = (_next(self._rows, 0).stop, _next(self._columns, 0).stop)
        matrix = sparse.csc_matrix(self._coefficients(max(shape)), shape=shape)
        return LinearModel(
            cost=_joined([block[0] for block in self._bounds]),
            lower=_joined([block[1] for block in self._bounds]),
            upper=_joined([block[2] for block in self._bounds]),
            row_lower=_joined([block[0] for block in self._row_bounds]),
            row_upper=_joined([block[1] for block in self._row_bounds]),
            matrix=matrix,
            integer=_joined([np.full(len(block[0]), block[3]) for block in self._bounds]).astype(bool),
            rows=dict(self._rows),
            columns=dict(self._columns),
        )

    def _coefficients(self, longest: int) -> tuple[Floats, tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
        """Values, with rows and columns, in the narrow numbers that HiGHS wants wherever they are enough."""
        count = sum(len(block.row) for block in self._entries)
        kind = np.int32 if max(longest, count) <= np.iinfo(np.int32).max else np.int64
        values, rows, columns = np.empty(count), np.empty(count, kind), np.empty(count, kind)
        at = 0
        for block in self._entries:
            part = slice(at, at + len(block.row))
            rows[part], columns[part], values[part] = block.row + block.first, block.column, block.value
            at = part.stop
        return values, (rows, columns)


@dataclass(frozen=True, slots=True)
class _Block:
    """Coefficients of one family: `row` counts from the family's `first`; one value, or one for each."""

    first: int
    row: npt.NDArray[Any]
    column: npt.NDArray[Any]
    value: npt.ArrayLike


def _next(spans: Mapping[str, slice], count: int) -> slice:
    start = max((span.stop for span in spans.values()), default=0)
    return slice(start, start + count)


def _spread(value: npt.ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)).copy()


def _joined(parts: list[Any]) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0)
