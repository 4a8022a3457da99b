"""What a solved problem teaches its neighbours: what customers paid at its best bound, and the sites of its best plan.

Neighbours are problems over the same sites and customers that differ in how many sites are open, in which, or in
demand. Nothing in a lesson has to be true: any multipliers bound any such problem, and an engine evaluates them, and
prices the sites, anew. A wrong lesson costs time and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from networx.domain.arrays import Arrays, Flags, Floats


@dataclass(frozen=True, slots=True)
class Lesson(Arrays):
    """`pays` (J,) is what customers paid for all of their demand; `opened` (I,) are the sites of the best plan."""

    pays: Floats
    opened: Flags

    def fits(self, sites: int, customers: int) -> bool:
        """Whether it is one of so many sites and customers."""
        shapes = self.opened.shape == (sites,) and self.pays.shape == (customers,)
        return shapes and bool(np.isfinite(self.pays).all())

    def scaled(self, factor: float) -> Lesson:
        """The same in another unit of money."""
        return replace(self, pays=self.pays * factor)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Lesson:
        """Raises KeyError where a part is missing, ValueError where it is something else."""
        return cls(
            pays=np.asarray(arrays["pays"], dtype=np.float64), opened=np.asarray(arrays["opened"], dtype=np.bool_)
        )
