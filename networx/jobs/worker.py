"""The worker: takes jobs from one queue, several at a time, and settles each of them.

It knows nothing of what a job does: a handler per kind does the work, in a confined child. A slot has a thread and does
one job at a time: receive, claim, run, settle. Leases, messages and progress of all running jobs are the keeper's.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

from networx import settings
from networx.blueprint import Circuit, Worker
from networx.db import pool
from networx.errors import DatabaseUnavailable, QueueUnavailable
from networx.jobs import circuits, dead_letters, progress, protection, relay, rollout
from networx.jobs.attempts import Attempts
from networx.jobs.context import OUTAGE_PAUSE_SECONDS, Handler, JobContext
from networx.jobs.desk import Desk, Errand
from networx.jobs.endings import Completion
from networx.jobs.job import HIGH, LOW, Job
from networx.jobs.keeper import Keeper
from networx.jobs.queue import Message, OpenQueue
from networx.jobs.slot import Room, Slot
from networx.jobs.solver_circuit import SolverCircuit
from networx.jobs.sqs import SqsQueue
from networx.observability.logs import Log, bound
from networx.resilience.breaker import State

log = Log(__name__)

CLAIM_TRIES = 3
# A third of the time after which what a worker told of its circuits is forgotten.
REPORTED_EVERY_SECONDS = circuits.FORGOTTEN_AFTER_SECONDS / 3

# A worker with this many slots keeps the last one free for jobs of high priority.
SLOTS_TO_KEEP_ONE = 3
# The share of the drain in which a job may still end by itself; the rest is for storing what it has found.
UNTIL_HANDED_BACK = 0.9


class WorkerService:
    """One worker task of the topology. `run` returns when the drain is done."""

    def __init__(
        self,
        worker: Worker,
        handlers: Mapping[str, Handler],
        *,
        name: str,
        open_queue: OpenQueue = SqsQueue,
        circuit: Circuit | None = None,
    ) -> None:
        """`circuit` guards the processes in which jobs are solved, where that is what this worker does."""
        configured = settings.current()
        self.name = name
        self._herald = progress.Herald()
        self._desk = Desk(queue=worker.queue, kinds=list(handlers), worker=name, lease=configured.leases.lease)
        self._open_queue = open_queue
        self._queue = open_queue(worker.queue)
        self._handlers = handlers
        self._slots = worker.laptop_slots if configured.laptop else worker.slots
        self._ordinary = Room(self._slots - 1 if self._slots >= SLOTS_TO_KEEP_ONE else self._slots)
        self._leases = configured.leases
        self._scratch = Path(configured.scratch)
        self._draining = threading.Event()
        self._finished = threading.Event()
        self._keeper = Keeper(self._queue, self._leases, self._finished)
        self._solver = SolverCircuit(circuit)
        self._attempts = Attempts(handlers, self._keeper, self._herald, self._draining, open_queue)
        self._answered_at = -math.inf  # when the database last answered a claim or the question before a poll

    def drain(self) -> None:
        """Take no new work; what runs may finish within the drain time, the rest is handed back."""
        self._draining.set()

    def run(self) -> None:
        slots = [threading.Thread(target=self._serve, name=f"slot-{n}") for n in range(self._slots)]
        sweeper = threading.Thread(target=relay.run, args=(self._finished, self._open_queue), name="relay")
        shield = threading.Thread(target=protection.keep, args=(self._finished, self._keeper.busy), name="protection")
        herald = threading.Thread(target=self._herald.run, name="herald")
        lookout = threading.Thread(target=rollout.watch, args=(self._finished, self.drain), name="rollout")
        reporter = threading.Thread(target=self._report_circuits, name="circuits")
        carers = (*self._keeper.threads(), sweeper, shield, lookout, reporter)
        for thread in (*slots, *carers, herald):
            thread.start()
        log.info("worker.started", worker=self.name, queue=self._queue.queue.name, slots=self._slots)
        self._draining.wait()
        self._hand_back_at(time.monotonic() + self._leases.drain.total_seconds() * UNTIL_HANDED_BACK, slots)
        self._finished.set()
        for thread in (*slots, *carers):
            thread.join()
        self._herald.close()
        herald.join()
        log.info("worker.stopped", worker=self.name)

    def _hand_back_at(self, deadline: float, slots: list[threading.Thread]) -> None:
        while any(slot.is_alive() for slot in slots) and time.monotonic() < deadline:
            time.sleep(0.1)
        self._keeper.stop_all()

    def _report_circuits(self) -> None:
        told = False
        while True:
            states = circuits.own() | self._solver.states()
            circuits.emit(states)
            news = circuits.worst(states) is not State.CLOSED
            if news or told:
                circuits.tell(self.name, states)
            told = news
            if self._finished.wait(REPORTED_EVERY_SECONDS):
                break
        if told:
            circuits.tell(self.name, dict.fromkeys(states, State.CLOSED))

    # --- a slot ---

    def _serve(self) -> None:
        slot = Slot(self._handlers)
        while not self._draining.is_set():
            slot.call = self._solver.enter()
            if slot.call is None:
                self._draining.wait(OUTAGE_PAUSE_SECONDS)
                continue
            try:
                self._look_for_work(slot)
            except QueueUnavailable:
                log.warning("queue.unavailable", queue=self._queue.queue.name)
                self._draining.wait(OUTAGE_PAUSE_SECONDS)
            except Exception:
                # A slot outlives any single fault: the job is settled or its lease runs out.
                log.exception("slot.failed")
                self._draining.wait(OUTAGE_PAUSE_SECONDS)
            finally:
                self._solver.leave(slot.call)
        slot.ahead.end()

    def _look_for_work(self, slot: Slot) -> None:
        slot.ahead.prepare()
        if self._ordinary.full:
            self._watch_for_high(slot)
        elif not self._database_answers():
            self._draining.wait(OUTAGE_PAUSE_SECONDS)
        else:
            for message in self._queue.receive(1, self._leases.receive_wait):
                self._handle(message, slot)

    def _takes(self, slot: Slot) -> bool:
        """Whether the slot may take another job. What it holds already, it does."""
        return not self._draining.is_set() and self._solver.lets(slot.call)

    def _database_answers(self) -> bool:
        # Asked before a poll, unless it did just now: a worker that is cut off takes no tokens from those that are not.
        if time.monotonic() - self._answered_at < self._leases.receive_wait.total_seconds():
            return True
        try:
            with pool.system() as connection:
                connection.execute("SELECT 1")
        except DatabaseUnavailable:
            log.warning("worker.waits_for_database", queue=self._queue.queue.name)
            return False
        self._answered_at = time.monotonic()
        return True

    def _watch_for_high(self, slot: Slot) -> None:
        # A token does not tell what it is for. Taking tokens here would spend those of jobs that other slots could
        # run, so the last slot asks the record instead, as often as for what was cancelled.
        slot.message = None
        try:
            job = self._claim(slot)
        except DatabaseUnavailable:
            job = None
        if job is None:
            self._draining.wait(self._leases.cancel_poll.total_seconds())
        else:
            self._do(job, slot)

    def _handle(self, message: Message, slot: Slot) -> None:
        # One token may wake a slot for more than one job: a hint that was lost must not leave its job waiting.
        spent = unsettled = False
        refused = False
        failures = 0
        slot.message = message
        slot.hidden_until = time.monotonic() + self._queue.queue.visibility_timeout.total_seconds()
        slot.asked_on, slot.following, slot.in_doubt = False, None, False
        while not slot.asked_on or slot.following is not None:
            job = slot.following
            if job is None:
                if not self._token_lasts(slot):
                    break
                refused = not self._takes(slot)
                try:
                    job = None if refused else self._claim_with(message, slot)
                except DatabaseUnavailable:
                    # The claim may have been committed all the same: the token has to be there when its lease is over.
                    # A short outage is waited for; in a longer one others may still reach the database.
                    log.warning("claim.failed", queue=self._queue.queue.name)
                    self._answered_at = -math.inf
                    unsettled = True
                    failures += 1
                    if failures == CLAIM_TRIES or self._draining.wait(OUTAGE_PAUSE_SECONDS):
                        break
                    continue
            if job is None:
                break
            spent = True
            unsettled |= not self._do_surely(job, slot)
        if unsettled or slot.in_doubt:
            self._queue.hide(message, self._leases.past_the_lease)
        elif refused and not spent:
            self._queue.hide(message, timedelta(0))
        else:
            self._queue.delete(message)

    def _token_lasts(self, slot: Slot) -> bool:
        """Whether the slot's message outlives the lease of a job that is claimed now, and so would bring it back.

        Jobs too short to beat may have stood before this one: then it is hidden for longer.
        """
        now = time.monotonic()
        if slot.message is None or now + self._leases.past_the_lease.total_seconds() <= slot.hidden_until:
            return True
        hidden_for = self._leases.past_the_lease + self._leases.heartbeat
        hidden = self._queue.hide(slot.message, hidden_for)
        if hidden:
            slot.hidden_until = now + hidden_for.total_seconds()
        return hidden

    def _claim_with(self, message: Message, slot: Slot) -> Job | None:
        if dead_letters.may_tell_death(message.body):
            # A dead job's own letter that an operator moved back into the queue asks for the job again.
            with pool.system() as connection:
                job_id = dead_letters.redrive_sent_back(connection, message.body)
            if job_id is not None:
                log.info("job.redriven", jobId=job_id, actor=dead_letters.CONSOLE)
        return self._claim(slot)

    def _claim(self, slot: Slot) -> Job | None:
        entered = self._ordinary.enter()
        try:
            wants = LOW if entered else HIGH
            job = self._desk.run(Errand(wants=wants, token=slot.message is not None)).job
            # Only now: a claim whose commit failed leaves its place to others.
            slot.holds_place = job is not None and job.priority > HIGH
            self._answered_at = time.monotonic()
            return job
        finally:
            if entered and not slot.holds_place:
                self._ordinary.leave()

    def _token_still_lasts(self, slot: Slot) -> bool:
        try:
            return self._token_lasts(slot)
        except QueueUnavailable:
            return False  # what is done is published all the same

    def _publish(self, slot: Slot, done: Completion) -> bool:
        """Publish a slot's job and ask for its next in the same transaction; it keeps the place of the first."""
        wants = None
        if slot.message is not None and self._takes(slot) and self._token_still_lasts(slot):
            slot.holds_place = slot.holds_place or self._ordinary.enter()
            wants = LOW if slot.holds_place else HIGH
        try:
            errand = self._desk.run(Errand(done, wants))
        except DatabaseUnavailable:
            slot.in_doubt = wants is not None  # a job may have been claimed all the same: as with a claim
            raise
        slot.asked_on, slot.following = wants is not None, errand.job
        return errand.published

    def _do_surely(self, job: Job, slot: Slot) -> bool:
        """Do one job, and let no fault of it keep the slot from the one that was given with its completion."""
        try:
            return self._do(job, slot)
        except Exception:
            if slot.following is None:
                raise
            log.exception("slot.failed")
            return False

    def _pass_on_place(self, slot: Slot) -> None:
        """Leave the slot's place, unless the job that follows needs it."""
        if slot.holds_place and (slot.following is None or slot.following.priority == HIGH):
            slot.holds_place = False
            self._ordinary.leave()

    def _do(self, job: Job, slot: Slot) -> bool:
        """Do one job; False when the record may still have it running, so that its message must come back."""
        slot.asked_on, slot.following = False, None
        with bound(jobId=job.id, tenantId=job.tenant_id, correlationId=job.correlation_id, attempt=job.attempt):
            try:
                publish = partial(self._publish, slot)
                context = JobContext(job, slot.ahead.take(job.kind), self._scratch, self._leases, publish)
                self._solver.began(slot.call)
                settled, error = self._attempts.run(context, slot.message)
                self._solver.ended(slot.call, job, error)
            finally:
                self._pass_on_place(slot)
        slot.ahead.prepare()
        return settled
