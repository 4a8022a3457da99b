"""The ways to let go of a job: done, failed, dead, put back; each one statement under the job's fence.

Every write carries the fence that the claim gave: whoever lost the job (cancelled, taken over, recovered) changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.jobs.claims import Wish
from networx.jobs.job import JOB_COLUMNS, Job, JobStatus
from networx.jobs.rows import EVENT_WITH_FACTS, json_or_null

Facts = Mapping[str, Any]


class Completion(NamedTuple):
    """A job that is done: what it found, and what the attempt used."""

    job: Job
    result: Mapping[str, Any]
    facts: Facts | None = None


_COMPLETE = "complete_jobs(%(ids)s::uuid[], %(fences)s::bigint[], %(results)s::jsonb[], %(facts)s::jsonb[])"


def complete(connection: Connection, job: Job, result: Mapping[str, Any], *, facts: Facts | None = None) -> bool:
    """Publish the result: state, result row and event in one statement. False when the caller no longer owns the job.

    `facts` are what the attempt used. After a COMMIT in doubt the same call finds its own result and says True.
    """
    done = [Completion(job, result, facts)]
    published = connection.execute(f"SELECT {_COMPLETE}", _completing(done)).fetchone()
    return published is not None or bool(published_before(connection, [job]))


def _completing(done: Sequence[Completion]) -> dict[str, Any]:
    return {
        "ids": [completion.job.id for completion in done],
        "fences": [completion.job.fence for completion in done],
        "results": [Jsonb(dict(completion.result)) for completion in done],
        "facts": [json_or_null(completion.facts) for completion in done],
    }


def published_before(connection: Connection, jobs: Sequence[Job]) -> set[UUID]:
    """Which of these jobs have the result that this owner of theirs published, be its COMMIT ever so long in doubt."""
    # A cancel's promotion carries the same fence, but is marked partial: it is not this caller's.
    found = connection.execute(
        "SELECT job_id, fence FROM results WHERE job_id = ANY(%s) AND NOT partial", ([job.id for job in jobs],)
    ).fetchall()
    return {job.id for job in jobs if (job.id, job.fence) in found}


# The claims are made after the completions: a tenant at its cap has room again.
_TURN_OVER = f"""
WITH done AS MATERIALIZED (SELECT coalesce(array_agg(id), '{{}}') AS ids FROM {_COMPLETE} AS id)
SELECT done.ids, {", ".join(f"claimed.{column}" for column in JOB_COLUMNS)}
FROM done LEFT JOIN LATERAL claim_jobs(
    %(queue)s, %(kinds)s, %(worker)s, %(lease)s, %(lowest)s, %(tenant_cap)s,
    CASE WHEN done.ids IS NOT NULL THEN %(most)s END) AS claimed ON true
"""


class Turn(NamedTuple):
    """What one turn-over brought: the jobs that were published, and those that were claimed."""

    published: set[UUID]
    claimed: list[Job]


def turn_over(connection: Connection, done: Sequence[Completion], wish: Wish, most: int) -> Turn:
    """Publish what is done and claim at most so many jobs, in one statement; without a transaction, it is its own."""
    found = connection.execute(_TURN_OVER, {**_completing(done), **wish.arguments(most)}).fetchall()
    claimed = [dict(zip(JOB_COLUMNS, row[1:], strict=True)) for row in found]
    return Turn(set(found[0][0]), [Job.from_row(row) for row in claimed if row["id"] is not None])


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
{EVENT_WITH_FACTS} SELECT tenant_id, id, CASE status WHEN 'dead' THEN 'died' ELSE 'failed' END, worker, 'running',
                           status, fence, attempt, %(reason)s, %(facts)s FROM won
RETURNING job_id
"""


def end(
    connection: Connection, job: Job, status: JobStatus, error: Mapping[str, Any], *, facts: Facts | None = None
) -> bool:
    """End a running job as failed or dead; a dead one goes to its dead-letter queue. False when not the caller's."""
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "status": status.value,
        "error": Jsonb(dict(error)),
        "reason": f"{error['code']}: {error['message']}",
        "facts": json_or_null(facts),
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
{EVENT_WITH_FACTS} SELECT tenant_id, id, %(event)s, %(worker)s, 'running', 'queued', fence, attempt, %(reason)s,
                           %(facts)s FROM won
RETURNING job_id
"""


def retry(
    connection: Connection, job: Job, delay: timedelta, error: Mapping[str, Any], *, facts: Facts | None = None
) -> bool:
    """Put a running job back for another attempt after `delay`. False when it is no longer the caller's."""
    return _requeue(connection, job, "retried", delay, 0, error, f"{error['code']}: {error['message']}", facts)


def release(
    connection: Connection, job: Job, reason: str, *, delay: timedelta = timedelta(0), facts: Facts | None = None
) -> bool:
    """Hand a running job back without burning its attempt: a drain, or an outage. False when not the caller's."""
    return _requeue(connection, job, "released", delay, 1, None, reason, facts)


def times_released(connection: Connection, job: Job, reason: str) -> int:
    """How often the job was handed back for this reason since it was submitted or redriven."""
    counted = connection.execute(
        """SELECT count(*) FROM job_events WHERE job_id = %(id)s AND event = 'released' AND reason = %(reason)s
           AND id > coalesce((SELECT max(id) FROM job_events WHERE job_id = %(id)s AND event = 'redriven'), 0)""",
        {"id": job.id, "reason": reason},
    ).fetchone()
    return 0 if counted is None else int(counted[0])


def _requeue(
    connection: Connection,
    job: Job,
    event: str,
    delay: timedelta,
    unburned: int,
    error: Mapping[str, Any] | None,
    reason: str,
    facts: Facts | None,
) -> bool:
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "unburned": unburned,
        "delay": delay,
        "error": json_or_null(error),
        "event": event,
        "worker": job.worker or "worker",
        "reason": reason,
        "facts": json_or_null(facts),
    }
    return connection.execute(_REQUEUE, arguments).fetchone() is not None
