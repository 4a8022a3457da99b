"""A location problem made ready for the Lagrangian engine: prices a unit, capacities clipped, counts completed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.problem import LocationProblem

ROUNDING = 1e-9  # relative; capacity counts as short only beyond this
FINEST_GAP = 1e-6  # relative; a smaller one asked for wants payments with all their digits
DIGITS = 8  # of a mean payment
MOST_DECIMALS = 22  # powers of ten up to this are exact


@dataclass(frozen=True, slots=True)
class Instance:
    """Sites I, customers J. `size` (I,) is the capacity clipped to the demand in reach, so it is always finite.

    `price` (I, J) is what a unit costs, inf where there is no lane; `total` is all demand. What customers pay goes in
    steps of 1 / `steps_in_one`, so that proofs are written with few digits; 0 where it has all of them.
    """

    fixed: Floats
    size: Floats
    demand: Floats
    price: Floats
    must: Flags
    at_least: int
    at_most: int
    total: float
    steps_in_one: float = 0.0

    @property
    def sites(self) -> int:
        return len(self.fixed)

    @property
    def customers(self) -> int:
        return len(self.demand)

    def in_steps(self, pays: Floats) -> Floats:
        """The nearest payments (J,) that may be written down."""
        near: Floats = np.rint(pays * self.steps_in_one) / self.steps_in_one if self.steps_in_one else pays
        return near

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


def prepare(problem: LocationProblem, gap: float = 0.0, dollars: float = 1.0) -> Instance:
    """The same problem by the unit. Customers without a lane are left to whoever looks for infeasibility.

    `gap` is asked for, relative; costs are in units of so many `dollars`, a power of 2.
    """
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
        steps_in_one=0.0 if gap < FINEST_GAP else steps_in_one(_mean_payment(problem), dollars),
    )


def _mean_payment(problem: LocationProblem) -> float:
    """About what a customer pays: the cost of its cheapest lane."""
    cheapest = np.abs(problem.cost.min(axis=0, initial=np.inf))  # a year apart may have no site left
    return float(cheapest[np.isfinite(cheapest)].sum()) / max(len(cheapest), 1)


def steps_in_one(mean: float, dollars: float = 1.0) -> float:
    """A decimal of a dollar that leaves a mean payment its digits: what is written then is short, and exact.

    0 where payments are so large that whole dollars have more digits. `mean` is in units of so many `dollars`.
    """
    mean = dollars * mean
    if mean <= 0:
        return 0.0
    decimals = DIGITS - 1 - math.floor(math.log10(mean))
    return 0.0 if decimals < 0 else 10.0 ** min(decimals, MOST_DECIMALS) * dollars
