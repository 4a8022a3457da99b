"""How this model names what it cannot use: the first rows at fault, and how many there are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from networx.domain.network import Codes, Ints
from networx.errors import Problem

NAMED_ROWS = 20


def sheet_row(position: int) -> int:
    """The row of the client's sheet: the header is row 1."""
    return int(position) + 2


def name_rows(faulty: npt.ArrayLike, problem: Callable[[int], Problem]) -> list[Problem]:
    """A problem for each of the first faulty positions, and one more that counts the rest."""
    positions = np.flatnonzero(np.asarray(faulty))
    problems = [problem(int(position)) for position in positions[:NAMED_ROWS]]
    rest = len(positions) - NAMED_ROWS
    if rest > 0:
        first = problems[0]
        problems.append(
            Problem(f"{rest} more rows have the same problem.", first.rule, first.sheet, None, first.column)
        )
    return problems


def repeated(first: Codes | Ints, second: Codes | Ints) -> npt.NDArray[np.bool_]:
    """True at each position whose pair has stood before."""
    again = np.ones(len(first), dtype=bool)
    low = int(second.min(initial=0))
    pairs = first.astype(np.int64) * (int(second.max(initial=0)) - low + 1) + (second.astype(np.int64) - low)
    again[np.unique(pairs, return_index=True)[1]] = False
    return again
