"""Which row of Lanes speaks of a delivery: by its pair, its mode and the year.

A row with a year counts in that year alone, in place of the row of the same pair and mode without a year. The
certificate finds its rows by code of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Codes, Flags, Ints
from networx.domain.network import Lanes

NO_MODE = -1


def mode_names(lanes: Lanes) -> tuple[str, ...]:
    """The modes that rows name, in the order of the alphabet; an empty mode is none of them."""
    return tuple(sorted({mode for mode in lanes.mode if mode is not None}))


def mode_codes(lanes: Lanes, names: Sequence[str]) -> Codes:
    """For each row the place of its mode among the names, NO_MODE where it has none or another."""
    if not names:
        return np.full(len(lanes), NO_MODE, dtype=np.int32)
    place = {name: code for code, name in enumerate(names)}
    return np.array([place.get(mode, NO_MODE) if mode else NO_MODE for mode in lanes.mode], dtype=np.int32)


def lane_keys(
    facility: npt.NDArray[np.signedinteger],
    destination: npt.NDArray[np.signedinteger],
    mode: npt.NDArray[np.signedinteger],
    *,
    destinations: int,
    modes: int,
) -> Ints:
    """One number for each facility, destination and mode (NO_MODE, or below `modes`)."""
    pair = facility.astype(np.int64) * destinations + destination
    keys: Ints = pair * (modes + 1) + (mode.astype(np.int64) + 1)
    return keys


def counting(keys: Ints, year: np.ndarray, years: Sequence[int]) -> Flags:
    """Of shape (T, rows): which rows count in which of the years. `year` is NaN where a row states none."""
    general = np.isnan(year)
    if general.all():
        return np.broadcast_to(np.True_, (len(years), len(keys)))
    counts = np.tile(general, (len(years), 1))
    for at, label in enumerate(years):
        own = year == label
        counts[at] &= ~np.isin(keys, keys[own])
        counts[at] |= own
    return counts
