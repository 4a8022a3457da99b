"""How the engine stands as a whole: its queues, its workers, its outbox. What an operator looks at first.

Each function works on a connection of networx_system: all of it crosses tenants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from networx.db.pool import Connection
from networx.topology import TOPOLOGY


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """One queue: jobs that are due, jobs put off (a retry's backoff), jobs at work, and those that are dead."""

    name: str
    queued: int = 0
    put_off: int = 0
    running: int = 0
    dead: int = 0
    oldest_waiting_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class WorkerStanding:
    """One worker that has jobs: how many, and when it last said that it lives. An idle worker leaves no trace."""

    name: str
    running: int
    heartbeat_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxStanding:
    """Messages that are due and not sent yet."""

    waiting: int
    oldest_seconds: float | None


_QUEUES = """
SELECT queue AS name,
    count(*) FILTER (WHERE status = 'queued' AND run_at <= statement_timestamp()) AS queued,
    count(*) FILTER (WHERE status = 'queued' AND run_at > statement_timestamp()) AS put_off,
    count(*) FILTER (WHERE status = 'running') AS running,
    count(*) FILTER (WHERE status = 'dead') AS dead,
    extract(epoch FROM statement_timestamp()
        - min(run_at) FILTER (WHERE status = 'queued' AND run_at <= statement_timestamp()))::float8
        AS oldest_waiting_seconds
FROM jobs WHERE queue IS NOT NULL AND status IN ('queued', 'running', 'dead') GROUP BY queue
"""


def queues(connection: Connection) -> list[QueueStanding]:
    """Every queue of jobs, in the topology's order, the empty ones too."""
    with connection.cursor(row_factory=class_row(QueueStanding)) as cursor:
        busy = {found.name: found for found in cursor.execute(_QUEUES).fetchall()}
    return [busy.get(queue.name, QueueStanding(queue.name)) for queue in TOPOLOGY.job_queues()]


def workers(connection: Connection) -> list[WorkerStanding]:
    """Every worker that has jobs, by name."""
    with connection.cursor(row_factory=class_row(WorkerStanding)) as cursor:
        return cursor.execute(
            """SELECT worker AS name, count(*) AS running, max(heartbeat_at) AS heartbeat_at
               FROM jobs WHERE status = 'running' GROUP BY worker ORDER BY worker"""
        ).fetchall()


def outbox(connection: Connection) -> OutboxStanding:
    """What waits to be told to a queue."""
    with connection.cursor(row_factory=class_row(OutboxStanding)) as cursor:
        found = cursor.execute(
            """SELECT count(*) AS waiting,
                      extract(epoch FROM statement_timestamp() - min(not_before))::float8 AS oldest_seconds
               FROM outbox WHERE not_before <= statement_timestamp()"""
        ).fetchone()
    assert found is not None
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """What a pause would hold back, or holds back: jobs that wait. Those that run, run on."""

    queued: int
    running: int


def reach(connection: Connection, scope: str, name: str) -> Reach:
    """The jobs of a queue, a kind or a tenant (by its slug) that wait and that run."""
    with connection.cursor(row_factory=class_row(Reach)) as cursor:
        found = cursor.execute(
            """SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
                      count(*) FILTER (WHERE status = 'running') AS running
               FROM jobs WHERE queue IS NOT NULL AND status IN ('queued', 'running')
                 AND CASE %(scope)s WHEN 'queue' THEN queue = %(name)s WHEN 'kind' THEN kind = %(name)s
                     ELSE tenant_id = (SELECT id FROM tenants WHERE slug = %(name)s) END""",
            {"scope": scope, "name": name},
        ).fetchone()
    assert found is not None
    return found
