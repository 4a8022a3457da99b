"""Redrive: jobs that failed or died are queued again with all their attempts. One, a list, or a filter; previewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import Response

from networx.api.archived import refuse_if_archived
from networx.api.declared import refuses
from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.paging import Listing, Paging, asked
from networx.api.principals import Who
from networx.api.shapes import jobs as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.api.views import job_view
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.errors import Conflict, Problem, RefusedInput
from networx.jobs import control, progress, relay, store
from networx.jobs.job import Job, JobStatus, job_json
from networx.observability.logs import Log

log = Log(__name__)

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

# Beyond, ask again: what was moved is then no longer among those that ended badly.
AT_ONCE = 10_000
SHOWN = 50
_MOST_SHOWN = 1_000
_IDS_AT_ONCE = 1_000


LISTING = Listing(control.REDRIVE_ORDERS, usual=SHOWN, most=_MOST_SHOWN)


class Redrive(BaseModel):
    """Which jobs: those named, or all that ended badly and match every filter given. `preview` true moves none."""

    model_config = ConfigDict(extra="forbid")
    preview: bool
    job_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=_IDS_AT_ONCE)
    queue: str | None = Field(default=None, examples=["optimization.fifo"])
    type: str | None = Field(default=None, examples=["transport"])
    error_code: str | None = Field(default=None, examples=["WORKER_LOST"])
    since: AwareDatetime | None = Field(default=None, description="Only what ended at this instant or later.")
    all_tenants: bool = Field(default=False, description="Of every tenant. Needs an operator's key.")
    limit: int = Field(default=SHOWN, ge=1, le=_MOST_SHOWN, description="How many `jobs` a preview shows.")
    cursor: str | None = Field(default=None, description="The `next` of the preview before, with the same filters.")

    @property
    def filters(self) -> dict[str, Any]:
        return {"queue": self.queue, "kind": self.type, "error_code": self.error_code, "since": self.since}


@router.post(
    "/{job_id}/redrive",
    status_code=202,
    summary="Redrive a job",
    response_model=Success[shapes.Job],
    responses=refuses("JOB_NOT_FOUND", "CONFLICT"),
)
def redrive_one(job_id: UUID, who: Who, doing: Doing) -> Response:
    """Queue a failed or dead job again, with all its attempts; of a batch, the members that failed.

    A job in any other state is refused with 409, which names the state, and so is one that was archived.
    """
    refuse_if_archived(who.tenant_id, job_id)
    with pool.tenant(who.tenant_id) as connection:
        store.get_job(connection, job_id)
    with pool.system() as connection:
        done = control.redrive(connection, [job_id], who.name)
        _audit(connection, doing, done.moved)
    if not done.moved:
        raise Conflict(
            what=f"The job is {done.refused[job_id].value}: only a job that failed or is dead can be redriven."
        )
    log.info("jobs.redriven", moved=len(done.moved), jobId=job_id, userId=who.name)
    answer = success(job_view(who.tenant_id, job_id), 202)
    answer.background = BackgroundTask(_tell, done.moved)
    return answer


@router.post(
    "/redrive",
    summary="Redrive several jobs",
    responses=refuses("INVALID_CURSOR"),
    response_model=Paged[shapes.RedrivePreview] | Success[shapes.Redriven],
)
def redrive_several(body: Redrive, who: Who, doing: Doing, request: Request) -> Response:
    """With `preview` the jobs that would move: `count`, and a page of them. Without, the ids that `moved`.

    `refused` says where jobs stand that were named and cannot be redriven, `unknown` which ids are of no job. At most
    10,000 jobs move at once; `more` says that others are left.
    """
    if body.job_ids is not None and any(value is not None for value in body.filters.values()):
        raise RefusedInput([Problem("Give job_ids or filters, not both.", "choice", column="job_ids")])
    paging = _paging(request, body, who)
    if body.all_tenants:
        who.require_operator("Redriving the jobs of every tenant")
    tenant_id = None if body.all_tenants else who.tenant_id
    with pool.system() as connection:
        named = control.standing(connection, body.job_ids or (), tenant_id)
        ids = None if body.job_ids is None else list(named)
        found = control.redrivable(connection, **body.filters, tenant_id=tenant_id, job_ids=ids, limit=AT_ONCE + 1)
        moving = found[:AT_ONCE]
        shown = moving[: paging.limit + 1]
        if paging.after is not None:
            shown = control.redrivable(
                connection, **body.filters, tenant_id=tenant_id, job_ids=ids, limit=paging.limit + 1, after=paging.after
            )
        done = None if body.preview else control.redrive(connection, [job.id for job in moving], who.name)
        _audit(connection, doing, () if done is None else done.moved)
    refused = {**_left_alone(named, moving), **({} if done is None else done.refused)}
    said = {
        "refused": {str(job_id): status.value for job_id, status in refused.items()},
        "unknown": [job_id for job_id in body.job_ids or () if job_id not in named],
        "more": len(found) > AT_ONCE,
    }
    if done is None:
        jobs = [job_json(job) for job in shown[: paging.limit]]
        return paging.answer({"count": len(moving), "jobs": jobs, **said}, paging.next_after(shown))
    log.info("jobs.redriven", moved=len(done.moved), filters=body.model_dump(mode="json"), userId=who.name)
    answer = success({"moved": done.moved, **said})
    answer.background = BackgroundTask(_tell, done.moved)
    return answer


def _paging(request: Request, body: Redrive, who: Who) -> Paging:
    if body.cursor is not None and not body.preview:
        raise RefusedInput([Problem("Only a preview has pages: leave the cursor out.", "choice", column="cursor")])
    filters = body.model_dump(mode="json", exclude={"preview", "limit", "cursor"})
    bound = [(name, str(value)) for name, value in filters.items()]
    return asked(LISTING, who, request.scope["path"], limit=body.limit, cursor=body.cursor, filters=bound)


def _audit(connection: pool.Connection, doing: Doer, moved: Sequence[UUID]) -> None:
    """One line for each tenant whose jobs moved: an administrator sees what was done to theirs, whoever did it."""
    for tenant_id, job_ids in control.by_tenant(connection, moved).items():
        named = str(job_ids[0]) if len(job_ids) == 1 else f"{len(job_ids)} jobs"
        audit.write(connection, doing, "job.redriven", named, tenant_id=tenant_id, facts={"job_ids": job_ids})


def _left_alone(named: Mapping[UUID, JobStatus], moving: Sequence[Job]) -> dict[UUID, JobStatus]:
    """The named jobs that neither move nor are batches of which members move."""
    moved = {job.id for job in moving} | {job.parent_id for job in moving}
    return {job_id: status for job_id, status in named.items() if job_id not in moved}


def _tell(moved: Sequence[UUID]) -> None:
    relay.send_beside()
    for job_id in moved:
        progress.publish(job_id)
