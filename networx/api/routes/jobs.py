"""Jobs: where they stand, their story, cancelling them.

The files they leave are in job_files.py, redriving them in redrive.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.background import BackgroundTask
from starlette.responses import Response

from networx.api.archived import archived_job
from networx.api.declared import WHOLE, refuses
from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.exports import Sent
from networx.api.filters import Before, CreatedAfter, CreatedBefore
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.api.provisional import reads_first, settled
from networx.api.shapes import jobs as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.api.story import ENDED_WORDS, story_view
from networx.api.views import job_summaries, job_view, jobs_of, jobs_on
from networx.db import audit, pool
from networx.db.keyset import Page
from networx.errors import NotFound, Problem, RefusedInput
from networx.jobs import control, progress, store
from networx.jobs.job import BATCH_KIND, STATUS_WORDS, Job, JobStatus

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

_COLUMNS = [
    *("id", "type", "status", "scenario_id", "scenario_version", "parent_id", "attempt"),
    *("created_at", "updated_at", "started_at", "finished_at", "partial", "error", "result"),
]
LISTING = Listing(store.ORDERS, columns={name: name for name in _COLUMNS})
EVENTS = Listing(store.EVENT_ORDERS, usual=1000, most=1000)


@router.get("", summary="Jobs, newest first", response_model=Paged[list[shapes.Job]], responses=WHOLE)
@reads_first(control.IN_FORCE)
def jobs(
    who: Who,
    paging: Annotated[Paging, paged(LISTING)],
    sent: Sent,
    status: Annotated[list[str] | None, Query(max_length=20)] = None,
    kind: Annotated[str | None, Query(alias="type")] = None,
    parent_id: UUID | None = None,
    scenario_id: UUID | None = None,
    project_id: UUID | None = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    before: Before = None,
) -> Response:
    """A page of the jobs that meet every filter given; `next` is the cursor of the next page.

    The statuses `pending` and `completed` are understood. Without a status a batch stands for its members, with one
    every job of that status is listed; `parent_id` lists the members of a batch.
    """
    statuses = _statuses(status)

    def read(page: Page) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        asked = store.listing(
            statuses=statuses,
            kind=kind,
            parent_id=parent_id,
            # Whoever asks for what failed must not miss a member.
            members=parent_id is not None or status is not None,
            scenario_id=scenario_id,
            project_id=project_id,
            created_after=created_after,
            created_before=created_before,
            before=before,
            page=page,
        )
        if sent.format == "json":
            listed = jobs_of(who.tenant_id, asked)
        else:
            settled()
            listed = sent.reading(who.tenant_id, lambda connection: jobs_on(connection, asked))
        return listed[0], job_summaries(who.tenant_id, listed)

    return sent.answer(paging, read, "jobs")


@router.get("/{job_id}", summary="One job", response_model=Success[shapes.Job], responses=refuses("JOB_NOT_FOUND"))
@reads_first(control.IN_FORCE)
def job(job_id: UUID, who: Who) -> Response:
    """Its status, its progress, and its result object once there is one.

    A job that ended more than 90 days ago comes from the archive, as it stood then; `archived_at` says so.
    """
    return success(job_view(who.tenant_id, job_id))


@router.get(
    "/{job_id}/history",
    summary="A job's events",
    response_model=Paged[list[shapes.Event]],
    responses=refuses("JOB_NOT_FOUND"),
)
def history(job_id: UUID, who: Who, paging: Annotated[Paging, paged(EVENTS)]) -> Response:
    """Every change of its state, oldest first, with who made it, why, and what the attempt used that it ended."""
    try:
        with pool.tenant(who.tenant_id) as connection:
            store.get_job(connection, job_id)
            found: Sequence[Mapping[str, Any]] = store.list_events(connection, job_id, paging.page)
    except NotFound:
        found = _on_the_page(archived_job(who.tenant_id, job_id).events, paging.page)
    return paging.rows(found, lambda event: {name: event[name] for name in shapes.Event.model_fields})


def _on_the_page(events: Sequence[Mapping[str, Any]], page: Page) -> list[Mapping[str, Any]]:
    """Of events those that stand on a page, in its order."""
    order, after = page.order, page.after

    def beyond(event: Mapping[str, Any]) -> bool:
        place: Any = order.place_of(event)
        return after is None or (place < after if order.descending else place > after)

    ordered = sorted(filter(beyond, events), key=order.place_of, reverse=order.descending)
    return ordered[: page.limit]


@router.get(
    "/{job_id}/story",
    summary="A job's story, in words",
    response_model=Success[shapes.Story],
    responses=refuses("JOB_NOT_FOUND"),
)
def story(job_id: UUID, who: Who) -> Response:
    """File, waiting, every attempt with worker, time and memory, verdict, what to do next; `told` says it in words."""
    return success(story_view(who.tenant_id, job_id))


@router.post(
    "/{job_id}/cancel", summary="Cancel a job", response_model=shapes.Cancelled, responses=refuses("JOB_NOT_FOUND")
)
def cancel(job_id: UUID, who: Who, doing: Doing) -> Response:
    """The best checked answer so far becomes its result, marked partial; a batch is cancelled with all its members.

    A job that has ended stays as it ended. Beside `data`, `cancelled` says whether this request cancelled it and
    `note` what became of it.
    """
    try:
        with pool.tenant(who.tenant_id) as connection:
            before = store.get_job(connection, job_id)
            job = store.cancel(connection, job_id, who.name)
            cancelled = job.status is JobStatus.CANCELLED and not before.status.terminal
            if cancelled:
                audit.write(connection, doing, "job.cancelled", str(job_id), tenant_id=who.tenant_id)
    except NotFound:
        job, cancelled = archived_job(who.tenant_id, job_id).job, False
    shown = job_view(who.tenant_id, job_id)
    answer = success(shown, beside={"cancelled": cancelled, "note": _note(job, cancelled)})
    parent = [] if job.parent_id is None else [job.parent_id]
    answer.background = BackgroundTask(_wake, [job_id, *parent, *(UUID(member) for member in shown["members"])])
    return answer


def _wake(job_ids: Sequence[UUID]) -> None:
    for job_id in job_ids:
        progress.publish(job_id)


def _note(job: Job, cancelled: bool) -> str:
    if not cancelled:
        return f"The job had ended already: it {ENDED_WORDS[job.status]}. There was nothing to cancel."
    if job.kind == BATCH_KIND:
        return "The batch is cancelled, with every member that had not ended."
    kept = "The best checked answer so far was kept." if job.partial else "No checked answer had been found yet."
    return f"The job is cancelled. {kept}"


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
