"""The rows of the sheet Lanes as ways of a plan: each stated once, in a year of the plan, with its price and miles."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.lane_rows import counting, lane_keys, mode_codes, mode_names
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import SINGLE_YEAR, counted, years_listed
from networx.errors import Problem, RefusedInput
from networx.models.transport.distance import road_miles
from networx.models.transport.lane_prices import row_prices
from networx.models.transport.lanes import PricedLanes
from networx.models.transport.refusals import lane_name, name_rows, repeated, row_name
from networx.models.transport.service import DAYS, MILES, ServiceRules


def listed_lanes(
    tables: NetworkTables,
    parameters: TransportParameters,
    service: ServiceRules,
    years: tuple[int, ...],
    allowed: Flags,
    ends: Flags | None = None,
) -> PricedLanes:
    """Those of allowed facilities that count in some year, to some `ends` or to all. Raises RefusedInput."""
    lanes, modes = tables.lanes, mode_names(tables.lanes)
    mode = mode_codes(lanes, modes)
    keys = lane_keys(lanes.facility, lanes.destination, mode, destinations=len(tables.destinations), modes=len(modes))
    _refuse_other_years(tables, years)
    _refuse_repeats(tables, keys)
    wanted = allowed[lanes.facility] if ends is None else allowed[lanes.facility] & ends[lanes.destination]
    rows = np.flatnonzero(wanted)
    facility, destination = lanes.facility[rows].astype(np.intp), lanes.destination[rows].astype(np.intp)
    miles = lanes.distance_miles[rows].astype(np.float64)
    if service.asked and service.measure == MILES:
        miles = _with_distances(tables, parameters, facility, destination, miles)
    if service.asked and service.measure == DAYS:
        _require_days(tables, rows)
    capacity = lanes.capacity_units[rows]
    counts = counting(keys[rows], lanes.year[rows], years)
    listed = PricedLanes(
        facility,
        destination,
        row_prices(tables, parameters, rows),
        miles,
        days=lanes.transit_days[rows].astype(np.float64),
        capacity=np.where(np.isnan(capacity), np.inf, capacity),
        mode=mode[rows].astype(np.intp),
        counts=counts,
        modes=modes,
    )
    # A row without a year counts in none where each has a row of its own.
    ever: Flags = np.logical_or.reduce(counts, axis=0)
    return listed if ever.all() else listed.keep(ever)


def _refuse_other_years(tables: NetworkTables, years: tuple[int, ...]) -> None:
    stated = tables.lanes.year
    unnamed = years == (SINGLE_YEAR,)
    why = (
        "which has no meaning while the plan is one year without a name; state Forecast"
        if unnamed
        else f"which is not a year of the plan ({years_listed(years)}); correct or remove the row"
    )
    problems = name_rows(
        ~np.isnan(stated) & (unnamed | ~np.isin(stated, years)),
        lambda row: Problem(
            f"{_beginning(row_name(tables, 'Lanes', row))} is stated for {stated[row]:g}, {why}.",
            "unknown_year",
            "Lanes",
            None,
            "year",
            f"{stated[row]:g}",
        ),
    )
    if problems:
        raise RefusedInput(problems)


def _refuse_repeats(tables: NetworkTables, keys: np.ndarray) -> None:
    problems = name_rows(
        repeated(keys, np.nan_to_num(tables.lanes.year).astype(np.int64)),
        lambda row: Problem(
            f"{_beginning(row_name(tables, 'Lanes', row))} is listed more than once; keep one row.",
            "repeated",
            "Lanes",
            None,
            "destination",
        ),
    )
    if problems:
        raise RefusedInput(problems)


def _require_days(tables: NetworkTables, rows: Indices) -> None:
    unknown = rows[np.isnan(tables.lanes.transit_days[rows])]
    others = f" ({counted(len(unknown) - 1, 'other lane')} also)" if len(unknown) > 1 else ""
    problems = name_rows(
        np.isin(np.arange(len(tables.lanes)), unknown),
        lambda row: Problem(
            f"service_level asks for transit days, which {row_name(tables, 'Lanes', row)} lacks{others}; state "
            "transit_days.",
            "missing_days",
            "Lanes",
            None,
            "transit_days",
        ),
    )
    if problems:
        raise RefusedInput(problems)


def _beginning(name: str) -> str:
    """A name at the beginning of a sentence."""
    return name[0].upper() + name[1:]


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
        miles = np.where(unstated, road_miles(tables, facility, destination, parameters.circuity), miles)
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
