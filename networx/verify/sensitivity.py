"""The changed problem of a sensitivity answer, made again from the dataset and the question, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.sensitivity import Direction, Kind, Question


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What an answer is to be held against. `label` is how what was asked begins."""

    tables: NetworkTables
    parameters: TransportParameters
    direction: Direction
    label: str


def otherwise(tables: NetworkTables, parameters: TransportParameters, opened: Flags, question: Question) -> Otherwise:
    """The dataset and parameters with one thing otherwise. `opened` (T, I) is what the base plan has open.

    Raises ValueError for a question that nobody can ask of this plan.
    """
    kind, change = question.kind, question.change
    if kind in {Kind.ONE_MORE, Kind.ONE_FEWER}:
        return _counted(tables, parameters, opened, more=kind is Kind.ONE_MORE)
    if kind in {Kind.OPENED, Kind.CLOSED}:
        if question.site is None:
            raise ValueError("no facility is named")
        return _site(tables, parameters, question.site, opened=kind is Kind.OPENED)
    if change is None:
        raise ValueError("it does not say by how much")
    if kind is Kind.DEMAND:
        return Otherwise(_demanded(tables, change), parameters, Direction.EITHER, f"Demand {change * 100:+.0f} %")
    return _serviced(tables, parameters, change)


def _counted(tables: NetworkTables, parameters: TransportParameters, opened: Flags, *, more: bool) -> Otherwise:
    """One more site open in each year than there is, or one fewer."""
    numbers = set(np.asarray(opened, dtype=bool).sum(axis=1).tolist())
    if len(numbers) != 1:
        raise ValueError("the base plan does not have the same number open in every year")
    sites = int(numbers.pop()) + (1 if more else -1)
    fewest, most = parameters.min_facilities, parameters.max_facilities
    allowed = (fewest is None or sites >= fewest) and (most is None or sites <= most)
    words = "One more facility" if more else "One facility fewer"
    return Otherwise(
        tables,
        replace(parameters, min_facilities=sites, max_facilities=sites),
        Direction.NOT_BELOW_0 if allowed else Direction.EITHER,
        f"{words} ({sites} in each year)",
    )


def _site(tables: NetworkTables, parameters: TransportParameters, site: int, *, opened: bool) -> Otherwise:
    """A site mandatory or forbidden, in every year that does not forbid it by itself; nothing else says otherwise."""
    stated, by_year = tables.facilities, tables.facility_years
    words: list[Any] = list(stated.status)
    began, ended = stated.forced_from_year.copy(), stated.forced_to_year.copy()
    was, was_forced = words[site], not np.isnan(began[site])
    words[site] = "mandatory" if opened else "forbidden"
    began[site] = ended[site] = np.nan
    in_years: list[Any] = list(by_year.status)
    must_in_years = False
    for row in np.flatnonzero(by_year.facility == site).tolist():
        must_in_years |= in_years[row] == "mandatory"
        if in_years[row] != "forbidden":
            in_years[row] = None
    freed = was == "forbidden" if opened else was == "mandatory" or was_forced or must_in_years
    changed = replace(
        tables,
        facilities=replace(stated, status=tuple(words), forced_from_year=began, forced_to_year=ended),
        facility_years=replace(by_year, status=tuple(in_years)),
    )
    return Otherwise(
        changed,
        parameters,
        Direction.EITHER if freed else Direction.NOT_BELOW_0,
        f"{stated.name[site]} {'open' if opened else 'closed'}",
    )


def _demanded(tables: NetworkTables, share: float) -> NetworkTables:
    factor = 1 + share
    places, rows, years = tables.destinations, tables.demand, tables.forecast
    return replace(
        tables,
        destinations=replace(places, demand_units=places.demand_units * factor),
        demand=replace(rows, units=rows.units * factor),
        forecast=replace(years, annual_units=years.annual_units * factor),
    )


def _serviced(tables: NetworkTables, parameters: TransportParameters, points: float) -> Otherwise:
    """Every level that is stated by so many hundredths, as a person writes it."""
    by_year = tables.service_years
    moved = [round(level + points / 100, 12) for level in by_year.service_level.tolist()]
    level = parameters.service_level
    return Otherwise(
        replace(tables, service_years=replace(by_year, service_level=np.array(moved, dtype=np.float64))),
        replace(parameters, service_level=None if level is None else round(level + points / 100, 12)),
        Direction.NOT_BELOW_0 if points > 0 else Direction.NOT_ABOVE_0,
        f"Service level {points:+.0f} point",
    )
