"""A sweep as its workbook and its report tell it: which number is best and why, and the tables of all numbers.

Every number that was asked is in every table that can hold it; one without a plan is named with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from networx.domain.phrases import counted, listed
from networx.domain.sweep import Criterion, Sweep
from networx.results import wording
from networx.results.storage_tables import Table, table_of
from networx.results.sweep_runs import Run

NUMBERS_ACROSS = 12  # in one table of a report: what is wider does not stand on a page
_CHOSEN_BY: Mapping[Criterion, tuple[str, str]] = {
    Criterion.TOTAL_COST: ("cost", "the least cost of all years"),
    Criterion.COST_PER_UNIT: ("cost_per_unit", "the least cost of all years over all units delivered"),
    Criterion.SERVICE_LEVEL: ("service_level", "the highest share within reach, of the year where it is lowest"),
    Criterion.SAVINGS: ("savings", "the most saved against today's network as it is modelled, over all years"),
}
_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "cost": wording.money,
    "cost_per_unit": lambda value: wording.money(value, 4),
    "service_level": wording.percent,
    "savings": wording.money,
}
_HIGH_IS_GOOD = frozenset({"service_level", "savings"})
_SERVICE = {"service_level": "the share served within reach", "weighted_distance_miles": "average distance"}
_FRONTIER = (
    ("Facilities open", "units", "nodes"),
    ("Where it stands", "text", "standing"),
    ("Remarks", "text", "remarks"),
    ("Cost, all years", "money", "cost"),
    ("None below", "money", "bound"),
    ("Still open", "gap", "gap"),
    ("Bound comes from", "text", "bound_source"),
    ("Cost per unit", "price", "cost_per_unit"),
    ("Served within reach", "share", "service_level"),
    ("Average miles", "miles", "weighted_distance_miles"),
    ("Saves against today", "money", "savings"),
    ("Certified", "text", "certified"),
)
_ALWAYS = frozenset({"nodes", "standing", "remarks", "cost", "bound", "gap", "bound_source", "certified"})
_COSTS = (
    ("Transport", "transport_cost"),
    ("Inbound", "inbound_cost"),
    ("Fixed cost", "fixed_cost"),
    ("Handling", "handling_cost"),
    ("Opening and closing", "one_time_cost"),
    ("Expansions", "expansion_cost"),
    ("Missed service", "service_penalty_cost"),
    ("Warehouses", "warehouse_cost"),
    ("Stock", "inventory_cost"),
    ("Total", "total_cost"),
)


def told(result: Mapping[str, Any], sweep: Sweep, runs: Sequence[Run], identity: Mapping[str, Any]) -> dict[str, Any]:
    """The sweep's result with what every workbook and report speaks of. `runs` are one a row of the frontier.

    `identity` is of the sweep itself: its job and scenario, where it has them.
    """
    of_runs = next((run.identity for run in runs if run.identity), {})
    solved = [run.identity["solved_at"] for run in runs if "solved_at" in run.identity]
    engines = dict.fromkeys(run.engine for run in runs if run.engine)
    checks = [
        {**check, "name": f"{run.nodes} open: {check['name']}"}
        for run in runs
        if run.certificate is not None
        for check in run.certificate["checks"]
    ]
    valid = all(run.certificate["valid"] for run in runs if run.certificate is not None)
    return {
        **result,
        **of_runs,
        **identity,
        **({"solved_at": max(solved)} if solved else {}),
        "headline": _headline(result),
        "notes": list(_notes(result, runs)),
        "certificate": {"valid": valid, "checks": checks} if checks else None,
        "parameters": _asked(sweep, runs),
        "engine": listed([*engines], "and") or wording.NOT_KNOWN,
        "seconds": sum(run.seconds for run in runs),
    }


def frontier_table(result: Mapping[str, Any], runs: Sequence[Run]) -> Table:
    """Every number with its cost, its bound and what service it buys; columns that no number fills are left out."""
    columns = [
        (heading, kind, name)
        for heading, kind, name in _FRONTIER
        if name in _ALWAYS or any(row[name] is not None for row in result["frontier"])
    ]
    rows = (
        {
            **row,
            "standing": standing(row),
            "remarks": _remarks(row),
            "bound_source": run.bound_source and wording.words(run.bound_source),
            "certified": "yes" if row["certified"] else "no",
        }
        for row, run in zip(result["frontier"], runs, strict=True)
    )
    note = "None below: no plan of that number costs less."
    if result["service_measure"] is not None:
        measure = _SERVICE[result["service_measure"]]
        note += f" Worth a look: no other plan is at least as good in cost and in {measure}, and better in one."
    return table_of("Numbers of facilities", note, columns, rows)


def unanswered_table(result: Mapping[str, Any], runs: Sequence[Run]) -> Table:
    """The numbers that have no plan, or one whose files are gone, each with its reason."""
    rows = [
        {"nodes": row["nodes"], "standing": standing(row), "why": run.why, "job": row["job_id"], "cost": row["cost"]}
        for row, run in zip(result["frontier"], runs, strict=True)
        if run.why is not None
    ]
    columns = [("Facilities open", "units", "nodes"), ("Where it stands", "text", "standing"), ("Why", "text", "why")]
    columns += [("Job", "text", "job")] if any(row["job"] for row in rows) else []
    gone = any(row["cost"] is not None for row in rows)
    return table_of("Numbers without plan or files" if gone else "Numbers without a plan", "", columns, rows)


def cost_table(runs: Sequence[Run]) -> Table:
    """What each number costs over all years, by kind; kinds that cost nothing anywhere are left out."""
    planned = [(run.nodes, run.kpis) for run in runs if run.kpis is not None]
    shown = [(heading, name) for heading, name in _COSTS if any(kpis.get(name) for _, kpis in planned)]
    headings = (("Facilities open", "units"), *((heading, "money") for heading, _ in shown), ("Cost per unit", "price"))
    rows = ((nodes, *(kpis.get(name) for _, name in shown), kpis["cost_per_unit"]) for nodes, kpis in planned)
    return Table("Costs by number", "Dollars over all years.", headings, tuple(rows))


def facility_table(runs: Sequence[Run]) -> Table:
    """Which facilities each number opens, a column a number and a row a facility; numbers without a plan have none."""
    planned = [run for run in runs if run.facilities]
    names = dict.fromkeys(name for run in planned for name in run.facilities)
    headings = (("Facility", "text"), *((f"{run.nodes} open", "text") for run in planned), ("In plans", "units"))
    rows = ([name, *(run.facilities.get(name) or None for run in planned)] for name in names)
    note = "open: in every year; else the years."
    return Table("Facilities by number", note, headings, tuple((*row, sum(map(bool, row[1:]))) for row in rows))


def opened_tables(runs: Sequence[Run]) -> Iterator[Table]:
    """The same of the facilities that any number opens, in parts that stand on a page."""
    planned = [run for run in runs if run.facilities]
    for first in range(0, len(planned), NUMBERS_ACROSS):
        part = planned[first : first + NUMBERS_ACROSS]
        whole = facility_table(part)
        span = "" if len(planned) <= NUMBERS_ACROSS else f", {part[0].nodes} to {part[-1].nodes} open"
        yield Table(f"{whole.title}{span}", whole.note, whole.columns, tuple(row for row in whole.rows if row[-1]))


def checks_table(runs: Sequence[Run]) -> Table:
    """How many checks each number's own certificate has, and whether all passed."""
    rows = [
        (run.nodes, len(run.certificate["checks"]), "yes" if run.certificate["valid"] else "NO")
        for run in runs
        if run.certificate is not None and run.certificate["checks"]
    ]
    headings = (("Facilities open", "units"), ("Checks", "units"), ("All passed", "text"))
    return Table("Checked independently", "Recomputed from the data, each number for itself.", headings, tuple(rows))


