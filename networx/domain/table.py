"""What the tables of a dataset are: columns of one length, of which some may be left out."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from networx.domain.arrays import Codes, Floats, Ints


def unstated() -> Floats:
    """What makes the default of a column of floats that may be left out."""
    return np.zeros(0)


def no_codes() -> Codes:
    """What makes the default of a column of codes, in a table without rows."""
    return np.zeros(0, dtype=np.int32)


def no_numbers() -> Ints:
    """What makes the default of a column of whole numbers, in a table without rows."""
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Table:
    """A class whose fields are columns, row i of each about the same thing. The first says how many rows there are.

    Text with `()` as its default and floats with `unstated` may be left out: they are then None, or NaN, in every row.
    """

    def __post_init__(self) -> None:
        rows = len(self)
        if not rows:
            return
        for column in fields(self):
            if len(getattr(self, column.name)):
                continue
            if column.default == ():
                object.__setattr__(self, column.name, (None,) * rows)
            elif column.default_factory is unstated:
                object.__setattr__(self, column.name, np.full(rows, np.nan))

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.__dataclass_fields__))))
