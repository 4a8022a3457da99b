"""What a new owner of a job takes over from those before it: the checkpoint, and the word that it was used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from networx.db.pool import Connection
from networx.jobs.job import Job
from networx.jobs.rows import EVENT


def checkpoint_of(connection: Connection, job_id: UUID) -> dict[str, Any] | None:
    """What was last kept of a job to start again from, or None without it."""
    found = connection.execute("SELECT checkpoint FROM incumbents WHERE job_id = %s", (job_id,)).fetchone()
    return None if found is None or found[0] is None else dict(found[0])


_RESUMED = f"""
WITH mine AS (
    SELECT id, tenant_id, worker, status, fence, attempt FROM jobs
    WHERE id = %(id)s AND fence = %(fence)s AND status = 'running' FOR SHARE
)
{EVENT} SELECT tenant_id, id, 'resumed', worker, status, status, fence, attempt, %(reason)s FROM mine
RETURNING job_id
"""


def tell_resumed(connection: Connection, job: Job, reason: str) -> bool:
    """Write into the story of a running job where it started from. False when it is no longer the caller's."""
    arguments = {"id": job.id, "fence": job.fence, "reason": reason}
    return connection.execute(_RESUMED, arguments).fetchone() is not None
