"""The record of jobs as a client sees it: submit, look, cancel.

What workers do is in `claims` and `endings`, what mends in `recovery`.

The row is the truth; a message is only a hint. Time is the database's clock. Each function works on a connection
that its caller opened: as the tenant for what a client asks, as networx_system for what crosses tenants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from networx.db.journeys import Statement
from networx.db.keyset import CREATED, Key, Page, orders
from networx.db.pool import Connection
from networx.errors import NotFound
from networx.jobs.job import BATCH_KIND, NORMAL, SHOWN, Job, JobStatus
from networx.jobs.rows import COLUMNS, EVENT, one_job, rows
from networx.topology import TOPOLOGY

ORDERS = orders("-created_at", created_at=CREATED)

_FILTERS = {
    "statuses": "status = ANY(%(statuses)s)",
    "kind": "kind = %(kind)s",
    "parent_id": "parent_id = %(parent_id)s",
    "parents": "parent_id IS NULL",
    "scenario_id": "scenario_id = %(scenario_id)s",
    "project_id": "scenario_id IN (SELECT id FROM scenarios WHERE project_id = %(project_id)s)",
    "created_after": "created_at >= %(created_after)s",
    "created_before": "created_at < %(created_before)s",
    "before": "created_at < %(before)s",
}

_SUBMIT = f"""
WITH new AS (
    INSERT INTO jobs (id, tenant_id, kind, queue, params, scenario_id, scenario_version, parent_id, priority,
                      max_attempts, correlation_id, fence)
    VALUES (coalesce(%(id)s, uuidv7()), %(tenant_id)s, %(kind)s, %(queue)s, %(params)s, %(scenario_id)s,
            %(scenario_version)s, %(parent_id)s, %(priority)s, %(max_attempts)s,
            coalesce(%(correlation_id)s, uuidv7()), 1)
    RETURNING {COLUMNS}
), hint AS (
    INSERT INTO outbox (tenant_id, topic, queue, job_id, fence)
    SELECT tenant_id, 'job.ready', queue, id, fence FROM new WHERE queue IS NOT NULL
), told AS (
    {EVENT} SELECT tenant_id, id, 'submitted', %(actor)s, NULL, status, fence, attempt, NULL FROM new
)
SELECT {COLUMNS} FROM new
"""


def submission(
    *,
    tenant_id: UUID,
    kind: str,
    params: Mapping[str, Any],
    id: UUID | None = None,  # noqa: A002  # the column's name
    scenario_id: UUID | None = None,
    scenario_version: int | None = None,
    parent_id: UUID | None = None,
    priority: int = NORMAL,
    correlation_id: UUID | None = None,
    actor: str = "api",
) -> Statement:
    """What accepts a job: its row, its hint and its first event in one statement.

    The kind `batch` makes a parent: it stands in no queue, and jobs submitted with its id as `parent_id` are its
    members. A submission that may come twice takes an Idempotency-Key first: networx.jobs.idempotency.
    """
    described = None if kind == BATCH_KIND else TOPOLOGY.kind(kind)
    return _SUBMIT, {
        "id": id,
        "tenant_id": tenant_id,
        "kind": kind,
        "queue": None if described is None else described.queue,
        "params": Jsonb(dict(params)),
        "scenario_id": scenario_id,
        "scenario_version": scenario_version,
        "parent_id": parent_id,
        "priority": priority,
        "max_attempts": 1 if described is None else described.max_attempts,
        "correlation_id": correlation_id,
        "actor": actor,
    }


def submit(connection: Connection, **stated: Any) -> Job:
    """Accept a job, of which `submission` says what is stated."""
    job = one_job(connection, *submission(**stated))
    assert job is not None
    return job


def get_job(connection: Connection, job_id: UUID) -> Job:
    """One job. Raises NotFound."""
    job = one_job(connection, f"SELECT {COLUMNS} FROM jobs_seen WHERE id = %(id)s", {"id": job_id})
    if job is None:
        raise NotFound(what="job", id=job_id)
    return job


_SHOWN = ", ".join(SHOWN)
# Of each result object what a list shows: the rest may be large.
_LISTED = f"""
SELECT {_SHOWN}, (SELECT jsonb_build_object('status', result->'status', 'objective', result->'objective',
                                             'bound', result->'bound', 'gap', result->'gap')
                   FROM results WHERE results.job_id = jobs_seen.id) AS verdict
