"""`networx solve` for a model of one's own: solved and checked here, with no service running."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import typer

from cli.answer import print_result
from cli.model_answer import print_model_answer
from cli.model_names import model_suffix
from cli.solve_network import interrupted
from cli.terminal import CommandFailed, Exit
from cli.watching import Watching
from networx.domain.plan import Progress, ResultStatus
from networx.errors import CertificateRefused
from networx.resilience.confine import Child, Stopped
from networx.topology import TOPOLOGY
from networx.work.model_run import CONFINEMENT, ModelRun


def solve_model(file: Path, *, as_json: bool) -> None:
    """Solve a model's file and print its answer. Ctrl-C ends it. Raises RefusedInput, and what ended the solve."""
    require_size(file)
    result = _solved(file)
    print_result(result) if as_json else print_model_answer(result)
    end_by_verdict(result)


def require_size(file: Path) -> None:
    """Raises CommandFailed for a file that no command solves."""
    most = TOPOLOGY.limits.model_upload_bytes
    if file.stat().st_size > most:
        raise CommandFailed(f"{file.name} is larger than {most // 1024**2} MB.", Exit.REFUSED)


def end_by_verdict(result: dict[str, Any]) -> None:
    """End the command with the code that goes with a model's verdict."""
    if result["status"] == ResultStatus.INFEASIBLE:
        raise typer.Exit(Exit.REFUSED)
    if result["status"] in {ResultStatus.UNBOUNDED, ResultStatus.NO_SOLUTION}:
        raise typer.Exit(Exit.FAILED)


def _solved(file: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch, Watching() as watching, interrupted() as stopped:
        # The child takes the format from the name's end, and finds the file wherever it runs.
        path = Path(scratch) / f"model{model_suffix(file)}"
        path.symlink_to(file.resolve())

        def progress(now: Progress) -> None:
            watching.job({"progress": now.as_dict(), "status": "solving"})

        run = ModelRun(path, Path(scratch), progress, stopped.is_set)
        try:
            result = run.result(Child(CONFINEMENT))
        except Stopped:
            best = run.best()
            if best is None:
                raise CommandFailed("Stopped before an answer was found.") from None
            result = best
        except CertificateRefused as refused:
            raise CommandFailed(str(refused)) from refused
        watching.done("solving", f"solved: {result['status']}")
    return result
