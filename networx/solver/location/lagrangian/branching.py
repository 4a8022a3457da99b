"""Which site to decide next: the one whose two answers have raised bounds most, judged by how open it was lately."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Floats, Indices

LEAST_GAIN = 1e-9  # of the mean gain; so that one answer without any does not hide the other's


class Branching:
    """Gains of bounds a unit of change, remembered by site (I,) and answer: 0 closed, 1 open."""

    def __init__(self, sites: int) -> None:
        self._gain = np.zeros((2, sites))
        self._times = np.zeros((2, sites))

    def learn(self, site: int, *, opened: bool, average: float, gain: float) -> None:
        """A site that was open to `average` got this answer, and the bound rose by `gain`."""
        change = max(1 - average if opened else average, 0.05)
        self._gain[int(opened), site] += gain / change
        self._times[int(opened), site] += 1

    def choose(self, free: Indices, average: Floats) -> int:
        """One of the `free` sites; `average` (I,). The first of equals."""
        share = np.clip(average[free], 0.01, 0.99)
        change = np.stack([share, 1 - share])
        times = self._times.sum(axis=1, keepdims=True)
        mean = np.where(times > 0, self._gain.sum(axis=1, keepdims=True) / np.maximum(times, 1), 1.0)
        expected = (self._gain[:, free] + mean) / (self._times[:, free] + 1) * change
        least = LEAST_GAIN * float(expected.mean())
        return int(free[np.argmax(np.maximum(expected, least).prod(axis=0))])
