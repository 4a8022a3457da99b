"""A linear or mixed-integer model as plain arrays, and the assembly of its rows from blocks.

Models build these without knowing a solver; `networx.solver.highs` solves them without knowing what they mean. Rows
come in named families and columns in named groups, so that a model can be read, extended and spoken about in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.columnwise import Block, by_columns

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

    _columns: dict[str, _Group] = field(default_factory=dict)
    _rows: dict[str, _Family] = field(default_factory=dict)
    _entries: list[Block] = field(default_factory=list)
    _column_count: int = 0
    _row_count: int = 0
    _taken: bool = False

    def add_columns(
        self, name: str, cost: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, *, integer: bool = False
    ) -> Indices:
        """A group of columns as long as `cost`; bounds may be scalars. Returns their indices."""
        costs = np.array(cost, dtype=np.float64, ndmin=1, copy=None)
        first, self._column_count = self._column_count, self._column_count + len(costs)
        self._columns[name] = _Group(slice(first, self._column_count), lower, upper, costs, integer)
        return np.arange(first, self._column_count)

    def add_rows(self, name: str, lower: npt.ArrayLike, upper: npt.ArrayLike, count: int, *entries: Entries) -> None:
        """A family of `count` rows; each entry is (row within the family, column, value), all of one length."""
        assert name not in self._rows, name
        first, self._row_count = self._row_count, self._row_count + count
        self._rows[name] = _Family(slice(first, self._row_count), lower, upper)
        for row, column, value in entries:
            rows, columns = (np.array(part, ndmin=1, copy=None) for part in (row, column))
            self._entries.append(Block(first, rows, columns, value))

    def model(self, offset: float = 0.0) -> LinearModel:
        """The model, once: the entries are let go when the matrix stands, so that the rest can have their memory."""
        assert not self._taken
        self._taken = True
        groups, families = self._columns.values(), self._rows.values()
        columns, rows = self._column_count, self._row_count
        matrix = by_columns(self._entries, (rows, columns))
        self._entries.clear()
        return LinearModel(
            cost=_filled(columns, [(group.span, group.cost) for group in groups]),
            lower=_filled(columns, [(group.span, group.lower) for group in groups]),
            upper=_filled(columns, [(group.span, group.upper) for group in groups]),
            row_lower=_filled(rows, [(family.span, family.lower) for family in families]),
            row_upper=_filled(rows, [(family.span, family.upper) for family in families]),
            matrix=matrix,
            integer=_filled(columns, [(group.span, group.integer) for group in groups], np.bool_),
            rows={name: family.span for name, family in self._rows.items()},
            columns={name: group.span for name, group in self._columns.items()},
            offset=offset,
        )


@dataclass(frozen=True, slots=True)
class _Family:
    """Rows, and their bounds: one for all or one for each."""

    span: slice
    lower: npt.ArrayLike
    upper: npt.ArrayLike


@dataclass(frozen=True, slots=True)
class _Group(_Family):
    """Columns, with their costs and whether they are whole numbers."""

    cost: Floats
    integer: bool


def _filled(count: int, parts: Sequence[tuple[slice, npt.ArrayLike]], kind: type[Any] = np.float64) -> npt.NDArray[Any]:
    """An array of which each span has its value, or its values one by one."""
    values: npt.NDArray[Any] = np.empty(count, dtype=kind)
    for span, value in parts:
        values[span] = value
    return values
