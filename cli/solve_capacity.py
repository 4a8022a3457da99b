"""`networx solve FILE --type capacity`: a workbook's capacity analysed and certified here, with no service running."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import typer

from cli.answer import print_result
from cli.capacity_answer import print_capacity
from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit
from cli.watching import Watching
from networx.domain.parameters import capacity_parameters
from networx.domain.plan import Progress
from networx.results.capacity import capacity_result
from networx.results.proof import capacity_proof, inside


def solve_capacity(file: Path, overrides: Mapping[str, str], *, as_json: bool) -> None:
    """Analyse the workbook and print the answer. Raises CommandFailed, RefusedInput, typer.Exit."""
    from networx.models.capacity import analyse_capacity, chosen_sites, require_complete_analysis
    from networx.verify.capacity import certify_capacity

    stopped = Event()
    tables, _ = read_workbook(file)
    parameters, own = capacity_parameters(tables.parameters, overrides)
    asked = require_complete_analysis(tables, parameters, own)
    if asked.job is not None:
        raise CommandFailed("The plan of a job is known to a platform only; name the sites.", Exit.WRONG_USE)
    sites = chosen_sites(tables, parameters, asked.names or None)
    with Watching() as watching:

        def progress(now: Progress) -> None:
            watching.job({"progress": now.as_dict(), "status": "solving"})

        before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
        try:
            outcome = analyse_capacity(tables, parameters, own, sites, progress, stop=stopped.is_set)
        finally:
            signal.signal(signal.SIGINT, before)
        watching.done("solving", f"analysed: {outcome.status.value}")
    certificate = certify_capacity(tables, parameters, sites, outcome, tables.sha256())
    if not certificate.valid:
        failed = "; ".join(check.name for check in certificate.checks if not check.passed)
        raise CommandFailed(f"The answer failed its independent check and is not shown: {failed}.")
    identity = {
        "dataset_file": file.name,
        "dataset_sha256": tables.sha256(),
        "solved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    result: dict[str, Any] = capacity_result(
        tables,
        parameters,
        outcome,
        certificate,
        asked=str(asked),
        identity=identity,
        partial=stopped.is_set(),
        proof=inside(capacity_proof(outcome)),
    )
    if as_json:
        print_result(result)
    else:
        print_capacity(result)
    if outcome.infeasibility is not None:
        raise typer.Exit(Exit.REFUSED)
    if result["kpis"] is None:
        raise typer.Exit(Exit.FAILED)
