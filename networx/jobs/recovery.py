"""What mends the record when workers, hints or whole queues are lost, and how long the queues are.

Run by the monitor and by a platform that starts; never by a worker. All of it crosses tenants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.jobs.rows import EVENT
from networx.topology import TOPOLOGY

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
{EVENT} SELECT tenant_id, id, CASE status WHEN 'dead' THEN 'died' ELSE 'recovered' END, 'stale-job-monitor',
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
    UPDATE jobs SET fence = fence + 1, dispatched_at = NULL WHERE status = 'queued' AND queue IS NOT NULL
    RETURNING id, tenant_id, queue, fence, attempt, run_at
), told AS (
    {EVENT} SELECT tenant_id, id, 'released', 'platform', 'running', 'queued', fence, attempt,
                    'the platform was started anew' FROM orphaned
)
INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
SELECT tenant_id, 'job.ready', queue, id, fence, run_at FROM (TABLE orphaned UNION ALL TABLE waiting) AS jobs
RETURNING job_id
"""


def restart(connection: Connection) -> int:
    """Hand every running job back and send a fresh hint for every waiting one; how many were armed.

    For a platform that starts alone: no worker runs yet, and what its queues still hold is no more than a hint.
    """
    return len(connection.execute(_RESTART).fetchall())


def depth(connection: Connection) -> dict[str, int]:
    """Queued jobs that are due, by queue."""
    found = connection.execute(
        """SELECT queue, count(*) FROM jobs
           WHERE status = 'queued' AND queue IS NOT NULL AND run_at <= statement_timestamp() GROUP BY queue"""
    ).fetchall()
    return dict(found)


def unknown_kinds(connection: Connection) -> dict[str, int]:
    """How many jobs wait of kinds that this version does not know, by kind: a newer version's, or a mistake."""
    found = connection.execute(
        """SELECT kind, count(*) FROM jobs
           WHERE status = 'queued' AND queue IS NOT NULL AND kind <> ALL(%s) GROUP BY kind""",
        ([kind.name for kind in TOPOLOGY.kinds],),
    ).fetchall()
    return dict(found)
