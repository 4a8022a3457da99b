"""What the dataset says of lanes, read afresh for the check: which there are in a year, their figures, what they carry.

Nothing here refuses: where the data says nothing, the fact is NaN, and no check passes on a NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Ints
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check, TransportPlan
from networx.verify.measure import worst_of
from networx.verify.transport.facts import Facts
from networx.verify.transport.rates import row_prices
from networx.verify.transport.service import RESIDUAL, Service

MEAN_EARTH_RADIUS_MILES = 3958.7613
YEARS = 10_000  # more than any year's number; a row without a year has the number 0


@dataclass(frozen=True, slots=True)
class FlowLanes:
    """For each flow of a plan its lane: the row of Lanes (-1: none), whether there is one at all, and its figures."""

    row: Ints
    exists: Flags
    price: Floats
    miles: Floats
    days: Floats
    capacity: Floats


def flow_lanes(tables: NetworkTables, parameters: TransportParameters, facts: Facts, plan: TransportPlan) -> FlowLanes:
    site, place = plan.flow_facility.astype(np.int64), plan.flow_destination.astype(np.int64)
    modes = _modes(tables)
    of_plan = np.array([*(modes.get(name, len(modes)) for name in plan.modes), -1], dtype=np.int64)
    mode = of_plan[plan.flow_mode]
    label = np.array(facts.years, dtype=np.int64)[plan.flow_year]
    row = _row_of(tables, modes, site, place, mode, label)
    miles, price, days, capacity = _road_miles(tables, parameters, site, place), *np.full((3, len(site)), np.nan)
    by_mile = np.zeros(len(site), dtype=bool)
    if parameters.cost_per_unit_mile is not None:
        by_mile = ~np.isin(site * len(tables.destinations) + place, _pairs(tables)) & (mode == -1)
        price[by_mile] = parameters.cost_per_unit_mile * miles[by_mile]
    listed = row >= 0
    if listed.any():
        lanes, at = tables.lanes, row[listed]
        capacity[listed] = lanes.capacity_units[at]
        days[listed] = lanes.transit_days[at]
        stated = lanes.distance_miles[at]
        miles[listed] = np.where(np.isnan(stated), miles[listed], stated)
        used, first, which = np.unique(at, return_index=True, return_inverse=True)
        price[listed] = row_prices(tables, parameters, used, miles[listed][first])[which]
    return FlowLanes(
        row=row,
        exists=(listed | by_mile) & ~_ruled_out(tables, site, place),
        price=price + np.nan_to_num(tables.facilities.variable_cost_per_unit)[site],
        miles=miles,
        days=days,
        capacity=np.where(np.isnan(capacity), np.inf, capacity),
    )


def lane_capacity_check(
    name: str, lanes: FlowLanes, year: Ints, units: Floats, flow_name: Callable[[int], str]
) -> Check:
    """What flows of one year carry over one row of Lanes together, against what it may."""
    used, flow, group = np.unique(np.stack([year, lanes.row]), axis=1, return_index=True, return_inverse=True)
    carried = np.zeros(used.shape[1])
    np.add.at(carried, group.ravel(), units)
    most = lanes.capacity[flow]
    limited = np.where(np.isinf(most), 0.0, most)
    excess = np.where(np.isinf(most), 0.0, carried - limited) / np.where(limited > 0, limited, 1.0)
    return worst_of(name, excess, RESIDUAL, lambda at: flow_name(int(flow[at[0]])))


def _modes(tables: NetworkTables) -> dict[str, int]:
    return {name: at for at, name in enumerate(dict.fromkeys(name for name in tables.lanes.mode if name is not None))}


def _keys(tables: NetworkTables, modes: dict[str, int]) -> Ints:
    """A number for each row's pair and mode, with its year at the end."""
    lanes = tables.lanes
    mode = np.array([-1 if name is None else modes[name] for name in lanes.mode], dtype=np.int64)
    pair = lanes.facility.astype(np.int64) * len(tables.destinations) + lanes.destination
    return (pair * (len(modes) + 2) + mode + 1) * YEARS + np.nan_to_num(lanes.year).astype(np.int64)


