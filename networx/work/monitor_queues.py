"""What waits: messages by SQS, jobs by the record, and how long the oldest of them has stood there.

The record is what counts: a fleet that is gone is as loud as one that is slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from networx import settings
from networx.blueprint import Queue
from networx.db import pool
from networx.db.pool import Connection
from networx.jobs.job import LOW
from networx.observability import metrics
from networx.observability.logs import Log
from networx.topology import TOPOLOGY
from networx.work.queue_depths import depth_of
from networx.work.sampling import Reading

log = Log(__name__)

EVERY = timedelta(seconds=15)

# Low priority means that it may wait; what is paused waits on purpose, and waits anew from the end of a pause; and a
# tenant that runs as much as it may waits for itself. Tasks are those that hold a job: where many jobs wait, no task
# stands idle.
_WAITING = """
WITH paused AS MATERIALIZED (
    SELECT scope, name, tenant_id, resumed_at FROM pauses
    WHERE resumed_at IS NULL OR resumed_at > statement_timestamp() - interval '1 day'
), load AS MATERIALIZED (
    SELECT queue, tenant_id FROM jobs WHERE status = 'running' GROUP BY queue, tenant_id HAVING count(*) >= %(cap)s
), present AS (
    SELECT queue, status, worker, heartbeat_at, priority, run_at AS due_at, greatest(run_at, held.until) AS run_at,
        status = 'queued' AND NOT coalesce(held.now, false) AS free, load.tenant_id IS NOT NULL AS capped
    FROM jobs LEFT JOIN load USING (queue, tenant_id) LEFT JOIN LATERAL (
        SELECT bool_or(resumed_at IS NULL) AS now, max(resumed_at) AS until FROM paused
        WHERE (scope = 'queue' AND name = queue) OR (scope = 'kind' AND name = kind)
            OR paused.tenant_id = jobs.tenant_id) AS held ON true
    WHERE queue IS NOT NULL AND (status = 'running' OR (status = 'queued' AND run_at <= statement_timestamp()))
)
SELECT queue,
    count(*) FILTER (WHERE status = 'queued') AS due,
    count(*) FILTER (WHERE free) AS free,
    count(*) FILTER (WHERE status = 'running') AS running,
    count(DISTINCT worker) FILTER (WHERE status = 'running') AS tasks,
    count(*) FILTER (WHERE status = 'running' AND heartbeat_at < clock_timestamp() - %(stale_after)s) AS stale,
    extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE status = 'queued'))::float8 AS oldest,
    extract(epoch FROM clock_timestamp()
        - min(run_at) FILTER (WHERE free AND NOT capped AND priority < %(low)s))::float8 AS delay
FROM present GROUP BY queue
"""

# An entry that is not due yet is a retry that waits for its time, not one that nobody sends.
_OUTBOX = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(greatest(created_at, not_before))), 0)::float8
FROM outbox WHERE not_before <= clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue in the record: jobs that are due, of these the ones that are not paused, those that run, and of these
    the `stale` ones, whose worker has been silent for so long that the monitor of stale jobs puts them back.

    `oldest` is for how long the first of those that are due waits, `delay` for how long the first that waits for a
    worker: without low priority, pauses, and tenants that run as much as they may.
    """

    due: int = 0
    free: int = 0
    running: int = 0
    tasks: int = 0
    stale: int = 0
    oldest: timedelta = timedelta(0)
    delay: timedelta | None = None

    @property
    def backlog_per_task(self) -> float:
        return (self.free + self.running) / max(self.tasks, 1)


def waiting(connection: Connection) -> dict[str, Waiting]:
    """Each queue of jobs, as the record has it."""
    limits = {
        "low": LOW,
        "cap": TOPOLOGY.limits.running_per_tenant,
        "stale_after": settings.current().leases.stale_after,
    }
    found = {
        queue: Waiting(
            due,
            free,
            running,
            tasks,
            stale,
            timedelta(seconds=oldest or 0),
            None if delay is None else timedelta(seconds=delay),
        )
        for queue, due, free, running, tasks, stale, oldest, delay in connection.execute(_WAITING, limits).fetchall()
    }
    return {queue.name: found.get(queue.name, Waiting()) for queue in TOPOLOGY.job_queues()}


def outbox_oldest(connection: Connection) -> timedelta:
    """For how long the oldest entry that is due has not been sent; nothing where none waits."""
    row = connection.execute(_OUTBOX).fetchone()
    assert row is not None
    return timedelta(seconds=row[0])


def look_at_record() -> None:
    """Emit what the record says. Raises DatabaseUnavailable."""
    with pool.system() as connection:
        queues, oldest_entry = waiting(connection), outbox_oldest(connection)
    metrics.emit("OutboxOldest", oldest_entry.total_seconds())
    for name, queue in queues.items():
        metrics.emit("JobQueueDepth", queue.due, QueueName=name)
        metrics.emit("BacklogPerTask", queue.backlog_per_task, QueueName=name)
        metrics.emit("OldestJob", queue.oldest.total_seconds(), QueueName=name)
        metrics.emit("StaleJobs", queue.stale, QueueName=name)
        if queue.delay is not None:
            metrics.emit("StartDelay", queue.delay.total_seconds(), QueueName=name)
        warn_at = TOPOLOGY.queue(name).depth_warning
        if queue.due >= warn_at:
            log.warning("queue.deep", queue=name, due=queue.due, warnAt=warn_at)


def look_at_queue(queue: Queue) -> None:
    """Emit what SQS says of one queue and of its dead letters. Raises QueueUnavailable."""
    told = settings.current()
    depth = depth_of(told.queue_urls[queue.name])
    metrics.emit("QueueMessagesWaiting", depth.waiting, QueueName=queue.name)
    metrics.emit("QueueMessagesDelayed", depth.delayed, QueueName=queue.name)
    metrics.emit("QueueMessagesInFlight", depth.in_flight, QueueName=queue.name)
    dead = depth_of(told.dead_letter_urls[queue.name])
    metrics.emit("DeadLettersWaiting", dead.waiting + dead.delayed + dead.in_flight, QueueName=queue.name)


def readings() -> dict[str, Reading]:
    """Everything that is read at each look, by its name in the log."""
    of_queues = {queue.name: partial(look_at_queue, queue) for queue in TOPOLOGY.queues}
    return {"record": look_at_record, **of_queues}
