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
from networx.domain.phrases import counted, in_year, listed
from networx.errors import Problem, RefusedInput
from networx.models.transport.demand import demand_by_year
from networx.models.transport.rules import SiteRules, site_rules

NAMED = 10


def require_complete_analysis(parameters: TransportParameters, own: CapacityParameters) -> SitesAsked:
    """The sites asked for, of parameters that say all that an analysis needs. Raises RefusedInput."""
    require_complete_capacity(parameters, own)
    assert own.sites is not None
    return own.sites


def chosen_sites(tables: NetworkTables, parameters: TransportParameters, names: Sequence[str] | None) -> Flags:
    """One flag a facility. `names` are those asked for by name or opened by a plan; None: all that have to be open.

    Raises RefusedInput for names that are none, and for a set that contradicts the sheet Facilities, max_facilities or
    max_changes_per_year.
    """
    years, _ = demand_by_year(tables)
    rules = site_rules(tables, parameters, years)
    needed: Flags = np.logical_or.reduce(rules.must, axis=0)
    if names is None:
        sites = needed
    else:
        sites = np.isin(np.array(tables.facilities.name, dtype=object), np.array(names, dtype=object))
    status = np.array(tables.facilities.status, dtype=object)
    forbidden, mandatory = status == "forbidden", status == "mandatory"
    never = sites & ~rules.ever
    problems = _unknown(tables, names or ())
    problems += _named(tables, never & forbidden, "is forbidden and cannot be among the sites")
    problems += _named(tables, never & ~forbidden, "may be open in no year of the plan and cannot be among the sites")
    left_out = needed & ~sites
    problems += _named(tables, left_out & mandatory, "is mandatory and has to be among the sites")
    problems += _named(tables, left_out & ~mandatory, "has to be open in some year and so has to be among the sites")
    if not problems and not sites.any():
        problems.append(_problem("No facility is mandatory, so that there is none to analyse; name the sites."))
    if not problems:
        problems = _too_many(parameters, rules, years, rules.may & sites)
    if problems:
        raise RefusedInput(problems)
    return sites


def serving_years(tables: NetworkTables, parameters: TransportParameters) -> dict[str, frozenset[int]]:
    """In which years each facility serves if it is analysed: all in which it may be open. Raises RefusedInput."""
    years, _ = demand_by_year(tables)
    may = site_rules(tables, parameters, years).may
    label = np.array(years)
    return {name: frozenset(label[may[:, at]].tolist()) for at, name in enumerate(tables.facilities.name)}


def _too_many(
    parameters: TransportParameters, rules: SiteRules, years: tuple[int, ...], opened: Flags
) -> list[Problem]:
    """More open, or more opening and closing, than the parameters allow in a year; `opened` is (T, I)."""
    problems = []
    most, count = parameters.max_facilities, opened.sum(axis=1)
    if most is not None and count.max() > most:
        open_now = counted(int(count.max()), "site is", "sites are")
        problems.append(_problem(f"{open_now} open, above max_facilities {most}; raise it or name fewer."))
    allowed = parameters.max_changes_per_year
    if allowed is not None:
        before = np.vstack([rules.existing if rules.existing.any() else opened[0], opened[:-1]])
        changed = (opened != before).sum(axis=1)
        if changed.max() > allowed:
            told = counted(int(changed.max()), "facility opens or closes", "facilities open or close")
            year = years[int(changed.argmax())]
            message = f"With these sites {told}{in_year(year)}, above max_changes_per_year {allowed}; raise it."
            problems.append(_problem(message))
    return problems


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
