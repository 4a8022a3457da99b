"""A worker's hold on its job: claim, heartbeat, and the ways to let go, each one statement under the job's fence.

Every write carries the fence the claim gave: whoever lost the job (cancelled, taken over, recovered) changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.jobs.job import LOW, Job, JobStatus
from networx.jobs.rows import COLUMNS, EVENT, EVENT_WITH_FACTS, one_job
from networx.topology import TOPOLOGY

Facts = Mapping[str, Any]

# A job that waited this long counts as one of the next higher priority; none comes to count as more than high.
_AGING_SECONDS = 600
_OVER_CAP_DELAY = timedelta(seconds=5)
# How far into each group of jobs a claim looks: as many workers may choose at the same instant.
_DEPTH = 32

# The jobs of a queue fall into groups of one priority, tenant and kind. The index leads from one group to the next, so
# that a claim costs the same whether ten jobs wait or a hundred thousand.
_GROUPS = """
groups AS (
    (SELECT priority, tenant_id, kind FROM jobs WHERE queue = %(queue)s AND status = 'queued'
     ORDER BY priority, tenant_id, kind LIMIT 1)
    UNION ALL
    SELECT after.priority, after.tenant_id, after.kind FROM groups, LATERAL (
        SELECT priority, tenant_id, kind FROM jobs
        WHERE queue = %(queue)s AND status = 'queued'
          AND (priority, tenant_id, kind) > (groups.priority, groups.tenant_id, groups.kind)
        ORDER BY priority, tenant_id, kind LIMIT 1) AS after
)
"""

# First the older or more urgent class; within it the tenant that runs least, then the one served longest ago; and of
# one tenant's jobs the one that waits longest, where a class is worth ten minutes of waiting.
_CLAIM = f"""
WITH RECURSIVE {_GROUPS}, load AS (
    SELECT tenant_id, count(*) AS running FROM jobs
    WHERE queue = %(queue)s AND status = 'running' AND lease_expires_at >= statement_timestamp() GROUP BY tenant_id
), paused AS MATERIALIZED (
    SELECT scope, name, tenant_id FROM pauses WHERE resumed_at IS NULL
), waiting AS (
    SELECT head.id, groups.priority, groups.tenant_id, groups.kind, head.run_at FROM groups, LATERAL (
        SELECT id, run_at FROM jobs
        WHERE queue = %(queue)s AND status = 'queued' AND priority = groups.priority
          AND tenant_id = groups.tenant_id AND kind = groups.kind AND run_at <= statement_timestamp()
        ORDER BY run_at, id LIMIT {_DEPTH}) AS head
    WHERE groups.kind = ANY(%(kinds)s)
    UNION ALL
    SELECT id, priority, tenant_id, kind, run_at FROM jobs
    WHERE queue = %(queue)s AND status = 'running' AND lease_expires_at < statement_timestamp()
      AND kind = ANY(%(kinds)s) AND attempt < max_attempts
), turns AS (
    SELECT tenant_id, (
        SELECT max(claimed_at) FROM jobs WHERE queue = %(queue)s AND tenant_id = tenants.tenant_id) AS served
    FROM (SELECT DISTINCT tenant_id FROM waiting) AS tenants
), ranked AS (
    SELECT id, row_number() OVER (ORDER BY
        greatest(priority - floor(extract(epoch FROM statement_timestamp() - run_at) / {_AGING_SECONDS}), 0),
        coalesce(load.running, 0), served NULLS FIRST, run_at + priority * interval '{_AGING_SECONDS} seconds', id
    ) AS place
    FROM waiting JOIN turns USING (tenant_id) LEFT JOIN load USING (tenant_id)
    WHERE priority <= %(lowest)s AND coalesce(load.running, 0) < %(tenant_cap)s
      AND NOT EXISTS (SELECT FROM paused WHERE (scope = 'queue' AND paused.name = %(queue)s)
                      OR (scope = 'kind' AND paused.name = waiting.kind) OR paused.tenant_id = waiting.tenant_id)
), best AS (
    SELECT jobs.id, jobs.status AS was FROM ranked JOIN jobs USING (id)
    WHERE attempt < max_attempts AND (status = 'queued'
        OR (status = 'running' AND lease_expires_at < statement_timestamp()))
    ORDER BY place LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED
), won AS (
    UPDATE jobs SET status = 'running', fence = fence + 1, attempt = attempt + 1, worker = %(worker)s,
        heartbeat_at = clock_timestamp(), lease_expires_at = clock_timestamp() + %(lease)s,
        claimed_at = clock_timestamp(), started_at = coalesce(started_at, clock_timestamp()),
        -- A job that its worker left behind was free to be taken since the lease ended.
        run_at = CASE was WHEN 'running' THEN lease_expires_at ELSE run_at END,
        updated_at = clock_timestamp(), error = NULL
    FROM best WHERE jobs.id = best.id
    RETURNING jobs.*, best.was
), told AS (
    {EVENT} SELECT tenant_id, id, CASE was WHEN 'queued' THEN 'claimed' ELSE 'taken over' END, %(worker)s, was,
                    status, fence, attempt, CASE was WHEN 'running' THEN 'the lease had expired' END FROM won
)
SELECT {COLUMNS} FROM won
"""


def claim(
    connection: Connection,
    *,
    queue: str,
    kinds: Sequence[str],
    worker: str,
    lease: timedelta,
    lowest: int = LOW,
    tenant_cap: int = TOPOLOGY.limits.running_per_tenant,
) -> Job | None:
    """Take the best eligible job of a queue, or None. `lowest` is the least urgent priority that may be taken.

    A message says only that there is work; which job it is, is decided here: due (or abandoned by its worker), of
    these kinds, not paused, its tenant under its cap (which claims made at the same instant may overstep by one each).
    """
    return one_job(
        connection,
        _CLAIM,
        {
            "queue": queue,
            "kinds": list(kinds),
            "worker": worker,
            "lease": lease,
            "lowest": lowest,
            "tenant_cap": tenant_cap,
        },
    )


_DEFER = f"""
WITH RECURSIVE {_GROUPS}, heads AS (
    SELECT head.id, head.run_at FROM groups, LATERAL (
        SELECT id, run_at FROM jobs
        WHERE queue = %(queue)s AND status = 'queued' AND priority = groups.priority
          AND tenant_id = groups.tenant_id AND kind = groups.kind
        ORDER BY run_at, id LIMIT 1) AS head
), waiting AS (
    SELECT jobs.id FROM heads JOIN jobs USING (id)
    WHERE status = 'queued' AND NOT EXISTS (SELECT FROM outbox WHERE job_id = jobs.id AND topic = 'job.ready')
    ORDER BY heads.run_at LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED
), armed AS (
    UPDATE jobs SET fence = fence + 1 FROM waiting WHERE jobs.id = waiting.id
    RETURNING jobs.id, tenant_id, queue, fence, run_at
)
INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
SELECT tenant_id, 'job.ready', queue, id, fence, greatest(run_at, clock_timestamp() + %(delay)s) FROM armed
"""


def defer(connection: Connection, queue: str) -> None:
    """A token was taken and no job could be claimed: arm a new one for the group that waits longest, if any waits.

    Such a token is never left to be received again and again, or SQS would dead-letter a healthy job's hint. One a
    group is enough: whoever gets it claims until nothing is left.
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
        "progress": _json(progress),
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
{EVENT_WITH_FACTS} SELECT tenant_id, id, 'finished', worker, 'running', 'succeeded', fence, attempt, NULL,
                           %(facts)s FROM won
