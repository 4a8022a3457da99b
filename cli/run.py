"""`networx run FILE`: the whole way of one file, as a client would go it: upload, load, solve, download."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.answer import print_answer, print_result
from cli.arrival import Arrival
from cli.attached import Attached, platform
from cli.capacity_answer import print_capacity
from cli.client import Client
from cli.model_answer import print_model_answer
from cli.model_names import model_suffix
from cli.options import told_by_option
from cli.scenario_type import Kind, ScenarioType, Sites, stated_sites
from cli.solve_model import end_by_verdict
from cli.storage_answer import print_paid, print_storage
from cli.sweep import CriterionAsked, Nodes, exit_of, print_sweep, require_swept, sweep_asked
from cli.terminal import CommandFailed, Exit, out, wait_for_the_end
from cli.watching import Watching
from networx.domain.phrases import counted
from networx.domain.plan import ResultStatus
from networx.results.proof import result_bytes
from networx.results.wording import file_size

WITHOUT_ASSIGNMENTS = frozenset({"capacity", "warehouse", "inventory", "baseline", "rates"})
_FILES = ("result.xlsx", "report.html", "assignments.parquet", "inbound.parquet")
_PROBLEMS_FETCHED = 100
_REFUSALS = frozenset({"INVALID_INPUT", "INVALID_MODEL"})
_WHAT_NOW = {
    "rejected": "The file was refused and nothing of it was kept.",
    "needs_mapping": "The file waits for its columns to be mapped.",
    "needs_decision": "The file waits for a decision about its bad rows.",
    "aborted": "The upload was aborted.",
}


def run(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A workbook or a model.")],
    kind: Kind = ScenarioType.TRANSPORT,
    sites: Sites = None,
    leave: Annotated[bool, typer.Option("--exit", help="Stop after the result.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result object; implies --exit.")] = False,
    nodes: Nodes = None,
    criterion: CriterionAsked = None,
) -> None:
    """Upload a workbook or a model, solve it, print the answer and leave the web page up until Ctrl-C."""
    from cli.run_model import run_model

    sweep = sweep_asked(nodes, criterion)
    is_model = model_suffix(file) is not None
    require_swept(sweep, kind, is_model=is_model)
    if is_model and kind is not ScenarioType.TRANSPORT:
        raise CommandFailed(f"--type {kind.value} takes a workbook, not a model.", Exit.WRONG_USE)
    began = time.monotonic()
    scenario = {"type": kind.value, "parameters": stated_sites(kind, sites)}
    with platform() as attached:
        with Watching() as watching:
            if is_model:
                job = run_model(attached, file, watching)
            else:
                dataset_id = _load(attached, file, watching)
                job = _solve(attached.client, file, dataset_id, scenario, watching, sweep)
        result = attached.client.result(job["id"])
        if as_json:
            print_result(result)
        else:
            if is_model:
                print_model_answer(result)
                _download(attached, job["id"], result, ())
            elif sweep is not None:
                print_sweep(result)
                _download_sweep(attached, job["id"], result)
            elif kind is ScenarioType.CAPACITY:
                print_capacity(result)
                _download(attached, job["id"], result, _FILES)
            elif kind is ScenarioType.BASELINE:
                print_paid(result)
                _download(attached, job["id"], result, _FILES)
            elif kind is not ScenarioType.TRANSPORT and result["type"] == kind.value:
                print_storage(result)
                _download(attached, job["id"], result, _FILES)
            else:
                print_answer(result)
                _download(attached, job["id"], result, _FILES)
            out.print(f"From start to answer: {time.monotonic() - began:.1f} s")
        if not leave and not as_json and attached.ours:
            out.print(f"\nThe result in the browser: [bold]{attached.url}/jobs/{job['id']}[/bold]   (Ctrl-C stops)")
            wait_for_the_end()
    if is_model:
        end_by_verdict(result)
        return
    if sweep is not None:
        raise typer.Exit(exit_of(result))
    if result["status"] == "infeasible":
        raise typer.Exit(Exit.REFUSED)
    if result["kpis"] is None:
        raise typer.Exit(Exit.FAILED)


def _load(attached: Attached, file: Path, watching: Watching) -> str:
    """The id of the dataset that the file became. Raises CommandFailed for a file that was refused or not taken in."""
    upload = taken_in(attached, file, watching)
    if upload["dataset_id"] is None:
        what = f"{file.name} is a model by its content; name it .mps or .lp, and run it again."
        raise CommandFailed(what, Exit.REFUSED)
    rows = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in upload["counts"].items() if count)
    watching.done("loading", "loaded", rows)
    return str(upload["dataset_id"])


def taken_in(attached: Attached, file: Path, watching: Watching) -> dict[str, Any]:
    """The upload of a file, loaded. Raises CommandFailed for a file that was refused or not taken in."""
    client, arrival = attached.client, Arrival(attached.home.logs / "aws.log")
    size = file.stat().st_size
    gone = 0

    def sent(part_bytes: int) -> None:
        nonlocal gone
        gone += part_bytes
        watching.show("upload", f"uploading {file.name}", 100 * gone / max(size, 1))

    def seen(upload: dict[str, Any]) -> None:
        watching.upload(upload)
        arrival.seen(upload)

    upload = client.upload(file, sent)
    watching.done("upload", f"uploaded {file.name}", file_size(size))
    upload = client.settled_upload(upload["upload_id"], seen)
    if upload["status"] != "loaded":
        problems: list[dict[str, Any]] = []
        if upload["problem_count"]:
            problems = client.get(f"/api/uploads/{upload['upload_id']}/problems", limit=_PROBLEMS_FETCHED)["problems"]
        raise not_loaded(upload, problems)
    return upload


def not_loaded(upload: Mapping[str, Any], problems: Sequence[dict[str, Any]]) -> CommandFailed:
    """Why an upload became no dataset, what may be done, and those of its problems that were fetched."""
    what = f"{_WHAT_NOW[upload['status']]} {upload['reason'] or ''}".rstrip()
    if upload["status"] == "needs_decision":
        what += f" Decide on its page, /uploads/{upload['upload_id']}, while the platform runs (networx up)."
    if upload["problem_count"] > len(problems):
        what += f" ({counted(upload['problem_count'], 'problem')} in all; the web page gives them as CSV)"
    return CommandFailed(what, Exit.REFUSED, problems)


def _solve(
    client: Client,
    file: Path,
    dataset_id: str,
    scenario: dict[str, Any],
    watching: Watching,
    sweep: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The job, or the batch of a sweep, ended with a result; `scenario` is its type and parameters.

    Raises CommandFailed for one that ended without a result.
    """
    project = client.post("/api/projects", {"name": file.stem})
    made = client.post(
        "/api/scenarios",
        {
            "project_id": project["project_id"],
            "name": file.stem,
            "datasets": {"transport" if scenario["type"] == ScenarioType.BASELINE else "network": dataset_id},
            **scenario,
        },
    )
    asked: dict[str, Any] = {"scenario_id": made["scenario_id"]} | ({} if sweep is None else {"scenario": sweep})
    with told_by_option(sites="sites" in scenario["parameters"]):
        submitted = client.post("/api/optimize/run-batch", asked)
    return ended_with_result(client, submitted["job_id"], watching)


