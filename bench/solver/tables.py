"""What the benchmark prints: a line an outcome, a table a family, and what contradicts itself."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from bench.solver.cases import Case
from bench.solver.run import PROVEN, Outcome
from bench.solver.solvers import Solver
from bench.table import show


def line(outcome: Outcome) -> str:
    cost = "no plan" if outcome.cost is None else f"{outcome.cost:,.2f}"
    who = f"{outcome.case:26} {outcome.solver:22}"
    return f"{who} {_figure(outcome):>12} {cost:>18} {outcome.peak_mib:7,.0f} MiB  {outcome.says}"


def show_all(cases: Sequence[Case], solvers: Sequence[Solver], outcomes: Sequence[Outcome]) -> None:
    """A table for each family: seconds to the proof, or the gap at the limit, one column a solver."""
    of = {(outcome.case, outcome.solver): outcome for outcome in outcomes}
    for family in dict.fromkeys(case.family for case in cases):
        names = [case.name for case in cases if case.family == family]
        asked = [solver.name for solver in solvers if any((name, solver.name) in of for name in names)]
        rows = [("", *asked, "ratio", "our peak MiB")]
        for name in names:
            found = [of.get((name, solver)) for solver in asked]
            if any(found):
                rows.append((name, *map(_figure, found), _ratio(found), _peak(found)))
        if len(rows) > 1:
            rows.append(("middle", *(_middle([of.get((name, solver)) for name in names]) for solver in asked), "", ""))
            show(f"{family}: processor seconds to the proof, or the gap left", rows)


def contradictions(outcomes: Sequence[Outcome]) -> list[str]:
    """Costs that are not the published one though called proven, and proofs that differ."""
    found = [
        f"WRONG: {outcome.solver} proves {outcome.cost} for {outcome.case}, which is not the published optimum"
        for outcome in outcomes
        if outcome.proven and outcome.right is False
    ]
    for case in dict.fromkeys(outcome.case for outcome in outcomes):
        proofs = [
            outcome for outcome in outcomes if outcome.case == case and outcome.proven and outcome.cost is not None
        ]
        costs = [outcome.cost for outcome in proofs if outcome.cost is not None]
        if costs and max(costs) - min(costs) > 2 * PROVEN * max(abs(max(costs)), 1.0):
            found.append(f"WRONG: {case}: " + ", ".join(f"{outcome.solver} {outcome.cost}" for outcome in proofs))
    return found


def _figure(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    if outcome.proven:
        return f"{outcome.cpu:.2f}"
    if outcome.gap is None:
        return "no bound" if outcome.cost is not None else "none"
    return f"{100 * outcome.gap:.3f} %"


def _ratio(found: Sequence[Outcome | None]) -> str:
    """How many times our seconds the fastest other proof took, or what the others spent without one."""
    ours = [
        outcome for outcome in found if outcome is not None and outcome.solver.startswith("NetWORX") and outcome.proven
    ]
    others = [outcome for outcome in found if outcome is not None and not outcome.solver.startswith("NetWORX")]
    if not ours or not others:
        return ""
    mine = max(min(outcome.cpu for outcome in ours), 0.001)
    proofs = [outcome.cpu for outcome in others if outcome.proven]
    if proofs:
        return f"{min(proofs) / mine:,.1f}"
    return f"over {max(outcome.cpu for outcome in others) / mine:,.0f}"


def _peak(found: Sequence[Outcome | None]) -> str:
    peaks = [outcome.peak_mib for outcome in found if outcome is not None and outcome.solver.startswith("NetWORX")]
    return f"{max(peaks):,.0f}" if peaks else ""


def _middle(found: Sequence[Outcome | None]) -> str:
    proofs = [outcome.cpu for outcome in found if outcome is not None and outcome.proven]
    count = sum(outcome is not None for outcome in found)
    return f"{statistics.median(proofs):.2f}" if count and len(proofs) == count else f"{len(proofs)} of {count}"
