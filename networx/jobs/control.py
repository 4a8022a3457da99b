"""What an operator does to jobs: redrive what ended badly, pause and resume. All of it crosses tenants and is recorded.

Each function works on a connection of networx_system that its caller opened, and so within its caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from networx.db.journeys import Statement
from networx.db.keyset import Key, Page, Place, orders
from networx.db.pool import Connection
from networx.errors import Conflict, NotFound, Problem, RefusedInput
from networx.jobs.job import Job, JobStatus
from networx.jobs.rows import COLUMNS, EVENT, rows
from networx.topology import TOPOLOGY

# --- Redrive ---


@dataclass(frozen=True, slots=True)
class Redriven:
    """What a redrive did: the jobs that are queued again, and where those that were left alone stand."""

    moved: tuple[UUID, ...]
    refused: Mapping[UUID, JobStatus]


_REDRIVE = f"""
WITH ended AS (
    SELECT id, status AS was FROM jobs
    WHERE (id = ANY(%(ids)s) OR parent_id = ANY(%(ids)s)) AND status IN ('failed', 'dead') ORDER BY id FOR UPDATE
), moved AS (
    UPDATE jobs SET status = 'queued', fence = fence + 1, attempt = 0, finished_at = NULL, worker = NULL, error = NULL,
        run_at = clock_timestamp(), dispatched_at = NULL, updated_at = clock_timestamp()
    FROM ended WHERE jobs.id = ended.id
    RETURNING jobs.id, tenant_id, queue, fence, attempt, was
), hint AS (
    INSERT INTO outbox (tenant_id, topic, queue, job_id, fence)
    SELECT tenant_id, 'job.ready', queue, id, fence FROM moved
), unsent AS (
    DELETE FROM outbox USING moved WHERE outbox.job_id = moved.id AND topic = 'job.dead'
)
{EVENT} SELECT tenant_id, id, 'redriven', %(actor)s, was, 'queued', fence, attempt, NULL FROM moved
RETURNING job_id
"""


def redrive(connection: Connection, job_ids: Sequence[UUID], actor: str) -> Redriven:
    """Queue failed and dead jobs again with all their attempts; of a batch, the members that failed.

    Whatever else a job is doing, or has done, it goes on doing: it stands in `refused`. Ids that are not there are
    neither moved nor refused.
    """
    moved = connection.execute(_REDRIVE, {"ids": list(job_ids), "actor": actor}).fetchall()
    done = tuple(row[0] for row in moved)
    others = connection.execute(
        """SELECT id, status FROM jobs_seen AS job WHERE id = ANY(%(ids)s) AND id <> ALL(%(done)s)
           AND NOT EXISTS (SELECT FROM jobs AS member WHERE member.parent_id = job.id AND member.id = ANY(%(done)s))""",
        {"ids": list(job_ids), "done": list(done)},
    ).fetchall()
    return Redriven(done, {job_id: JobStatus(status) for job_id, status in others})


REDRIVE_ORDERS = orders("finished_at", finished_at=(Key("finished_at", "timestamptz"), Key("id", "uuid")))
_REDRIVABLE = {
    "job_ids": "(id = ANY(%(job_ids)s) OR parent_id = ANY(%(job_ids)s))",
    "queue": "queue = %(queue)s",
    "kind": "kind = %(kind)s",
    "tenant_id": "tenant_id = %(tenant_id)s",
    "error_code": "error ->> 'code' = %(error_code)s",
    "since": "finished_at >= %(since)s",
    "ended_badly": "status IN ('failed', 'dead')",
}


def redrivable(
    connection: Connection,
    *,
    queue: str | None = None,
    kind: str | None = None,
    tenant_id: UUID | None = None,
    error_code: str | None = None,
    since: datetime | None = None,
    job_ids: Sequence[UUID] | None = None,
    limit: int = 1000,
    after: Place | None = None,
) -> list[Job]:
    """The failed and dead jobs that a redrive with this filter would move, those that ended first coming first.

    `job_ids` are of jobs, or of batches, which stand for their members. `after` is a place in that order.
    """
    given = {
        "ended_badly": True,
        "job_ids": None if job_ids is None else list(job_ids),
        "queue": queue,
        "kind": kind,
        "tenant_id": tenant_id,
        "error_code": error_code,
        "since": since,
    }
    told, arguments = Page(REDRIVE_ORDERS["finished_at"], limit, after).where(_REDRIVABLE, given)
    return [Job.from_row(row) for row in rows(connection, f"SELECT {COLUMNS} FROM jobs {told}", arguments)]


def standing(connection: Connection, job_ids: Sequence[UUID], tenant_id: UUID | None = None) -> dict[UUID, JobStatus]:
    """Where these jobs stand, of one tenant if it is given; what is not there is absent."""
    found = connection.execute(
        """SELECT id, status FROM jobs_seen
           WHERE id = ANY(%(ids)s) AND (%(tenant_id)s::uuid IS NULL OR tenant_id = %(tenant_id)s)""",
        {"ids": list(job_ids), "tenant_id": tenant_id},
    ).fetchall()
    return {job_id: JobStatus(status) for job_id, status in found}


def by_tenant(connection: Connection, job_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Whose jobs these are: tenant -> ids, as text."""
    found = connection.execute(
        "SELECT tenant_id, array_agg(id::text ORDER BY id) FROM jobs WHERE id = ANY(%s) GROUP BY tenant_id",
        (list(job_ids),),
    )
    return dict(found.fetchall())


