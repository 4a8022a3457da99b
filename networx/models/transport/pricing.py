"""The lanes of a network with their prices and miles: those that the sheet lists, then all others by the mile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Flags
from networx.domain.lane_rows import NO_MODE
from networx.domain.network import Destinations, Facilities, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.errors import Problem, RefusedInput
from networx.models.transport.distance import road_miles
from networx.models.transport.lanes import PricedLanes
from networx.models.transport.listed import listed_lanes
from networx.models.transport.refusals import lane_name, name_rows
from networx.models.transport.service import DAYS, ServiceRules


def priced_lanes(
    tables: NetworkTables,
    parameters: TransportParameters,
    service: ServiceRules,
    years: tuple[int, ...],
    allowed: Flags,
    ends: Flags | None = None,
    sheets: tuple[str, str] = ("Facilities", "Destinations"),
) -> PricedLanes:
    """Lanes of allowed facilities: those listed and, with cost_per_unit_mile, all other pairs. Raises RefusedInput.

    Their prices hold the facility's own cost a unit. Those that Assignments rule out are gone. `ends` are the
    destinations that count, where not all do; `sheets` are those of the places at both ends.
    """
    lanes = listed_lanes(tables, parameters, service, years, allowed, ends)
    if parameters.cost_per_unit_mile is not None:
        wanted = np.outer(allowed, np.ones(len(tables.destinations), dtype=bool) if ends is None else ends)
        others = _unlisted(tables, parameters, wanted, lanes, sheets)
        _require_no_days(tables, service, others)
        lanes = _joined(lanes, others)
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


def _unlisted(
    tables: NetworkTables,
    parameters: TransportParameters,
    wanted: Flags,
    listed: PricedLanes,
    sheets: tuple[str, str],
) -> PricedLanes:
    """Every wanted pair (I, J) without a row of whatever mode and year."""
    missing = wanted.copy()
    missing[listed.facility, listed.destination] = False
    problems = _without_place(tables.facilities, missing.any(axis=1), sheets[0])
    problems += _without_place(tables.destinations, missing.any(axis=0), sheets[1])
    if problems:
        raise RefusedInput(problems)
    assert parameters.cost_per_unit_mile is not None
    assert parameters.circuity is not None
    facility, destination = np.nonzero(missing)
    miles = road_miles(tables, facility, destination, parameters.circuity)
    return PricedLanes(
        facility,
        destination,
        parameters.cost_per_unit_mile * miles,
        miles,
        days=np.full(len(miles), np.nan),
        capacity=np.full(len(miles), np.inf),
        mode=np.full(len(miles), NO_MODE, dtype=np.intp),
        counts=np.broadcast_to(np.True_, (len(listed.counts), len(miles))),
    )


def _require_no_days(tables: NetworkTables, service: ServiceRules, others: PricedLanes) -> None:
    """Days are stated by rows of Lanes alone."""
    if not service.asked or service.measure != DAYS or not len(others):
        return
    first = lane_name(tables, int(others.facility[0]), int(others.destination[0]))
    message = (
        f"service_level asks for transit days, which the {first} lacks ({len(others):,} lanes that the sheet Lanes "
        "does not list are priced by the mile); list them with transit_days, or remove cost_per_unit_mile."
    )
    raise RefusedInput([Problem(message, "missing_days", "Lanes", None, "transit_days")])


def _without_place(table: Facilities | Destinations, needed: npt.ArrayLike, sheet: str) -> list[Problem]:
    """A problem for each that is needed to price lanes by the mile and stands nowhere."""
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


def _joined(a: PricedLanes, b: PricedLanes) -> PricedLanes:
    return replace(
        a,
        facility=np.concatenate([a.facility, b.facility]),
        destination=np.concatenate([a.destination, b.destination]),
        cost_per_unit=np.concatenate([a.cost_per_unit, b.cost_per_unit]),
        miles=np.concatenate([a.miles, b.miles]),
        days=np.concatenate([a.days, b.days]),
        capacity=np.concatenate([a.capacity, b.capacity]),
        mode=np.concatenate([a.mode, b.mode]),
        counts=np.concatenate([a.counts, b.counts], axis=1),
    )
