"""The story of one job for a person: what it was given, its course, its verdict, and what to do next, also in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from networx.api.advice import next_steps
from networx.api.archived import archived_job
from networx.api.views import job_view
from networx.db import pool
from networx.db.pool import Connection
from networx.domain.phrases import counted, listed
from networx.errors import NotFound
from networx.ingest import datasets, records
from networx.jobs import store, story
from networx.jobs.job import HIGH, LOW, NORMAL, Job, JobStatus
from networx.jobs.story import Act, Attempt, Story
from networx.results import wording
from networx.scenarios import store as scenarios

PRIORITIES = {HIGH: "high", NORMAL: "normal", LOW: "low"}
ENDED_WORDS = {
    JobStatus.SUCCEEDED: "succeeded",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "was cancelled",
    JobStatus.DEAD: "is dead, its tries used up",
}
# What an attempt's last event means for the job.
_OUTCOMES = {
    "finished": "it finished",
    "retried": "it failed and was put back for another try",
    "released": "its worker handed it back unfinished, which costs no try",
    "recovered": "its worker was lost, and the monitor put it back",
    "lost": "its worker was lost, and another took it over",
    "failed": "it failed for good",
    "died": "it failed, and no try was left",
    "cancelled": "it was cancelled",
}
_ACTS = {"submitted": "Submitted", "redriven": "Redriven", "cancelled": "Cancelled"}


def story_view(tenant_id: UUID, job_id: UUID) -> dict[str, Any]:
    """The whole story as JSON, `told` in sentences. Raises NotFound."""
    shown = job_view(tenant_id, job_id)
    job, events = _job_and_events(tenant_id, job_id)
    course = story.read(events, datetime.now(UTC))
    with pool.tenant(tenant_id) as connection:
        data = _data_of(connection, job)
    steps = next_steps(shown, data)
    return {
        "job": shown,
        "priority": PRIORITIES[job.priority],
        "queue": job.queue,
        "max_attempts": job.max_attempts,
        "data": data,
        "waited_seconds": course.waited_seconds,
        "worked_seconds": course.worked_seconds,
        "waiting_since": course.waiting_since,
        "run_at": job.run_at if job.status is JobStatus.QUEUED else None,
        "acts": [asdict(act) for act in course.acts],
        "attempts": [asdict(attempt) for attempt in course.attempts],
        "next_steps": steps,
        "told": [*_told(job, shown, course, data), *steps],
    }


def _job_and_events(tenant_id: UUID, job_id: UUID) -> tuple[Job, Sequence[Mapping[str, Any]]]:
    try:
        with pool.tenant(tenant_id) as connection:
            return store.get_job(connection, job_id), store.events(connection, job_id)
    except NotFound:
        archived = archived_job(tenant_id, job_id)
        return archived.job, archived.events


def _data_of(connection: Connection, job: Job) -> dict[str, Any] | None:
    """The file a job read, and the scenario it ran; None for a job without data of its own, or whose data is gone."""
    scenario = None
    try:
        if job.scenario_id is not None:
            scenario = scenarios.get_scenario(connection, job.scenario_id, job.scenario_version)
            upload_id = datasets.get_dataset(connection, scenario.transport_dataset_id or scenario.network).upload_id
        else:
            upload_id = UUID(str(job.params.get("model", job.params).get("upload_id")))
        upload = records.get_upload(connection, upload_id)
    except (NotFound, ValueError):
        return None
    return {
        "scenario": None if scenario is None else scenario.name,
        "upload_id": upload.id,
        "filename": upload.filename,
        "bytes": upload.bytes,
        "rows": dict(upload.counts),
        "upload_status": upload.status,
        "problem_count": upload.problem_count,
    }


# --- in words ---


def _told(job: Job, shown: Mapping[str, Any], course: Story, data: Mapping[str, Any] | None) -> Iterator[str]:
    yield from (_what(job, data), *_file(data))
    acts = [(act.at, _act(act)) for act in course.acts]
    attempts = [(attempt.started_at, _attempt(attempt)) for attempt in course.attempts]
    for _, sentence in sorted(acts + attempts, key=itemgetter(0)):
        yield sentence
    yield from _standing(job, shown, course)


def _what(job: Job, data: Mapping[str, Any] | None) -> str:
    named = f", scenario {data['scenario']}" if data is not None and data["scenario"] else ""
    version = f" (version {job.scenario_version})" if named else ""
    where = f" in {job.queue}" if job.queue else ""
    kind = wording.words(job.kind.replace("-", " "))
    return f"{kind} job {job.id}{named}{version}, {PRIORITIES[job.priority]} priority{where}."


def _file(data: Mapping[str, Any] | None) -> Iterator[str]:
    if data is not None:
        counts = [f"{number:,} {name.replace('_', ' ')}" for name, number in data["rows"].items() if number]
        rows = f": {listed(counts, 'and')}" if counts else ""
        yield f"Its file is {data['filename']}, {wording.file_size(data['bytes'])}{rows}."


def _act(act: Act) -> str:
    return f"{_ACTS.get(act.event, wording.words(act.event))} by {act.actor} at {_instant(act.at)}{_why(act.reason)}."


def _why(reason: str | None) -> str:
    return f" ({reason.rstrip('.')})" if reason else ""


def _attempt(attempt: Attempt) -> str:
    waited = "" if attempt.waited_seconds is None else f" after waiting {_span(attempt.waited_seconds)}"
    said = f"Attempt {attempt.number}: {attempt.worker} took it up{waited}."
    if attempt.resumed_from:
        said += f" It did not start from nothing: {attempt.resumed_from.rstrip('.')}."
    if attempt.outcome is None:
        return said
    memory = "" if attempt.peak_mib is None else f", at most {attempt.peak_mib:,.0f} MiB of memory"
    why = "" if attempt.outcome == "cancelled" else _why(attempt.reason)
    outcome = _OUTCOMES.get(attempt.outcome, f"it was {attempt.outcome}")
    return f"{said} After {_span(attempt.seconds or 0.0)}{memory}, {outcome}{why}."


def _standing(job: Job, shown: Mapping[str, Any], course: Story) -> Iterator[str]:
    total = f"it waited {_span(course.waited_seconds)} and worked {_span(course.worked_seconds)}"
    counts = shown["member_counts"]
    if counts:
        stand = listed([f"{number} {status}" for status, number in counts.items()], "and")
        yield f"Its {counted(len(shown['members']), 'member')}: {stand}."
        if shown["failed_members"]:
            yield f"These failed: {', '.join(shown['failed_members'])}."
    if job.status is JobStatus.QUEUED and course.waiting_since is not None:
        yield f"It waits since {_instant(course.waiting_since)}."
        pause = shown["paused"]
        if pause is not None:
            yield f"It is held back: the {pause['scope']} {pause['name']} is paused{_why(pause['reason'])}."
        elif job.run_at > datetime.now(UTC) + timedelta(seconds=1):
            yield f"It is tried again at {_instant(job.run_at)}."
    elif job.status is JobStatus.RUNNING:
        stage = (shown["progress"] or {}).get("stage")
        yield f"It is running{f': {stage}' if stage else ''}; so far {total}."
    else:
        yield f"Verdict: it {ENDED_WORDS[job.status]}; in all {total}."
    if job.error is not None:
        yield f"The last error: {job.error.get('message', 'unknown')} ({job.error.get('code', 'no code')})"
    if shown["result"] is not None and shown["result"]["status"] is not None:
        yield from _result(job, shown["result"])


def _result(job: Job, result: Mapping[str, Any]) -> Iterator[str]:
    known = {"objective": None, "bound": None, "gap": None, "certificate": None, "partial": job.partial, **result}
    if known["status"] not in wording.STATUS_TERMS:
        reason = f": {known['reason']}" if known.get("reason") else ""
        yield f"Its answer: {known['status']}{reason}."
        return
    yield known.get("headline") or wording.verdict(known)
    if known.get("note"):
        yield known["note"]
    if known["certificate"] is not None:
        yield wording.certificate_verdict(known)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _span(seconds: float) -> str:
    """A stretch of time at a glance: `0.04 s`, `12.3 s`, `4 min 10 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
