"""Writing down what proves the bound: the cases that were told apart, and the multipliers that ended each."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.domain.location_proof import LocationProof
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.dual import Dual, evaluate
from networx.solver.location.benders.part import Part

MOST_BYTES = 64 * 1024**2  # of multipliers; a longer proof is not kept
ROOT = 0
NOTHING = (np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))


@dataclass(frozen=True, slots=True)
class Step:
    """Multipliers (J,), and the problem's sites that they settle open and closed."""

    multipliers: Floats
    opened: Indices
    closed: Indices


@dataclass(frozen=True, slots=True)
class Case:
    """A case below its parent: one more site held. `impossible` by the count of sites alone."""

    parent: int
    site: int
    opened: bool
    impossible: bool
    steps: list[Step] = field(default_factory=list)


class Record:
    """A proof as it grows. `alone` are those multipliers that prove most of all plans with no site held."""

    def __init__(self, whole: Part) -> None:
        self._whole = whole
        self._cases = [Case(-1, -1, opened=False, impossible=False)]
        self._room = MOST_BYTES // max(8 * len(whole.nearness.cost), 1)
        self.alone: Dual | None = None

    def enter(self, parent: int, part: Part, site: int, *, opened: bool, impossible: bool) -> int:
        """A case below another, in which one more site of the part is held; its number in return."""
        self._cases.append(Case(parent, int(part.nearness.sites[site]), opened, impossible))
        return len(self._cases) - 1

    def step(self, case: int, part: Part, multipliers: Floats, before: Box, after: Box) -> None:
        """Multipliers that bound a case, and the sites of the part that they settle between one box and the next."""
        if case == ROOT:
            self._keep_alone(multipliers)
        self._room -= 1
        if self._room < 0:
            return
        sites = part.nearness.sites
        opened, closed = sites[after.opened & ~before.opened], sites[after.closed & ~before.closed]
        self._cases[case].steps.append(Step(multipliers, opened, closed))

    def written(self) -> LocationProof | None:
        """The whole of it, or None where it grew too long."""
        ends = self._ends_without_steps()
        if self._room < len(ends) or not self._cases[ROOT].steps:
            return None
        for case in ends:
            self._cases[case].steps.append(Step(self._inherited(case), *NOTHING))
        cases = self._cases
        steps = [step for case in cases for step in case.steps]
        return LocationProof(
            parent=np.array([case.parent for case in cases]),
            site=np.array([case.site for case in cases]),
            opened=np.array([case.opened for case in cases]),
            impossible=np.array([case.impossible for case in cases]),
            step_case=np.repeat(np.arange(len(cases)), [len(case.steps) for case in cases]),
            pays=np.array([step.multipliers for step in steps]) * self._whole.unit,
            size_price=np.zeros(len(steps)),
            settled_step=np.repeat(np.arange(len(steps)), [len(step.opened) + len(step.closed) for step in steps]),
            settled_site=np.concatenate([part for step in steps for part in (step.opened, step.closed)]),
            settled_opened=np.concatenate(
                [np.repeat([True, False], [len(step.opened), len(step.closed)]) for step in steps]
            ),
        )

    def _ends_without_steps(self) -> list[int]:
        """Cases that were given up, or still wait, on the strength of those above them."""
        above = {case.parent for case in self._cases}
        found = enumerate(self._cases)
        return [place for place, case in found if not (case.steps or case.impossible or place in above)]

    def _inherited(self, case: int) -> Floats:
        while not self._cases[case].steps:
            case = self._cases[case].parent
        return self._cases[case].steps[-1].multipliers

    def _keep_alone(self, multipliers: Floats) -> None:
        # Where sites are gone, multipliers may rise beyond what they prove with those sites.
        whole = self._whole
        alone = evaluate(whole.nearness, whole.fixed, whole.box, multipliers)
        if self.alone is None or alone.bound > self.alone.bound:
            self.alone = alone
