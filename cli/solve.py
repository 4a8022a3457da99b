"""`networx solve FILE`: a workbook or a model solved and certified here, with no service running."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from cli.answer import print_answer, print_result
from cli.model_names import model_suffix
from cli.reading import read_workbook
from cli.scenario_type import Kind, ScenarioType, Sites, stated_sites
from cli.solve_capacity import solve_capacity
from cli.solve_model import solve_model
from cli.terminal import CommandFailed, Exit
from cli.watching import Watching
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters, transport_parameters
from networx.domain.plan import Certificate, Outcome, Progress
from networx.results.kpis import transport_result
from networx.results.proof import inside, transport_proof


def solve(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="A workbook, or a model: .json, .mps, .lp, .mps.gz or .lp.gz.",
        ),
    ],
    kind: Kind = ScenarioType.TRANSPORT,
    sites: Sites = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result object.")] = False,
) -> None:
    """Solve a workbook or a model here and now. Ctrl-C stops the search and keeps the best answer found."""
    overrides = stated_sites(kind, sites)
    if model_suffix(file) is not None:
        if kind is ScenarioType.CAPACITY:
            raise CommandFailed("A capacity analysis takes a workbook, not a model.", Exit.WRONG_USE)
        solve_model(file, as_json=as_json)
        return
    if kind is ScenarioType.CAPACITY:
        solve_capacity(file, overrides, as_json=as_json)
        return
    from networx.models.transport import solve_transport

    stopped = Event()
    tables, _ = read_workbook(file)
    parameters = transport_parameters(tables.parameters)
    with Watching() as watching:

        def progress(now: Progress) -> None:
            watching.job({"progress": now.as_dict(), "status": "solving"})

        before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
        try:
            outcome = solve_transport(tables, parameters, progress, stop=stopped.is_set)
        finally:
            signal.signal(signal.SIGINT, before)
        watching.done("solving", f"solved: {outcome.status.value}")
    certificate = _certificate(tables, parameters, outcome)
    identity = {
        "dataset_file": file.name,
        "dataset_sha256": tables.sha256(),
        "solved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    result: dict[str, Any] = transport_result(
        tables,
        parameters,
        outcome,
        certificate,
        identity=identity,
        partial=stopped.is_set(),
        proof=inside(transport_proof(outcome)),
    )
    if as_json:
        print_result(result)
    else:
        print_answer(result)
    if outcome.infeasibility is not None:
        raise typer.Exit(Exit.REFUSED)
    if outcome.plan is None:
        raise typer.Exit(Exit.FAILED)


def _certificate(tables: NetworkTables, parameters: TransportParameters, outcome: Outcome) -> Certificate | None:
    """The independent check. Raises CommandFailed for an answer that fails it: such an answer is never shown."""
    from networx.verify.transport import certify, certify_infeasible

    sha256 = tables.sha256()
    if outcome.infeasibility is not None:
        certificate = certify_infeasible(tables, parameters, outcome.infeasibility, sha256)
    elif outcome.plan is not None and outcome.objective is not None:
        certificate = certify(
            tables,
            parameters,
            outcome.plan,
            objective=outcome.objective,
            bound=outcome.bound,
            gap=outcome.gap,
            status=outcome.status,
            bound_source=outcome.bound_source,
            dataset_sha256=sha256,
            proof=outcome.proof,
        )
    else:
        return None
    if not certificate.valid:
        failed = "; ".join(check.name for check in certificate.checks if not check.passed)
        raise CommandFailed(f"The answer failed its independent check and is not shown: {failed}.")
    return certificate
