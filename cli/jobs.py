"""`networx jobs` and `networx cancel`: what was asked of the platform, and calling it off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.attached import running_platform
from cli.terminal import out, print_json, print_unbroken
from networx.results.wording import gap_words, money_short

# What a narrow terminal does without, first to last; an id must stay in one piece.
_TO_SPARE = ("Still open", "Type", "Made", "Cost", "Result")
_ARCHIVED = ("created_at", "finished_at", "archived_at")


def jobs(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, newest first.")] = 20,
    status: Annotated[
        list[str] | None, typer.Option(help="Only of this status: queued, running, succeeded ...; may be repeated.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--type", help="Only of this type, such as transport.")] = None,
    batch: Annotated[str | None, typer.Option("--batch", metavar="JOB", help="The members of this batch.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Those that ended over 90 days ago.")] = False,
) -> None:
    """List jobs, newest first; without a status a batch stands for its members."""
    if archived:
        if status or kind or batch:
            raise typer.BadParameter("--archived goes with --limit and --json alone.")
        _list_archived(as_json, limit)
        return
    asked = {"limit": limit, "status": status, "type": kind, "parent_id": batch}
    found = running_platform().client.get("/api/jobs", **{name: said for name, said in asked.items() if said})
    if as_json:
        print_json(found)
        return
    rows = [_row(job) for job in found]
    print_unbroken(("Job", "Type", "Status", "Result", "Cost", "Still open", "Made"), rows, _TO_SPARE)


def _list_archived(as_json: bool, limit: int) -> None:
    found = running_platform().client.get("/api/jobs/archived", limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [[job["id"], job["type"], job["status"], *(_day(job[at]) for at in _ARCHIVED)] for job in found]
    print_unbroken(("Job", "Type", "Status", "Made", "Ended", "Archived"), rows, ("Archived", "Type", "Made"))


def _day(instant: str) -> str:
    return instant[:10]


def _row(job: Mapping[str, Any]) -> list[str]:
    result = job["result"] or {}
    cost = money_short(result["objective"]) if result.get("objective") is not None else ""
    gap = gap_words(result["gap"]) if result.get("gap") is not None else ""
    made = job["created_at"][:16].replace("T", " ")
    return [job["id"], job["type"], _standing(job), result.get("status", ""), cost, gap, made]


def _standing(job: Mapping[str, Any]) -> str:
    if job.get("paused"):
        return f"{job['status']} (paused)"
    failed = len(job.get("failed_members", ()))
    return f"{job['status']} ({failed} of {len(job['members'])} failed)" if failed else str(job["status"])


def cancel(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Cancel a job; the best checked answer so far is kept as its result."""
    client = running_platform().client
    before = client.get(f"/api/jobs/{job_id}")
    job = client.post(f"/api/jobs/{job_id}/cancel")
    if as_json:
        print_json(job)
    else:
        out.print(_what_became_of(before, job))


def _what_became_of(before: Mapping[str, Any], job: Mapping[str, Any]) -> str:
    """What a cancel did, from the job as it was and as it is: one that has ended stays as it ended."""
    if job["status"] != "cancelled" or before["status"] == "cancelled":
        answer = f" ({job['result']['status']})" if job["result"] and "status" in job["result"] else ""
        return f"Job {job['id']} had ended already: {job['status']}{answer}. There was nothing to cancel."
    kept = "The best answer so far was kept." if job["partial"] else "No checked answer had been found yet."
    return f"Job {job['id']} is cancelled. {kept}"
