"""The relay: carries the outbox to the queues. Any number may run; none holds a transaction open while it sends.

Rows are leased, sent in batches of ten, and only what SQS took is deleted. A crash in between sends again, which
the deduplication id or the claim makes harmless. Whoever commits a row calls `send_soon` right after the
commit, or has the process's Sweeper do it (`send_beside`); a sweep each second finds what such a call missed.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from networx.db import pool
from networx.errors import TransientError
from networx.jobs import store
from networx.jobs.queue import BATCH, Hint, JobQueue, OpenQueue
from networx.jobs.sqs import SqsQueue
from networx.observability.logs import Log

log = Log(__name__)

LEASE = timedelta(seconds=10)
SWEEP = timedelta(seconds=1)
# After a batch the next one waits so long for more. What comes alone is sent without delay.
TOGETHER = timedelta(milliseconds=200)
READY, DEAD = "job.ready", "job.dead"


class Entry(NamedTuple):
    id: int
    topic: str
    queue: str
    job_id: UUID
    fence: int


# A job counts as dispatched from here on, and not after the sending: its row must be free when its hint arrives, for
# a claim that finds it locked skips it, and the hint is spent.
_TAKE = """
WITH taken AS (
    UPDATE outbox SET locked_until = clock_timestamp() + %(lease)s
    WHERE id IN (
        SELECT id FROM outbox WHERE not_before <= clock_timestamp() AND locked_until < clock_timestamp()
        ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING id, topic, queue, job_id, fence
), dispatched AS (
    UPDATE jobs SET dispatched_at = clock_timestamp() FROM taken
    WHERE jobs.id = taken.job_id AND jobs.fence = taken.fence AND taken.topic = 'job.ready' AND jobs.status = 'queued'
)
SELECT id, topic, queue, job_id, fence FROM taken
"""

_SENT = "DELETE FROM outbox WHERE id = ANY(%(ids)s)"


def send_due(most: int = 100, *, open_queue: OpenQueue = SqsQueue) -> int:
    """Send what is due now; how many messages SQS took. Raises DatabaseUnavailable, QueueUnavailable."""
    with pool.at_once() as connection:
        entries = [Entry(*row) for row in connection.execute(_TAKE, {"lease": LEASE, "most": most}).fetchall()]
    sent = 0
    place = attrgetter("topic", "queue")
    for (topic, queue), group in groupby(sorted(entries, key=place), key=place):
        members = list(group)
        for start in range(0, len(members), BATCH):
            sent += _send(topic, open_queue(queue, dead_letters=topic == DEAD), members[start : start + BATCH])
    return sent


def _send(topic: str, queue: JobQueue, batch: list[Entry]) -> int:
    hints = [Hint(entry.job_id, entry.fence, _history(entry) if topic == DEAD else ()) for entry in batch]
    taken = queue.send(hints)
    with pool.at_once() as connection:
        connection.execute(_SENT, {"ids": [batch[position].id for position in taken]})
    if len(taken) < len(batch):
        log.warning("outbox.partly_sent", queue=queue.queue.name, sent=len(taken), of=len(batch))
    return len(taken)


def _history(entry: Entry) -> tuple[dict[str, object], ...]:
    with pool.system() as connection:
        return tuple(store.events(connection, entry.job_id))


def send_soon(open_queue: OpenQueue = SqsQueue) -> None:
    """Send what was just committed, without waiting for the sweep. A fault is logged only: the sweep follows."""
    try:
        send_due(open_queue=open_queue)
    except TransientError as fault:
        log.warning("outbox.not_sent_now", code=fault.code)


def run(stop: threading.Event, open_queue: OpenQueue = SqsQueue) -> None:
    """Sweep the outbox each second until `stop` is set; away database or queues are waited for."""
    while not stop.wait(SWEEP.total_seconds()):
        if not _swept(open_queue):
            stop.wait(SWEEP.total_seconds())


def _swept(open_queue: OpenQueue) -> bool:
    """Send all that is due; False where something is away. The relay outlives any single fault."""
    try:
        while send_due(open_queue=open_queue) >= 100:
            pass
    except TransientError as fault:
        log.warning("outbox.sweep_failed", code=fault.code)
        return False
    except Exception:
        # What it is stands in the log with its traceback.
        log.exception("outbox.sweep_failed")
    return True


class Sweeper:
    """A thread that sweeps the outbox each second, and at once when it is woken.

    Who commits much wakes it instead of sending by itself: it waits for nobody's queue, and what was committed while
    one batch was under way, or within a moment after it, goes out in the next.
    """

    def __init__(self, open_queue: OpenQueue = SqsQueue) -> None:
        self._open_queue = open_queue
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        self._thread.start()
        _sweepers.append(self)

    def wake(self) -> None:
        """Have what is due sent now."""
        self._woken.set()

    def stop(self, seconds: float) -> None:
        """End, and wait so long for what is under way."""
        _sweepers.remove(self)
        self._stopped.set()
        self._woken.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._woken.wait(SWEEP.total_seconds())
            if self._stopped.is_set():
                return
            # Before the look: what is committed after it wakes for the next one.
            self._woken.clear()
            well = _swept(self._open_queue)
            self._stopped.wait((TOGETHER if well else SWEEP).total_seconds())


_sweepers: list[Sweeper] = []


def send_beside() -> None:
    """Have what was just committed sent by the Sweeper of this process; where none runs, send it here."""
    if _sweepers:
        _sweepers[-1].wake()
    else:
        send_soon()
