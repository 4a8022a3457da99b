"""`networx recheck EVIDENCE WORKBOOK`: what was kept of a refused answer, checked again with no service running."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.markup import escape

from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit, out, plain_table
from networx.domain.bound_proofs import bound_proof
from networx.domain.capacity import CapacityOutcome
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Infeasibility, ResultStatus, TransportPlan

Arrays = Mapping[str, Mapping[str, Any]]


def recheck(
    evidence: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The .zip that the job's error names.")
    ],
    workbook: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The workbook that was solved.")
    ],
) -> None:
    """Check an answer that failed its check once more: 0 when it passes now, 1 when it fails still."""
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
    if kind not in _CHECKS:
        raise CommandFailed(
            f"An answer of type {kind} is found again and checked by networx solve {workbook} --type {kind}.",
            Exit.WRONG_USE,
        )
    tables, _ = read_workbook(workbook)
    if tables.sha256() != question["dataset_sha256"]:
        raise CommandFailed(
            f"{workbook} holds another network (SHA-256 {tables.sha256()}) than the one that was solved, "
            f"{question['dataset_file']} ({question['dataset_sha256']}).",
            Exit.WRONG_USE,
        )
    certificate = _CHECKS[kind](tables, question, told["claim"], arrays)
    _print(told, certificate)
    if not certificate.valid:
        raise typer.Exit(Exit.FAILED)


def _transport(
    tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], arrays: Arrays
) -> Certificate:
    from networx.verify.transport import certify, certify_infeasible
    from networx.work.evidence import PLAN, PROOF

    parameters, sha256 = TransportParameters(**question["parameters"]), question["dataset_sha256"]
    if PLAN not in arrays:
        return certify_infeasible(tables, parameters, Infeasibility.from_dict(claim["infeasibility"]), sha256)
    return certify(
        tables,
        parameters,
        TransportPlan.from_arrays(arrays[PLAN]),
        **{name: claim[name] for name in ("objective", "bound", "gap", "bound_source")},
        status=ResultStatus(claim["status"]),
        dataset_sha256=sha256,
        proof=bound_proof(arrays[PROOF]) if PROOF in arrays else None,
    )


def _capacity(tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], _: Arrays) -> Certificate:
    from networx.verify.capacity import certify_capacity

    return certify_capacity(
        tables,
        TransportParameters(**question["parameters"]),
        np.array(question["sites"], dtype=bool),
        CapacityOutcome.from_dict(dict(claim)),
        question["dataset_sha256"],
    )


_CHECKS = {"transport": _transport, "capacity": _capacity}


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
