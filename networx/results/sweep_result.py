"""The result of a sweep as plain JSON values: the best run, the whole frontier, and how sure it is, at any moment.

Every figure is one of a member's certified result. `scenarios`, `best` and `batch_summary` carry the names that the
original clients of run-batch read; a figure that is not known is left out there, for JavaScript takes null for 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from networx.domain.phrases import counted, listed
from networx.domain.plan import ResultStatus
from networx.domain.sweep import Criterion, Sweep
from networx.results.frontier import Member, Standing, efficient, standing
from networx.results.kpis import SCHEMA
from networx.results.wording import money

# Ours, and what the original clients call it.
_ORIGINAL_NAMES = {
    "total_cost": "total_network_cost_all_years",
    "transport_cost": "total_transport_cost_all_years",
    "facility_cost": "total_facility_cost_all_years",
    "weighted_service_level": "weighted_service_level",
    "cost_per_unit": "avg_cost_per_unit",
    "facilities_open": "facilities_opened",
}
_PERCENTAGES = {"transport_savings_share": "transport_savings_percent"}
_PLANS = (ResultStatus.OPTIMAL, ResultStatus.FEASIBLE)
_WITHOUT = {"failed": "failed", "dead": "failed", "cancelled": "cancelled", "queued": "running", "running": "running"}


def sweep_result(
    sweep: Sweep, members: Sequence[Member], *, ignored: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """The result over the members as they stand; `partial` until all have ended.

    `certificate` is None: each member's result has its own. `ignored` are the fields of the request that mean nothing.
    """
    ordered = sorted(members, key=lambda member: member.nodes)
    stands = standing(ordered, sweep.criterion)
    measure, best_trades = efficient(ordered)
    best = stands.best
    objective = None if best is None else best.objective
    return {
        "schema": SCHEMA,
        "type": "batch",
        "status": _status(ordered, stands, sweep.criterion),
        "objective": objective,
        "bound": stands.bound,
        "gap": _gap(objective, stands.bound),
        "certificate": None,
        "kpis": None if best is None else best.kpis,
        "criterion": sweep.criterion.value,
        "partial": any(not member.ended for member in ordered),
        "proven": stands.proven,
        "note": _note(ordered, stands, sweep.criterion),
        "still_open": [
            {"job_id": member.job_id, "nodes": member.nodes, "status": _standing_of(member), "bound": member.bound}
            for member in stands.open
        ],
        "best": None if best is None else _scenario(best) | {"status": _standing_of(best), "proven": stands.proven},
        "service_measure": measure,
        "frontier": [_row(member, member is best, best_trades.get(member.nodes)) for member in ordered],
        "scenarios": [_scenario(member) for member in ordered if member.kpis is not None],
        "batch_summary": _summary(ordered, best),
        "ignored": [dict(field) for field in ignored],
    }


_MEASURED = {
    Criterion.TOTAL_COST: "cost",
    Criterion.COST_PER_UNIT: "cost per unit",
    Criterion.SERVICE_LEVEL: "service level",
    Criterion.SAVINGS: "savings",
}


def _status(members: Sequence[Member], stands: Standing, criterion: Criterion) -> str | None:
    """The verdict on the whole; None while there is none yet."""
    if stands.best is not None:
        # Of the cost it is proven optimal, whatever the criterion chose by.
        least = criterion is not Criterion.SERVICE_LEVEL
        proven = least and stands.proven and stands.best.status is ResultStatus.OPTIMAL
        return (ResultStatus.OPTIMAL if proven else ResultStatus.FEASIBLE).value
    if members and all(member.status is ResultStatus.INFEASIBLE for member in members):
        return ResultStatus.INFEASIBLE.value
    return ResultStatus.NO_SOLUTION.value if all(member.ended for member in members) else None


def _gap(objective: float | None, bound: float | None) -> float | None:
    if objective is None or bound is None:
        return None
    return abs(objective - bound) / max(abs(objective), 1e-9)


def _note(members: Sequence[Member], stands: Standing, criterion: Criterion) -> str:
    """In a sentence: what is best, and what is still open about it."""
    waiting = sum(not member.ended for member in members)
    if stands.best is None:
        if waiting:
            return "No run has ended with a plan yet."
        if all(member.status is ResultStatus.INFEASIBLE for member in members):
            return "No number of facilities in the range has a plan that meets every requirement."
        return f"No run ended with a plan that can be compared by {_MEASURED[criterion]}."
    if waiting:
        return f"Best so far: {waiting} of {counted(len(members), 'run')} not ended yet."
    if stands.proven:
        return "Proven: no other number of facilities in the range is better."
    if criterion is Criterion.SERVICE_LEVEL:
        return "Best of the plans found: each is the cheapest of its number, and a dearer one may serve more."
    numbers = listed([str(member.nodes) for member in stands.open], "or")
    bounds = [member.bound for member in stands.open if member.bound is not None]
    least = f", down to {money(min(bounds))}" if len(bounds) == len(stands.open) else "; how much is not known"
    sites = "facility" if numbers == "1" else "facilities"
    return f"Best found: {numbers} {sites} may still be cheaper{least}."


def _row(member: Member, best: bool, trade: bool | None) -> dict[str, Any]:
    return {
        "job_id": member.job_id,
        "nodes": member.nodes,
        "job_status": member.job_status,
        "status": _standing_of(member),
        "best": best,
        "efficient": trade,
        "certified": member.certified,
        "partial": member.partial,
        "cost": member.objective,
        "bound": member.bound,
        "gap": member.gap,
        "cost_per_unit": member.kpi("cost_per_unit"),
        "service_level": member.kpi("service_level"),
        "weighted_distance_miles": member.kpi("weighted_distance_miles"),
        "savings": member.kpi("savings"),
    }


def _scenario(member: Member) -> dict[str, Any]:
    kpis = {theirs: value for ours, theirs in _ORIGINAL_NAMES.items() if (value := member.kpi(ours)) is not None}
    kpis |= {theirs: 100 * value for ours, theirs in _PERCENTAGES.items() if (value := member.kpi(ours)) is not None}
    return {"job_id": member.job_id, "nodes": member.nodes, "kpis": kpis}


def _summary(members: Sequence[Member], best: Member | None) -> dict[str, Any]:
    ways = Counter(_way(member) for member in members)
    costs = [member.objective for member in members if member.kpis is not None and member.objective is not None]
    return {
        "scenarios_run": len(members),
        **{f"{way}_scenarios": ways[way] for way in _WAYS},
        "best_scenario_nodes": None if best is None else best.nodes,
        "best_scenario_cost": None if best is None else best.objective,
        "cost_range": {"min": min(costs), "max": max(costs)} if costs else None,
    }


_WAYS = ("successful", "infeasible", "unsolved", "failed", "cancelled", "running")


def _way(member: Member) -> str:
    """Under which of _WAYS a member is counted; each under exactly one."""
    if member.job_status != "succeeded":
        return _WITHOUT[member.job_status]
    if member.status is ResultStatus.INFEASIBLE:
        return "infeasible"
    return "successful" if member.status in _PLANS else "unsolved"


def _standing_of(member: Member) -> str:
    """Its result's status, else where its job stands; a job whose tries are used up has failed."""
    if member.status is not None:
        return member.status.value
    return "failed" if member.job_status == "dead" else member.job_status
