"""The worker: takes jobs from one queue, several at a time, and keeps each one's lease, progress and fence.

It knows nothing of what a job does: a handler per kind does the work, in a confined child. Two kinds of threads
share a worker: a slot per job (receive, claim, run, settle), and one keeper that beats for all of them, publishes
their progress and notices what was cancelled or taken over.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from networx import settings
from networx.db import pool
from networx.db.pool import Connection
from networx.domain.plan import Progress
from networx.errors import DatabaseUnavailable, QueueUnavailable, RefusedInput, TransientError
from networx.jobs import alive, progress, protection, relay, store
from networx.jobs.job import Job, JobStatus
from networx.jobs.queue import JobQueue, Message
from networx.jobs.retry import decide, error_facts
from networx.observability import metrics
from networx.observability.logs import Log, bound
from networx.resilience.confine import Child, Confinement, Stopped
from networx.topology import TOPOLOGY, Leases, Worker

log = Log(__name__)

_OUTAGE_PAUSE_SECONDS = 1.0


class Handler(Protocol):
    """What does the work of one job kind, and the child it needs."""

    confinement: Confinement

    def __call__(self, context: JobContext) -> None:
        """Do the job and complete it through the context. Raises what went wrong, Stopped when told to stop."""


class JobContext:
    """What a handler sees of its job: the claim, a scratch folder, progress, and the two ways to publish."""

    def __init__(self, job: Job, child: Child, scratch: Path, leases: Leases) -> None:
        self.job = job
        self.child = child
        self.scratch = scratch
        self.completed = False
        self._leases = leases
        self._stop = threading.Event()
        self._latest: Progress | None = None
        self._published: Progress | None = None
        self._recorded: Progress | None = None
        self.beaten_at = time.monotonic()
        self.asked_at = self.beaten_at

    def stopped(self) -> bool:
        """Whether the work must end now: the job was cancelled or taken over, or the worker drains."""
        return self._stop.is_set()

    def stop(self) -> None:
        self._stop.set()

    def progress(self, now: Progress) -> None:
        """Say where the work stands; published at most once a second."""
        self._latest = now

    def publish_progress(self) -> None:
        """Bring the newest progress to the hot copy, if it is news."""
        if self._latest is not None and self._latest is not self._published:
            self._published = self._latest
            progress.publish(self.job.id, self._latest.as_dict())

    def unrecorded(self) -> dict[str, Any] | None:
        """The progress that the record does not have yet."""
        if self._latest is None or self._latest is self._recorded:
            return None
        self._recorded = self._latest
        return self._latest.as_dict()

    def store_incumbent(self, result: Mapping[str, Any]) -> None:
        """Keep a verified answer, for a cancel to promote. A fault is logged: the next one is better anyway."""
        try:
            with pool.system() as connection:
                store.store_incumbent(connection, self.job, result)
        except TransientError as fault:
            log.warning("incumbent.not_stored", code=fault.code)

    def complete(self, result: Mapping[str, Any], connection: Connection | None = None) -> None:
        """Publish the result, within `connection`'s transaction if one is given. Raises Stopped when fenced out.

        Without a connection a COMMIT in doubt is asked about until the worker must fence itself.
        """
        if connection is not None:
            self.completed = store.complete(connection, self.job, result)
        else:
            self.completed = self._complete_surely(result)
        if not self.completed:
            raise Stopped

    def _complete_surely(self, result: Mapping[str, Any]) -> bool:
        deadline = self.beaten_at + self._leases.self_fence.total_seconds()
        while True:
            try:
                with pool.system() as connection:
                    return store.complete(connection, self.job, result)
            except DatabaseUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_OUTAGE_PAUSE_SECONDS)


class _Ahead:
    """One child a kind, started ahead by the slot's own thread: the kernel ends a child with its maker."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self._children: dict[str, Child] = {}

    def prepare(self) -> None:
        for kind, handler in self._handlers.items():
            if kind not in self._children or not self._children[kind].alive:
                self._children[kind] = Child(handler.confinement)

    def take(self, kind: str) -> Child:
        self.prepare()
        return self._children.pop(kind)

    def end(self) -> None:
        for child in self._children.values():
            child.kill()