def criterion_words(result: Mapping[str, Any]) -> str:
    """By what the best number is chosen, and how it stands against the next."""
    criterion = Criterion(result["criterion"])
    name, meaning = _CHOSEN_BY[criterion]
    tie = "lower cost" if criterion is Criterion.SERVICE_LEVEL else "better service"
    said = [f"Chosen by {criterion.value.replace('_', ' ')}: {meaning}."]
    said.append(f"A tie goes to the {tie}, then to fewer facilities.")
    best = next((row for row in result["frontier"] if row["best"]), None)
    others = [row for row in result["frontier"] if not row["best"] and row[name] is not None]
    if best is not None and others:
        write, following = _WRITTEN[name], min(others, key=lambda row: _rank(row, criterion))
        sites = counted(following["nodes"], "facility", "facilities")
        said.append(f"Next best: {sites} with {write(following[name])}, against {write(best[name])}.")
    return " ".join(said)


def _rank(row: Mapping[str, Any], criterion: Criterion) -> tuple[float, float, int]:
    """Less is better: by the criterion, then as a tie is broken."""
    name, service = _CHOSEN_BY[criterion][0], -(row["service_level"] or 0.0)
    measure = -row[name] if name in _HIGH_IS_GOOD else row[name]
    return measure, row["cost"] if criterion is Criterion.SERVICE_LEVEL else service, row["nodes"]


