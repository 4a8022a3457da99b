"""The record of jobs in Postgres: every move is one statement, and every write of a worker carries its fence.

The row is the truth; a message is only a hint. Time is the database's clock. Each function works on a connection
that its caller opened: as the tenant for what a client asks, as networx_system for what crosses tenants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.errors import Conflict, NotFound
from networx.jobs.job import JOB_COLUMNS, NORMAL, Job, JobStatus
from networx.topology import TOPOLOGY

_COLUMNS = ", ".join(JOB_COLUMNS)
_EVENT = "INSERT INTO job_events (tenant_id, job_id, event, actor, from_status, to_status, fence, attempt, reason)"
# A job that waited this long weighs as much as one of the next higher priority.
_AGING_SECONDS = 600
_OVER_CAP_DELAY = timedelta(seconds=5)

Row = Mapping[str, Any]


def _rows(connection: Connection, statement: str, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, arguments).fetchall()


def _one(connection: Connection, statement: str, arguments: Mapping[str, Any]) -> Job | None:
    rows = _rows(connection, statement, arguments)
    return Job.from_row(rows[0]) if rows else None


_SUBMIT = f"""
WITH new AS (
    INSERT INTO jobs (tenant_id, kind, queue, params, scenario_id, scenario_version, priority, max_attempts,
                      idempotency_key, request_sha256, correlation_id, fence)
    VALUES (%(tenant_id)s, %(kind)s, %(queue)s, %(params)s, %(scenario_id)s, %(scenario_version)s, %(priority)s,
            %(max_attempts)s, %(idempotency_key)s, %(request_sha256)s, coalesce(%(correlation_id)s, uuidv7()), 1)
    ON CONFLICT (tenant_id, idempotency_key) DO NOTHING
    RETURNING {_COLUMNS}
), hint AS (
    INSERT INTO outbox (tenant_id, topic, queue, job_id, fence)
    SELECT tenant_id, 'job.ready', queue, id, fence FROM new
), told AS (
    {_EVENT} SELECT tenant_id, id, 'submitted', %(actor)s, NULL, status, fence, attempt, NULL FROM new
)
SELECT {_COLUMNS} FROM new
"""


def submit(
    connection: Connection,
    *,
    tenant_id: UUID,
    kind: str,
    params: Mapping[str, Any],
    scenario_id: UUID | None = None,
    scenario_version: int | None = None,
    priority: int = NORMAL,
    idempotency_key: str | None = None,
    request_sha256: str | None = None,
    correlation_id: UUID | None = None,
    actor: str = "api",
) -> Job:
    """Accept a job: its row, its hint and its first event in one statement.

    The same idempotency key with the same request returns the earlier job; with another request raises Conflict.
    """
    described = TOPOLOGY.kind(kind)
    arguments = {
        "tenant_id": tenant_id,
        "kind": kind,
        "queue": described.queue,
        "params": Jsonb(dict(params)),
        "scenario_id": scenario_id,
        "scenario_version": scenario_version,
        "priority": priority,
        "max_attempts": described.max_attempts,
        "idempotency_key": idempotency_key,
        "request_sha256": request_sha256,
        "correlation_id": correlation_id,
        "actor": actor,
    }
    job = _one(connection, _SUBMIT, arguments)
    if job is not None:
        return job
    earlier = _one(
        connection,
        f"SELECT {_COLUMNS} FROM jobs WHERE tenant_id = %(tenant_id)s AND idempotency_key = %(idempotency_key)s",
        arguments,
    )
    if earlier is None or earlier.request_sha256 != request_sha256:
        raise Conflict(what="This Idempotency-Key was used for another request; send a new key.")
    return earlier


def get_job(connection: Connection, job_id: UUID) -> Job:
    """One job. Raises NotFound."""
    job = _one(connection, f"SELECT {_COLUMNS} FROM jobs WHERE id = %(id)s", {"id": job_id})
    if job is None:
        raise NotFound(what="job", id=job_id)
    return job


def list_jobs(
    connection: Connection,
    *,
    statuses: Sequence[JobStatus] | None = None,
    limit: int = 50,
    before: datetime | None = None,
) -> list[Job]:
    """The newest jobs first, at most `limit`, created before `before`."""
    rows = _rows(
        connection,
        f"""SELECT {_COLUMNS} FROM jobs
            WHERE (%(statuses)s::text[] IS NULL OR status = ANY(%(statuses)s))
              AND (%(before)s::timestamptz IS NULL OR created_at < %(before)s)
            ORDER BY created_at DESC, id DESC LIMIT %(limit)s""",
        {
            "statuses": None if statuses is None else [status.value for status in statuses],
            "before": before,
            "limit": limit,
        },
    )
    return [Job.from_row(row) for row in rows]


def get_result(connection: Connection, job_id: UUID) -> dict[str, Any] | None:
    """The result object of a job, or None while there is none."""
    found = connection.execute("SELECT result FROM results WHERE job_id = %s", (job_id,)).fetchone()
    return None if found is None else dict(found[0])


def get_results(connection: Connection, job_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The result objects of several jobs, by job."""
    found = connection.execute("SELECT job_id, result FROM results WHERE job_id = ANY(%s)", (list(job_ids),))
    return dict(found.fetchall())


