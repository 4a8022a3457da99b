"""The worker with a real record and queue: it settles every job once, and lets go of what is no longer its own."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from networx import settings
from networx.db import pool
from networx.domain.plan import Progress
from networx.errors import Conflict, DatabaseUnavailable
from networx.jobs import claims, endings, outages, progress, protection, relay, store
from networx.jobs.context import JobContext
from networx.jobs.job import HIGH, NORMAL, Job, JobStatus
from networx.jobs.sqs import SqsQueue
from networx.jobs.worker import WorkerService
from networx.resilience.confine import Confinement, Stopped
from networx.topology import TOPOLOGY
from tests.chaos.clocks import BY_THE_CLOCK
from tests.core.jobs import steps

CHILDREN = "tests.core.resilience.children"


class Asking:
    """A handler whose child runs one of the functions of `children`."""

    def __init__(self, name: str, around: Callable[[JobContext], None] = lambda _: None) -> None:
        self.confinement = Confinement(f"{CHILDREN}:{name}", memory_mib=256)
        self._around = around

    def __call__(self, context: JobContext) -> None:
        self._around(context)
        for message in context.child.run({}, longest=timedelta(seconds=30), stop=context.stopped):
            context.progress(Progress("working", 50.0))
            self.last = message
        context.complete({"status": "done"})


@pytest.fixture
def quick(monkeypatch, record):
    for name, seconds in {
        "LEASE": 3,
        "HEARTBEAT": 0.5,
        "SELF_FENCE": 2,
        "DRAIN": 1,
        "CANCEL_POLL": 0.1,
        "RECEIVE_WAIT": 1,
    }.items():
        monkeypatch.setenv(f"NETWORX_{name}_SECONDS", str(seconds))
    settings.current.cache_clear()
    yield record
    settings.current.cache_clear()


@contextmanager
def working(handler, *, slots: int | None = None) -> Iterator[WorkerService]:
    worker = TOPOLOGY.worker("optimization")
    if slots is not None:
        worker = replace(worker, laptop_slots=slots)
    service = WorkerService(worker, {"transport": handler}, name="tested")
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.drain()
        thread.join(timeout=20)
        assert not thread.is_alive()


def said(handler: Asking, seconds: float = 20) -> None:
    """Wait until the handler's child has said something."""
    deadline = time.monotonic() + seconds
    while not hasattr(handler, "last"):
        assert time.monotonic() < deadline, "the child says nothing"
        time.sleep(0.01)


def submit(record, *, priority: int = NORMAL) -> Job:
    with pool.tenant(record.tenant_id) as connection:
        job = store.submit(connection, tenant_id=record.tenant_id, kind="transport", params={}, priority=priority)
    relay.send_soon()
    return job


def awaited(job: Job, *statuses: JobStatus, seconds: float = 20) -> Job:
    deadline = time.monotonic() + seconds
    while True:
        with pool.system() as connection:
            now = store.get_job(connection, job.id)
        if now.status in statuses:
            return now
        assert time.monotonic() < deadline, f"the job is {now.status}"
        time.sleep(0.05)


def standing(jobs: Sequence[Job]) -> Counter[str]:
    """How many of these jobs stand where. Which two of three run is left open: of jobs made within the same instant a
    later one may go first."""
    with pool.system() as connection:
        return Counter(store.get_job(connection, job.id).status.value for job in jobs)


