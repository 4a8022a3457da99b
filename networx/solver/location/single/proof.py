"""Writing down the proof while searching, up to a size: a proof that grows beyond it is dropped, the search goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.single_source_proof import SingleSourceProof

MOST_NUMBERS = 8_000_000  # over all steps and what they settle: 64 MB
NUMBERS_A_SETTLED_QUESTION = 4


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a site is open, or with a `customer` other than -1, whether it serves that customer."""

    site: int
    customer: int = -1


@dataclass(frozen=True, slots=True)
class Step:
    """What customers pay (J,), the price of size, and the questions settled there with their answers."""

    pays: Floats
    size_price: float
    settled: tuple[tuple[int, int, bool], ...]


@dataclass(slots=True)
class ProofLog:
    """Cases in the order they were entered, each with its steps."""

    customers: int
    grid: float
    lattice: float
    _cases: list[tuple[int, Question, bool, bool, list[Step]]] = field(default_factory=list)
    _numbers: int = 0
    _dropped: bool = False

    def enter(self, parent: int, question: Question, chosen: bool, impossible: bool, steps: list[Step]) -> int:
        """A case, its number in return. `steps` may still grow until the proof is written."""
        self._numbers += self._count(steps)
        self._dropped = self._dropped or self._numbers > MOST_NUMBERS
        if self._dropped:
            self._cases.clear()
            return -1
        self._cases.append((parent, question, chosen, impossible, steps))
        return len(self._cases) - 1

    def written(self) -> SingleSourceProof | None:
        """None where it grew too large."""
        if self._dropped or not self._cases:
            return None
        parent, question, chosen, impossible, per_case = zip(*self._cases, strict=True)
        steps = [step for steps in per_case for step in steps]
        if not steps or self._count(steps) > MOST_NUMBERS:
            return None
        settled = np.array([answer for step in steps for answer in step.settled], dtype=np.intp).reshape(-1, 3)
        return SingleSourceProof(
            parent=np.array(parent, dtype=np.intp),
            site=np.array([one.site for one in question], dtype=np.intp),
            customer=np.array([one.customer for one in question], dtype=np.intp),
            chosen=np.array(chosen, dtype=bool),
            impossible=np.array(impossible, dtype=bool),
            step_case=np.repeat(np.arange(len(per_case)), [len(steps) for steps in per_case]),
            pays=np.array([step.pays for step in steps]),
            size_price=np.array([step.size_price for step in steps]),
            settled_step=np.repeat(np.arange(len(steps)), [len(step.settled) for step in steps]),
            settled_site=settled[:, 0],
            settled_customer=settled[:, 1],
            settled_chosen=settled[:, 2].astype(bool),
            grid=np.array([self.grid]),
            lattice=np.array([self.lattice]),
        )

    def _count(self, steps: list[Step]) -> int:
        return sum(self.customers + NUMBERS_A_SETTLED_QUESTION * len(step.settled) for step in steps)
