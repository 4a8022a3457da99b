"""`networx redrive`: jobs that failed or died are queued again, after a look at which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cli.attached import running_platform
from cli.client import Client
from cli.terminal import CommandFailed, Exit, confirm, out, print_json, print_unbroken, say
from networx.domain.phrases import counted

_SPAN = re.compile(r"(\d+)([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def redrive(
    job_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[JOB]...", help="Jobs, or batches: then their failed members.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--type", help="All of this type, such as transport.")] = None,
    queue: Annotated[str | None, typer.Option(help="All of this queue, such as optimization.fifo.")] = None,
    error: Annotated[str | None, typer.Option(help="All that ended with this code, such as WORKER_LOST.")] = None,
    since: Annotated[
        str | None, typer.Option(help="All that ended since: 30m, 2h, 1d, or an instant such as 2026-11-22T10:00Z.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that failed or are dead.")] = False,
    all_tenants: Annotated[bool, typer.Option("--all-tenants", help="Of every tenant: an operator's key.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document; implies nothing about --yes.")] = False,
) -> None:
    """Queue failed and dead jobs again, with all their attempts. Shows which, and asks first."""
    body = _asked(job_ids, {"type": kind, "queue": queue, "error_code": error, "since": since}, everything, all_tenants)
    client = running_platform().client
    found = client.post("/api/jobs/redrive", body | {"preview": True})
    if not as_json:
        _print_preview(found)
    if found["count"] == 0:
        _end_without(found, as_json=as_json)
        return
    confirm(f"Redrive {_number(found)}?", yes=yes)
    done = _redrive(client, body)
    if as_json:
        print_json(done)
    else:
        out.print(f"{counted(len(done['moved']), 'job')} queued again. Watch: networx jobs --status queued")
        _print_left_alone(done)


def _asked(
    job_ids: list[str] | None, filters: dict[str, str | None], everything: bool, all_tenants: bool
) -> dict[str, Any]:
    given = {name: said for name, said in filters.items() if said is not None}
    ways = sum((bool(job_ids), bool(given), everything))
    if ways != 1:
        raise CommandFailed("Say which jobs: their ids, or a filter (--type --queue --error --since), or --all.",
                            Exit.WRONG_USE)  # fmt: skip
    if "since" in given:
        given["since"] = instant(given["since"], datetime.now(UTC)).isoformat()
    return {**given, **({"job_ids": job_ids} if job_ids else {}), "all_tenants": all_tenants}


def instant(said: str, now: datetime) -> datetime:
    """The instant that `30m`, `2h`, `1d` ago or an ISO 8601 instant means; UTC where it names no zone."""
    span = _SPAN.fullmatch(said)
    if span is not None:
        return now - int(span[1]) * _UNITS[span[2]]
    try:
        stated = datetime.fromisoformat(said)
    except ValueError as fault:
        raise CommandFailed(f"{said} is no time: write 30m, 2h, 1d or 2026-11-22T10:00Z.", Exit.WRONG_USE) from fault
    return stated if stated.tzinfo is not None else stated.replace(tzinfo=UTC)


def _redrive(client: Client, body: Mapping[str, Any]) -> dict[str, Any]:
    """What was moved and what was not, also where it takes more than one request."""
    done: dict[str, Any] = client.post("/api/jobs/redrive", {**body, "preview": False})
    while done["more"] and done["moved"]:
        next_done = client.post("/api/jobs/redrive", {**body, "preview": False})
        done = {**next_done, "moved": done["moved"] + next_done["moved"]}
    return done


def _number(found: Mapping[str, Any]) -> str:
    return f"{'more than ' if found['more'] else ''}{counted(found['count'], 'job')}"


def _print_preview(found: Mapping[str, Any]) -> None:
    if found["count"]:
        out.print(f"{_number(found)} would be redriven:")
        rows = [_row(job) for job in found["jobs"]]
        print_unbroken(("Job", "Type", "Status", "Tries", "Ended", "Why"), rows, ("Tries", "Type", "Ended"))
        if found["count"] > len(found["jobs"]):
            out.print(f"... and {found['count'] - len(found['jobs']):,} more.")
    _print_left_alone(found)


def _row(job: Mapping[str, Any]) -> list[str]:
    ended = (job["finished_at"] or "")[:16].replace("T", " ")
    why = (job["error"] or {}).get("code", "")
    return [job["id"], job["type"], job["status"], str(job["attempt"]), ended, why]


def _print_left_alone(said: Mapping[str, Any]) -> None:
    for job_id, status in said["refused"].items():
        out.print(f"  {job_id} is {status}: it stays as it is. Only a job that failed or is dead can be redriven.",
                  soft_wrap=True)  # fmt: skip
    for job_id in said["unknown"]:
        out.print(f"  {job_id} is no job.", soft_wrap=True)


def _end_without(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json({"moved": [], **{name: found[name] for name in ("refused", "unknown", "more")}})
    if found["refused"] or found["unknown"]:
        raise CommandFailed("None of these jobs can be redriven.")
    if not as_json:
        say("There is nothing to redrive.")
