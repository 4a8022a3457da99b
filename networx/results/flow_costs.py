"""What each flow of a plan costs and how far it travels, from the dataset alone.

A lane's own price and miles come first; otherwise miles are great-circle times circuity and the price is miles times
cost_per_unit_mile. Nothing is filled in: a distance that is not known stays NaN, a lane without a price is a fault.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Codes, Floats, Ints
from networx.domain.lane_rows import counting, lane_keys, mode_codes, mode_names
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import TransportPlan
from networx.errors import SolverFault
from networx.results.pricing import row_prices

EARTH_RADIUS_MILES = 3958.7613


@dataclass(frozen=True, slots=True)
class FlowCosts:
    """Per flow of the plan: dollars per unit, dollars, miles and days (NaN where not known), and its row of Lanes (-1:
    none lists it).
    """

    cost_per_unit: Floats
    cost: Floats
    distance_miles: Floats
    transit_days: Floats
    row: Ints


def flow_costs(tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan) -> FlowCosts:
    """Price every flow. Raises SolverFault when the plan uses a lane that nothing prices."""
    row = _listed_lanes(tables, plan)
    lanes, listed = tables.lanes, row >= 0
    listed_cost, listed_miles, days = np.full((3, len(row)), np.nan)
    listed_cost[listed] = row_prices(tables, parameters, lane_miles(tables, parameters))[row[listed]]
    listed_miles[listed] = lanes.distance_miles[row[listed]]
    days[listed] = lanes.transit_days[row[listed]]
    computed_miles = _computed_miles(tables, parameters.circuity, plan.flow_facility, plan.flow_destination)
    miles = np.where(np.isnan(listed_miles), computed_miles, listed_miles)
    rate = np.nan if parameters.cost_per_unit_mile is None else parameters.cost_per_unit_mile
    cost_per_unit = np.where(np.isnan(listed_cost), miles * rate, listed_cost)
    unpriced = np.flatnonzero(np.isnan(cost_per_unit))
    if len(unpriced):
        first = unpriced[0]
        origin = tables.facilities.name[plan.flow_facility[first]]
        destination = tables.destinations.name[plan.flow_destination[first]]
        raise SolverFault(what=f"the plan uses the lane {origin} -> {destination}, which has no price")
    return FlowCosts(cost_per_unit, cost_per_unit * plan.flow_units, miles, days, row)


def great_circle_miles(latitude1: Floats, longitude1: Floats, latitude2: Floats, longitude2: Floats) -> Floats:
    """Haversine distances between points in degrees; NaN where a coordinate is NaN."""
    phi1, phi2 = np.radians(latitude1), np.radians(latitude2)
    half_phi, half_lambda = (phi2 - phi1) / 2, np.radians(longitude2 - longitude1) / 2
    chord = np.sin(half_phi) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_lambda) ** 2
    distance: Floats = 2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
    return distance


def lane_miles(tables: NetworkTables, parameters: TransportParameters) -> Floats:
    """Of each row of Lanes; NaN where nobody knows them."""
    lanes = tables.lanes
    computed = _computed_miles(tables, parameters.circuity, lanes.facility, lanes.destination)
    miles: Floats = np.where(np.isnan(lanes.distance_miles), computed, lanes.distance_miles)
    return miles


def _listed_lanes(tables: NetworkTables, plan: TransportPlan) -> Ints:
    """The row of Lanes that each flow goes by; -1 where none lists it."""
    row = np.full(len(plan.flow_units), -1, dtype=np.int64)
    lanes, modes = tables.lanes, mode_names(tables.lanes)
    size = {"destinations": len(tables.destinations), "modes": len(modes)}
    keys = lane_keys(lanes.facility, lanes.destination, mode_codes(lanes, modes), **size)
    wanted = lane_keys(plan.flow_facility, plan.flow_destination, plan.modes_among(modes), **size)
    for year, counts in enumerate(counting(keys, lanes.year, plan.years)):
        rows, flows = np.flatnonzero(counts), np.flatnonzero(plan.flow_year == year)
        if not len(rows):
            continue
        rows = rows[np.argsort(keys[rows], kind="stable")]
        place = np.minimum(np.searchsorted(keys[rows], wanted[flows]), len(rows) - 1)
        found = keys[rows[place]] == wanted[flows]
        row[flows[found]] = rows[place[found]]
    return row


def _computed_miles(tables: NetworkTables, circuity: float | None, facility: Codes, destination: Codes) -> Floats:
    if circuity is None:
        return np.full(len(facility), np.nan)
    start, end = tables.facilities, tables.destinations
    return circuity * great_circle_miles(
        start.latitude[facility], start.longitude[facility], end.latitude[destination], end.longitude[destination]
    )