FROM jobs_seen"""
_WITH_RESULT = f"""
SELECT {_SHOWN}, (SELECT result FROM results WHERE results.job_id = jobs_seen.id) AS result
FROM jobs_seen WHERE id = %(id)s
"""


def with_result(job_id: UUID) -> Statement:
    """What finds a job as it is shown, and its `result` object or None while there is none."""
    return _WITH_RESULT, {"id": job_id}


def list_jobs(connection: Connection, **asked: Any) -> list[Job]:
    """A page of jobs; `listing` says what may be asked."""
    told, arguments = _page(**asked)
    return [Job.from_row(row) for row in rows(connection, f"SELECT {COLUMNS} FROM jobs_seen {told}", arguments)]


def listing(**asked: Any) -> Statement:
    """What finds a page of jobs as they are shown: `verdict` is status, objective, bound and gap of a result object.

    `_page` says what may be asked.
    """
    told, arguments = _page(**asked)
    return f"{_LISTED} {told}", arguments


def _page(
    *,
    statuses: Sequence[JobStatus] | None = None,
    kind: str | None = None,
    parent_id: UUID | None = None,
    members: bool = True,
    scenario_id: UUID | None = None,
    project_id: UUID | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    before: datetime | None = None,
    page: Page = Page(),  # noqa: B008  # frozen
) -> tuple[str, dict[str, Any]]:
    """A page of jobs, the newest first unless it says otherwise, of those that meet every filter given.

    With `parent_id` the members of that batch; with `members` false no batch's members. `created_after` is the
    first instant that counts, `created_before` (and `before`) the first that no longer does.
    """
    return page.where(
        _FILTERS,
        {
            "statuses": None if statuses is None else [status.value for status in statuses],
            "kind": kind,
            "parent_id": parent_id,
            "parents": None if members else True,
            "scenario_id": scenario_id,
            "project_id": project_id,
            "created_after": created_after,
            "created_before": created_before,
            "before": before,
        },
    )


def get_result(connection: Connection, job_id: UUID) -> dict[str, Any] | None:
    """The result object of a job, or None while there is none."""
    found = connection.execute("SELECT result FROM results WHERE job_id = %s", (job_id,)).fetchone()
    return None if found is None else dict(found[0])


_EVENT_COLUMNS = "at, event, actor, from_status, to_status, fence, attempt, reason, facts"


def events(connection: Connection, job_id: UUID) -> list[dict[str, Any]]:
    """The story of a job, oldest first."""
    return rows(
        connection, f"SELECT {_EVENT_COLUMNS} FROM job_events WHERE job_id = %(id)s ORDER BY id", {"id": job_id}
    )


EVENT_ORDERS = orders("id", id=(Key("id", "bigint"),))


def list_events(connection: Connection, job_id: UUID, page: Page) -> list[dict[str, Any]]:
    """A page of a job's events, each with its `id`."""
    told, arguments = page.where({"job_id": "job_id = %(job_id)s"}, {"job_id": job_id})
    return rows(connection, f"SELECT id, {_EVENT_COLUMNS} FROM job_events {told}", arguments)


# A batch is called off as long as one of its members has not ended, and takes them all with it.
_CANCEL = f"""
WITH old AS (
    SELECT id, status AS was FROM jobs
    WHERE (id = %(id)s OR parent_id = %(id)s) AND status IN ('queued', 'running')
      AND (kind <> 'batch' OR EXISTS (SELECT FROM jobs AS member WHERE member.parent_id = jobs.id
                                      AND member.status IN ('queued', 'running')))
    ORDER BY id FOR UPDATE
), won AS (
    UPDATE jobs SET status = 'cancelled', fence = fence + 1, finished_at = clock_timestamp(),
        updated_at = clock_timestamp(), lease_expires_at = NULL,
        partial = EXISTS (SELECT 1 FROM incumbents WHERE incumbents.job_id = jobs.id)
    FROM old WHERE jobs.id = old.id
    RETURNING jobs.id, tenant_id, fence, attempt, was
), promoted AS (
    INSERT INTO results (job_id, tenant_id, fence, partial, result)
    SELECT won.id, won.tenant_id, incumbents.fence, true, incumbents.result
    FROM won JOIN incumbents ON incumbents.job_id = won.id
)
{EVENT} SELECT tenant_id, id, 'cancelled', %(actor)s, was, 'cancelled', fence, attempt,
               CASE WHEN id <> %(id)s THEN 'its batch was cancelled' END FROM won
RETURNING job_id
"""


def cancel(connection: Connection, job_id: UUID, actor: str) -> Job:
    """Cancel a job that has not ended, and promote its newest verified incumbent to the result, marked partial.

    A batch is cancelled with all its members. A job that has ended stays as it ended. Raises NotFound.
    """
    connection.execute(_CANCEL, {"id": job_id, "actor": actor})
    return get_job(connection, job_id)


def members(connection: Connection, parent_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, JobStatus]]:
    """Where the members of each of these batches stand, in the order they were submitted; what has none is absent."""
    found: dict[UUID, dict[UUID, JobStatus]] = {}
    for parent_id, job_id, status in connection.execute(
        "SELECT parent_id, id, status FROM jobs WHERE parent_id = ANY(%s) ORDER BY parent_id, id", (list(parent_ids),)
    ):
        found.setdefault(parent_id, {})[job_id] = JobStatus(status)
    return found