def standing(row: Mapping[str, Any]) -> str:
    """Where a number stands, in words: of its result, else of its job."""
    term = wording.STATUS_TERMS.get(row["status"])
    word = row["status"] if term is None else term.label
    return f"{word}, stopped early" if row["partial"] else word


def _remarks(row: Mapping[str, Any]) -> str | None:
    return "best" if row["best"] else "worth a look" if row["efficient"] else None


def _headline(result: Mapping[str, Any]) -> str:
    if result["best"] is None:
        return "No best number of facilities yet" if result["partial"] else "No number of facilities has a plan"
    sites = counted(result["best"]["nodes"], "facility", "facilities")
    return f"Best: {sites} open, {wording.money_short(result['objective'])}"


def _notes(result: Mapping[str, Any], runs: Sequence[Run]) -> Iterator[str]:
    yield criterion_words(result)
    ways: dict[str, list[str]] = {}
    for row, run in zip(result["frontier"], runs, strict=True):
        if run.why is not None:
            ways.setdefault(row["status"], []).append(str(row["nodes"]))
    for status, numbers in ways.items():
        yield f"{_WAYS[status]}: {listed(numbers, 'and')} open."
    best = next((run for row, run in zip(result["frontier"], runs, strict=True) if row["best"]), None)
    if best is not None and best.savings is not None and best.savings["known"]:
        yield f"Savings: {best.savings['note']}"
    for ignored in result["ignored"]:
        yield f"{ignored['field']} was not read: {ignored['why']}"


_WAYS = {
    **dict.fromkeys(("optimal", "feasible"), "Has a plan, whose facilities and costs are no longer kept"),
    "infeasible": "No plan can meet every requirement",
    "no_solution": "No plan was found in time",
    "failed": "Failed, and may still turn out better",
    "cancelled": "Cancelled without a plan",
    "queued": "Not begun yet",
    "running": "Not ended yet",
}


def _asked(sweep: Sweep, runs: Sequence[Run]) -> dict[str, Any]:
    stated = {
        "min_facilities": (sweep.min_nodes, "facilities"),
        "max_facilities": (sweep.max_nodes, "facilities"),
        "step": (sweep.step, "facilities"),
        "criterion": (sweep.criterion.value, ""),
    }
    asked = {name: {"value": value, "unit": unit, "source": "given"} for name, (value, unit) in stated.items()}
    for run in runs:
        asked = {**run.parameters, **asked}
    return {name: asked[name] for name in (*stated, *(name for name in asked if name not in stated))}
