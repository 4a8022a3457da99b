"""A greenfield study made ready: the demand of all years, and the miles from every candidate to every destination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.domain.geography import centroid
from networx.domain.greenfield import CandidateRule
from networx.domain.network import NetworkTables
from networx.domain.phrases import counted
from networx.errors import Problem, RefusedInput
from networx.models.greenfield.candidates import candidates_of
from networx.models.transport.demand import demand_by_year
from networx.models.transport.distance import great_circle_miles

MOST_PAIRS = 20_000_000  # of candidates and destinations, each of which is held
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class GreenfieldInstance:
    """Candidates I, destinations with demand J: `miles` (I, J), `units` (J,) of all years, rows `destination` (J,)."""

    zips: tuple[str, ...]
    miles: Floats
    units: Floats
    destination: np.ndarray


def prepare(tables: NetworkTables, rule: CandidateRule, circuity: float | None, most: int) -> GreenfieldInstance:
    """Great-circle miles, times `circuity` where it is given. Raises RefusedInput for what is missing.

    `most` is the largest number of places that is asked for.
    """
    zips, destination, units = asked_of(tables, rule, most)
    places = tables.destinations
    latitude, longitude = np.array([centroid(zip5) or (np.nan, np.nan) for zip5 in zips]).T
    miles = great_circle_miles(
        latitude[:, None], longitude[:, None], places.latitude[None, destination], places.longitude[None, destination]
    )
    return GreenfieldInstance(zips, miles * (1.0 if circuity is None else circuity), units, destination)


def asked_of(tables: NetworkTables, rule: CandidateRule, most: int) -> tuple[tuple[str, ...], Indices, Floats]:
    """The candidates, the destinations with demand, and their units of all years. Raises RefusedInput."""
    _, demand = demand_by_year(tables)
    places, units = tables.destinations, demand.sum(axis=0)
    destination = np.flatnonzero(units > 0)
    _refuse_missing(tables, destination)
    zips = candidates_of(places, rule)
    if len(zips) < most:
        raise _refused(
            f"{counted(most, 'place')} of {counted(len(zips), 'candidate')} cannot be chosen: with the candidates "
            f"`{rule.value}`, only ZIP codes that the Census knows count. Ask for fewer places, or take the candidates "
            "`zip3` or `both`.",
            "too_few_candidates",
        )
    if len(zips) * len(destination) > MOST_PAIRS:
        raise _refused(
            f"{len(zips):,} candidates x {len(destination):,} destinations are more than {MOST_PAIRS:,} pairs; take "
            "the candidates `zip3`, or group the destinations, for example by ZIP3.",
            "too_many_pairs",
        )
    return zips, destination, units[destination]


def _refuse_missing(tables: NetworkTables, destination: np.ndarray) -> None:
    if not len(destination):
        message = "No destination has demand in any year; state demand_units or Demand."
        raise RefusedInput([Problem(message, "no_demand", "Destinations", None, "demand_units", None)])
    places = tables.destinations
    unknown = destination[np.isnan(places.latitude[destination]) | np.isnan(places.longitude[destination])]
    if len(unknown):
        raise RefusedInput(
            [
                Problem(
                    f"{places.name[row]} has no coordinates; give its latitude and longitude, or its ZIP.",
                    "coordinates",
                    "Destinations",
                    None,
                    "zip",
                    places.name[row],
                )
                for row in unknown[:MOST_NAMED]
            ]
        )


def _refused(message: str, rule: str) -> RefusedInput:
    return RefusedInput([Problem(message, rule, "Destinations", None, "zip", None)])
