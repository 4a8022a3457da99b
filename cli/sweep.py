"""A sweep on the command line: what `--nodes` says, and the runs as a table with the best marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.scenario_type import ScenarioType
from cli.terminal import CommandFailed, Exit, out, plain_table, print_figures
from networx.domain.phrases import counted
from networx.domain.sweep import Criterion
from networx.results.sweep_told import standing
from networx.results.wording import gap_words, miles, money_short, percent

_RANGE = re.compile(r"([0-9]{1,9}):([0-9]{1,9})(?::([0-9]{1,9}))?")


Nodes = Annotated[
    str | None,
    typer.Option("--nodes", metavar="FROM:TO[:STEP]", help="One run for every number of open facilities, such as 3:8."),
]
CriterionAsked = Annotated[
    str | None,
    typer.Option(
        "--criterion",
        help="What makes one of them the best: total_cost (unless stated), cost_per_unit, service_level, savings.",
    ),
]

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        help="Of --nodes: a new folder for result.json, the workbook, the report and each number's own result.",
    ),
]


def require_swept(sweep: Mapping[str, Any] | None, kind: ScenarioType, *, is_model: bool) -> None:
    """Raises CommandFailed for a sweep of what opens no facilities."""
    if sweep is None:
        return
    if is_model:
        raise CommandFailed("A model has no facilities to count: leave --nodes and --criterion out.", Exit.WRONG_USE)
    if kind not in {ScenarioType.TRANSPORT, ScenarioType.INTEGRATED}:
        raise CommandFailed("--nodes belongs to --type transport and integrated.", Exit.WRONG_USE)


def sweep_asked(nodes: str | None, criterion: str | None) -> dict[str, Any] | None:
    """What run-batch takes as `scenario`; None where no sweep is asked for. Raises BadParameter."""
    if nodes is None:
        if criterion is not None:
            raise typer.BadParameter("--criterion chooses among the runs of a sweep: state --nodes too.")
        return None
    said = _RANGE.fullmatch(nodes)
    if said is None:
        raise typer.BadParameter(f"--nodes {nodes} is no range; write 3:8, or 3:9:2 for every second number.")
    least, most, step = (int(number or 1) for number in said.groups())
    return {"minNodes": least, "maxNodes": most, "step": step, "criterion": criterion or Criterion.TOTAL_COST.value}


def print_sweep(result: Mapping[str, Any]) -> None:
    """The verdict, and a line for every number of facilities."""
    best = result["best"]
    out.print()
    if best is not None:
        sites = counted(best["nodes"], "facility", "facilities")
        out.print(f"[bold]Best: {sites} open, {money_short(result['objective'])}.[/bold]")
    out.print(escape(result["note"]))
    headings = ["Open", "Where it stands", "Cost, all years", "No plan\nbelow", "Still\nopen"]
    shown = [name for name in _SERVICE if any(row[name] is not None for row in result["frontier"])]
    table = plain_table(*headings, *(_SERVICE[name][0] for name in shown), numbers=True)
    for row in result["frontier"]:
        figures = [
            _known(row["cost"], money_short),
            _known(row["bound"], money_short),
            _known(row["gap"], gap_words),
            *(_known(row[name], _SERVICE[name][1]) for name in shown),
        ]
        mark = " best" if row["best"] else " worth a look" if row["efficient"] else ""
        table.add_row(f"{row['nodes']}{mark}", standing(row), *figures, style="bold" if row["best"] else None)
    print_figures(table)


def exit_of(result: Mapping[str, Any]) -> Exit:
    """How a command ends that ran this sweep: a run that failed is never passed over."""
    if result["batch_summary"]["failed_scenarios"]:
        return Exit.FAILED
    if result["status"] == "infeasible":
        return Exit.REFUSED
    return Exit.DONE if result["best"] is not None else Exit.FAILED


_SERVICE = {
    "service_level": ("Within reach", percent),
    "weighted_distance_miles": ("Average distance", miles),
    "savings": ("Saves against\ntoday", money_short),
}


def _known(figure: float | None, write: Any) -> str:
    return "" if figure is None else write(figure)