def events(connection: Connection, job_id: UUID) -> list[dict[str, Any]]:
    """The story of a job, oldest first."""
    return _rows(
        connection,
        """SELECT at, event, actor, from_status, to_status, fence, attempt, reason
           FROM job_events WHERE job_id = %(id)s ORDER BY id""",
        {"id": job_id},
    )


_CLAIM = f"""
WITH load AS (
    SELECT tenant_id, count(*) AS running FROM jobs
    WHERE queue = %(queue)s AND status = 'running' AND lease_expires_at >= clock_timestamp() GROUP BY tenant_id
), best AS (
    SELECT jobs.id, jobs.status AS was FROM jobs LEFT JOIN load USING (tenant_id)
    WHERE queue = %(queue)s AND kind = ANY(%(kinds)s) AND attempt < max_attempts
      AND ((status = 'queued' AND run_at <= clock_timestamp())
           OR (status = 'running' AND lease_expires_at < clock_timestamp()))
      AND coalesce(load.running, 0) < %(tenant_cap)s
    ORDER BY priority - extract(epoch FROM clock_timestamp() - run_at) / {_AGING_SECONDS},
             coalesce(load.running, 0), run_at, jobs.id
    LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED
), won AS (
    UPDATE jobs SET status = 'running', fence = fence + 1, attempt = attempt + 1, worker = %(worker)s,
        heartbeat_at = clock_timestamp(), lease_expires_at = clock_timestamp() + %(lease)s,
        started_at = coalesce(started_at, clock_timestamp()), updated_at = clock_timestamp(), error = NULL
    FROM best WHERE jobs.id = best.id
    RETURNING jobs.*, best.was
), told AS (
    {_EVENT} SELECT tenant_id, id, CASE was WHEN 'queued' THEN 'claimed' ELSE 'taken over' END, %(worker)s, was,
                    status, fence, attempt, CASE was WHEN 'running' THEN 'the lease had expired' END FROM won
)
SELECT {_COLUMNS} FROM won
"""


def claim(
    connection: Connection,
    *,
    queue: str,
    kinds: Sequence[str],
    worker: str,
    lease: timedelta,
    tenant_cap: int = TOPOLOGY.limits.running_per_tenant,
) -> Job | None:
    """Take the best eligible job of a queue, or None: by priority with age, within each tenant's cap.

    A message says only that there is work; which job it is, is decided here.
    """
    return _one(
        connection,
        _CLAIM,
        {"queue": queue, "kinds": list(kinds), "worker": worker, "lease": lease, "tenant_cap": tenant_cap},
    )


_DEFER = """
WITH waiting AS (
    SELECT id FROM jobs WHERE queue = %(queue)s AND status = 'queued'
      AND NOT EXISTS (SELECT 1 FROM outbox WHERE job_id = jobs.id AND topic = 'job.ready')
    ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED
), armed AS (
    UPDATE jobs SET fence = fence + 1 FROM waiting WHERE jobs.id = waiting.id
    RETURNING jobs.id, tenant_id, queue, fence, run_at
)
INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
SELECT tenant_id, 'job.ready', queue, id, fence, greatest(run_at, clock_timestamp() + %(delay)s) FROM armed
"""


