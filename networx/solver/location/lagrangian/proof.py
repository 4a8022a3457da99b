"""Writing down the proof while searching, up to a size: a proof that grows beyond it is dropped, the search goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.domain.location_proof import LocationProof

# Of what customers pay, over all steps: about 150 MB of JSON either way, where a number has 17 digits or some 8.
MOST_NUMBERS, MOST_SHORT_NUMBERS = 8_000_000, 14_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """What customers pay (J,), the price of size, and the sites whose other state is bounded there."""

    pays: Floats
    size_price: float
    opened: Indices
    closed: Indices


@dataclass(slots=True)
class ProofLog:
    """Cases in the order they were entered, each with its steps."""

    customers: int
    short: bool  # whether payments have few digits
    _cases: list[tuple[int, int, bool, bool, list[Step]]] = field(default_factory=list)
    _steps: int = 0
    _dropped: bool = False

    @property
    def most(self) -> int:
        """How many numbers it may have."""
        return MOST_SHORT_NUMBERS if self.short else MOST_NUMBERS

    def enter(self, parent: int, site: int, opened: bool, impossible: bool, steps: list[Step]) -> int:
        """A case, its number in return. `steps` may still grow until the proof is written."""
        self._steps += len(steps)
        self._dropped = self._dropped or self._steps * self.customers > self.most
        if self._dropped:
            self._cases.clear()
            return -1
        self._cases.append((parent, site, opened, impossible, steps))
        return len(self._cases) - 1

    def written(self) -> LocationProof | None:
        """None where it grew too large."""
        if self._dropped or not self._cases:
            return None
        parent, site, opened, impossible, per_case = zip(*self._cases, strict=True)
        steps = [step for steps in per_case for step in steps]
        if not steps or len(steps) * self.customers > self.most:
            return None
        settled = [(step.opened, step.closed) for step in steps]
        return LocationProof(
            parent=np.array(parent, dtype=np.intp),
            site=np.array(site, dtype=np.intp),
            opened=np.array(opened, dtype=bool),
            impossible=np.array(impossible, dtype=bool),
            step_case=np.repeat(np.arange(len(per_case)), [len(steps) for steps in per_case]),
            pays=np.array([step.pays for step in steps]),
            size_price=np.array([step.size_price for step in steps]),
            settled_step=np.repeat(np.arange(len(steps)), [len(opened) + len(closed) for opened, closed in settled]),
            settled_site=np.concatenate([part for pair in settled for part in pair]).astype(np.intp),
            settled_opened=np.concatenate(
                [np.repeat([True, False], [len(opened), len(closed)]) for opened, closed in settled]
            ),
        )