def _pairs(tables: NetworkTables) -> Ints:
    return np.unique(tables.lanes.facility.astype(np.int64) * len(tables.destinations) + tables.lanes.destination)


def _row_of(tables: NetworkTables, modes: dict[str, int], site: Ints, place: Ints, mode: Ints, label: Ints) -> Ints:
    """The row of the year where there is one, else the row without a year, else -1."""
    keys = _keys(tables, modes)
    order = np.argsort(keys, kind="stable")
    asked = ((site * len(tables.destinations) + place) * (len(modes) + 2) + mode + 1) * YEARS
    found = np.full(len(asked), -1, dtype=np.int64)
    if len(keys):
        for wanted in (asked, asked + label):  # what is of the year comes last and replaces the other
            at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
            found = np.where(keys[at] == wanted, at, found)
    return found


@dataclass(frozen=True, slots=True)
class YearLanes:
    """What there is in one year between facilities (rows) and destinations (columns), over all modes.

    `carries` is what all lanes of a pair carry, `largest` the most that one of them does; `near` says whether one that
    carries anything is within the distance of the service level.
    """

    exists: Flags
    carries: Floats
    largest: Floats
    near: Flags


def year_lanes(tables: NetworkTables, parameters: TransportParameters, label: int, asked: Service) -> YearLanes:
    """`asked` is what the service level asks in this year."""
    shape = (len(tables.facilities), len(tables.destinations))
    lanes = tables.lanes
    site, place = (grid.ravel().astype(np.int64) for grid in np.indices(shape))
    road = _road_miles(tables, parameters, site, place).reshape(shape)
    counts = _counting(tables, label)
    at = lanes.facility[counts].astype(np.int64), lanes.destination[counts].astype(np.int64)
    capacity = np.where(np.isnan(lanes.capacity_units), np.inf, lanes.capacity_units)[counts]
    miles = np.where(np.isnan(lanes.distance_miles[counts]), road[at], lanes.distance_miles[counts])

    exists, near = np.zeros((2, *shape), dtype=bool)
    carries, largest = np.zeros((2, *shape))
    exists[at] = True
    np.add.at(carries, at, capacity)
    np.maximum.at(largest, at, capacity)
    np.logical_or.at(near, at, asked.near(miles, lanes.transit_days[counts]) & (capacity > 0))
    if parameters.cost_per_unit_mile is not None:
        unlisted = ~np.isin(site * shape[1] + place, _pairs(tables)).reshape(shape)
        exists |= unlisted
        carries[unlisted] = largest[unlisted] = np.inf
        near |= unlisted & asked.near(road, np.full(shape, np.nan))
    out = _ruled_out(tables, site, place).reshape(shape)
    return YearLanes(exists & ~out, np.where(out, 0.0, carries), np.where(out, 0.0, largest), near & ~out)


def modes_of(tables: NetworkTables) -> tuple[str, ...]:
    """The modes of the sheet Lanes, in the order in which they stand there."""
    return tuple(_modes(tables))


