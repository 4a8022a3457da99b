"""`networx check FILE`: what a workbook or model holds and what is wrong or missing, without loading anything."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.answer import print_clashes
from cli.check_model import check_model
from cli.check_shipments import check_shipments, holds_shipments
from cli.corrected import Corrected
from cli.model_names import model_suffix
from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit, out, print_json, print_point, print_problems
from networx.domain.phrases import counted
from networx.errors import Problem, RefusedInput


class Checked(StrEnum):
    """What a workbook can be asked about."""

    TRANSPORT = "transport"
    CAPACITY = "capacity"
    WAREHOUSE = "warehouse"
    INVENTORY = "inventory"
    INTEGRATED = "integrated"
    GREENFIELD = "greenfield"
    BASELINE = "baseline"
    RATES = "rates"


def check(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A workbook, shipments or a model.")
    ],
    kind: Annotated[
        Checked | None,
        typer.Option(
            "--type",
            help="What it is to be run as: all that is in the way is said, and the exit code is of it. Else transport.",
        ),
    ] = None,
    bad_rows: Annotated[
        Path | None,
        typer.Option(
            "--bad-rows",
            dir_okay=False,
            help="Of shipments: write the rows with a bad cell to this .xlsx, to correct them.",
        ),
    ] = None,
    corrected: Corrected = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say what is recognised in a workbook or a model and what is missing or wrong; nothing is loaded.

    Of a workbook this is said for every type of scenario.
    """
    if model_suffix(file) is not None:
        if kind is not None:
            raise CommandFailed(f"--type {kind.value} takes a workbook, not a model.", Exit.WRONG_USE)
        _require_shipments(bad_rows, corrected)
        check_model(file, as_json=as_json)
        return
    if holds_shipments(file):
        asked = None if kind is None else kind.value
        check_shipments(file, asked, bad_rows=bad_rows, corrected=corrected or (), as_json=as_json)
        return
    _require_shipments(bad_rows, corrected)
    found = _looked_at(file, (kind or Checked.TRANSPORT).value)
    if as_json:
        print_json(found)
    else:
        _print(found, others=kind is None)
    if not found["usable"]:
        raise typer.Exit(Exit.REFUSED)


def _require_shipments(bad_rows: Path | None, corrected: list[Path] | None) -> None:
    """Raises CommandFailed for options that this file cannot have."""
    if bad_rows is not None:
        raise CommandFailed("--bad-rows is of shipments.", Exit.WRONG_USE)
    if corrected:
        raise CommandFailed("--corrected is of shipments.", Exit.WRONG_USE)


def _looked_at(file: Path, kind: str) -> dict[str, Any]:
    """What stands in the file and, by type, what is in the way of running it; of `kind` at the top as well.

    Of a file with cells that cannot be read, only a greenfield study may be possible, which reads two sheets alone.
    """
    from networx.models.readiness import TYPES, readiness

    found: dict[str, Any] = {"type": kind, "usable": False, "rows": {}, "warnings": [], "problems": []}
    found |= {"infeasibility": None, "types": {}}
    try:
        tables, summary = read_workbook(file)
        found["types"] = {name: readiness(tables, name).as_dict() for name in TYPES}
    except RefusedInput as refused:
        found["problems"] = [problem.as_dict() for problem in refused.problems]
        try:
            tables, summary = read_workbook(file, demand_alone=True)
        except RefusedInput:
            return found
        found["types"] = {Checked.GREENFIELD.value: readiness(tables, Checked.GREENFIELD.value).as_dict()}
        if kind != Checked.GREENFIELD:
            return found
    return found | {"rows": summary.rows, "warnings": list(summary.warnings), **found["types"][kind]}


def _print(found: Mapping[str, Any], *, others: bool) -> None:
    kind, types = found["type"], found["types"]
    for table, rows in found["rows"].items():
        if rows:
            number, noun = counted(rows, "row").split()
            out.print(f"  {table.replace('_', ' '):<18}{number:>12} {noun}")
    for warning in found["warnings"]:
        out.print(f"  Note: {escape(warning)}")
    if found["usable"]:
        out.print(f"The workbook can be run as {_a_run(kind)}.")
    elif found["infeasibility"] is not None:
        out.print("The workbook is complete, but no plan can meet every requirement:")
        print_clashes(found["infeasibility"])
    elif kind in types:
        out.print(f"Every cell can be read, but this stands in the way of {_a_run(kind)}:")
        for problem in found["problems"]:
            print_point(_without_column(problem))
    else:
        print_problems(found["problems"])
    if others and types:
        out.print("As other types:")
        for name, standing in types.items():
            if name != kind:
                print_point(f"{name}: {_standing(standing)}")


def _a_run(kind: str) -> str:
    if kind == Checked.GREENFIELD:
        return "a greenfield study"
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} scenario"


def _standing(standing: Mapping[str, Any]) -> str:
    """In a sentence: the first thing that is in the way, and how many more."""
    if standing["usable"]:
        return "ready."
    if standing["infeasibility"] is not None:
        return f"no plan can meet every requirement. {standing['infeasibility']['clashes'][0]['message']}"
    first, *rest = standing["problems"]
    more = f" And {len(rest):,} more; --type says all." if rest else ""
    return f"not yet. {_without_column(first)}{more}"


def _without_column(problem: Mapping[str, Any]) -> str:
    return str(Problem(**{**problem, "column": None}))
