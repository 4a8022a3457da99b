"""What waits: messages by SQS, jobs by the record, and how long the oldest of them has stood there.

The record is what counts. A job that no worker ever claims tells nobody that it waits; this monitor does, under the
same metric as the claims, so that a fleet that is gone is as loud as one that is slow.
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
from networx.topology import TOPOLOGY
from networx.work.queue_depths import depth_of
from networx.work.sampling import Reading

EVERY = timedelta(seconds=15)

# Low priority means that it may wait, and what is paused waits on purpose. Tasks are those that hold a job: where many
# jobs wait, no task stands idle.
_WAITING = """
WITH paused AS MATERIALIZED (
    SELECT scope, name, tenant_id FROM pauses WHERE resumed_at IS NULL
), present AS (
    SELECT queue, status, worker, priority, run_at, status = 'queued' AND NOT EXISTS (
        SELECT FROM paused WHERE (scope = 'queue' AND name = queue) OR (scope = 'kind' AND name = kind)
            OR paused.tenant_id = jobs.tenant_id) AS free
    FROM jobs
    WHERE queue IS NOT NULL AND (status = 'running' OR (status = 'queued' AND run_at <= statement_timestamp()))
)
SELECT queue,
    count(*) FILTER (WHERE status = 'queued') AS due,
    count(*) FILTER (WHERE free) AS free,
    count(*) FILTER (WHERE status = 'running') AS running,
    count(DISTINCT worker) FILTER (WHERE status = 'running') AS tasks,
    extract(epoch FROM clock_timestamp() - min(run_at) FILTER (WHERE free AND priority < %(low)s))::float8 AS oldest
FROM present GROUP BY queue
"""

# An entry that is not due yet is a retry that waits for its time, not one that nobody sends.
_OUTBOX = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(greatest(created_at, not_before))), 0)::float8
FROM outbox WHERE not_before <= clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue in the record: jobs that are due, of these the ones that are not paused, and those that run.

    `oldest` is the age of the job that is due longest, without what is paused or has low priority.
    """

    due: int = 0
    free: int = 0
    running: int = 0
    tasks: int = 0
    oldest: timedelta | None = None

    @property
    def backlog_per_task(self) -> float:
        return (self.free + self.running) / max(self.tasks, 1)


def waiting(connection: Connection) -> dict[str, Waiting]:
    """Each queue of jobs, as the record has it."""
    found = {
        queue: Waiting(due, free, running, tasks, None if oldest is None else timedelta(seconds=oldest))
        for queue, due, free, running, tasks, oldest in connection.execute(_WAITING, {"low": LOW}).fetchall()
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
        if queue.oldest is not None:
            metrics.emit("StartDelay", queue.oldest.total_seconds(), QueueName=name)


def look_at_queue(queue: Queue) -> None:
    """Emit what SQS says of one queue. Raises QueueUnavailable."""
    depth = depth_of(settings.current().queue_urls[queue.name])
    metrics.emit("QueueMessagesWaiting", depth.waiting, QueueName=queue.name)
    metrics.emit("QueueMessagesInFlight", depth.in_flight, QueueName=queue.name)


def readings() -> dict[str, Reading]:
    """Everything that is read at each look, by its name in the log."""
    of_queues = {queue.name: partial(look_at_queue, queue) for queue in TOPOLOGY.queues}
    return {"record": look_at_record, **of_queues}
