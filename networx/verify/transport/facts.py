"""What the dataset says, read afresh for the check: years, demand, capacity and what may be open when.

Nothing here refuses: where the data says nothing, the fact is NaN, and no check passes on a NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.network import Facilities, NetworkTables
from networx.domain.parameters import TransportParameters

YEAR_OF_BASE_DEMAND = 1  # what the only year is called where the data names none


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows are years, columns destinations (`demand`) or facilities; `existing` is a row of facilities alone.

    `forbidden` and `mandatory` are what may not and what has to be open in a year. `lease` is in years.
    """

    years: tuple[int, ...]
    demand: Floats
    capacity: Floats
    fixed_cost: Floats
    forbidden: Flags
    mandatory: Flags
    existing: Flags
    lease: Floats
    opening_cost: Floats
    closing_cost: Floats
    min_throughput: Floats


def facts_of(tables: NetworkTables, parameters: TransportParameters) -> Facts:
    years = sorted({int(year) for year in tables.demand.year} | {int(year) for year in tables.forecast.year})
    demand = _demand(tables, years)
    years = years or [YEAR_OF_BASE_DEMAND]
    capacity = np.stack([tables.facilities.capacity_units] * len(years)).astype(float)
    fixed_cost = np.stack([tables.facilities.fixed_cost_per_year] * len(years)).astype(float)
    changes = tables.facility_years
    said: dict[tuple[int, int], str | None] = {}
    for site, year, cost, most, word in zip(
        changes.facility, changes.year, changes.fixed_cost, changes.capacity_units, changes.status, strict=True
    ):
        if int(year) in years:
            at = (years.index(int(year)), int(site))
            fixed_cost[at] = fixed_cost[at] if np.isnan(cost) else cost
            capacity[at] = capacity[at] if np.isnan(most) else most
            said[at] = word
    sites = tables.facilities
    states = [
        [_state(sites, site, year, said.get((row, site))) for site in range(len(sites))]
        for row, year in enumerate(years)
    ]
    status = np.array(states, dtype=object).reshape(len(years), len(sites))
    whole_plan = float(len(years) if parameters.lease_years is None else parameters.lease_years)
    return Facts(
        years=tuple(years),
        demand=demand,
        capacity=capacity,
        fixed_cost=fixed_cost,
        forbidden=status == "forbidden",
        mandatory=status == "mandatory",
        existing=np.array([word == "yes" for word in sites.existing], dtype=bool),
        lease=np.nan_to_num(sites.lease_years, nan=whole_plan),
        opening_cost=np.nan_to_num(sites.opening_cost),
        closing_cost=np.nan_to_num(sites.closing_cost),
        min_throughput=np.nan_to_num(sites.min_throughput_units),
    )


def _state(sites: Facilities, site: int, year: int, of_year: str | None) -> str:
    """What a facility is in a year: `forbidden`, `mandatory` or `candidate`."""
    first, last = sites.available_from_year[site], sites.available_to_year[site]
    status = sites.status[site] if of_year is None else of_year
    if status == "forbidden" or year < first or year > last:  # no comparison with what is not stated is true
        return "forbidden"
    start, end = sites.forced_from_year[site], sites.forced_to_year[site]
    if start <= year <= end or of_year == "mandatory":
        return "mandatory"
    return "candidate" if not np.isnan(start) else status


def _demand(tables: NetworkTables, years: list[int]) -> Floats:
    base = tables.destinations.demand_units.astype(float)
    if not years:
        return base[None, :].copy()
    whole = base.sum()
    demand = np.full((len(years), len(base)), np.nan)
    for year, annual in zip(tables.forecast.year, tables.forecast.annual_units, strict=True):
        # Nothing spread over nothing is nothing; something spread over nothing is unknown.
        share = base / whole if whole > 0 else np.where(annual == 0, 0.0, np.nan) * np.ones(len(base))
        demand[years.index(int(year))] = share * annual
    place_of_year = {year: place for place, year in enumerate(years)}
    rows = np.array([place_of_year[int(year)] for year in tables.demand.year], dtype=np.int64)
    demand[rows, tables.demand.destination] = tables.demand.units
    return demand
