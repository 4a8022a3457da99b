"""`networx solve` for a model of one's own (.json, .mps, .lp): solved and checked here, with no service running."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from threading import Event
from typing import Any

import typer
from rich.markup import escape

from cli.answer import print_clashes
from cli.terminal import CommandFailed, Exit, out, plain_table, print_json
from cli.watching import Watching
from networx.domain.model_file import FORMATS
from networx.domain.plan import Progress, ResultStatus
from networx.errors import CertificateRefused
from networx.resilience.confine import Child, Stopped
from networx.results.wording import NOT_KNOWN
from networx.work.model_run import CONFINEMENT, ModelRun

SUFFIXES = frozenset({".json", *(f".{kind}" for kind in FORMATS)})
_MOST_BYTES = 100 * 1024**2
_SHOWN = 40
_VERDICTS = {
    "optimal": "Proven optimal",
    "feasible": "Best found so far; not proven",
    "infeasible": "No answer can meet every requirement",
    "unbounded": "The objective has no limit",
    "no_solution": "No answer found in time; nothing is proven",
}
_EVIDENCE = {
    "farkas": "Proven: multiples of these requirements add up to a contradiction, checked in exact fractions.",
    "elastic_model": "Shown by a solved model in which every requirement may give way; its optimum is the solver's.",
    "ray": "Proven: a checked answer, and a direction from it that nothing ends, checked in exact fractions.",
    "solver": "This is the solver's word; it was not checked.",
}


def solve_model(file: Path, *, as_json: bool) -> None:
    """Solve a model's file and print its answer. Ctrl-C ends it. Raises RefusedInput, and what ended the solve."""
    if file.stat().st_size > _MOST_BYTES:
        raise CommandFailed(f"{file.name} is larger than {_MOST_BYTES // 1024**2} MB.", Exit.REFUSED)
    result = _solved(file)
    print_json(result) if as_json else _print(result)
    if result["status"] == ResultStatus.INFEASIBLE:
        raise typer.Exit(Exit.REFUSED)
    if result["status"] in {ResultStatus.UNBOUNDED, ResultStatus.NO_SOLUTION}:
        raise typer.Exit(Exit.FAILED)


def _solved(file: Path) -> dict[str, Any]:
    stopped = Event()
    best: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch, Watching() as watching:
        # The child takes the format from the name's end, and finds the file wherever it runs.
        path = Path(scratch) / f"model{file.suffix.lower()}"
        path.symlink_to(file.resolve())

        def progress(now: Progress) -> None:
            watching.job({"progress": now.as_dict(), "status": "solving"})

        run = ModelRun(path, Path(scratch), progress, stopped.is_set, best.append)
        before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
        try:
            result = run.result(Child(CONFINEMENT))
        except Stopped:
            if not best:
                raise CommandFailed("Stopped before an answer was found.") from None
            result = best[-1]
        except CertificateRefused as refused:
            raise CommandFailed(str(refused)) from refused
        finally:
            signal.signal(signal.SIGINT, before)
        watching.done("solving", f"solved: {result['status']}")
    return result


def _print(result: dict[str, Any]) -> None:
    out.print()
    out.print(f"[bold]{_VERDICTS[result['status']]}[/bold]")
    for warning in result["warnings"]:
        out.print(f"  {escape(warning)}", soft_wrap=True)
    if result["infeasibility"] is not None:
        _print_clashes(result["infeasibility"])
    elif result.get("evidence"):
        out.print(f"  {_EVIDENCE[result['evidence']]}", soft_wrap=True)
    for goal in result.get("objectives", ()):
        out.print(f"{escape(goal['attribute'])} ({goal['direction']}): {goal['status']}, {goal['objective']}")
    if result["solution"]:
        table = plain_table("Variable", "Value", title="Variables that are not 0", numbers=True)
        for name, value in list(result["solution"].items())[:_SHOWN]:
            table.add_row(escape(name), f"{value:.10g}")
        out.print(table)
        if len(result["solution"]) > _SHOWN:
            out.print(f"... and {len(result['solution']) - _SHOWN:,} more; --json prints all.")
    lines = [(word, result[word]) for word in ("status", "objective", "bound", "gap")]
    lines.append(("engine", f"{result['engine']} in {result['seconds']:.2f} s"))
    checks = result["certificate"]["checks"] if result["certificate"] else []
    lines.append(("certificate", f"{len(checks)} checks, all passed" if checks else NOT_KNOWN))
    for word, value in lines:
        out.print(f"{word:<11}  {NOT_KNOWN if value is None else value}", soft_wrap=True)


def _print_clashes(infeasibility: dict[str, Any]) -> None:
    print_clashes({**infeasibility, "evidence": _EVIDENCE[infeasibility["evidence"]]})