class WorkerService:
    """One worker task of the topology. `run` returns when the drain is done."""

    def __init__(self, worker: Worker, handlers: Mapping[str, Handler], *, name: str) -> None:
        configured = settings.current()
        self.name = name
        self._queue = JobQueue(worker.queue)
        self._handlers = handlers
        self._slots = worker.laptop_slots if configured.laptop else worker.slots
        self._leases = configured.leases
        self._scratch = Path(configured.scratch)
        self._owned: dict[UUID, tuple[JobContext, Message]] = {}
        self._lock = threading.Lock()
        self._draining = threading.Event()
        self._finished = threading.Event()

    def drain(self) -> None:
        """Take no new work; what runs may finish within the drain time, the rest is handed back."""
        self._draining.set()

    def run(self) -> None:
        slots = [threading.Thread(target=self._serve, name=f"slot-{n}") for n in range(self._slots)]
        keeper = threading.Thread(target=self._keep, name="keeper")
        sweeper = threading.Thread(target=relay.run, args=(self._finished,), name="relay")
        shield = threading.Thread(target=protection.keep, args=(self._finished, self._busy), name="protection")
        for thread in (*slots, keeper, sweeper, shield):
            thread.start()
        log.info("worker.started", worker=self.name, queue=self._queue.queue.name, slots=self._slots)
        self._draining.wait()
        self._hand_back_at(time.monotonic() + self._leases.drain.total_seconds(), slots)
        self._finished.set()
        for thread in (*slots, keeper, sweeper, shield):
            thread.join()
        log.info("worker.stopped", worker=self.name)

    def _busy(self) -> bool:
        with self._lock:
            return bool(self._owned)

    def _hand_back_at(self, deadline: float, slots: list[threading.Thread]) -> None:
        while any(slot.is_alive() for slot in slots) and time.monotonic() < deadline:
            time.sleep(0.1)
        with self._lock:
            for context, _ in self._owned.values():
                context.stop()

    # --- a slot ---

    def _serve(self) -> None:
        ahead = _Ahead(self._handlers)
        while not self._draining.is_set():
            try:
                ahead.prepare()
                for message in self._queue.receive(1, self._leases.receive_wait):
                    self._handle(message, ahead)
            except QueueUnavailable:
                log.warning("queue.unavailable", queue=self._queue.queue.name)
                self._draining.wait(_OUTAGE_PAUSE_SECONDS)
            except Exception:
                # A slot outlives any single fault: the job is settled or its lease runs out.
                log.exception("slot.failed")
                self._draining.wait(_OUTAGE_PAUSE_SECONDS)
        ahead.end()

    def _handle(self, message: Message, ahead: _Ahead) -> None:
        # One token may wake a slot for more than one job: a hint that was lost must not leave its job waiting.
        while (job := self._claim_surely(message)) is not None:
            with bound(jobId=job.id, tenantId=job.tenant_id, correlationId=job.correlation_id, attempt=job.attempt):
                self._run(job, message, ahead.take(job.kind))
            ahead.prepare()
        if self._draining.is_set():
            self._queue.hide(message, timedelta(0))
        else:
            self._queue.delete(message)

    def _claim_surely(self, message: Message) -> Job | None:
        while not self._draining.is_set():
            try:
                return self._claim()
            except DatabaseUnavailable:
                # Keeping the token hidden, and not giving it back, saves it from the dead-letter queue.
                log.warning("claim.waits_for_database", queue=self._queue.queue.name)
                self._queue.hide(message, self._queue.queue.visibility_timeout)
                self._draining.wait(_OUTAGE_PAUSE_SECONDS)
        return None

    def _claim(self) -> Job | None:
        with pool.system() as connection:
            job = store.claim(
                connection,
                queue=self._queue.queue.name,
                kinds=list(self._handlers),
                worker=self.name,
                lease=self._leases.lease,
            )
            if job is None:
                store.defer(connection, self._queue.queue.name)
            return job

    def _run(self, job: Job, message: Message, child: Child) -> None:
        scratch = Path(tempfile.mkdtemp(prefix=f"{job.kind}-", dir=self._scratch))
        context = JobContext(job, child, scratch, self._leases)
        with self._lock:
            self._owned[job.id] = (context, message)
        log.info("job.claimed", kind=job.kind, scenarioId=job.scenario_id)
        started = time.monotonic()
        try:
            self._handlers[job.kind](context)
            if not context.completed:
                raise RuntimeError(f"the handler of {job.kind} ended without completing its job")
            log.info("job.succeeded", kind=job.kind, duration=time.monotonic() - started, peakMib=child.peak_mib)
        except Stopped:
            self._settle_stopped(job)
        except Exception as error:
            self._settle_failed(job, error)
        finally:
            with self._lock:
                del self._owned[job.id]
            child.kill()
            shutil.rmtree(scratch, ignore_errors=True)
            progress.publish(job.id)

    def _settle_stopped(self, job: Job) -> None:
        if self._draining.is_set():
            with pool.system() as connection:
                released = store.release(connection, job, "the worker drained")
            log.info("job.released", released=released)
            relay.send_soon()
        else:
            log.info("job.stopped", reason="cancelled or taken over")

    def _settle_failed(self, job: Job, error: Exception) -> None:
        decision = decide(error, job.attempt, TOPOLOGY.kind(job.kind))
        facts = error_facts(error)
        log.error("job.attempt_failed", fault=error, code=facts["code"], next=decision.status.value)
        try:
            with pool.system() as connection:
                if decision.status is JobStatus.QUEUED:
                    store.retry(connection, job, decision.delay, facts)
                else:
                    store.end(connection, job, decision.status, facts)
        except DatabaseUnavailable:
            # The lease runs out by itself, and the next worker or the monitor takes the job up.
            log.warning("job.not_settled", code=facts["code"])
            return
        if decision.status is not JobStatus.QUEUED and not isinstance(error, RefusedInput):
            metrics.emit("JobFailures", 1, JobType=job.kind, ErrorCode=facts["code"])
        relay.send_soon()

    # --- the keeper ---

    def _keep(self) -> None:
        published_at = 0.0
        while not self._finished.wait(self._leases.cancel_poll.total_seconds()):
            alive.touch()
            with self._lock:
                owned = list(self._owned.values())
            try:
                self._notice_lost(owned)
                for context, message in owned:
                    self._beat(context, message)
            except DatabaseUnavailable:
                self._fence_self(owned)
            except Exception:
                log.exception("keeper.failed")
                self._fence_self(owned)
            if time.monotonic() - published_at >= self._leases.progress.total_seconds():
                published_at = time.monotonic()
                for context, _ in owned:
                    context.publish_progress()

    def _notice_lost(self, owned: list[tuple[JobContext, Message]]) -> None:
        if not owned:
            return
        with pool.system() as connection:
            gone = store.lost(connection, {context.job.id: context.job.fence for context, _ in owned})
        for context, _ in owned:
            if context.job.id in gone:
                context.stop()

    def _beat(self, context: JobContext, message: Message) -> None:
        now = time.monotonic()
        news = None
        if now - context.asked_at >= self._leases.record_progress.total_seconds():
            news = context.unrecorded()
            context.asked_at = now
        if news is None and now - context.beaten_at < self._leases.heartbeat.total_seconds():
            return
        with pool.system() as connection:
            mine = store.heartbeat(connection, context.job, lease=self._leases.lease, progress=news)
        if not mine:
            context.stop()
            return
        context.beaten_at = now
        try:
            # Back soon after the lease: were it back before, the job would still be leased and the token spent on it.
            self._queue.hide(message, self._leases.lease + self._leases.heartbeat)
        except QueueUnavailable:
            log.warning("message.not_hidden")  # a second delivery finds the job leased, and does nothing

    def _fence_self(self, owned: list[tuple[JobContext, Message]]) -> None:
        for context, _ in owned:
            if time.monotonic() - context.beaten_at > self._leases.self_fence.total_seconds():
                log.warning("job.self_fenced", jobId=context.job.id)
                context.stop()
