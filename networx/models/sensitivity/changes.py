"""The changed problem of each question: the client's own tables and parameters with one thing otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.network import FacilityStatus, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.sensitivity import Direction, Kind, Question


@dataclass(frozen=True, slots=True)
class Changed:
    """A problem to solve in the base problem's place, and what is known of its delta beforehand."""

    tables: NetworkTables
    parameters: TransportParameters
    direction: Direction


def changed(tables: NetworkTables, parameters: TransportParameters, question: Question, opened: int) -> Changed:
    """`opened` is how many facilities the base plan has open, where that is one number."""
    if question.kind in {Kind.ONE_MORE, Kind.ONE_FEWER}:
        return _counted(tables, parameters, opened + (1 if question.kind is Kind.ONE_MORE else -1))
    if question.kind in {Kind.OPENED, Kind.CLOSED}:
        assert question.site is not None
        return _stated(tables, parameters, question.site, opened=question.kind is Kind.OPENED)
    assert question.change is not None
    if question.kind is Kind.DEMAND:
        return Changed(_scaled(tables, 1 + question.change), parameters, Direction.EITHER)
    return _served(tables, parameters, question.change)


def _counted(tables: NetworkTables, parameters: TransportParameters, sites: int) -> Changed:
    least, most = parameters.min_facilities or 0, parameters.max_facilities
    within = least <= sites and (most is None or sites <= most)
    exactly = replace(parameters, min_facilities=sites, max_facilities=sites)
    return Changed(tables, exactly, Direction.NOT_BELOW_0 if within else Direction.EITHER)


def _stated(tables: NetworkTables, parameters: TransportParameters, site: int, *, opened: bool) -> Changed:
    """One facility mandatory, or forbidden, over all years; years in which it is not available stay so.

    What was stated to force it, or to free it in a year, goes; a year in which it is forbidden stays.
    """
    sites, years = tables.facilities, tables.facility_years
    own = years.facility == site
    in_year = [word for word, is_own in zip(years.status, own, strict=True) if is_own]
    forced = not np.isnan(sites.forced_from_year[site])
    if opened:
        narrower = sites.status[site] != "forbidden"
    else:
        narrower = sites.status[site] != "mandatory" and "mandatory" not in in_year and not forced
    status: tuple[FacilityStatus, ...] = tuple(
        word if at != site else "mandatory" if opened else "forbidden" for at, word in enumerate(sites.status)
    )
    kept = tuple(
        None if is_own and word != "forbidden" else word for word, is_own in zip(years.status, own, strict=True)
    )
    free = np.arange(len(sites)) == site
    facilities = replace(
        sites,
        status=status,
        forced_from_year=np.where(free, np.nan, sites.forced_from_year),
        forced_to_year=np.where(free, np.nan, sites.forced_to_year),
    )
    told = replace(tables, facilities=facilities, facility_years=replace(years, status=kept))
    return Changed(told, parameters, Direction.NOT_BELOW_0 if narrower else Direction.EITHER)


def _scaled(tables: NetworkTables, factor: float) -> NetworkTables:
    """All demand: of the base year, of Demand rows and of the Forecast."""
    return replace(
        tables,
        destinations=replace(tables.destinations, demand_units=tables.destinations.demand_units * factor),
        demand=replace(tables.demand, units=tables.demand.units * factor),
        forecast=replace(tables.forecast, annual_units=tables.forecast.annual_units * factor),
    )


def _served(tables: NetworkTables, parameters: TransportParameters, points: float) -> Changed:
    """Every level that is stated, of all years or of one."""
    level, rows = parameters.service_level, tables.service_years
    moved = replace(parameters, service_level=None if level is None else shifted(level, points))
    levels = np.array([shifted(value, points) for value in rows.service_level.tolist()], dtype=np.float64)
    told = replace(tables, service_years=replace(rows, service_level=levels))
    return Changed(told, moved, Direction.NOT_BELOW_0 if points > 0 else Direction.NOT_ABOVE_0)


def shifted(level: float, points: float) -> float:
    """A share some points higher, rounded as a person would write it: 0.95 and 1 are 0.96."""
    return round(level + points / 100, 12)
