"""A worker's hold on its job: claim, heartbeat, and what is kept of it meanwhile. `networx.jobs.endings` lets go.

Every write carries the fence the claim gave: whoever lost the job (cancelled, taken over, recovered) changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.jobs.job import LOW, Job
from networx.jobs.rows import COLUMNS, json_or_null, rows
from networx.topology import TOPOLOGY

_OVER_CAP_DELAY = timedelta(seconds=5)

_CLAIM = f"""
SELECT {COLUMNS} FROM claim_jobs(
    %(queue)s, %(kinds)s, %(worker)s, %(lease)s, %(lowest)s, %(tenant_cap)s, %(most)s)
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

    A message says only that there is work; which job it is, is decided by the record's function claim_jobs: due (or
    abandoned by its worker), of these kinds, not paused, its tenant under its cap (which claims made at the same
    instant may overstep by one each).
    """
    claimed = claim_many(
        connection,
        most=1,
        queue=queue,
        kinds=kinds,
        worker=worker,
        lease=lease,
        lowest=lowest,
        tenant_cap=tenant_cap,
    )
    return claimed[0] if claimed else None


def claim_many(
    connection: Connection,
    *,
    most: int,
    queue: str,
    kinds: Sequence[str],
    worker: str,
    lease: timedelta,
    lowest: int = LOW,
    tenant_cap: int = TOPOLOGY.limits.running_per_tenant,
) -> list[Job]:
    """Take the `most` best eligible jobs of a queue, or as many as there are, the tenants taking turns."""
    wish = Wish(queue, kinds, worker, lease, lowest, tenant_cap)
    return [Job.from_row(row) for row in rows(connection, _CLAIM, wish.arguments(most))]


class Wish(NamedTuple):
    """What a worker would take."""

    queue: str
    kinds: Sequence[str]
    worker: str
    lease: timedelta
    lowest: int = LOW
    tenant_cap: int = TOPOLOGY.limits.running_per_tenant

    def arguments(self, most: int) -> dict[str, Any]:
        return {**self._asdict(), "kinds": list(self.kinds), "most": most}


def defer(connection: Connection, queue: str) -> bool:
    """A token was taken and no job could be claimed: arm a new one for the group that waits longest, if any waits.

    Such a token is never left to be received again and again, or SQS would dead-letter a healthy job's hint. One a
    group is enough: whoever gets it claims until nothing is left.
    """
    armed = connection.execute("SELECT arm_waiting(%s, %s)", (queue, _OVER_CAP_DELAY)).fetchone()
    return armed is not None


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
        "progress": json_or_null(progress),
    }
    return connection.execute(_HEARTBEAT, arguments).fetchone() is not None


def lost(connection: Connection, owned: Mapping[UUID, int]) -> set[UUID]:
    """Which of these jobs (id -> fence) are no longer the caller's: cancelled, recovered or taken over."""
    found = connection.execute(
        "SELECT id, fence FROM jobs WHERE id = ANY(%s) AND status = 'running'", (list(owned),)
    ).fetchall()
    kept = {job_id for job_id, fence in found if owned[job_id] == fence}
    return set(owned) - kept


_STORE_INCUMBENT = """
WITH mine AS (
    SELECT id, tenant_id, fence FROM jobs WHERE id = %(id)s AND fence = %(fence)s AND status = 'running' FOR SHARE
)
INSERT INTO incumbents (job_id, tenant_id, fence, result, checkpoint)
SELECT id, tenant_id, fence, %(result)s, %(checkpoint)s FROM mine
ON CONFLICT (job_id) DO UPDATE SET fence = excluded.fence, result = excluded.result,
    checkpoint = excluded.checkpoint, stored_at = clock_timestamp()
WHERE incumbents.checkpoint IS NULL OR excluded.checkpoint IS NULL
   OR incumbents.checkpoint ->> 'problem' <> excluded.checkpoint ->> 'problem'
   OR (excluded.checkpoint -> 'objective')::float8 <= (incumbents.checkpoint -> 'objective')::float8
RETURNING job_id
"""


def store_incumbent(
    connection: Connection, job: Job, result: Mapping[str, Any], checkpoint: Mapping[str, Any] | None = None
) -> bool:
    """Keep a verified answer of a job that still runs; a cancel promotes it, and a next owner starts from `checkpoint`.

    False when the job is not the caller's any more, or a better answer to the same problem is kept already.
    """
    arguments = {
        "id": job.id,
        "fence": job.fence,
        "result": Jsonb(dict(result)),
        "checkpoint": json_or_null(checkpoint),
    }
    return connection.execute(_STORE_INCUMBENT, arguments).fetchone() is not None
