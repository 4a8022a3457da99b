"""`networx check FILE` of shipments: what is read, kept and left out, or what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from cli.corrected import corrected_rows, sha256_of
from cli.terminal import CommandFailed, Exit, out, print_json, print_problems
from networx.domain.phrases import counted
from networx.errors import RefusedInput
from networx.ingest.freight_account import bad_rows_words
from networx.ingest.shipments import FreightSummary, is_shipments, parse_shipments
from networx.results.wording import money

BASELINE = "baseline"
TYPES = (BASELINE, "rates")


def holds_shipments(file: Path) -> bool:
    """Whether the file is one of shipments; one that is nothing at all is told of elsewhere."""
    try:
        return is_shipments(file)
    except RefusedInput:
        return False


def check_shipments(
    file: Path, kind: str | None, *, as_json: bool, bad_rows: Path | None = None, corrected: Sequence[Path] = ()
) -> None:
    """Say what the file holds, with its bad rows as `corrected`, and write those that are left where somebody asks for
    them.

    Raises typer.Exit where it cannot be run as `kind`, else a baseline, and CommandFailed where nothing is written.
    """
    found: dict[str, Any] = {"type": kind or BASELINE, "usable": False, "rows": {}, "warnings": [], "problems": []}
    found |= {"infeasibility": None, "account": [], "bad_rows": None}
    try:
        mended = corrected_rows(file, corrected)
        summary = parse_shipments(file, lambda _batch: None, lambda _reached: None, mended=mended)
        found |= {"rows": {"shipments": summary.shipments}, "warnings": list(summary.warnings)}
        found["account"] = [tab.as_dict() for tab in summary.account]
        found["problems"] = [problem.as_dict() for problem in summary.problems]
        found["bad_rows"] = summary.bad_rows.as_dict() if summary.waits else None
        found["usable"] = not summary.problem_count and found["type"] in TYPES
        if bad_rows is not None and summary.problem_count:
            _write_bad_rows(bad_rows, file, summary)
            found["bad_rows_file"] = str(bad_rows)
    except RefusedInput as refused:
        found["problems"] = [problem.as_dict() for problem in refused.problems]
    if as_json:
        print_json(found)
    else:
        _print(found)
    if not found["usable"]:
        raise typer.Exit(Exit.REFUSED)


def _write_bad_rows(target: Path, file: Path, summary: FreightSummary) -> None:
    from xlsxwriter.exceptions import FileCreateError

    from networx.results.bad_rows_workbook import write_bad_rows

    try:
        write_bad_rows(
            target,
            summary.problems,
            summary.bad_cells,
            filename=file.name,
            problem_count=summary.problem_count,
            sha256=sha256_of(file) if summary.waits else None,
        )
    except (OSError, FileCreateError) as fault:
        raise CommandFailed(f"{target} cannot be written: {fault}.") from fault


def _print(found: dict[str, Any]) -> None:
    for tab in found["account"]:
        out.print(f"  {escape(tab['tab'])}: {counted(tab['shipments'], 'shipment')}", highlight=False)
        for what in ("read", "kept"):
            out.print(f"    {what:<22}{_counted(tab[what])}", highlight=False)
        for reason, left in tab["left_out"].items():
            out.print(f"    {'left out, ' + reason:<22}{_counted(left)}", highlight=False)
    for warning in found["warnings"]:
        out.print(f"  Note: {escape(warning)}")
    if found["usable"]:
        out.print(
            "The shipments can be run as a baseline scenario, rates can be fitted to them, and demand can be taken out "
            "of them."
        )
    elif found["problems"]:
        print_problems(found["problems"])
        if found["bad_rows"] is not None:
            out.print(f"Uploaded, the file waits for a decision. {bad_rows_words(found['bad_rows'])}")
        if "bad_rows_file" in found:
            out.print(f"What is wrong, row by row, stands in {escape(found['bad_rows_file'])}.")
        elif found["bad_rows"] is not None:
            out.print(
                "To have them as a workbook to correct: --bad-rows FILE.xlsx; and once corrected: --corrected it."
            )
    else:
        out.print(
            f"Of these shipments a baseline can be made and rates fitted to them, and no {found['type']} scenario."
        )


def _counted(part: dict[str, int]) -> str:
    return f"{counted(part['rows'], 'row'):>16}{money(part['cents'] / 100):>20}"
