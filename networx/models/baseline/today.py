"""The modelled baseline: today's sites, today's flows, the scenario's demand and rates. Nothing is made up for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from networx.domain.business import Baseline, parameters_of_today, sites_of_today, tables_of_today
from networx.domain.business_parameters import ASSIGNMENTS
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted
from networx.domain.plan import ResultStatus
from networx.errors import RefusedInput
from networx.models.transport.demand import demand_by_year
from networx.models.transport.solve import solve_transport

MOST_SECONDS = 60.0  # a baseline has no sites to choose; what takes longer is said not to be known
STOPPED = "it was stopped before it was priced."


def price_today(
    tables: NetworkTables, parameters: TransportParameters, flows: str, stop: Callable[[], bool] = lambda: False
) -> Baseline:
    """Today's network over the years of the plan. Never raises for data: what cannot be priced says why."""
    if not any(sites_of_today(tables)):
        return Baseline(flows, why="no facility of the sheet Facilities is marked as existing.")
    missing = _not_assigned(tables) if flows == ASSIGNMENTS else None
    if missing is not None:
        return Baseline(flows, why=missing)
    today = tables_of_today(tables, flows)
    years = len(demand_by_year(tables)[0])
    stated = {spec.name: getattr(parameters, spec.name) for spec in fields(parameters)}
    asked = TransportParameters(**parameters_of_today(stated, years))  # type: ignore[arg-type]  # the same names
    limit = seconds_for_today(parameters)
    try:
        outcome = solve_transport(today, replace(asked, time_limit_seconds=limit), stop=stop)
    except RefusedInput as refused:
        return Baseline(flows, why=f"today's network cannot be priced: {refused.problems[0]}")
    if outcome.status is ResultStatus.OPTIMAL:
        return Baseline(flows, outcome)
    if outcome.infeasibility is not None:
        return Baseline(flows, why=f"today's sites cannot do it: {outcome.infeasibility.clashes[0].message}")
    return Baseline(flows, why=STOPPED if stop() else not_proven(limit))


def seconds_for_today(parameters: TransportParameters) -> float:
    """How long today's network may be priced."""
    return min(MOST_SECONDS, parameters.time_limit_seconds)


def not_proven(seconds: float) -> str:
    """Why there is no price once that time is over."""
    return f"its cheapest flows were not proven within {seconds:g} s."


def _not_assigned(tables: NetworkTables) -> str | None:
    """Why the fixed rows of Assignments do not say who serves whom today."""
    here, rules = sites_of_today(tables), tables.assignments
    serving: dict[int, list[int]] = {}
    for site, place, rule in zip(rules.facility.tolist(), rules.destination.tolist(), rules.rule, strict=True):
        if rule == "fixed":
            serving.setdefault(place, []).append(site)
    names = tables.destinations.name
    wrong = [
        names[place] for place in range(len(names)) if len(serving.get(place, ())) != 1 or not here[serving[place][0]]
    ]
    if not wrong:
        return None
    first, more = wrong[0], len(wrong) - 1
    others = f" and {counted(more, 'more destination')}" if more else ""
    return f"Assignments do not fix {first}{others} to exactly one existing facility."