def listed_ways(tables: NetworkTables, parameters: TransportParameters, label: int) -> tuple[Ints, Ints, Ints]:
    """Facility, destination and mode (by `modes_of`, -1: none) of all that may be a way in a year: each row that
    counts, and by the mile each pair that no row names."""
    modes = _modes(tables)
    rows = np.flatnonzero(_counting(tables, label))
    names = [tables.lanes.mode[row] for row in rows.tolist()]
    mode = np.array([-1 if name is None else modes[name] for name in names], dtype=np.int64)
    site, place = tables.lanes.facility[rows].astype(np.int64), tables.lanes.destination[rows].astype(np.int64)
    if parameters.cost_per_unit_mile is None:
        return site, place, mode
    width = len(tables.destinations)
    unlisted = np.setdiff1d(np.arange(len(tables.facilities) * width), _pairs(tables))
    own = np.full(len(unlisted), -1)
    parts = ((site, unlisted // width), (place, unlisted % width), (mode, own))
    site, place, mode = (np.concatenate(part) for part in parts)
    return site, place, mode


def _counting(tables: NetworkTables, label: int) -> Flags:
    """Which rows count in a year: those of that year, and those without one that none of them stands in place of."""
    pair_and_mode = _keys(tables, _modes(tables)) // YEARS
    own = tables.lanes.year == label
    counts: Flags = own | (np.isnan(tables.lanes.year) & ~np.isin(pair_and_mode, pair_and_mode[own]))
    return counts


def lane_facts(
    tables: NetworkTables,
    parameters: TransportParameters,
    years: tuple[int, ...],
    site: Ints,
    place: Ints,
) -> tuple[Flags, Floats]:
    """For pairs of facility and destination: whether there is a lane, and its price a unit; NaN: unknown.

    Of a pair with several rows the cheapest that counts in one of the years, whatever its mode. A lane that Assignments
    rule out is none; what a facility adds to each unit is in the price.
    """
    if np.isnan(tables.lanes.year).all():
        rows = np.arange(len(tables.lanes))
    else:
        rows = np.flatnonzero(np.logical_or.reduce([_counting(tables, label) for label in years]))
    start, end = tables.lanes.facility[rows].astype(np.int64), tables.lanes.destination[rows].astype(np.int64)
    of_row = tables.lanes.distance_miles[rows]
    if np.isnan(tables.lanes.cost_per_unit[rows]).any():
        of_row = np.where(np.isnan(of_row), _road_miles(tables, parameters, start, end), of_row)
    prices = row_prices(tables, parameters, rows, of_row)
    listed = start * len(tables.destinations) + end
    order = np.lexsort((prices, listed))
    asked = site * len(tables.destinations) + place
    at = np.searchsorted(listed[order], asked)
    row = order[np.minimum(at, max(len(order) - 1, 0))] if len(order) else np.zeros(len(asked), dtype=np.int64)
    is_listed = listed[row] == asked if len(order) else np.zeros(len(asked), dtype=bool)

    price = np.full(len(asked), np.nan)
    if parameters.cost_per_unit_mile is not None:
        price = parameters.cost_per_unit_mile * _road_miles(tables, parameters, site, place)
    exists = np.ones(len(asked), dtype=bool) if parameters.cost_per_unit_mile is not None else is_listed
    if len(order):
        price = np.where(is_listed, prices[row], price)
    own = np.nan_to_num(tables.facilities.variable_cost_per_unit)[site]
    return exists & ~_ruled_out(tables, site, place), price + own


def _ruled_out(tables: NetworkTables, site: Ints, place: Ints) -> Flags:
    rules = tables.assignments
    out = np.zeros(len(site), dtype=bool)
    if not len(rules):
        return out
    word = dict(zip(zip(rules.facility.tolist(), rules.destination.tolist(), strict=True), rules.rule, strict=True))
    taken = {destination for (_, destination), rule in word.items() if rule == "fixed"}
    for at, pair in enumerate(zip(site.tolist(), place.tolist(), strict=True)):
        rule = word.get(pair)
        out[at] = rule == "forbidden" or (pair[1] in taken and rule != "fixed")
    return out


def _road_miles(tables: NetworkTables, parameters: TransportParameters, site: Ints, place: Ints) -> Floats:
    """Great-circle miles times circuity, from the angle between two unit vectors; NaN where anything is unknown."""
    sites, places = tables.facilities, tables.destinations
    start, end = (_unit_vectors(one.latitude, one.longitude) for one in (sites, places))
    return _miles(start[site], end[place], parameters)


def miles_between(
    latitude: Floats, longitude: Floats, latitude_there: Floats, longitude_there: Floats, given: TransportParameters
) -> Floats:
    """The same between places told in degrees, element by element."""
    return _miles(_unit_vectors(latitude, longitude), _unit_vectors(latitude_there, longitude_there), given)


def _miles(start: Floats, end: Floats, given: TransportParameters) -> Floats:
    """Between unit vectors, both of shape (N, 3)."""
    angle = 2 * np.arctan2(np.linalg.norm(start - end, axis=1), np.linalg.norm(start + end, axis=1))
    circuity = np.nan if given.circuity is None else given.circuity
    miles: Floats = MEAN_EARTH_RADIUS_MILES * angle * circuity
    return miles


def _unit_vectors(latitude: Floats, longitude: Floats) -> Floats:
    north, east = np.deg2rad(latitude), np.deg2rad(longitude)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)
