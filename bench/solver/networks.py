"""Networks, over five years or one, each stated by its numbers: the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.solver import published
from networx.domain.network import Demand, Destinations, Facilities, FacilityYears, Forecast, Lanes, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.solver.location.problem import LocationProblem

YEARS = (2026, 2027, 2028, 2029, 2030)
GROWTH = 1.08  # of demand, a year
NOTHING = np.zeros(0, dtype=np.int32)


def orlib_over_years(name: str, lease: int) -> tuple[NetworkTables, TransportParameters]:
    """An OR-Library instance whose demand grows by 8 % a year."""
    problem = published.capacitated(f"orlib_cap/{name}.txt")
    sites, customers = problem.cost.shape
    facility, destination = np.divmod(np.arange(sites * customers), customers)
    lanes = Lanes(
        facility.astype(np.int32),
        destination.astype(np.int32),
        (problem.cost / problem.demand).ravel(),
        np.full(problem.cost.size, np.nan),
    )
    demand = np.array([problem.demand * GROWTH**year for year in range(len(YEARS))])
    tables = _tables(problem.capacity, problem.fixed, demand, np.full((sites + customers, 2), np.nan), lanes)
    return tables, TransportParameters(single_sourcing=False, lease_years=lease)


def one_year(problem: LocationProblem) -> NetworkTables:
    """A random problem as the sheets of a network with one year."""
    sites, customers = problem.cost.shape
    facility, destination = np.divmod(np.arange(sites * customers), customers)
    lanes = Lanes(
        facility.astype(np.int32),
        destination.astype(np.int32),
        (problem.cost / problem.demand).ravel(),
        np.full(problem.cost.size, np.nan),
    )
    nowhere = np.full((sites + customers, 2), np.nan)
    return _tables(problem.capacity, problem.fixed, problem.demand[np.newaxis], nowhere, lanes)


def on_a_map(
    sites: int, customers: int, lease: int, *, rules: bool = False, service_level: float | None = None, seed: int = 7
) -> tuple[NetworkTables, TransportParameters]:
    """Sites and customers anywhere in the United States, demand moving by a fifth each year, prices by the mile.

    All capacity is four times the demand, unequally. `rules` adds existing sites, costs of opening and closing, minimum
    throughputs and at most three changes a year.
    """
    rng = np.random.default_rng(seed)
    where = rng.uniform((30, -120), (47, -75), (sites + customers, 2))
    base = rng.integers(50, 2_000, customers).astype(float)
    demand = np.round(base * rng.uniform(0.8, 1.2, (len(YEARS), customers)) * GROWTH ** np.arange(len(YEARS))[:, None])
    capacity = np.round(rng.uniform(0.5, 1.5, sites) * 4 * base.sum() / sites)
    fixed = np.round(capacity * rng.uniform(10, 20, sites))
    stated: dict[str, Any] = {}
    if rules:
        stated = {
            "existing": tuple("yes" if site % 4 == 0 else "no" for site in range(sites)),
            "opening_cost": fixed * 0.1,
            "closing_cost": fixed * 0.05,
            "min_throughput_units": capacity * 0.2,
        }
    lanes = Lanes(NOTHING, NOTHING, np.zeros(0), np.zeros(0))
    tables = _tables(capacity, fixed, demand, where, lanes, **stated)
    return tables, TransportParameters(
        single_sourcing=False,
        lease_years=lease,
        cost_per_unit_mile=0.05,
        circuity=1.2,
        max_changes_per_year=3 if rules else None,
        service_level=service_level,
        max_distance_miles=None if service_level is None else 500.0,
    )


def _tables(
    capacity: np.ndarray, fixed: np.ndarray, demand: np.ndarray, where: np.ndarray, lanes: Lanes, **stated: Any
) -> NetworkTables:
    sites, customers = len(capacity), demand.shape[1]
    nowhere = dict.fromkeys(("city", "state", "zip"), (None,) * sites)
    year, destination = np.divmod(np.arange(demand.size), customers)
    return NetworkTables(
        Facilities(
            name=tuple(f"F{site}" for site in range(sites)),
            **nowhere,
            latitude=where[:sites, 0],
            longitude=where[:sites, 1],
            capacity_units=capacity,
            fixed_cost_per_year=fixed,
            status=tuple("candidate" for _ in range(sites)),
            **stated,
        ),
        Destinations(
            name=tuple(f"D{place}" for place in range(customers)),
            **dict.fromkeys(("city", "state", "zip"), (None,) * customers),
            latitude=where[sites:, 0],
            longitude=where[sites:, 1],
            demand_units=demand[0],
        ),
        Demand(destination.astype(np.int32), np.array(YEARS)[year], demand.ravel()),
        Forecast(np.zeros(0, dtype=np.int64), np.zeros(0)),
        lanes,
        FacilityYears(NOTHING, np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)),
    )
