"""Random problems, each stated by its numbers: the same on every machine."""

from __future__ import annotations

import numpy as np

from networx.solver.location.problem import LocationProblem

MILES = 1000.0
LIGHTEST, HEAVIEST = 5, 35


def on_a_map(
    sites: int,
    customers: int,
    *,
    seed: int,
    count: int | None = None,
    fixed: float | None = None,
) -> LocationProblem:
    """Sites and customers anywhere in a square of 1,000; serving costs the straight way times 5 to 35 units of demand.

    With `count` exactly so many sites are open and cost nothing; with `fixed` a site costs that, up to a fifth more or
    less.
    """
    rng = np.random.default_rng(seed)
    here, there = rng.random((sites, 2)) * MILES, rng.random((customers, 2)) * MILES
    demand = rng.integers(LIGHTEST, HEAVIEST + 1, customers).astype(float)
    way = np.hypot(here[:, 0, None] - there[:, 0], here[:, 1, None] - there[:, 1])
    return LocationProblem(
        fixed=np.zeros(sites) if fixed is None else rng.uniform(0.8, 1.2, sites) * fixed,
        capacity=np.full(sites, np.inf),
        demand=demand,
        cost=way * demand,
        must=np.zeros(sites, dtype=bool),
        at_least=1 if count is None else count,
        at_most=sites if count is None else count,
    )


def capacitated(sites: int, customers: int, *, seed: int, ratio: float) -> LocationProblem:
    """As Cornuejols, Sridharan and Thizy (1991) draw them: all capacity is `ratio` times the demand, unequally."""
    rng = np.random.default_rng(seed)
    here, there = rng.random((sites, 2)), rng.random((customers, 2))
    demand = rng.integers(LIGHTEST, HEAVIEST + 1, customers).astype(float)
    way = np.hypot(here[:, 0, None] - there[:, 0], here[:, 1, None] - there[:, 1])
    capacity = rng.integers(10, 161, sites).astype(float)
    capacity = np.round(capacity * ratio * demand.sum() / capacity.sum())
    return LocationProblem(
        fixed=np.round(rng.uniform(0, 90, sites) + rng.uniform(100, 110, sites) * np.sqrt(capacity), 2),
        capacity=capacity,
        demand=demand,
        cost=10 * way * demand,
        must=np.zeros(sites, dtype=bool),
        at_least=0,
        at_most=sites,
    )