# --- Pause ---


class Scope(StrEnum):
    """What can be paused. A tenant is named by its slug."""

    QUEUE = "queue"
    KIND = "kind"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause, in force until it is resumed. What runs when it begins runs on; what waits, waits."""

    scope: str
    name: str
    tenant_id: UUID | None
    reason: str
    paused_by: str
    paused_at: datetime
    resumed_by: str | None
    resumed_at: datetime | None


_PAUSE = ", ".join(Pause.__dataclass_fields__)


def pause(connection: Connection, scope: Scope, name: str, actor: str, reason: str) -> Pause:
    """Have workers take nothing more of a queue, a kind or a tenant. Raises NotFound, RefusedInput, Conflict."""
    if not reason.strip():
        raise RefusedInput([Problem("A pause needs a reason.", "required", column="reason")])
    tenant_id = require_known(connection, scope, name)
    with connection.cursor(row_factory=class_row(Pause)) as cursor:
        made = cursor.execute(
            f"""INSERT INTO pauses (scope, name, tenant_id, reason, paused_by) VALUES (%s, %s, %s, %s, %s)
                ON CONFLICT (scope, name) WHERE resumed_at IS NULL DO NOTHING RETURNING {_PAUSE}""",
            (scope, name, tenant_id, reason.strip(), actor),
        ).fetchone()
    if made is None:
        raise Conflict(what=f"The {scope} {name} is paused already.")
    return made


def require_known(connection: Connection, scope: Scope, name: str) -> UUID | None:
    """The tenant's id where a tenant is named. Raises NotFound for a queue, kind or tenant that there is not."""
    if scope is Scope.TENANT:
        found = connection.execute("SELECT id FROM tenants WHERE slug = %s", (name,)).fetchone()
        if found is None:
            raise NotFound(what="tenant", id=name)
        tenant_id: UUID = found[0]
        return tenant_id
    known = {kind.name for kind in TOPOLOGY.kinds}
    if scope is Scope.QUEUE:
        known = {queue.name for queue in TOPOLOGY.job_queues()}
    if name not in known:
        raise NotFound(what=str(scope), id=name)
    return None


# While the pause lasted, the hints of what waits were spent; a few for each group of jobs start the claims again.
_ARM = """
WITH waiting AS (
    SELECT jobs.id FROM (
        SELECT id, row_number() OVER (PARTITION BY queue, tenant_id, kind ORDER BY priority, run_at) AS place FROM jobs
        WHERE status = 'queued' AND queue IS NOT NULL
          AND CASE %(scope)s WHEN 'queue' THEN queue = %(name)s WHEN 'kind' THEN kind = %(name)s
              ELSE tenant_id = %(tenant_id)s END
    ) AS placed JOIN jobs USING (id) WHERE place <= 100 AND status = 'queued' FOR UPDATE OF jobs SKIP LOCKED
), armed AS (
    UPDATE jobs SET fence = fence + 1, dispatched_at = NULL FROM waiting WHERE jobs.id = waiting.id
    RETURNING jobs.id, tenant_id, queue, fence, run_at
)
INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
SELECT tenant_id, 'job.ready', queue, id, fence, run_at FROM armed
"""


def resume(connection: Connection, scope: Scope, name: str, actor: str) -> Pause | None:
    """End a pause and send hints for what waited; None where nothing of this name was paused."""
    with connection.cursor(row_factory=class_row(Pause)) as cursor:
        ended = cursor.execute(
            f"""UPDATE pauses SET resumed_by = %s, resumed_at = clock_timestamp()
                WHERE scope = %s AND name = %s AND resumed_at IS NULL RETURNING {_PAUSE}""",
            (actor, scope, name),
        ).fetchone()
    if ended is not None:
        connection.execute(_ARM, {"scope": scope, "name": name, "tenant_id": ended.tenant_id})
    return ended


# The pauses in force, the oldest first.
IN_FORCE: Statement = (f"SELECT {_PAUSE} FROM pauses WHERE resumed_at IS NULL ORDER BY paused_at", {})


def pauses(connection: Connection) -> list[Pause]:
    """The pauses in force, the oldest first."""
    return read_pauses(rows(connection, *IN_FORCE))


def read_pauses(found: Sequence[Mapping[str, Any]]) -> list[Pause]:
    """The pauses that IN_FORCE found."""
    return [Pause(**row) for row in found]


# A pause in force has its scope and name for itself.
PAUSE_ORDERS = orders(
    "paused_at", paused_at=(Key("paused_at", "timestamptz"), Key("scope", "text"), Key("name", "text"))
)
_PAUSES = {"in_force": "resumed_at IS NULL", "scope": "scope = %(scope)s"}


def list_pauses(connection: Connection, *, scope: Scope | None = None, page: Page) -> list[Pause]:
    """A page of the pauses in force, of one scope if it is given."""
    told, arguments = page.where(_PAUSES, {"in_force": True, "scope": None if scope is None else scope.value})
    with connection.cursor(row_factory=class_row(Pause)) as cursor:
        return cursor.execute(f"SELECT {_PAUSE} FROM pauses {told}", arguments).fetchall()
