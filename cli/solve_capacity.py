"""`networx solve FILE --type capacity`: a workbook's capacity analysed and certified here, with no service running."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from cli.answer import print_result
from cli.capacity_answer import print_capacity
from cli.passed import identity_of, passed
from cli.reading import read_to_solve
from cli.solve_network import LONGEST, ended_words, interrupted
from cli.terminal import CommandFailed, Exit
from cli.watching import Watching
from networx.domain.parameters import capacity_parameters
from networx.domain.plan import Progress
from networx.resilience.confine import Child, Confinement, Stopped
from networx.results.capacity import capacity_result
from networx.results.proof import capacity_proof, inside
from networx.topology import TOPOLOGY
from networx.work.on_time import OnTime

CONFINEMENT = Confinement(
    "networx.work.analyse_capacity_child:run", memory_mib=TOPOLOGY.kind("capacity").child_memory_mib
)


def solve_capacity(
    file: Path, overrides: Mapping[str, str], *, as_json: bool, confinement: Confinement = CONFINEMENT
) -> None:
    """Analyse the workbook in a child that is ended at its limit, and print the answer.

    Raises CommandFailed, RefusedInput, typer.Exit, and LimitExceeded for the child's memory.
    """
    from networx.models.capacity import chosen_sites, require_complete_analysis
    from networx.verify.capacity import certify_capacity
    from networx.work.capacity_run import CapacityRun

    tables = read_to_solve(file)
    parameters, own = capacity_parameters(tables.parameters, overrides)
    asked = require_complete_analysis(parameters, own)
    if asked.job is not None:
        raise CommandFailed("The plan of a job is known to a platform only; name the sites.", Exit.WRONG_USE)
    sites = chosen_sites(tables, parameters, asked.names or None)
    with tempfile.TemporaryDirectory() as scratch, Watching() as watching, interrupted() as stopped:

        def progress(now: Progress) -> None:
            watching.job({"progress": now.as_dict(), "status": "solving"})

        stop_file = Path(scratch) / "stop"
        on_time = OnTime(parameters.time_limit_seconds, stopped.is_set, most=LONGEST, stop_file=stop_file)
        question = (tables, parameters, own, sites)
        run = CapacityRun(question, Path(scratch), on_time, progress, stop_file=stop_file)
        try:
            outcome = run.outcome(Child(confinement))
        except Stopped:
            outcome = run.best()
        watching.done("solving", f"analysed: {outcome.status.value}{ended_words(on_time.ended_by)}")
    certificate = passed(certify_capacity(tables, parameters, sites, outcome, tables.sha256()))
    identity = identity_of(file, tables.sha256())
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
