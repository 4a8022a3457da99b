"""Which facility may serve which destination, at what cost a unit, and how many miles it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from networx.domain.network import Destinations, Facilities, Floats, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted
from networx.errors import Problem, RefusedInput
from networx.models.transport.distance import great_circle_miles
from networx.models.transport.refusals import lane_name, name_rows, repeated

Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class PricedLanes:
    """Allowed pairs, one an element. `miles` is NaN where nothing asks for a distance and none is stated."""

    facility: Indices
    destination: Indices
    cost_per_unit: Floats
    miles: Floats

    def __len__(self) -> int:
        return len(self.facility)

    def keep(self, kept: npt.NDArray[np.generic]) -> PricedLanes:
        return PricedLanes(self.facility[kept], self.destination[kept], self.cost_per_unit[kept], self.miles[kept])


def priced_lanes(tables: NetworkTables, parameters: TransportParameters, allowed: Flags) -> PricedLanes:
    """Lanes of allowed facilities: those listed and, with cost_per_unit_mile, all other pairs. Raises RefusedInput.

    Their prices hold the facility's own cost a unit. Those that Assignments rule out are gone.
    """
    _refuse_repeats(tables)
    lanes = _listed(tables, parameters, allowed)
    if parameters.cost_per_unit_mile is not None:
        lanes = _joined(lanes, _unlisted(tables, parameters, allowed, lanes))
    lanes = _assigned(tables, lanes, allowed)
    own = tables.facilities.variable_cost_per_unit[lanes.facility]
    return replace(lanes, cost_per_unit=lanes.cost_per_unit + np.where(np.isnan(own), 0.0, own))


def _assigned(tables: NetworkTables, lanes: PricedLanes, allowed: Flags) -> PricedLanes:
    """The lanes that Assignments leave. Raises RefusedInput for a fixed one that no lane can carry."""
    rules = tables.assignments
    if not len(rules):
        return lanes
    places = len(tables.destinations)
    wanted = np.array([rule == "fixed" for rule in rules.rule], dtype=bool)
    pairs = rules.facility.astype(np.intp) * places + rules.destination
    lane_pairs = lanes.facility * places + lanes.destination
    problems = name_rows(
        wanted & ~np.isin(pairs, lane_pairs),
        lambda row: Problem(
            f"{tables.destinations.name[rules.destination[row]]} is fixed to "
            f"{tables.facilities.name[rules.facility[row]]}, "
            + (
                f"but there is no {lane_name(tables, rules.facility[row], rules.destination[row])}; add it to Lanes."
                if allowed[rules.facility[row]]
                else "which may never be open; correct one of the two."
            ),
            "assignment",
            "Assignments",
            None,
            "rule",
            "fixed",
        ),
    )
    if problems:
        raise RefusedInput(problems)
    bound = np.isin(lanes.destination, rules.destination[wanted])
    kept = np.where(bound, np.isin(lane_pairs, pairs[wanted]), ~np.isin(lane_pairs, pairs[~wanted]))
    return lanes.keep(kept)


def require_prices(tables: NetworkTables, parameters: TransportParameters) -> None:
    """Refuse a network in which nothing prices a delivery. Raises RefusedInput."""
    if not len(tables.lanes) and parameters.cost_per_unit_mile is None:
        raise RefusedInput(
            [
                Problem(
                    "There are no Lanes and no cost_per_unit_mile, so that nothing prices a delivery; fill in the "
                    "sheet Lanes, or state cost_per_unit_mile and circuity in Parameters.",
                    "missing_lanes",
                    "Lanes",
                )
            ]
        )


def _refuse_repeats(tables: NetworkTables) -> None:
    lanes = tables.lanes
    problems = name_rows(
        repeated(lanes.facility, lanes.destination),
        lambda row: Problem(
            f"The {lane_name(tables, lanes.facility[row], lanes.destination[row])} is listed more than once; keep one "
            "row.",
            "repeated",
            "Lanes",
            None,
            "destination",
        ),
    )
    if problems:
        raise RefusedInput(problems)


def _listed(tables: NetworkTables, parameters: TransportParameters, allowed: Flags) -> PricedLanes:
    rows = np.flatnonzero(allowed[tables.lanes.facility])
    facility = tables.lanes.facility[rows].astype(np.intp)
    destination = tables.lanes.destination[rows].astype(np.intp)
    miles = tables.lanes.distance_miles[rows].astype(np.float64)
    if parameters.service_level is not None:
        miles = _with_distances(tables, parameters, facility, destination, miles)
    return PricedLanes(facility, destination, tables.lanes.cost_per_unit[rows].astype(np.float64), miles)


def _with_distances(
    tables: NetworkTables,
    parameters: TransportParameters,
    facility: Indices,
    destination: Indices,
    miles: Floats,
) -> Floats:
    """Stated miles, else road miles from coordinates. Raises RefusedInput where neither is known."""
    unstated = np.isnan(miles)
    if parameters.circuity is not None:
        miles = np.where(unstated, _road_miles(tables, facility, destination, parameters.circuity), miles)
    unknown = np.isnan(miles)
    count = int(unknown.sum())
    others = f" ({counted(count - 1, 'other lane')} also)" if count > 1 else ""
    problems = name_rows(
        unknown,
        lambda at: Problem(
            f"service_level asks for a distance, which the {lane_name(tables, facility[at], destination[at])} "
            f"lacks{others}; state distance_miles, or circuity in Parameters and the latitude and longitude (or a "
            "known ZIP) of both places.",
            "missing_distance",
            "Lanes",
            None,
            "distance_miles",
        ),
    )
    if problems:
        raise RefusedInput(problems)
    return miles


def _unlisted(
    tables: NetworkTables, parameters: TransportParameters, allowed: Flags, listed: PricedLanes
) -> PricedLanes:
    missing = np.zeros((len(tables.facilities), len(tables.destinations)), dtype=bool)
    missing[allowed] = True
    missing[listed.facility, listed.destination] = False
    problems = _without_place(tables.facilities, missing.any(axis=1), "Facilities")
    problems += _without_place(tables.destinations, missing.any(axis=0), "Destinations")
    if problems:
        raise RefusedInput(problems)
    assert parameters.cost_per_unit_mile is not None
    assert parameters.circuity is not None
    facility, destination = np.nonzero(missing)
    miles = _road_miles(tables, facility, destination, parameters.circuity)
    return PricedLanes(facility, destination, parameters.cost_per_unit_mile * miles, miles)


def _without_place(table: Facilities | Destinations, needed: npt.ArrayLike, sheet: str) -> list[Problem]:
    faulty = np.asarray(needed) & (np.isnan(table.latitude) | np.isnan(table.longitude))
    return name_rows(
        faulty,
        lambda row: Problem(
            f"{table.name[row]} has lanes to be priced by the mile, but its place is not known; state latitude and "
            "longitude or a known ZIP, or list all its lanes with their prices.",
            "missing_coordinates",
            sheet,
            None,
            "latitude",
        ),
    )


def _road_miles(tables: NetworkTables, facility: Indices, destination: Indices, circuity: float) -> Floats:
    start, end = tables.facilities, tables.destinations
    miles = great_circle_miles(
        start.latitude[facility], start.longitude[facility], end.latitude[destination], end.longitude[destination]
    )
    return miles * circuity


def _joined(a: PricedLanes, b: PricedLanes) -> PricedLanes:
    return PricedLanes(
        np.concatenate([a.facility, b.facility]),
        np.concatenate([a.destination, b.destination]),
        np.concatenate([a.cost_per_unit, b.cost_per_unit]),
        np.concatenate([a.miles, b.miles]),
    )
