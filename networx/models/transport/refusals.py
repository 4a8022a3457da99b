"""How this model names what it cannot use: the first rows at fault by what they speak of, and how many there are.

A dataset does not know in which rows of the client's sheets it stood, so that a problem has no row here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Codes, Flags, Ints
from networx.domain.inbound_network import inbound_network
from networx.domain.network import NetworkTables
from networx.domain.phrases import counted
from networx.errors import Problem

NAMED_ROWS = 20


def lane_name(tables: NetworkTables, facility: int, destination: int) -> str:
    return f"lane from {tables.facilities.name[facility]} to {tables.destinations.name[destination]}"


def row_name(tables: NetworkTables, sheet: str, position: int) -> str:
    """What the row at a position of a sheet's table speaks of: a place, a year, a place in a year, or a lane."""
    match sheet:
        case "Facilities":
            return tables.facilities.name[position]
        case "Destinations":
            return tables.destinations.name[position]
        case "Demand":
            destination = tables.demand.destination[position]
            return f"{tables.destinations.name[destination]} in {tables.demand.year[position]}"
        case "Forecast":
            return str(tables.forecast.year[position])
        case "FacilityYears":
            facility = tables.facility_years.facility[position]
            return f"{tables.facilities.name[facility]} in {tables.facility_years.year[position]}"
        case "Expansions":
            facility = tables.expansions.facility[position]
            return f"tier {tables.expansions.tier[position]} of {tables.facilities.name[facility]}"
        case "Suppliers":
            return tables.suppliers.name[position]
        case "inbound Lanes":
            return row_name(inbound_network(tables), "Lanes", position)
        case "Rates":
            return f"the row of Rates for {tables.rates.mode[position]} by the {tables.rates.basis[position]}"
        case "FittedRates":
            return f"the row of FittedRates for {tables.fitted_rates.mode[position]}"
        case "Lanes":
            lanes = tables.lanes
            mode, year = lanes.mode[position], lanes.year[position]
            named = "the " + lane_name(tables, lanes.facility[position], lanes.destination[position])
            return named + (f" by {mode}" if mode else "") + ("" if np.isnan(year) else f" in {year:g}")
    raise ValueError(f"{sheet} is not a sheet of the network")


def name_rows(faulty: npt.ArrayLike, problem: Callable[[int], Problem]) -> list[Problem]:
    """A problem for each of the first faulty positions, and one more that counts the rest."""
    positions = np.flatnonzero(np.asarray(faulty))
    problems = [problem(int(position)) for position in positions[:NAMED_ROWS]]
    rest = len(positions) - NAMED_ROWS
    if rest > 0:
        first = problems[0]
        have = "has" if rest == 1 else "have"
        message = f"{counted(rest, 'more row')} {have} the same problem."
        problems.append(Problem(message, first.rule, first.sheet, None, first.column))
    return problems


def repeated(first: Codes | Ints, second: Codes | Ints) -> Flags:
    """True at each position whose pair has stood before."""
    again = np.ones(len(first), dtype=bool)
    low = int(second.min(initial=0))
    pairs = first.astype(np.int64) * (int(second.max(initial=0)) - low + 1) + (second.astype(np.int64) - low)
    again[np.unique(pairs, return_index=True)[1]] = False
    return again
