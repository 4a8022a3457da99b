"""Jobs: where they stand, their story, and cancelling them; the files they leave are in job_files.py."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.background import BackgroundTask
from starlette.responses import Response

from networx.api.envelope import success
from networx.api.principals import Who
from networx.api.views import job_summary, job_view
from networx.db import pool
from networx.errors import Problem, RefusedInput
from networx.jobs import progress, store
from networx.jobs.job import STATUS_WORDS, JobStatus

router = APIRouter(prefix="/api/jobs", tags=["jobs"])


@router.get("", summary="Jobs, newest first")
def jobs(
    who: Who,
    status: Annotated[list[str] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: datetime | None = None,
) -> Response:
    """At most `limit` jobs made before `before`, of the statuses given; `pending` and `completed` are understood."""
    with pool.tenant(who.tenant_id) as connection:
        found = store.list_jobs(connection, statuses=_statuses(status), limit=limit, before=before)
        results = store.get_results(connection, [job.id for job in found])
    return success([job_summary(job, results.get(job.id)) for job in found])


@router.get("/{job_id}", summary="One job")
def job(job_id: UUID, who: Who) -> Response:
    """Its status, its progress, and its result object once there is one."""
    return success(job_view(who.tenant_id, job_id))


@router.get("/{job_id}/history", summary="A job's story")
def history(job_id: UUID, who: Who) -> Response:
    """Every change of its state, oldest first, with who made it and why."""
    with pool.tenant(who.tenant_id) as connection:
        store.get_job(connection, job_id)
        return success(store.events(connection, job_id))


@router.post("/{job_id}/cancel", summary="Cancel a job")
def cancel(job_id: UUID, who: Who) -> Response:
    """The best checked answer so far becomes its result, marked partial. A job that has ended stays as it ended."""
    with pool.tenant(who.tenant_id) as connection:
        store.cancel(connection, job_id, who.name)
    answer = success(job_view(who.tenant_id, job_id))
    answer.background = BackgroundTask(progress.publish, job_id)
    return answer


def _statuses(words: list[str] | None) -> list[JobStatus] | None:
    if not words:
        return None
    unknown = [word for word in words if word not in STATUS_WORDS]
    if unknown:
        allowed = ", ".join(sorted(STATUS_WORDS))
        raise RefusedInput(
            [
                Problem(f"{word} is no status; they are {allowed}.", "choice", column="status", value=word)
                for word in unknown
            ]
        )
    return [STATUS_WORDS[word] for word in words]
