"""Jobs whose worker was lost in their last attempt: nobody may take them over, so they die when their lease is over.

Whoever comes for such a job's message asks for them, and each tick of the stale-job monitor, for a queue in which
there is always something else to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.jobs.rows import EVENT
from networx.observability import metrics
from networx.observability.logs import Log

log = Log(__name__)

CODE = "WORKER_LOST"
_REASON = "the lease had expired in the last attempt"

# Its last owner may publish no more: it has fenced itself by its own clock, and the fence is another one now.
_BURY = f"""
WITH abandoned AS (
    SELECT id FROM jobs WHERE status = 'running' AND (queue = %(queue)s OR %(queue)s::text IS NULL)
      AND lease_expires_at < clock_timestamp() AND attempt >= max_attempts
    ORDER BY lease_expires_at LIMIT 200 FOR UPDATE SKIP LOCKED
), dead AS (
    UPDATE jobs SET status = 'dead', fence = fence + 1, finished_at = clock_timestamp(), lease_expires_at = NULL,
        worker = NULL, dispatched_at = NULL, updated_at = clock_timestamp(), error = %(error)s
    FROM abandoned WHERE jobs.id = abandoned.id
    RETURNING jobs.id, tenant_id, kind, queue, fence, attempt, status
), letter AS (
    INSERT INTO outbox (tenant_id, topic, queue, job_id, fence) SELECT tenant_id, 'job.dead', queue, id, fence FROM dead
), told AS (
    {EVENT} SELECT tenant_id, id, 'died', %(actor)s, 'running', status, fence, attempt, %(reason)s FROM dead
)
SELECT id, kind FROM dead
"""


class Buried(NamedTuple):
    """A job that died so."""

    id: UUID
    kind: str


def bury(connection: Connection, *, actor: str, queue: str | None = None) -> list[Buried]:
    """End as dead what a lost worker left in its last attempt, in this queue or in all. Safe beside any others."""
    arguments = {
        "queue": queue,
        "actor": actor,
        "reason": _REASON,
        "error": Jsonb({"code": CODE, "message": f"The worker was lost: {_REASON}."}),
    }
    return [Buried(*row) for row in connection.execute(_BURY, arguments)]


def report(buried: Iterable[Buried]) -> None:
    """Tell of jobs that died so, once it is committed."""
    for job in buried:
        log.warning("job.buried", jobId=job.id, kind=job.kind)
        metrics.emit("JobFailures", 1, JobType=job.kind, ErrorCode=CODE)
