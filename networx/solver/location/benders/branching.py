"""Which site to branch on: the one whose two states raised the bound most, as far as earlier branches tell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from networx.domain.arrays import Floats
from networx.solver.location.benders.box import Box

WHOLE = 1e-6  # a site is this near to open or closed when it is
LEAST = 1e-9  # of a rise; that one state raises nothing must not hide what the other does


class Branch(NamedTuple):
    """A site that was held open or closed, though the optimum had it `distance` from there."""

    site: int
    opened: bool
    distance: float


class Rises:
    """Pseudo costs: by how much the bound rose with each site's states, for a whole unit of distance, on average.

    A site that was not branched on counts as all together.
    """

    def __init__(self, sites: int) -> None:
        self._sum = np.zeros((2, sites))  # closed, opened
        self._times = np.zeros((2, sites))

    def learn(self, branch: Branch, rise: float) -> None:
        """By how much the bound rose in a branch."""
        state = int(branch.opened)
        self._sum[state, branch.site] += max(rise, 0.0) / max(branch.distance, WHOLE)
        self._times[state, branch.site] += 1

    def best(self, opening: Floats, box: Box) -> int | None:
        """The free site, not whole in `opening` (I,), that promises most; None where all are whole."""
        undecided = box.free & (opening > WHOLE) & (opening < 1.0 - WHOLE)
        if not undecided.any():
            return None
        usual = self._sum.sum(axis=1) / np.maximum(self._times.sum(axis=1), 1.0)
        usual = np.maximum(usual, LEAST)[:, None]
        rises = np.where(self._times > 0, self._sum / np.maximum(self._times, 1.0), usual)
        promise = np.maximum(rises[0] * opening, LEAST) * np.maximum(rises[1] * (1.0 - opening), LEAST)
        return int(np.where(undecided, promise, -1.0).argmax())
