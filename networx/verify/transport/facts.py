"""What the dataset says, read afresh for the check: years, demand, capacity, prices and miles.

Nothing here refuses: where the data says nothing, the fact is NaN, and no check passes on a NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from networx.domain.network import Floats, NetworkTables
from networx.domain.parameters import TransportParameters

MEAN_EARTH_RADIUS_MILES = 3958.7613
YEAR_OF_BASE_DEMAND = 1  # what the only year is called where the data names none

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows are years, columns destinations (`demand`) or facilities (`capacity`, `fixed_cost`)."""

    years: tuple[int, ...]
    demand: Floats
    capacity: Floats
    fixed_cost: Floats
    forbidden: npt.NDArray[np.bool_]
    mandatory: npt.NDArray[np.bool_]


def facts_of(tables: NetworkTables) -> Facts:
    years = sorted({int(year) for year in tables.demand.year} | {int(year) for year in tables.forecast.year})
    demand = _demand(tables, years)
    years = years or [YEAR_OF_BASE_DEMAND]
    capacity = np.stack([tables.facilities.capacity_units] * len(years)).astype(float)
    fixed_cost = np.stack([tables.facilities.fixed_cost_per_year] * len(years)).astype(float)
    changes = tables.facility_years
    for site, year, cost, most in zip(
        changes.facility, changes.year, changes.fixed_cost, changes.capacity_units, strict=True
    ):
        if int(year) in years:
            at = (years.index(int(year)), int(site))
            fixed_cost[at] = fixed_cost[at] if np.isnan(cost) else cost
            capacity[at] = capacity[at] if np.isnan(most) else most
    return Facts(
        years=tuple(years),
        demand=demand,
        capacity=capacity,
        fixed_cost=fixed_cost,
        forbidden=np.array([status == "forbidden" for status in tables.facilities.status], dtype=bool),
        mandatory=np.array([status == "mandatory" for status in tables.facilities.status], dtype=bool),
    )


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


def lane_facts(
    tables: NetworkTables, parameters: TransportParameters, site: Positions, place: Positions
) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """For pairs of facility and destination: whether there is a lane, its price a unit, its miles; NaN: unknown."""
    listed = tables.lanes.facility.astype(np.int64) * len(tables.destinations) + tables.lanes.destination
    order = np.argsort(listed, kind="stable")
    asked = site * len(tables.destinations) + place
    at = np.searchsorted(listed[order], asked)
    row = order[np.minimum(at, max(len(order) - 1, 0))] if len(order) else np.zeros(len(asked), dtype=np.int64)
    is_listed = listed[row] == asked if len(order) else np.zeros(len(asked), dtype=bool)

    miles = _road_miles(tables, parameters, site, place)
    price = np.full(len(asked), np.nan)
    if parameters.cost_per_unit_mile is not None:
        price = parameters.cost_per_unit_mile * miles
    exists = np.ones(len(asked), dtype=bool) if parameters.cost_per_unit_mile is not None else is_listed
    if len(order):
        stated = tables.lanes.distance_miles[row]
        price = np.where(is_listed, tables.lanes.cost_per_unit[row], price)
        miles = np.where(is_listed & ~np.isnan(stated), stated, miles)
    return exists, price, miles


def _road_miles(tables: NetworkTables, parameters: TransportParameters, site: Positions, place: Positions) -> Floats:
    """Great-circle miles times circuity, from the angle between two unit vectors; NaN where anything is unknown."""
    start = _unit_vectors(tables.facilities.latitude, tables.facilities.longitude)[site]
    end = _unit_vectors(tables.destinations.latitude, tables.destinations.longitude)[place]
    angle = 2 * np.arctan2(np.linalg.norm(start - end, axis=1), np.linalg.norm(start + end, axis=1))
    circuity = np.nan if parameters.circuity is None else parameters.circuity
    miles: Floats = MEAN_EARTH_RADIUS_MILES * angle * circuity
    return miles


def _unit_vectors(latitude: Floats, longitude: Floats) -> Floats:
    north, east = np.deg2rad(latitude), np.deg2rad(longitude)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)
