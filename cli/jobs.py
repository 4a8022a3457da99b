"""`networx jobs` and `networx cancel`: what was asked of the platform, and calling it off."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.attached import running_platform
from cli.terminal import out, plain_table, print_json
from networx.results.wording import gap_words, money_short


def jobs(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, newest first.")] = 20,
) -> None:
    """List jobs, newest first."""
    found = running_platform().client.get("/api/jobs", limit=limit)
    if as_json:
        print_json(found)
        return
    table = plain_table("Job", "Type", "Status", "Result", "Cost", "Still open", "Made")
    for job in found:
        result = job["result"] or {}
        cost = money_short(result["objective"]) if result.get("objective") is not None else ""
        gap = gap_words(result["gap"]) if result.get("gap") is not None else ""
        made = job["created_at"][:19].replace("T", " ")
        table.add_row(job["id"], job["type"], job["status"], result.get("status", ""), cost, gap, made)
    out.print(table)


def cancel(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Cancel a job; the best checked answer so far is kept as its result."""
    job = running_platform().client.post(f"/api/jobs/{job_id}/cancel")
    if as_json:
        print_json(job)
        return
    kept = " The best answer so far was kept." if job["result"] else ""
    out.print(f"Job {job['id']} is {job['status']}.{kept}")