def defer(connection: Connection, queue: str) -> None:
    """A token was taken and no job could be claimed: arm a new one for the job that waits longest, if any waits.

    Such a token is never left to be received again and again, or SQS would dead-letter a healthy job's hint.
    """
    connection.execute(_DEFER, {"queue": queue, "delay": _OVER_CAP_DELAY})


_HEARTBEAT = """
UPDATE jobs SET heartbeat_at = clock_timestamp(), lease_expires_at = clock_timestamp() + %(lease)s,
    progress = coalesce(%(progress)s, progress), updated_at = clock_timestamp()
WHERE id = %(id)s AND fence = %(fence)s AND status = 'running' RETURNING 1
"""


def heartbeat(connection: Connection, job: Job, *, lease: timedelta, progress: Mapping[str, Any] | None = None) -> bool:
    """Extend the lease of a running job; False when the caller no longer owns it."""
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "lease": lease,
        "progress": None if progress is None else Jsonb(dict(progress)),
    }
    return connection.execute(_HEARTBEAT, arguments).fetchone() is not None


def lost(connection: Connection, owned: Mapping[UUID, int]) -> set[UUID]:
    """Which of these jobs (id -> fence) are no longer the caller's: cancelled, recovered or taken over."""
    found = connection.execute(
        "SELECT id, fence FROM jobs WHERE id = ANY(%s) AND status = 'running'", (list(owned),)
    ).fetchall()
    kept = {job_id for job_id, fence in found if owned[job_id] == fence}
    return set(owned) - kept


_COMPLETE = f"""
WITH won AS (
    UPDATE jobs SET status = 'succeeded', finished_at = clock_timestamp(), updated_at = clock_timestamp(),
        lease_expires_at = NULL, progress = %(progress)s
    WHERE id = %(id)s AND fence = %(fence)s AND status = 'running'
    RETURNING id, tenant_id, fence, attempt, worker
), stored AS (
    INSERT INTO results (job_id, tenant_id, fence, result) SELECT id, tenant_id, fence, %(result)s FROM won
)
{_EVENT} SELECT tenant_id, id, 'finished', worker, 'running', 'succeeded', fence, attempt, %(reason)s FROM won
RETURNING job_id
"""


def complete(connection: Connection, job: Job, result: Mapping[str, Any], *, reason: str | None = None) -> bool:
    """Publish the result: state, result row and event in one statement. False when the caller no longer owns the job.

    After a COMMIT in doubt the same call finds its own result and says True.
    """
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "result": Jsonb(dict(result)),
        "progress": Jsonb({"stage": "done", "percent": 100.0}),
        "reason": reason,
    }
    if connection.execute(_COMPLETE, arguments).fetchone() is not None:
        return True
    # A cancel's promotion carries the same fence, but is marked partial: it is not this caller's.
    mine = connection.execute(
        "SELECT 1 FROM results WHERE job_id = %s AND fence = %s AND NOT partial", (job.id, job.fence)
    ).fetchone()
    return mine is not None


_END = f"""
WITH won AS (
    UPDATE jobs SET status = %(status)s, finished_at = clock_timestamp(), updated_at = clock_timestamp(),
        lease_expires_at = NULL, error = %(error)s
    WHERE id = %(id)s AND fence = %(fence)s AND status = 'running'
    RETURNING id, tenant_id, queue, fence, attempt, worker, status
), dead AS (
    INSERT INTO outbox (tenant_id, topic, queue, job_id, fence)
    SELECT tenant_id, 'job.dead', queue, id, fence FROM won WHERE status = 'dead'
)
{_EVENT} SELECT tenant_id, id, CASE status WHEN 'dead' THEN 'died' ELSE 'failed' END, worker, 'running', status,
                fence, attempt, %(reason)s FROM won
RETURNING job_id
"""


