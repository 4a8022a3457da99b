"""The ways from facilities to destinations that a plan may use, with their figures, and what they carry together."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Flags, Floats, Indices, picked


@dataclass(frozen=True, slots=True)
class PricedLanes:
    """Allowed ways, one an element L: a pair of facility and destination, and a mode where modes are told apart.

    `miles` and `days` are NaN where nothing asks for them and none is stated. `capacity` is in units a year, inf where
    nothing limits it. `mode` indexes `modes`, or is -1. `counts` of shape (T, L) says which is a way in which year.
    """

    facility: Indices
    destination: Indices
    cost_per_unit: Floats
    miles: Floats
    days: Floats
    capacity: Floats
    mode: Indices
    counts: Flags
    modes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.facility)

    @property
    def limited(self) -> bool:
        """Whether the capacity of a lane can bind."""
        return bool(np.isfinite(self.capacity).any())

    @property
    def alike(self) -> bool:
        """Whether all years have the same lanes."""
        return bool(self.counts.all())

    def keep(self, kept: npt.NDArray[np.generic]) -> PricedLanes:
        columns = {name: getattr(self, name)[kept] for name in _OF_EACH_ELEMENT}
        return replace(self, counts=self.counts[:, kept], **columns)

    def of_years(self, years: slice) -> PricedLanes:
        """The same for some of the years alone."""
        return replace(self, counts=self.counts[years])

    def pairs(self, year: int) -> tuple[Indices, Indices, Floats]:
        """Facility and destination of each pair that has a way in a year, and what all its ways carry at most."""
        used = picked(self.counts[year])
        facility, destination = self.facility[used], self.destination[used]
        if not self.modes:  # each pair has one way
            return facility, destination, self.capacity[used]
        width = int(self.destination.max(initial=0)) + 1
        keys, pair = np.unique(facility * width + destination, return_inverse=True)
        units = np.zeros(len(keys))
        np.add.at(units, pair, self.capacity[used])
        return keys // width, keys % width, units


_OF_EACH_ELEMENT = tuple(spec.name for spec in fields(PricedLanes) if spec.name not in {"counts", "modes"})


def without_idle_limits(lanes: PricedLanes, demand: Floats) -> PricedLanes:
    """The same lanes, each without a capacity that the demand at its end never reaches; `demand` is (T, J)."""
    if not lanes.limited:
        return lanes
    asked = np.zeros(len(lanes))
    for counts, wanted in zip(lanes.counts, demand, strict=True):
        np.maximum(asked, np.where(counts, wanted[lanes.destination], 0.0), out=asked)
    return replace(lanes, capacity=np.where(lanes.capacity >= asked, np.inf, lanes.capacity))


def without_dearer_modes(lanes: PricedLanes, near: Flags) -> PricedLanes:
    """Leave out what a cheaper way of the same pair that nothing limits is as good as, in each year of its own.

    `near` of shape (T, L) says which counts for the service level. No plan costs less with what is left out.
    """
    if not lanes.modes:
        return lanes
    pair = lanes.facility * (int(lanes.destination.max(initial=0)) + 1) + lanes.destination
    counts = lanes.counts.copy()
    for year in range(len(counts)):
        used = np.flatnonzero(lanes.counts[year])
        close = near[year]
        for wanted in (np.ones(len(lanes), dtype=bool), close):
            # The best of each pair that nothing limits; of equals one that is near, then the first.
            able = used[np.isinf(lanes.capacity[used]) & wanted[used]]
            able = able[np.lexsort((able, ~close[able], lanes.cost_per_unit[able], pair[able]))]
            best_pair, first = np.unique(pair[able], return_index=True)
            if not len(first):
                continue
            best = able[first]
            at = np.minimum(np.searchsorted(best_pair, pair[used]), len(best) - 1)
            rival = best[at]
            beaten = (pair[rival] == pair[used]) & (rival != used) & (close[rival] | ~close[used])
            beaten &= lanes.cost_per_unit[rival] <= lanes.cost_per_unit[used]
            counts[year, used[beaten]] = False
    return replace(lanes, counts=counts).keep(np.logical_or.reduce(counts, axis=0))
