"""The arrays that the tables, models and checks are made of, by what their numbers are, and classes of nothing else."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]  # rows of a table
Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


def picked(flags: Flags) -> slice | Indices:
    """Where flags are set, to index arrays with: a slice where all are, which copies nothing."""
    return slice(None) if flags.all() else np.flatnonzero(flags)


def numbered(flags: Flags) -> tuple[Codes, int]:
    """A number for each flag that is set, in order, -1 where it is not; and how many are."""
    count = int(np.count_nonzero(flags))
    number = np.full(flags.shape, -1, dtype=np.int32)
    number[flags] = np.arange(count, dtype=np.int32)
    return number, count


@dataclass(frozen=True, slots=True)
class Arrays:
    """A class whose fields are all arrays, which travels between processes without pickling."""

    def arrays(self) -> dict[str, Any]:
        """The arrays by name."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Any) -> Self:
        """Raises KeyError where a part is missing."""
        return cls(**{part.name: arrays[part.name] for part in fields(cls)})


def codes_of(values: Any) -> Codes:
    """Positions as they are written. Raises ValueError for what is no whole number of 32 bits: a cast would wrap it."""
    stated = np.asarray(values)
    with np.errstate(invalid="ignore"):
        found = stated.astype(np.int32)
    if stated.size and not np.array_equal(stated, found):
        raise ValueError("a position is no whole number of 32 bits")
    return found


def flags_of(values: Any) -> Flags:
    """Yes and no as they were written. Raises ValueError for anything else, which a cast would take for yes."""
    stated = np.asarray(values)
    found = stated.astype(np.bool_)
    if stated.size and not np.array_equal(stated, found):
        raise ValueError("something is neither yes nor no")
    return found
