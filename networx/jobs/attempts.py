"""One attempt at a job after another: the handler does it, and the record is told how it ended."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from typing import NamedTuple

from networx.db import pool
from networx.errors import DatabaseUnavailable, RefusedInput
from networx.jobs import claims, endings, outages, relay
from networx.jobs.context import Handler, JobContext
from networx.jobs.job import JobStatus
from networx.jobs.keeper import Keeper
from networx.jobs.progress import Herald
from networx.jobs.queue import Message, OpenQueue
from networx.jobs.retry import decide, error_facts
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.confine import Stopped
from networx.topology import TOPOLOGY

log = Log(__name__)


class Ended(NamedTuple):
    """How an attempt ended. Not `settled`: the record may still have the job running, its message must come back."""

    settled: bool
    error: Exception | None = None


class Attempts:
    """The attempts of one worker. Any number of its slots may run one at a time each."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        keeper: Keeper,
        herald: Herald,
        draining: threading.Event,
        open_queue: OpenQueue,
    ) -> None:
        self._handlers = handlers
        self._keeper = keeper
        self._herald = herald
        self._draining = draining
        self._open_queue = open_queue

    def run(self, context: JobContext, message: Message | None) -> Ended:
        """Do a claimed job and settle it; `message` is what brought it, if one did."""
        job = context.job
        self._keeper.take(context, message)
        log.info("job.claimed", kind=job.kind, scenarioId=job.scenario_id)
        try:
            self._handlers[job.kind](context)
            if not context.completed:
                raise RuntimeError(f"the handler of {job.kind} ended without completing its job")
            log.info("job.succeeded", kind=job.kind, **context.facts())
            return Ended(True)
        except Stopped as stop:
            return Ended(self._settle_stopped(context), stop)
        except Exception as error:
            return Ended(self._settle_failed(context, error), error)
        finally:
            self._keeper.let_go(context)
            context.close()
            self._herald.tell(job.id)
            if job.parent_id is not None:
                self._herald.tell(job.parent_id)

    def _settle_stopped(self, context: JobContext) -> bool:
        job = context.job
        if self._draining.is_set():
            with pool.system() as connection:
                released = endings.release(connection, job, "the worker drained", facts=context.facts())
            log.info("job.released", released=released)
            relay.send_soon(self._open_queue)
            return True
        try:
            with pool.system() as connection:
                gone = bool(claims.lost(connection, {job.id: job.fence}))
        except DatabaseUnavailable:
            gone = False
        log.info("job.stopped", reason="cancelled or taken over" if gone else "fenced itself")
        return gone

    def _settle_failed(self, context: JobContext, error: Exception) -> bool:
        job = context.job
        decision = decide(error, job.attempt, TOPOLOGY.kind(job.kind), lot=random.random())  # noqa: S311  # no secret
        told = error_facts(error)
        try:
            if isinstance(error, DatabaseUnavailable) and outages.handed_back(context, error):
                relay.send_soon(self._open_queue)
                return True
            log.error("job.attempt_failed", fault=error, code=told["code"], next=decision.status.value)
            with pool.system() as connection:
                if decision.status is JobStatus.QUEUED:
                    endings.retry(connection, job, decision.delay, told, facts=context.facts())
                else:
                    endings.end(connection, job, decision.status, told, facts=context.facts())
        except DatabaseUnavailable:
            # The lease runs out by itself, and whoever gets the message then takes the job up.
            log.warning("job.not_settled", code=told["code"])
            return False
        if decision.status is not JobStatus.QUEUED and not isinstance(error, RefusedInput):
            metrics.emit("JobFailures", 1, JobType=job.kind, ErrorCode=told["code"])
        relay.send_soon(self._open_queue)
        return True
