"""A location problem made ready for the single-source engine: sizes on a grid, costs on a lattice if they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Ints
from networx.domain.single_source_proof import TOLERANCE, room_on_grid, weight_on_grid
from networx.solver.location.lagrangian.instance import Instance as Split
from networx.solver.location.lagrangian.instance import prepare as prepared_to_split
from networx.solver.location.problem import LocationProblem

DECIMALS = 6  # more of them, and numbers count as not whole
MOST_CELLS = 12_000_000  # of the knapsacks' tables; finer grids take a coarser step
MOST_ROOM, MOST_COARSE_ROOM = 5_000, 2_000  # steps of the largest size, where all demands are multiples and else
ROUNDING, HAIR = 1e-10, 1e-7  # of all costs that a bound is added up from, and of the lattice's step
FINEST_LATTICE, COARSEST_LATTICE = 1e-3, 1e6


@dataclass(frozen=True, slots=True)
class Instance:
    """Sites I, customers J. `cost` (I, J) is inf where the site may not, or cannot, serve all of the customer.

    `weight` (J,) and `room` (I,) are demands and sizes in steps of `grid` units: what fits in units fits in steps, and
    if `exact` the other way round too. `lattice` is a step that all costs are multiples of, 0 where there is none, and
    `off_lattice` how far a plan's cost can be off a multiple by rounding. `split` is the problem with split demand.
    """

    split: Split
    cost: Floats
    grid: float
    exact: bool
    weight: Ints
    room: Ints
    lattice: float
    off_lattice: float

    @property
    def sites(self) -> int:
        return len(self.room)

    @property
    def customers(self) -> int:
        return len(self.weight)

    @property
    def size(self) -> Floats:
        return self.split.size

    @property
    def demand(self) -> Floats:
        return self.split.demand

    @property
    def fixed(self) -> Floats:
        return self.split.fixed


def prepare(problem: LocationProblem) -> Instance:
    """The same problem; customers without a lane that can hold them are left to whoever looks for infeasibility."""
    split = prepared_to_split(problem)
    holds = split.demand[None, :] <= split.size[:, None] * (1 + TOLERANCE)
    cost = np.where(holds, problem.cost, np.inf)
    grid, exact = _grid(split.demand, split.size)
    lattice, off = _lattice(cost, split.fixed)
    return Instance(
        split=split,
        cost=cost,
        grid=grid,
        exact=exact,
        weight=weight_on_grid(split.demand, grid),
        room=room_on_grid(split.size, grid),
        lattice=lattice,
        off_lattice=off,
    )


def _grid(demand: Floats, size: Floats) -> tuple[float, bool]:
    """A step for demands: their greatest common divisor, or a share of the largest size if that is too fine."""
    most = max(min(MOST_ROOM, MOST_CELLS // max(demand.size * size.size, 1)), 16)
    largest = float(size.max(initial=0.0))
    divisor = _common_step(demand)
    if divisor and largest / divisor <= most:
        return divisor, True
    return (largest / min(most, MOST_COARSE_ROOM) or 1.0), False


def _common_step(numbers: Floats) -> float:
    """The greatest step that all numbers are multiples of, up to rounding; 0 where they have too many decimals."""
    for decimals in range(DECIMALS + 1):
        scaled = numbers * 10.0**decimals
        whole = np.rint(scaled)
        if scaled.max(initial=0.0) < 2.0**53 and (np.abs(scaled - whole) <= 1e-12 * np.abs(scaled)).all():
            return math.gcd(*whole.astype(np.int64).tolist()) / 10.0**decimals
    return 0.0


def _lattice(cost: Floats, fixed: Floats) -> tuple[float, float]:
    """The step all costs are multiples of, and how far the sum of a plan's can be off one."""
    finite = np.isfinite(cost)
    step = _common_step(np.abs(np.concatenate([cost[finite], fixed])))
    if not FINEST_LATTICE <= step <= COARSEST_LATTICE:
        return 0.0, 0.0
    off = np.where(finite, np.abs(cost - step * np.rint(np.where(finite, cost, 0.0) / step)), 0.0)
    total = float(off.max(axis=0).sum() + np.abs(fixed - step * np.rint(fixed / step)).sum())
    # Bounds are added up in floats: one that is a hair above a multiple may in truth be a hair below.
    total += ROUNDING * float(np.abs(fixed).sum() + np.where(finite, np.abs(cost), 0.0).max(axis=0).sum())
    total += HAIR * step
    return (step, total) if total <= step * 1e-3 else (0.0, 0.0)
