"""Where the slots of one worker settle what they did and take what comes next: in one transaction, and together.

A slot that completes a job usually wants another, so the record is told both at once: one commit instead of two. And
what the slots bring while a transaction runs goes together into the next one, so that sixteen busy slots cost little
more than one. A slot that comes alone never waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from networx.db import pool
from networx.errors import TransientError
from networx.jobs import abandoned, claims, endings
from networx.jobs.claims import Wish
from networx.jobs.endings import Completion
from networx.jobs.job import HIGH, LOW, Job
from networx.observability.logs import Log

log = Log(__name__)

# Transactions at once: while one waits for its commit, another is prepared.
LANES = 3
# Where slots come in numbers, those about to come are waited for: this share of what the last transaction took.
GATHER_SHARE = 0.5
GATHER_SECONDS = 0.005  # and never longer


@dataclass(slots=True, eq=False)
class Errand:
    """What one slot brings: a job that is done, if any, and the least urgent priority it wants next, if it wants one.

    `token` says that a message is spent on it: where there is no job for it, another message is armed. The answer is
    filled in: whether the completion was still the slot's to make, and the job it was given.
    """

    done: Completion | None = None
    wants: int | None = None
    token: bool = True
    published: bool = False
    job: Job | None = None
    fault: Exception | None = None
    ended: bool = False
    called: threading.Event = field(default_factory=threading.Event)


class Desk:
    """The desk of one worker. Any number of its threads may come."""

    def __init__(self, *, queue: str, kinds: Sequence[str], worker: str, lease: timedelta) -> None:
        self._queue = queue
        self._kinds = tuple(kinds)
        self._worker = worker
        self._lease = lease
        self._lock = threading.Lock()
        self._gathered = threading.Condition(self._lock)
        self._waiting: list[Errand] = []
        self._gathering = False
        self._busy = 0
        self._expected = 1  # how many slots came together lately
        self._took_seconds = 0.0  # the last transaction

    def run(self, errand: Errand) -> Errand:
        """Have an errand done. Raises what went wrong with it: DatabaseUnavailable leaves a commit in doubt."""
        with self._lock:
            self._waiting.append(errand)
            if len(self._waiting) == self._expected:
                self._gathered.notify()
            serves = self._may_serve()
        if not serves:
            errand.called.wait()  # either it was done, or it is this thread's turn to serve
        if not errand.ended:
            self._serve()
        if errand.fault is not None:
            raise errand.fault
        return errand

    def _may_serve(self) -> bool:
        """Begin to gather, unless another thread gathers already or all lanes are busy."""
        if self._gathering or self._busy == LANES or not self._waiting:
            return False
        self._gathering = True
        self._busy += 1
        return True

    def _serve(self) -> None:
        """Do what waits, the caller's own errand among it, and call the next to serve if more came meanwhile."""
        with self._lock:
            patience = min(self._took_seconds * GATHER_SHARE, GATHER_SECONDS)
            self._gathered.wait_for(lambda: len(self._waiting) >= self._expected, patience)
            errands, self._waiting = self._waiting, []
            self._expected = max(len(errands), self._expected - 1)
            self._gathering = False
        began_at = time.monotonic()
        try:
            self._do(errands)
        finally:
            for errand in errands:
                errand.ended = True
                errand.called.set()
            with self._lock:
                self._took_seconds = time.monotonic() - began_at
                self._busy -= 1
                if self._may_serve():
                    self._waiting[0].called.set()

    def _do(self, errands: Sequence[Errand]) -> None:
        for lowest in (LOW, HIGH):
            alike = [errand for errand in errands if (LOW if errand.wants is None else errand.wants) == lowest]
            if alike:
                self._do_alike(alike, lowest)

    def _do_alike(self, errands: Sequence[Errand], lowest: int) -> None:
        """Do errands that want the same, in one transaction."""
        done = [errand.done for errand in errands if errand.done is not None]
        wanting = [errand for errand in errands if errand.wants is not None]
        try:
            with pool.at_once() as connection:
                turn = endings.turn_over(connection, done, self._wish(lowest), len(wanting))
        except Exception as fault:
            if len(errands) == 1 or isinstance(fault, TransientError):
                for errand in errands:
                    errand.fault = fault
                return
            # One of them is not fit for the record: the others must not suffer by it.
            for errand in errands:
                self._do_alike([errand], lowest)
            return
        # Only now: what was not committed gave nothing. From here on nothing may fail, or a job that was given is lost.
        published = turn.published | self._look_for([job for job, *_ in done if job.id not in turn.published])
        for errand in errands:
            errand.published = errand.done is not None and errand.done.job.id in published
        for errand, job in zip(wanting, turn.claimed, strict=False):
            errand.job = job
        self._arm(sum(errand.token for errand in wanting[len(turn.claimed) :]))

    def _wish(self, lowest: int) -> Wish:
        return Wish(self._queue, self._kinds, self._worker, self._lease, lowest)

    def _look_for(self, jobs: Sequence[Job]) -> set[UUID]:
        """Which of these were published before, by a commit that had been in doubt."""
        if not jobs:
            return set()
        try:
            with pool.system() as connection:
                return endings.published_before(connection, jobs)
        except TransientError:
            # Whoever is told that it lost its job leaves the record as it is.
            log.warning("completion.not_looked_for")
            return set()

    def _arm(self, tokens: int) -> None:
        """Arm as many messages as were spent in vain, or as there are groups of jobs that wait without one."""
        if not tokens:
            return
        try:
            with pool.system() as connection:
                # The token may be that of a job that nobody may take over.
                buried = abandoned.bury(connection, actor=self._worker, queue=self._queue)
                while tokens and claims.defer(connection, self._queue):
                    tokens -= 1
        except TransientError:
            log.warning("message.not_armed")  # the monitor sends again what was lost
            return
        abandoned.report(buried)
