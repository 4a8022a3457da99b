"""`networx check FILE`: what a workbook or model holds and what is wrong or missing, without loading anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.answer import print_clashes
from cli.check_model import check_model
from cli.model_names import model_suffix
from cli.reading import read_workbook
from cli.terminal import Exit, out, print_json, print_point, print_problems
from networx.domain.network import NetworkTables
from networx.domain.parameters import transport_parameters
from networx.domain.phrases import counted
from networx.errors import Problem, RefusedInput


def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A workbook or a model.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say what is recognised in a workbook or a model and what is missing or wrong; nothing is loaded."""
    if model_suffix(file) is not None:
        check_model(file, as_json=as_json)
        return
    found: dict[str, Any] = {"usable": False, "rows": {}, "warnings": [], "problems": [], "infeasibility": None}
    tables: NetworkTables | None = None
    try:
        tables, summary = read_workbook(file)
        found |= {"rows": summary.rows, "warnings": list(summary.warnings)}
        found["infeasibility"] = _infeasibility(tables)
        found["usable"] = found["infeasibility"] is None
    except RefusedInput as refused:
        found["problems"] = [problem.as_dict() for problem in refused.problems]
    if as_json:
        print_json(found)
    else:
        _print(found, readable=tables is not None)
    if not found["usable"]:
        raise typer.Exit(Exit.REFUSED)


def _infeasibility(tables: NetworkTables) -> dict[str, Any] | None:
    """What the model's own preparation shows to be impossible. Raises RefusedInput for what it cannot do without."""
    from networx.models.transport import clashes, prepare

    clash = clashes(prepare(tables, transport_parameters(tables.parameters)))
    return None if clash is None else clash.as_dict()


def _print(found: dict[str, Any], *, readable: bool) -> None:
    for table, rows in found["rows"].items():
        number, noun = counted(rows, "row").split()
        out.print(f"  {table.replace('_', ' '):<18}{number:>12} {noun}")
    for warning in found["warnings"]:
        out.print(f"  Note: {escape(warning)}")
    if found["usable"]:
        out.print("The workbook can be run as a transport scenario.")
    elif found["infeasibility"] is not None:
        out.print("The workbook is complete, but no plan can meet every requirement:")
        print_clashes(found["infeasibility"])
    elif readable:
        out.print("Every cell can be read, but this stands in the way of a transport scenario:")
        for problem in found["problems"]:
            print_point(str(Problem(**{**problem, "column": None})))
    else:
        print_problems(found["problems"])
