"""A worker whose solving children are lost one after another takes no jobs for a while, and then one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from networx import settings
from networx.blueprint import Circuit
from networx.errors import ChildLost, Problem, RefusedInput, SolverFault
from networx.jobs import circuits, relay
from networx.jobs import worker as workers
from networx.jobs.context import JobContext
from networx.jobs.job import Job, JobStatus
from networx.jobs.memory_queue import MemoryQueues
from networx.jobs.solver_circuit import SolverCircuit
from networx.jobs.worker import WorkerService
from networx.resilience.breaker import State
from networx.topology import TOPOLOGY
from tests.core.jobs import steps
from tests.core.jobs.steps import QUEUE, current

PAUSE = timedelta(seconds=60)
CIRCUIT = Circuit("solver", failures=2, pause=PAUSE)
LOST, FAULT, REFUSED, DONE, HELD = "lost", "fault", "refused", "done", "held"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_pause(self) -> None:
        self.now += PAUSE.total_seconds()


class Fates:
    """A handler that does with a job what its params say; those that are held go on when they may."""

    confinement = None

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def __call__(self, context: JobContext) -> None:
        match context.job.params["fate"]:
            case "lost":
                raise ChildLost(how="signal 11")
            case "fault":
                raise SolverFault(what="it contradicts itself")
            case "refused":
                raise RefusedInput([Problem("is negative", "range")])
            case "held":
                assert self.go_on.wait(30)
        context.complete({"status": "done"})


class Watched(SolverCircuit):
    """Counts how often a slot was kept off."""

    kept_off = 0

    def enter(self) -> object | None:
        call = super().enter()
        self.kept_off += call is None
        return call


class Guarded:
    """A worker with two slots whose circuit has a clock of the test's."""

    def __init__(self, tenant_id) -> None:
        self.clock, self.handler, self.queues = Clock(), Fates(), MemoryQueues()
        self.circuit = Watched(CIRCUIT, clock=self.clock)
        worker = replace(TOPOLOGY.worker("optimization"), laptop_slots=2)
        self._service = WorkerService(
            worker, {"transport": self.handler}, name="w", open_queue=self.queues, circuit=CIRCUIT
        )
        self._service._solver = self.circuit
        self._tenant_id = tenant_id
        self._thread = threading.Thread(target=self._service.run)
        self._thread.start()

    @property
    def state(self) -> State:
        return self.circuit.states()["solver"]

    def submit(self, fate: str) -> Job:
        job = steps.submit(self._tenant_id, params={"fate": fate})
        relay.send_soon(self.queues)
        return job

    def ended(self, fate: str) -> Job:
        """A job of this fate, once it has ended."""
        return self.awaited(self.submit(fate))

    def awaited(self, job: Job) -> Job:
        until(lambda: current(job).status.terminal)
        return current(job)

    def turned_away(self) -> None:
        """Wait until the slots looked several times and were kept off."""
        before = self.circuit.kept_off
        until(lambda: self.circuit.kept_off >= before + 4)

    def close(self) -> None:
        self.handler.go_on.set()
        self._service.drain()
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def guarded(record, monkeypatch) -> Iterator[Guarded]:
    monkeypatch.setenv("NETWORX_RECEIVE_WAIT_SECONDS", "0.2")
    monkeypatch.setattr(workers, "OUTAGE_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(workers, "REPORTED_EVERY_SECONDS", 0.1)
    settings.current.cache_clear()
    made = Guarded(record.tenant_id)
    yield made
    made.close()
    settings.current.cache_clear()


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def opened(guarded: Guarded) -> None:
    """Two jobs after one another in which the solver failed."""
    for _ in range(2):
        assert guarded.ended(FAULT).status is JobStatus.FAILED
    until(lambda: guarded.state is State.OPEN)


def test_while_it_is_open_no_message_is_taken_and_no_attempt_spent(guarded):
    opened(guarded)
    waiting = guarded.submit(DONE)
    guarded.turned_away()
    assert (current(waiting).status, current(waiting).attempt) == (JobStatus.QUEUED, 0)
    depth = guarded.queues(QUEUE).fifo.depth()
    assert (depth.visible, depth.in_flight) == (1, 0)
    guarded.clock.pass_pause()
    done = guarded.awaited(waiting)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 1)
    until(lambda: guarded.state is State.CLOSED)


def test_one_poisonous_job_alone_opens_nothing(guarded):
    dead = guarded.ended(LOST)
    assert (dead.status, dead.attempt) == (JobStatus.DEAD, 2)
    assert guarded.state is State.CLOSED
    assert guarded.ended(DONE).status is JobStatus.SUCCEEDED
    # What came between has shown that jobs can be solved.
    assert guarded.ended(FAULT).status is JobStatus.FAILED
    assert guarded.state is State.CLOSED


def test_what_is_refused_says_nothing_of_the_solver(guarded):
    guarded.ended(FAULT)
    assert guarded.ended(REFUSED).status is JobStatus.FAILED
    assert guarded.state is State.CLOSED
    guarded.ended(FAULT)
    until(lambda: guarded.state is State.OPEN)
    guarded.clock.pass_pause()
    assert guarded.ended(REFUSED).status is JobStatus.FAILED
    assert guarded.state is State.HALF_OPEN
    assert guarded.ended(DONE).status is JobStatus.SUCCEEDED


def test_half_open_it_tries_one_job_and_a_failure_opens_it_again(guarded):
    opened(guarded)
    guarded.clock.pass_pause()
    guarded.ended(FAULT)
    until(lambda: guarded.state is State.OPEN)
    guarded.turned_away()
    guarded.clock.pass_pause()
    held = guarded.submit(HELD)
    until(lambda: current(held).status is JobStatus.RUNNING)
    waiting = guarded.submit(DONE)
    guarded.turned_away()
    assert (current(waiting).status, guarded.state) == (JobStatus.QUEUED, State.HALF_OPEN)
    guarded.handler.go_on.set()
    assert guarded.awaited(held).status is JobStatus.SUCCEEDED
    assert guarded.awaited(waiting).status is JobStatus.SUCCEEDED


def test_a_trial_that_outlasts_the_pause_lets_the_others_go_on(guarded):
    opened(guarded)
    guarded.clock.pass_pause()
    held = guarded.submit(HELD)
    until(lambda: current(held).status is JobStatus.RUNNING)
    guarded.turned_away()
    guarded.clock.pass_pause()
    assert guarded.ended(DONE).status is JobStatus.SUCCEEDED
    assert current(held).status is JobStatus.RUNNING
    until(lambda: guarded.state is State.CLOSED)


def test_it_is_told_as_long_as_it_lasts(guarded):
    opened(guarded)
    until(lambda: circuits.told() == [circuits.Told(State.OPEN, "solver", "w")])
    guarded.clock.pass_pause()
    until(lambda: circuits.told() == [circuits.Told(State.HALF_OPEN, "solver", "w")])
    guarded.ended(DONE)
    until(lambda: circuits.told() == [])
    opened(guarded)
    until(lambda: circuits.told() != [])
    guarded.close()
    assert circuits.told() == []


def test_the_workers_that_solve_have_it_and_no_other():
    assert {worker.name for worker in TOPOLOGY.workers if worker.circuit == "solver"} == {"optimization", "capacity"}
    assert TOPOLOGY.circuit("solver") == CIRCUIT
    without = SolverCircuit(None)
    call = without.enter()
    assert call is not None
    assert without.lets(call)
    assert without.states() == {}