def end(connection: Connection, job: Job, status: JobStatus, error: Mapping[str, str]) -> bool:
    """End a running job as failed or dead; a dead one goes to its dead-letter queue. False when not the caller's."""
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "status": status.value,
        "error": Jsonb(dict(error)),
        "reason": f"{error['code']}: {error['message']}",
    }
    return connection.execute(_END, arguments).fetchone() is not None


_REQUEUE = f"""
WITH won AS (
    UPDATE jobs SET status = 'queued', fence = fence + 1, attempt = attempt - %(unburned)s,
        run_at = clock_timestamp() + %(delay)s, lease_expires_at = NULL, worker = NULL, dispatched_at = NULL,
        updated_at = clock_timestamp(), error = %(error)s
    WHERE id = %(id)s AND fence = %(fence)s AND status = 'running'
    RETURNING id, tenant_id, queue, fence, attempt, run_at
), hint AS (
    INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
    SELECT tenant_id, 'job.ready', queue, id, fence, run_at FROM won
)
{_EVENT} SELECT tenant_id, id, %(event)s, %(worker)s, 'running', 'queued', fence, attempt, %(reason)s FROM won
RETURNING job_id
"""


def retry(connection: Connection, job: Job, delay: timedelta, error: Mapping[str, str]) -> bool:
    """Put a running job back for another attempt after `delay`. False when it is no longer the caller's."""
    return _requeue(connection, job, "retried", delay, 0, error, f"{error['code']}: {error['message']}")


def release(connection: Connection, job: Job, reason: str) -> bool:
    """Hand a running job back without burning its attempt (a drain). False when it is no longer the caller's."""
    return _requeue(connection, job, "released", timedelta(0), 1, None, reason)


def _requeue(
    connection: Connection,
    job: Job,
    event: str,
    delay: timedelta,
    unburned: int,
    error: Mapping[str, str] | None,
    reason: str,
) -> bool:
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "unburned": unburned,
        "delay": delay,
        "error": None if error is None else Jsonb(dict(error)),
        "event": event,
        "worker": job.worker or "worker",
        "reason": reason,
    }
    return connection.execute(_REQUEUE, arguments).fetchone() is not None


_STORE_INCUMBENT = """
WITH mine AS (
    SELECT id, tenant_id, fence FROM jobs WHERE id = %(id)s AND fence = %(fence)s AND status = 'running' FOR SHARE
)
INSERT INTO incumbents (job_id, tenant_id, fence, result) SELECT id, tenant_id, fence, %(result)s FROM mine
ON CONFLICT (job_id) DO UPDATE SET fence = excluded.fence, result = excluded.result, stored_at = clock_timestamp()
RETURNING job_id
"""


def store_incumbent(connection: Connection, job: Job, result: Mapping[str, Any]) -> bool:
    """Keep a verified answer of a job that still runs; a cancel promotes it. False when not the caller's any more."""
    arguments = {"id": job.id, "fence": job.fence, "result": Jsonb(dict(result))}
    return connection.execute(_STORE_INCUMBENT, arguments).fetchone() is not None


_CANCEL = f"""
WITH old AS (
    SELECT id, status AS was FROM jobs WHERE id = %(id)s AND status IN ('queued', 'running') FOR UPDATE
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
{_EVENT} SELECT tenant_id, id, 'cancelled', %(actor)s, was, 'cancelled', fence, attempt, NULL FROM won
RETURNING job_id
"""


def cancel(connection: Connection, job_id: UUID, actor: str) -> Job:
    """Cancel a job that has not ended, and promote its newest verified incumbent to the result, marked partial.

    A job that has ended stays as it ended. Raises NotFound.
    """
    connection.execute(_CANCEL, {"id": job_id, "actor": actor})
    return get_job(connection, job_id)


