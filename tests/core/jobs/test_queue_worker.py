"""A whole worker over the in-memory queues: whatever the queue does to the messages, each job is done once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from networx import settings
from networx.db import pool
from networx.jobs import recovery, relay
from networx.jobs.context import JobContext
from networx.jobs.fifo import Faults
from networx.jobs.memory_queue import MemoryQueues
from networx.jobs.progress import Herald, channel
from networx.jobs.worker import WorkerService
from networx.resilience.cache import cache_client
from networx.topology import TOPOLOGY
from tests.core.jobs.steps import QUEUE, submit, told


class Counting:
    """A handler that completes at once and remembers what it was given."""

    confinement = None

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()

    def __call__(self, context: JobContext) -> None:
        context.complete({"status": "done"})
        self.done[str(context.job.id)] += 1


@pytest.fixture
def quick(record, monkeypatch):
    monkeypatch.setenv("NETWORX_RECEIVE_WAIT_SECONDS", "0.2")
    settings.current.cache_clear()
    yield record
    settings.current.cache_clear()


@contextmanager
def working(queues: MemoryQueues, slots: int) -> Iterator[Counting]:
    handler = Counting()
    worker = replace(TOPOLOGY.worker("optimization"), laptop_slots=slots)
    service = WorkerService(worker, {"transport": handler}, name="w", open_queue=queues)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield handler
    finally:
        service.drain()
        thread.join(timeout=30)
        assert not thread.is_alive()


def awaited(handler: Counting, jobs: int, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while len(handler.done) < jobs:
        assert time.monotonic() < deadline, f"{len(handler.done)} of {jobs} are done"
        time.sleep(0.05)


@pytest.mark.parametrize("slots", [1, 2, 8])
def test_every_job_is_done_once(quick, slots):
    jobs = [submit(quick.tenant_id) for _ in range(60)]
    queues = MemoryQueues()
    with working(queues, slots) as handler:
        awaited(handler, 60)
    assert set(handler.done.values()) == {1}
    assert all(told(job) == ["submitted", "claimed", "finished"] for job in jobs)
    assert queues(QUEUE).fifo.depth().in_flight == 0


@pytest.mark.parametrize(
    "faults",
    [
        Faults(duplicated=1.0, copies=5),
        Faults(late_seconds=1.0, reordered=True),
        Faults(refused=0.5),
        Faults(unanswered=0.2),
    ],
    ids=["duplicated", "late and reordered", "refused in part", "unanswered"],
)
def test_whatever_the_queue_does_every_job_is_done_once(quick, faults):
    jobs = [submit(quick.tenant_id) for _ in range(30)]
    queues = MemoryQueues(seed=7)
    queues(QUEUE).fifo.faults = faults
    with working(queues, 4) as handler:
        awaited(handler, 30)
    assert set(handler.done.values()) == {1}
    assert all(told(job).count("finished") == 1 for job in jobs)


def test_what_the_queue_lost_is_sent_again_by_the_monitor(quick):
    for _ in range(10):
        submit(quick.tenant_id)
    queues = MemoryQueues()
    queues(QUEUE).fifo.faults = Faults(lost=1.0)
    while relay.send_due(open_queue=queues):
        pass
    assert queues(QUEUE).fifo.counted["lost"] == 10
    queues(QUEUE).fifo.faults = Faults()
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET dispatched_at = dispatched_at - interval '1 hour'")
        recovery.recover(connection, stale_after=timedelta(minutes=10), lost_after=timedelta(minutes=5))
    with working(queues, 2) as handler:
        awaited(handler, 10)
    assert set(handler.done.values()) == {1}


def test_a_herald_announces_everything_it_was_told_before_it_ends(quick):
    jobs = [submit(quick.tenant_id).id for _ in range(5)]
    ears = cache_client().pubsub(ignore_subscribe_messages=True)
    ears.subscribe(*(channel(job_id) for job_id in jobs))
    ears.get_message(timeout=20)
    herald = Herald()
    for job_id in jobs:
        herald.tell(job_id)
    herald.close()
    herald.run()
    heard = []
    deadline = time.monotonic() + 30
    while len(heard) < 5 and time.monotonic() < deadline:
        message = ears.get_message(timeout=0.2)
        if message is not None:
            heard.append(message["channel"])
    assert sorted(heard) == sorted(channel(job_id) for job_id in jobs)
