"""Who serves whom, from the fixed rows of Assignments or the flows of a finished plan. Raises RefusedInput."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.inventory import Service
from networx.domain.inventory_parameters import SHEET
from networx.domain.network import NetworkTables
from networx.errors import Problem, RefusedInput
from networx.models.transport.demand import demand_by_year

NAMED = 10
SAME_UNITS = 1e-6  # relative; a plan serves demand but for rounding


def fixed_service(tables: NetworkTables, asked: str) -> Service:
    """Every destination served by the one facility that is fixed to it. `asked` is the parameter that asks for it."""
    years, demand = demand_by_year(tables)
    rules = np.array(tables.assignments.rule, dtype=object) == "fixed"
    facility, destination = tables.assignments.facility[rules], tables.assignments.destination[rules]
    counts = np.bincount(destination, minlength=len(tables.destinations))
    needed = demand.sum(axis=0) > 0
    names = tables.destinations.name
    problems = [
        _problem(asked, f"{asked} is fixed, but {names[place]} has {_how_many(int(counts[place]))}; state exactly one")
        for place in np.flatnonzero(needed & (counts != 1))[:NAMED]
    ]
    if problems:
        raise RefusedInput(problems)
    by_place = np.zeros(len(names), dtype=np.int32)
    by_place[destination] = facility
    year, place = np.nonzero(demand > 0)
    return Service(
        years=years,
        year=year.astype(np.int32),
        facility=by_place[place],
        destination=place.astype(np.int32),
        units=demand[year, place],
    )


def planned_service(tables: NetworkTables, rows: Iterable[Mapping[str, Any]], asked: str) -> Service:
    """The flows of a plan for the same demand, by name: each row has year, facility, destination and units."""
    years, demand = demand_by_year(tables)
    positions = [
        {value: at for at, value in enumerate(known)}
        for known in (years, tables.facilities.name, tables.destinations.name)
    ]
    found: list[tuple[int, int, int, float]] = []
    for row in rows:
        named = (row["year"], row["facility"], row["destination"])
        if any(name not in known for name, known in zip(named, positions, strict=True)):
            what = f"{asked} names a job whose plan has {', '.join(map(str, named))}, which this network has not"
            raise RefusedInput([_problem(asked, f"{what}; name a job of this data")])
        at, origin, destination = (known[name] for name, known in zip(named, positions, strict=True))
        found.append((at, origin, destination, float(row["units"])))
    columns = list(zip(*found, strict=True)) if found else [(), (), (), ()]
    year, site, place = (np.asarray(column, dtype=np.int32) for column in columns[:3])
    service = Service(years, year, site, place, np.asarray(columns[3], dtype=np.float64))
    _require_demand(tables, service, demand, asked)
    return service


def _require_demand(tables: NetworkTables, service: Service, demand: Floats, asked: str) -> None:
    served = np.zeros(demand.shape)
    np.add.at(served, (service.year, service.destination), service.units)
    apart = np.argwhere(np.abs(served - demand) > SAME_UNITS * np.maximum(demand, 1.0))
    problems = [
        _problem(
            asked,
            f"{asked} names a job that serves {served[year, place]:g} units of {tables.destinations.name[place]} in "
            f"{service.years[year]}, and its demand is {demand[year, place]:g}; name a job of this data",
        )
        for year, place in apart[:NAMED]
    ]
    if problems:
        raise RefusedInput(problems)


def _how_many(rows: int) -> str:
    return f"{rows} fixed rows in the sheet Assignments" if rows else "no fixed row in the sheet Assignments"


def _problem(column: str, message: str) -> Problem:
    return Problem(f"{message}.", "assignment", sheet=SHEET, column=column)
