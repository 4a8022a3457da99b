"""What cares for all jobs of a worker at once: leases, messages, progress, and the word that a job is lost.

One thread beats and notices what was cancelled or taken over. What must not wait when that one does has a thread of its
own: ending the work of a worker that the database no longer hears, and publishing progress.
"""

from __future__ import annotations

import threading
import time
from uuid import UUID

from networx.blueprint import Leases
from networx.db import pool
from networx.errors import DatabaseUnavailable, QueueUnavailable
from networx.jobs import alive, claims
from networx.jobs.context import JobContext
from networx.jobs.queue import JobQueue, Message
from networx.observability.logs import Log

log = Log(__name__)


class Keeper:
    """Knows the jobs that a worker has, each with the message that brought it, if one did."""

    def __init__(self, queue: JobQueue, leases: Leases, finished: threading.Event) -> None:
        self._queue = queue
        self._leases = leases
        self._finished = finished
        self._lock = threading.Lock()
        self._owned: dict[UUID, tuple[JobContext, Message | None]] = {}

    def threads(self) -> tuple[threading.Thread, ...]:
        """The threads that keep, until `finished`."""
        return (
            threading.Thread(target=self._keep, name="keeper"),
            threading.Thread(target=self._watch_the_clock, name="fence"),
            threading.Thread(target=self._publish_progress, name="progress"),
        )

    def take(self, context: JobContext, message: Message | None) -> None:
        """Keep a job from now on."""
        with self._lock:
            self._owned[context.job.id] = (context, message)

    def let_go(self, context: JobContext) -> None:
        """Keep it no more."""
        with self._lock:
            del self._owned[context.job.id]

    def busy(self) -> bool:
        """Whether there is any job to keep."""
        with self._lock:
            return bool(self._owned)

    def stop_all(self) -> None:
        """Tell every job's work to end now."""
        for context, _ in self._running():
            context.stop()

    def _running(self) -> list[tuple[JobContext, Message | None]]:
        with self._lock:
            return list(self._owned.values())

    def _keep(self) -> None:
        while not self._finished.wait(self._leases.cancel_poll.total_seconds()):
            alive.touch()
            owned = self._running()
            try:
                self._notice_lost(owned)
                for context, message in owned:
                    self._beat(context, message)
            except DatabaseUnavailable:
                log.warning("keeper.waits_for_database")
            except Exception:
                log.exception("keeper.failed")

    def _notice_lost(self, owned: list[tuple[JobContext, Message | None]]) -> None:
        if not owned:
            return
        with pool.system() as connection:
            gone = claims.lost(connection, {context.job.id: context.job.fence for context, _ in owned})
        for context, _ in owned:
            if context.job.id in gone:
                context.stop()

    def _beat(self, context: JobContext, message: Message | None) -> None:
        now = time.monotonic()
        news = None
        if now - context.asked_at >= self._leases.record_progress.total_seconds():
            news = context.unrecorded()
            context.asked_at = now
        if news is None and now - context.beaten_at < self._leases.heartbeat.total_seconds():
            return
        with pool.system() as connection:
            mine = claims.heartbeat(connection, context.job, lease=self._leases.lease, progress=news)
        if not mine:
            context.stop()
            return
        context.beaten_at = now
        if message is None:
            return
        try:
            self._queue.hide(message, self._leases.past_the_lease)
        except QueueUnavailable:
            log.warning("message.not_hidden")  # a second delivery finds the job leased, and does nothing

    def _watch_the_clock(self) -> None:
        # A database that is silent, and does not even break the connection, holds the keeper for as long as it likes.
        while not self._finished.wait(self._leases.cancel_poll.total_seconds()):
            for context, _ in self._running():
                unheard = time.monotonic() - context.beaten_at > self._leases.self_fence.total_seconds()
                if unheard and not context.stopped():
                    log.warning("job.self_fenced", jobId=context.job.id)
                    context.stop()

    def _publish_progress(self) -> None:
        # Valkey may take its time; a cancel does not wait for it.
        while not self._finished.wait(self._leases.progress.total_seconds()):
            for context, _ in self._running():
                context.publish_progress()