RETURNING job_id
"""


def complete(connection: Connection, job: Job, result: Mapping[str, Any], *, facts: Facts | None = None) -> bool:
    """Publish the result: state, result row and event in one statement. False when the caller no longer owns the job.

    `facts` are what the attempt used. After a COMMIT in doubt the same call finds its own result and says True.
    """
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "result": Jsonb(dict(result)),
        "progress": Jsonb({"stage": "done", "percent": 100.0}),
        "facts": _json(facts),
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
{EVENT_WITH_FACTS} SELECT tenant_id, id, CASE status WHEN 'dead' THEN 'died' ELSE 'failed' END, worker, 'running',
                           status, fence, attempt, %(reason)s, %(facts)s FROM won
RETURNING job_id
"""


def end(
    connection: Connection, job: Job, status: JobStatus, error: Mapping[str, str], *, facts: Facts | None = None
) -> bool:
    """End a running job as failed or dead; a dead one goes to its dead-letter queue. False when not the caller's."""
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "status": status.value,
        "error": Jsonb(dict(error)),
        "reason": f"{error['code']}: {error['message']}",
        "facts": _json(facts),
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
    connection: Connection, job: Job, delay: timedelta, error: Mapping[str, str], *, facts: Facts | None = None
) -> bool:
    """Put a running job back for another attempt after `delay`. False when it is no longer the caller's."""
    return _requeue(connection, job, "retried", delay, 0, error, f"{error['code']}: {error['message']}", facts)


def release(connection: Connection, job: Job, reason: str, *, facts: Facts | None = None) -> bool:
    """Hand a running job back without burning its attempt (a drain). False when it is no longer the caller's."""
    return _requeue(connection, job, "released", timedelta(0), 1, None, reason, facts)


def _requeue(
    connection: Connection,
    job: Job,
    event: str,
    delay: timedelta,
    unburned: int,
    error: Mapping[str, str] | None,
    reason: str,
    facts: Facts | None,
) -> bool:
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "unburned": unburned,
        "delay": delay,
        "error": _json(error),
        "event": event,
        "worker": job.worker or "worker",
        "reason": reason,
        "facts": _json(facts),
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


def _json(content: Mapping[str, Any] | None) -> Jsonb | None:
    return None if content is None else Jsonb(dict(content))
