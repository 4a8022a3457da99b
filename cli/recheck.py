"""`networx recheck EVIDENCE WORKBOOK`: what was kept of a refused answer, checked again with no service running."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.corrected import Corrected
from cli.reading import read_workbook
from cli.solve_paid import read_shipments
from cli.terminal import CommandFailed, Exit, out, plain_table
from networx.domain.fitted_bands import RateFit, read_band
from networx.domain.network import NetworkTables
from networx.domain.plan import Certificate
from networx.domain.rate_parameters import RateParameters
from networx.ingest.freight_datasets import Rows
from networx.ingest.shipments import FreightSummary

Read = Callable[[], tuple[list[Rows], str, FreightSummary]]


def recheck(
    evidence: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The .zip that the job's error names.")
    ],
    workbook: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="The workbook that was solved, or the shipments."
        ),
    ],
    network: Annotated[
        Path | None,
        typer.Option("--network", exists=True, dir_okay=False, help="Of shipments: the workbook they were set beside."),
    ] = None,
    corrected: Corrected = None,
) -> None:
    """Check an answer that failed its check once more: 0 when it passes now, 1 when it fails still."""
    from cli.replaying import CHECKS
    from networx.work.evidence import read as read_evidence

    try:
        told, arrays = read_evidence(evidence)
        kind, question = told["job"]["kind"], told["question"]
    except (ValueError, KeyError, zipfile.BadZipFile) as fault:
        raise CommandFailed(f"{evidence} holds no answer that failed its check ({fault}).", Exit.WRONG_USE) from fault
    if "dataset_sha256" not in question:
        raise CommandFailed(
            f"This was a model of the client's own: unzip {evidence}, and run networx solve {question['model']}.",
            Exit.WRONG_USE,
        )
    if kind not in CHECKS and kind != "rates":
        raise CommandFailed(f"An answer of type {kind} is not checked again here: run it anew.", Exit.WRONG_USE)
    of_shipments = kind == "baseline" and "baseline_flows" not in question
    if network is not None and not of_shipments:
        raise CommandFailed("--network belongs to refused sums of shipments; leave it out.", Exit.WRONG_USE)
    if corrected and not of_shipments and kind != "rates":
        raise CommandFailed("--corrected belongs to refused answers about shipments; leave it out.", Exit.WRONG_USE)
    read = partial(read_shipments, workbook, without_bad_rows=True, corrected=corrected or ())
    if kind == "rates":
        certificate = _fit(workbook, read, question, told["claim"])
    elif of_shipments:
        certificate = _sums(workbook, read, network, question, told["claim"])
    else:
        tables = _same_network(workbook, question, demand_alone=kind == "greenfield")
        certificate = CHECKS[kind](tables, question, told["claim"], arrays)
    _print(told, certificate)
    if not certificate.valid:
        raise typer.Exit(Exit.FAILED)


def _same_network(path: Path, asked: Mapping[str, Any], *, demand_alone: bool = False) -> NetworkTables:
    tables, _ = read_workbook(path, demand_alone=demand_alone)
    _require_same(path, "another network", tables.sha256(), asked)
    return tables


def _sums(
    shipments: Path, read: Read, network: Path | None, question: Mapping[str, Any], claim: Mapping[str, Any]
) -> Certificate:
    from cli.replaying import check_sums

    if "paid" not in claim:
        raise CommandFailed(
            "These are sums of shipments kept by an earlier version, without the account of their file: run "
            "networx solve SHIPMENTS --type baseline on the file again.",
            Exit.WRONG_USE,
        )
    beside = question["network"]
    if (beside is None) != (network is None):
        said = "were of shipments alone: leave --network out" if beside is None else "were set beside a network"
        named = "" if beside is None else f", {beside['dataset_file']}: name it with --network"
        raise CommandFailed(f"The sums {said}{named}.", Exit.WRONG_USE)
    rows, sha256, _ = read()
    _require_same(shipments, "other shipments", sha256, question)
    tables = None if network is None else _same_network(network, beside)
    return check_sums(rows, tables, question, claim)


def _fit(shipments: Path, read: Read, question: Mapping[str, Any], claim: Mapping[str, Any]) -> Certificate:
    from networx.verify.rates import certify_rates

    rows, sha256, _ = read()
    _require_same(shipments, "other shipments", sha256, question)
    own = question["own"]
    asked = RateParameters(tuple(own["weight_breaks"]), own["fewest_shipments"], own["circuity"])
    fit = RateFit(tuple(read_band(band) for band in claim["bands"]), claim["left_out"], 0.0)
    return certify_rates(rows, sha256, asked, fit)


def _require_same(path: Path, what: str, sha256: str, asked: Mapping[str, Any]) -> None:
    """Raises CommandFailed for other data than those that were asked about."""
    if sha256 != asked["dataset_sha256"]:
        raise CommandFailed(
            f"{path} holds {what} (SHA-256 {sha256}) than what the answer was of, {asked['dataset_file']} "
            f"({asked['dataset_sha256']}).",
            Exit.WRONG_USE,
        )


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