_RECOVER = f"""
WITH stale AS (
    SELECT id FROM jobs WHERE status = 'running' AND heartbeat_at < clock_timestamp() - %(stale_after)s
    ORDER BY heartbeat_at LIMIT 200 FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE jobs SET status = CASE WHEN attempt < max_attempts THEN 'queued' ELSE 'dead' END, fence = fence + 1,
        finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE clock_timestamp() END,
        run_at = clock_timestamp(), lease_expires_at = NULL, worker = NULL, dispatched_at = NULL,
        updated_at = clock_timestamp(), error = %(error)s
    FROM stale
    WHERE jobs.id = stale.id AND status = 'running' AND heartbeat_at < clock_timestamp() - %(stale_after)s
    RETURNING jobs.id, tenant_id, queue, fence, attempt, status
), hint AS (
    INSERT INTO outbox (tenant_id, topic, queue, job_id, fence)
    SELECT tenant_id, CASE status WHEN 'dead' THEN 'job.dead' ELSE 'job.ready' END, queue, id, fence FROM moved
)
{_EVENT} SELECT tenant_id, id, CASE status WHEN 'dead' THEN 'died' ELSE 'recovered' END, 'stale-job-monitor',
                'running', status, fence, attempt, %(reason)s FROM moved
RETURNING job_id
"""

_RESEND = """
WITH waiting AS (
    SELECT id FROM jobs WHERE status = 'queued' AND run_at <= clock_timestamp()
      AND dispatched_at < clock_timestamp() - %(lost_after)s
    ORDER BY dispatched_at LIMIT 200 FOR UPDATE SKIP LOCKED
), armed AS (
    UPDATE jobs SET fence = fence + 1, dispatched_at = NULL FROM waiting
    WHERE jobs.id = waiting.id AND status = 'queued'
    RETURNING jobs.id, tenant_id, queue, fence
)
INSERT INTO outbox (tenant_id, topic, queue, job_id, fence)
SELECT tenant_id, 'job.ready', queue, id, fence FROM armed RETURNING job_id
"""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What one tick of the stale-job monitor did: jobs whose worker was lost, and hints sent again."""

    recovered: tuple[UUID, ...]
    resent: tuple[UUID, ...]


def recover(connection: Connection, *, stale_after: timedelta, lost_after: timedelta) -> Recovery:
    """Put back every running job without a heartbeat for `stale_after`, and send lost hints again.

    Safe beside any number of other monitors: rows are skipped where locked and the predicate stands in the UPDATE.
    """
    reason = f"no heartbeat for {stale_after.total_seconds():g} s"
    arguments = {
        "stale_after": stale_after,
        "lost_after": lost_after,
        "error": Jsonb({"code": "WORKER_LOST", "message": f"The worker was lost: {reason}."}),
        "reason": reason,
    }
    recovered = connection.execute(_RECOVER, arguments).fetchall()
    resent = connection.execute(_RESEND, arguments).fetchall()
    return Recovery(tuple(row[0] for row in recovered), tuple(row[0] for row in resent))


_RESTART = f"""
WITH orphaned AS (
    UPDATE jobs SET status = 'queued', fence = fence + 1, attempt = attempt - 1, lease_expires_at = NULL,
        worker = NULL, run_at = clock_timestamp(), updated_at = clock_timestamp()
    WHERE status = 'running' RETURNING id, tenant_id, queue, fence, attempt, run_at
), waiting AS (
    UPDATE jobs SET fence = fence + 1, dispatched_at = NULL WHERE status = 'queued'
    RETURNING id, tenant_id, queue, fence, attempt, run_at
), told AS (
    {_EVENT} SELECT tenant_id, id, 'released', 'platform', 'running', 'queued', fence, attempt,
                    'the platform was started anew' FROM orphaned
)
INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
SELECT tenant_id, 'job.ready', queue, id, fence, run_at FROM (TABLE orphaned UNION ALL TABLE waiting) AS jobs
RETURNING job_id
"""


def restart(connection: Connection) -> int:
    """Hand every running job back and send a fresh hint for every waiting one; how many were armed.

    For a platform that starts alone: no worker runs yet, and its queues are new and empty.
    """
    return len(connection.execute(_RESTART).fetchall())


def depth(connection: Connection) -> dict[str, int]:
    """Queued jobs that are due, by queue."""
    found = connection.execute(
        "SELECT queue, count(*) FROM jobs WHERE status = 'queued' AND run_at <= clock_timestamp() GROUP BY queue"
    ).fetchall()
    return dict(found)