def reached(wanted: Counter[str], jobs: Sequence[Job], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while (now := standing(jobs)) != wanted:
        assert time.monotonic() < deadline, f"the jobs stand at {now}"
        time.sleep(0.05)


def taken_off(aws, name: str, seconds: float = 20) -> None:
    """Wait until the queue has no message, hidden ones included."""
    url = aws.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline = time.monotonic() + seconds
    while any(int(n) for n in aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"].values()):
        assert time.monotonic() < deadline, "a message is left"
        time.sleep(0.05)


def story(job: Job) -> list[str]:
    with pool.system() as connection:
        return [event["event"] for event in store.events(connection, job.id)]


def test_a_job_is_done_and_its_message_taken_off(quick, aws):
    job = submit(quick)
    with working(Asking("echo")):
        done = awaited(job, JobStatus.SUCCEEDED)
        assert done.attempt == 1
        assert progress.read(job.id) is None or progress.read(job.id)["stage"] == "working"
        taken_off(aws, "optimization.fifo")
    assert story(job) == ["submitted", "claimed", "finished"]


def test_a_crash_is_tried_again_and_then_dead(quick):
    job = submit(quick)
    with working(Asking("crash")):
        dead = awaited(job, JobStatus.DEAD)
    assert dead.attempt == 2
    assert dead.error == {
        "code": "CHILD_LOST",
        "message": "The process doing the work ended without an answer (signal 11).",
    }
    assert story(job) == ["submitted", "claimed", "retried", "claimed", "died"]


def test_what_cannot_succeed_is_not_tried_again(quick):
    job = submit(quick)
    with working(Asking("refuse")):
        failed = awaited(job, JobStatus.FAILED)
    assert (failed.attempt, failed.error["code"]) == (1, "BAD")


def test_a_cancel_stops_the_child_within_a_second(quick):
    job = submit(quick)
    handler = Asking("sleep")
    with working(handler):
        awaited(job, JobStatus.RUNNING)
        said(handler)
        started = time.monotonic()
        with pool.tenant(quick.tenant_id) as connection:
            store.cancel(connection, job.id, "a person")
        while _alive(handler.last["pid"]):
            # A second is what is promised, on a machine that has one to give; by itself the child would sleep a minute.
            assert time.monotonic() - started < (1 if BY_THE_CLOCK else 20)
            time.sleep(0.02)
    assert story(job) == ["submitted", "claimed", "cancelled"]


def test_a_drain_hands_the_job_back_without_burning_its_attempt(quick):
    job = submit(quick)
    with working(Asking("sleep")):
        awaited(job, JobStatus.RUNNING)
    released = awaited(job, JobStatus.QUEUED)
    assert released.attempt == 0
    assert story(job) == ["submitted", "claimed", "released"]


def test_heartbeats_keep_a_long_job_its_lease(quick):
    job = submit(quick)
    with working(Asking("sleep")):
        awaited(job, JobStatus.RUNNING)
        time.sleep(4)  # longer than the lease
        with pool.system() as connection:
            assert (
                claims.claim(
                    connection, queue="optimization.fifo", kinds=["transport"], worker="w2", lease=timedelta(seconds=9)
                )
                is None
            )


def test_a_handler_that_forgets_to_complete_fails_loudly(quick):
    class Forgetful(Asking):
        def __call__(self, context: JobContext) -> None:
            list(context.child.run({}, longest=timedelta(seconds=30)))

    job = submit(quick)
    with working(Forgetful("echo")):
        assert awaited(job, JobStatus.DEAD).attempt == 2


def test_a_handlers_own_refusal_fails_the_job(quick):
    def refuse(context: JobContext) -> None:
        raise Conflict(what="the data changed")

    job = submit(quick)
    with working(Asking("echo", refuse)):
        assert awaited(job, JobStatus.FAILED).error == {"code": "CONFLICT", "message": "the data changed"}


def test_the_same_message_many_times_does_the_job_once(quick):
    job = submit(quick)
    queue = SqsQueue("optimization.fifo")
    from networx.jobs.queue import Hint

    queue.send([Hint(job.id, fence) for fence in range(100, 108)])
    with working(Asking("echo")):
        awaited(job, JobStatus.SUCCEEDED)
    assert story(job).count("finished") == 1


def _alive(pid: int) -> bool:
    import os

    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_fault_that_could_not_be_recorded_leaves_the_message_for_after_the_lease(quick, monkeypatch):
    failed: list[bool] = []

    def away(*_: object, **__: object) -> bool:
        raise DatabaseUnavailable

    def fails_once(_: JobContext) -> None:
        if not failed:
            failed.append(True)
            raise RuntimeError("the connection broke")

    job = submit(quick)
    monkeypatch.setattr(endings, "retry", away)
    with working(Asking("echo", fails_once)):
        assert awaited(job, JobStatus.SUCCEEDED).attempt == 2
    assert story(job) == ["submitted", "claimed", "taken over", "finished"]


def test_a_job_whose_worker_was_lost_in_the_last_attempt_is_dead_when_its_message_comes_back(quick):
    job = submit(quick)
    for _ in range(2):
        steps.claimed("lost", lease=timedelta(0))
    with working(Asking("echo")):
        dead = awaited(job, JobStatus.DEAD)
    assert (dead.attempt, dead.error["code"]) == (2, "WORKER_LOST")
    assert story(job) == ["submitted", "claimed", "taken over", "died"]


def test_an_outage_of_the_database_costs_no_attempt_but_not_without_end(quick, monkeypatch):
    def meets_outage(_: JobContext) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(outages, "MOST_TIMES", 2)
    job = submit(quick)
    with working(Asking("echo", meets_outage)):
        dead = awaited(job, JobStatus.DEAD, seconds=40)
    assert dead.error["code"] == "DATABASE_UNAVAILABLE"
    assert story(job) == ["submitted", *["claimed", "released"] * 2, "claimed", "retried", "claimed", "died"]


def test_a_job_is_handed_back_once_the_database_answers_again(quick, monkeypatch):
    met, refused = [], []
    release = endings.release

    def meets_outage_once(_: JobContext) -> None:
        if not met:
            met.append(True)
            raise DatabaseUnavailable

    def released_at_the_second_try(*arguments: object, **named: object) -> bool:
        if not refused:
            refused.append(True)
            raise DatabaseUnavailable
        return release(*arguments, **named)

    monkeypatch.setattr(endings, "release", released_at_the_second_try)
    job = submit(quick)
    with working(Asking("echo", meets_outage_once)):
        assert awaited(job, JobStatus.SUCCEEDED).attempt == 1
    assert story(job) == ["submitted", "claimed", "released", "claimed", "finished"]


def test_a_worker_that_fenced_itself_leaves_the_message_for_after_the_lease(quick):
    stopped = []

    def fences_once(context: JobContext) -> None:
        if not stopped:
            stopped.append(True)
            context.stop()

    job = submit(quick)
    with working(Asking("echo", fences_once)):
        assert awaited(job, JobStatus.SUCCEEDED).attempt == 2
    assert story(job) == ["submitted", "claimed", "taken over", "finished"]


def test_the_task_asks_for_protection_while_a_job_runs(quick, monkeypatch):
    looks = {True: threading.Semaphore(0), False: threading.Semaphore(0)}

    def keep(finished: threading.Event, busy: Callable[[], bool]) -> None:
        while not finished.wait(0.005):
            looks[busy()].release()

    def seen(busy: bool) -> bool:
        return looks[busy].acquire(timeout=20)

    monkeypatch.setattr(protection, "keep", keep)
    seen_while_it_ran = []
    with working(Asking("echo", lambda _: seen_while_it_ran.append(seen(True)))):
        assert seen(False)
        assert not looks[True].acquire(blocking=False)
        awaited(submit(quick), JobStatus.SUCCEEDED)
        while looks[False].acquire(blocking=False):
            pass
        assert seen(False), "it lets go when the job has ended"
    assert seen_while_it_ran == [True]


class Waiting:
    """A handler that needs no child: it works until it is told to finish, or to stop."""

    confinement = None

    def __init__(self) -> None:
        self.finish = threading.Event()

    def __call__(self, context: JobContext) -> None:
        while not self.finish.wait(0.01):
            if context.stopped():
                raise Stopped
        context.complete({"status": "done"})


def test_one_slot_of_three_is_kept_for_high_and_ordinary_jobs_go_on_when_it_is_not_needed(quick):
    handler = Waiting()
    with working(handler, slots=3):
        ordinary = [submit(quick) for _ in range(3)]
        reached(Counter(running=2, queued=1), ordinary)
        urgent = submit(quick, priority=HIGH)
        awaited(urgent, JobStatus.RUNNING)
        assert standing(ordinary) == Counter(running=2, queued=1)
        handler.finish.set()
        for job in (*ordinary, urgent):
            awaited(job, JobStatus.SUCCEEDED)


def test_a_job_taken_without_a_token_is_handed_back_by_a_drain(quick):
    handler = Waiting()
    with working(handler, slots=3):
        for job in [submit(quick) for _ in range(2)]:
            awaited(job, JobStatus.RUNNING)
        urgent = submit(quick, priority=HIGH)
        awaited(urgent, JobStatus.RUNNING)
    assert story(urgent) == ["submitted", "claimed", "released"]


def test_an_attempt_tells_how_long_it_took_and_how_much_it_used(quick):
    job = submit(quick)
    with working(Asking("echo")):
        awaited(job, JobStatus.SUCCEEDED)
    with pool.system() as connection:
        facts = store.events(connection, job.id)[-1]["facts"]
    assert facts["seconds"] > 0
    assert facts["peak_mib"] > 1
