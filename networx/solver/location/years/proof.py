"""Writing down the proof while searching, up to a size: where that is reached the search goes on without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.years_apart import YearsApart
from networx.domain.years_proof import YearsProof
from networx.solver.location.years.apart import Apart
from networx.solver.location.years.node import Step
from networx.solver.location.years.relaxation import Multipliers

MOST_NUMBERS = 8_000_000  # of what customers pay, over all steps: 64 MB
FULL = 0.8  # of them: it is looked at now and then only


@dataclass(frozen=True, slots=True)
class Split:
    """A part in two: a site open or closed in a year; or, with site -1, at least `count` sites open in it or fewer."""

    year: int
    site: int = -1
    count: int = -1


@dataclass(slots=True)
class ProofLog:
    """Cases in the order they were entered, each with its steps. `asked` (T, J) are customers with demand."""

    asked: Flags
    _cases: list[tuple[int, Split | None, bool, bool, list[Step]]] = field(default_factory=list)

    def enter(self, parent: int, split: Split | None, first: bool, impossible: bool, steps: list[Step]) -> int:
        """A case, its number in return. `steps` may still grow until the proof is written."""
        self._cases.append((parent, split, first, impossible, steps))
        return len(self._cases) - 1

    def full(self, waiting: int) -> bool:
        """Whether it is time to stop, with so many parts that have yet to be concluded."""
        return self._numbers() + waiting * int(self.asked.sum()) > FULL * MOST_NUMBERS

    def forget(self) -> None:
        """What was written is elsewhere."""
        self._cases.clear()

    def _numbers(self) -> int:
        steps = [step for case in self._cases for step in case[-1]]
        years = {id(year): year for step in steps if isinstance(step.at, Apart) for year in step.at.years}
        return len(steps) * int(self.asked.sum()) + sum(year.proof.pays.size for year in years.values())

    def written(self) -> YearsProof | None:
        """None where it grew too large."""
        if not self._cases or self._numbers() > MOST_NUMBERS:
            return None
        parent, splits, first, impossible, per_case = zip(*self._cases, strict=True)
        steps = [step for steps in per_case for step in steps]
        if not steps:
            return None
        settled = [(len(step.opened[0]), len(step.closed[0])) for step in steps]
        whole = np.dtype(np.intp)
        priced = [step.at if isinstance(step.at, Multipliers) else self._unpriced(step.at) for step in steps]

        def joined(at: int) -> np.ndarray:
            return np.concatenate([part[at] for step in steps for part in (step.opened, step.closed)]).astype(whole)

        return YearsProof(
            parent=np.array(parent, dtype=whole),
            year=np.array([-1 if split is None else split.year for split in splits], dtype=whole),
            site=np.array([-1 if split is None else split.site for split in splits], dtype=whole),
            count=np.array([-1 if split is None else split.count for split in splits], dtype=whole),
            opened=np.array(first, dtype=bool),
            impossible=np.array(impossible, dtype=bool),
            step_case=np.repeat(np.arange(len(per_case)), [len(steps) for steps in per_case]),
            pays=np.array([at.pays[self.asked] for at in priced]),
            size_price=np.array([at.size for at in priced]),
            count_price=np.array([at.count for at in priced]),
            change_price=np.array([at.change for at in priced]),
            service_price=np.array([at.service for at in priced]),
            settled_step=np.repeat(np.arange(len(steps)), [sum(counts) for counts in settled]),
            settled_year=joined(0),
            settled_site=joined(1),
            settled_opened=np.concatenate([np.repeat([True, False], counts) for counts in settled]),
            apart=_years_apart(per_case),
        )

    def _unpriced(self, apart: Apart) -> Multipliers:
        """What stands in the place of multipliers in a step that has none but that of changes."""
        nothing = np.zeros(len(self.asked))
        return Multipliers(np.zeros(self.asked.shape), nothing, nothing, apart.change, nothing)


def _years_apart(per_case: Sequence[list[Step]]) -> YearsApart:
    """The bounds of years on which steps rest, in their order."""
    case_of = {id(case_steps): case for case, case_steps in enumerate(per_case)}
    every = [step for case_steps in per_case for step in case_steps]
    resting = [(at, step.at.years) for at, step in enumerate(every) if isinstance(step.at, Apart)]
    kept = list({id(year): year for _, years in resting for year in years}.values())
    number = {id(year): at for at, year in enumerate(kept)}
    return YearsApart.joined(
        [(case_of[id(year.steps)], year.after, year.year) for year in kept],
        np.array([year.rents for year in kept]),
        np.array([year.service for year in kept]),
        [year.proof for year in kept],
        [at for at, _ in resting],
        [[number[id(year)] for year in years] for _, years in resting],
    )
