"""`networx check FILE`: what a workbook holds and what is wrong with it, without loading anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.reading import read_workbook
from cli.terminal import Exit, out, print_json, print_problems
from networx.domain.parameters import require_complete, transport_parameters
from networx.errors import RefusedInput


def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The network workbook.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say what is recognised in a workbook and what is missing or wrong; nothing is loaded."""
    found: dict[str, Any] = {"usable": True, "rows": {}, "warnings": [], "problems": []}
    try:
        tables, summary = read_workbook(file)
        found |= {"rows": summary.rows, "warnings": list(summary.warnings)}
        years = len(tables.forecast) or len(set(tables.demand.year.tolist())) or 1
        require_complete(transport_parameters(tables.parameters), years)
    except RefusedInput as refused:
        found |= {"usable": False, "problems": [problem.as_dict() for problem in refused.problems]}
    if as_json:
        print_json(found)
    else:
        for table, rows in found["rows"].items():
            out.print(f"  {table.replace('_', ' '):<18}{rows:>12,} rows")
        for warning in found["warnings"]:
            out.print(f"  Note: {escape(warning)}")
        if found["usable"]:
            out.print("The workbook can be run as a transport scenario.")
        else:
            print_problems(found["problems"])
    if not found["usable"]:
        raise typer.Exit(Exit.REFUSED)
