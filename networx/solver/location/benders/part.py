"""A location problem as the engine works on it: scaled, complete, and reduced to the sites that may still matter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.nearness import Nearness
from networx.solver.location.problem import LocationProblem

TYPICAL_COST = 1024.0  # what the middle cost is scaled to: HiGHS's tolerances are absolute


@dataclass(frozen=True, slots=True)
class Part:
    """Sites with what they cost, their customers, and the plans that are still in question; costs are in `unit`s."""

    nearness: Nearness
    fixed: Floats
    box: Box
    unit: float

    @classmethod
    def whole(cls, problem: LocationProblem) -> Part:
        """All of a problem whose customers have a site each. `unit` is a power of 2: scaling rounds nothing."""
        unit = _unit(problem)
        scaled = replace(problem, fixed=problem.fixed / unit, cost=problem.cost / unit)
        at_least = max(problem.at_least, int(problem.must.sum()), 1 if len(problem.demand) else 0)
        box = Box(problem.must.copy(), np.zeros_like(problem.must), at_least, min(problem.at_most, len(problem.fixed)))
        return cls(Nearness.of(scaled), scaled.fixed, box, unit)

    def within(self, box: Box) -> Part:
        """The same with the plans of another box, and without the sites that it holds closed."""
        if not box.closed.any():
            return replace(self, box=box)
        kept = ~box.closed
        inner = Box(box.opened[kept], np.zeros(int(kept.sum()), dtype=bool), box.at_least, box.at_most)
        return Part(self.nearness.only(kept), self.fixed[kept], inner, self.unit)

    def globally(self, opened: Flags) -> Flags:
        """A set of this part's sites as a set of the problem's."""
        everywhere = np.zeros(self.nearness.count, dtype=bool)
        everywhere[self.nearness.sites[opened]] = True
        return everywhere


def _unit(problem: LocationProblem) -> float:
    sizes = np.abs(np.concatenate([problem.cost[np.isfinite(problem.cost)], problem.fixed]))
    sizes = sizes[sizes > 0]
    return float(2.0 ** np.round(np.log2(np.median(sizes) / TYPICAL_COST))) if sizes.size else 1.0
