"""Which facilities an analysis takes as open, from what the client stated; nothing is chosen for the client."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.network import NetworkTables
from networx.domain.parameters import (
    SHEET,
    CapacityParameters,
    SitesAsked,
    TransportParameters,
    require_complete_capacity,
)
from networx.domain.phrases import counted, listed
from networx.errors import Problem, RefusedInput
from networx.models.transport.demand import demand_by_year

NAMED = 10
RULES_UNKNOWN_HERE = (
    "available_from_year",
    "available_to_year",
    "forced_from_year",
    "forced_to_year",
    "lease_years",
    "opening_cost",
    "closing_cost",
    "min_throughput_units",
)


def require_complete_analysis(
    tables: NetworkTables, parameters: TransportParameters, own: CapacityParameters
) -> SitesAsked:
    """The sites asked for, of parameters that say all that an analysis needs. Raises RefusedInput."""
    years, _ = demand_by_year(tables)
    require_complete_capacity(parameters, own, len(years))
    _refuse_rules(tables)
    assert own.sites is not None
    return own.sites


def _refuse_rules(tables: NetworkTables) -> None:
    """An analysis takes one set of facilities as open over all years and prices capacity alone."""
    sites = tables.facilities
    stated = [("Facilities", name) for name in RULES_UNKNOWN_HERE if not np.isnan(getattr(sites, name)).all()]
    if any(status is not None for status in tables.facility_years.status):
        stated.append(("FacilityYears", "status"))
    inbound = tables.inbound_lanes
    limits = (("capacity_units", np.isfinite(inbound.capacity_units)), ("year", ~np.isnan(inbound.year)))
    problems = [_unsupported(sheet, column) for sheet, column in stated]
    problems += [_unsupported("Lanes", column, " for lanes from suppliers") for column, used in limits if used.any()]
    if problems:
        raise RefusedInput(problems)


def _unsupported(sheet: str, column: str, where: str = "") -> Problem:
    message = f"{column} of the sheet {sheet} is not supported by a capacity analysis{where}; leave it empty."
    return Problem(message, "not_supported", sheet=sheet, column=column)


def chosen_sites(tables: NetworkTables, parameters: TransportParameters, names: Sequence[str] | None) -> Flags:
    """One flag a facility. `names` are those asked for by name or opened by a plan; None: all mandatory ones.

    Raises RefusedInput for names that are none, and for a set that contradicts the sheet Facilities or max_facilities.
    """
    status = np.array(tables.facilities.status, dtype=object)
    if names is None:
        sites: Flags = status == "mandatory"
    else:
        sites = np.isin(np.array(tables.facilities.name, dtype=object), np.array(names, dtype=object))
    problems = _unknown(tables, names or ())
    problems += _named(tables, sites & (status == "forbidden"), "is forbidden and cannot be among the sites")
    problems += _named(tables, ~sites & (status == "mandatory"), "is mandatory and has to be among the sites")
    if not problems and not sites.any():
        problems.append(_problem("No facility is mandatory, so that there is none to analyse; name the sites."))
    most = parameters.max_facilities
    if not problems and most is not None and sites.sum() > most:
        open_now = counted(int(sites.sum()), "site is", "sites are")
        problems.append(_problem(f"{open_now} open, above max_facilities {most}; raise it or name fewer."))
    if problems:
        raise RefusedInput(problems)
    return sites


def _unknown(tables: NetworkTables, names: Sequence[str]) -> list[Problem]:
    known = set(tables.facilities.name)
    unknown = [name for name in names if name not in known]
    if not unknown:
        return []
    shown = listed([f'"{name}"' for name in unknown[:NAMED]], "and")
    rest = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
    are = "is no facility" if len(unknown) == 1 else "are no facilities"
    return [_problem(f"{shown}{rest} {are} of this network; write each as in the sheet Facilities.")]


def _named(tables: NetworkTables, faulty: Flags, what: str) -> list[Problem]:
    return [_problem(f"{tables.facilities.name[site]} {what}.") for site in np.flatnonzero(faulty)[:NAMED]]


def _problem(message: str) -> Problem:
    return Problem(message, "sites", sheet=SHEET, column="sites")
