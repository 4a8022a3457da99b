"""`networx recheck EVIDENCE WORKBOOK`: what was kept of a refused answer, checked again with no service running."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit, out, plain_table
from networx.domain.plan import Certificate


def recheck(
    evidence: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The .zip that the job's error names.")
    ],
    workbook: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The workbook that was solved.")
    ],
) -> None:
    """Check an answer that failed its check once more: 0 when it passes now, 1 when it fails still."""
    from cli.replaying import CHECKS
    from networx.work.evidence import read

    try:
        told, arrays = read(evidence)
        kind, question = told["job"]["kind"], told["question"]
    except (ValueError, KeyError, zipfile.BadZipFile) as fault:
        raise CommandFailed(f"{evidence} holds no answer that failed its check ({fault}).", Exit.WRONG_USE) from fault
    if "dataset_sha256" not in question:
        raise CommandFailed(
            f"This was a model of the client's own: unzip {evidence}, and run networx solve {question['model']}.",
            Exit.WRONG_USE,
        )
    if kind == "rates":
        raise CommandFailed(
            "This was a fit to shipments: run networx rates fit on the file again, which checks it.", Exit.WRONG_USE
        )
    if kind not in CHECKS:
        raise CommandFailed(f"An answer of type {kind} is not checked again here: run it anew.", Exit.WRONG_USE)
    if kind == "baseline" and "baseline_flows" not in question:
        raise CommandFailed(
            "These were sums of shipments: run networx solve SHIPMENTS --type baseline on the file again.",
            Exit.WRONG_USE,
        )
    tables, _ = read_workbook(workbook, demand_alone=kind == "greenfield")
    if tables.sha256() != question["dataset_sha256"]:
        raise CommandFailed(
            f"{workbook} holds another network (SHA-256 {tables.sha256()}) than the one that was solved, "
            f"{question['dataset_file']} ({question['dataset_sha256']}).",
            Exit.WRONG_USE,
        )
    certificate = CHECKS[kind](tables, question, told["claim"], arrays)
    _print(told, certificate)
    if not certificate.valid:
        raise typer.Exit(Exit.FAILED)


def _print(told: Mapping[str, Any], certificate: Certificate) -> None:
    before = {check["name"] for check in told["failed"]}
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    out.print(f"Refused {told['refused_at']}: job {told['job']['id']}, {escape(versions)}")
    table = plain_table("Check", "Worst", "Limit", "Then", "Now", "Where", title="Checks")
    for check in certificate.checks:
        then, now = "failed" if check.name in before else "passed", "passed" if check.passed else "FAILED"
        table.add_row(escape(check.name), f"{check.worst:g}", f"{check.limit:g}", then, now, escape(check.where or ""))
    out.print(table)
    out.print("It passes now." if certificate.valid else "[bold]It fails still.[/bold]")