def ended_with_result(client: Client, job_id: str, watching: Watching) -> dict[str, Any]:
    """A job once it has ended. Raises CommandFailed for one that ended without a result."""
    job: dict[str, Any] = {}
    for job in client.job_events(job_id):
        watching.job(job)
    if job.get("result") is None:
        error = job.get("error") or {}
        code = Exit.REFUSED if error.get("code") in _REFUSALS else Exit.FAILED
        message = f"The job {job.get('status')}: {error.get('message', 'it left no result')}"
        raise CommandFailed(message, code, error.get("problems", ()), error.get("problem_count"))
    watching.done("solving", f"solved: {job['result']['status']}")
    return job


def _download_sweep(attached: Attached, batch_id: str, result: dict[str, Any]) -> None:
    """The sweep's result, workbook and report with each run's own result beside them, as `networx verify` reads them;
    of the best run all files.
    """
    folder = attached.home.results / batch_id
    _fetch(attached, folder, batch_id, result, ("result.xlsx", "report.html"))
    best = None if result["best"] is None else result["best"]["job_id"]
    for row in result["frontier"]:
        if row["status"] in set(ResultStatus):
            job_id = str(row["job_id"])
            names = _FILES if row["job_id"] == best else ()
            _fetch(attached, folder / job_id, job_id, attached.client.result(job_id), names)
    _list_files(folder)
    if best is not None:
        _list_files(folder / str(best))


def _download(attached: Attached, job_id: str, result: dict[str, Any], names: Sequence[str]) -> None:
    folder = attached.home.results / job_id
    _fetch(attached, folder, job_id, result, names)
    _list_files(folder)


def _fetch(attached: Attached, folder: Path, job_id: str, result: dict[str, Any], names: Sequence[str]) -> None:
    """A result and its files into a folder; files that a result of its type does not have are passed over."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_bytes(result_bytes(result))
    if "file" in (result.get("proof") or {}):
        names = (*names, result["proof"]["file"])
    for name in names:
        if name == "assignments.parquet" and (result["kpis"] is None or result.get("type") in WITHOUT_ASSIGNMENTS):
            continue
        if name == "inbound.parquet" and not result.get("suppliers"):
            continue
        attached.client.download(f"/api/jobs/{job_id}/{name}", folder / name)


def _list_files(folder: Path) -> None:
    out.print(f"\nFiles in {folder}", soft_wrap=True)
    for path in sorted(folder.iterdir()):
        if path.is_dir():  # of a sweep, a run's own
            out.print(f"  {path.name}/")
            continue
        out.print(f"  {path.name:<22}{path.stat().st_size:>12,} bytes")
