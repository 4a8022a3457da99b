"""A location problem made ready for the Lagrangian engine: prices a unit, capacities clipped, counts completed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.problem import LocationProblem

ROUNDING = 1e-9  # relative; capacity counts as short only beyond this


@dataclass(frozen=True, slots=True)
class Instance:
    """Sites I, customers J. `size` (I,) is the capacity clipped to the demand in reach, so it is always finite.

    `price` (I, J) is what a unit costs, inf where there is no lane; `total` is all demand.
    """

    fixed: Floats
    size: Floats
    demand: Floats
    price: Floats
    must: Flags
    at_least: int
    at_most: int
    total: float

    @property
    def sites(self) -> int:
        return len(self.fixed)

    @property
    def customers(self) -> int:
        return len(self.demand)

    def fewest(self, opened: Flags, closed: Flags) -> int | None:
        """The fewest sites that hold all demand, `opened` among them and `closed` not; None where none do.

        The largest of the others come first, so that no fewer can; at_least counts too.
        """
        others = np.sort(self.size[~opened & ~closed])[::-1]
        room = self.at_most - int(opened.sum())
        if room < 0:
            return None
        held = self.size[opened].sum() + np.concatenate([[0.0], np.cumsum(others[:room])])
        enough = np.flatnonzero(held >= self.total * (1 - ROUNDING))
        if not len(enough):
            return None
        count = max(int(opened.sum()) + int(enough[0]), self.at_least)
        return count if count <= min(self.at_most, int((~closed).sum())) else None


def prepare(problem: LocationProblem) -> Instance:
    """The same problem by the unit. Customers without a lane are left to whoever looks for infeasibility."""
    reach = np.isfinite(problem.cost) @ problem.demand
    return Instance(
        fixed=problem.fixed,
        size=np.minimum(problem.capacity, reach),
        demand=problem.demand,
        price=problem.cost / problem.demand,
        must=problem.must,
        at_least=problem.at_least,
        at_most=problem.at_most,
        total=float(problem.demand.sum()),
    )
