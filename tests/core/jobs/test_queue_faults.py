"""The faults of the in-memory queue: each happens as often as it was told to, and the seed says to which message."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from networx.errors import QueueUnavailable
from networx.jobs.fifo import Entry, Faults, MovableClock
from networx.jobs.memory_fifo import MemoryFifo
from networx.jobs.memory_queue import MemoryQueue, MemoryQueues
from networx.jobs.queue import BODY_BYTES, Hint
from networx.topology import TOPOLOGY

NOW = timedelta(0)
QUEUE = TOPOLOGY.queue("optimization.fifo")


def fill(fifo: MemoryFifo, count: int) -> None:
    for number in range(count):
        fifo.send([Entry(str(number), str(number), str(number))])


def drain(fifo: MemoryFifo) -> list[str]:
    bodies = []
    while deliveries := fifo.receive(10, NOW):
        for delivery in deliveries:
            bodies.append(delivery.body)
            fifo.delete(delivery.receipt)
    return bodies


def test_some_are_lost_though_they_were_taken() -> None:
    fifo = MemoryFifo(faults=Faults(lost=0.2))
    fill(fifo, 1000)
    arrived = drain(fifo)
    assert 100 < fifo.counted["lost"] < 300
    assert fifo.counted["sent"] == 1000
    assert len(arrived) == 1000 - fifo.counted["lost"]


def test_the_seed_says_which() -> None:
    def arrivals(seed: int) -> list[str]:
        fifo = MemoryFifo(faults=Faults(lost=0.5, reordered=True), seed=seed)
        fill(fifo, 100)
        return drain(fifo)

    assert arrivals(1) == arrivals(1)
    assert arrivals(1) != arrivals(2)


def test_a_duplicate_can_be_in_flight_beside_its_first() -> None:
    fifo = MemoryFifo(faults=Faults(duplicated=1.0, copies=3))
    fill(fifo, 1)
    deliveries = fifo.receive(10, NOW)
    assert [delivery.body for delivery in deliveries] == ["0"] * 4
    assert len({delivery.id for delivery in deliveries}) == 1
    assert len({delivery.receipt for delivery in deliveries}) == 4


def test_part_of_a_batch_is_refused_and_can_be_sent_again() -> None:
    queue = MemoryQueue(QUEUE, MemoryFifo(faults=Faults(refused=0.5)))
    hints = [Hint(UUID(int=number), 1) for number in range(10)]
    taken = queue.send(hints)
    assert 0 < len(taken) < 10
    queue.fifo.faults = Faults()
    assert queue.send(hints) == set(range(10))
    assert len(drain(queue.fifo)) == 10


def test_what_is_late_comes_in_its_groups_order() -> None:
    clock = MovableClock()
    fifo = MemoryFifo(faults=Faults(late_seconds=60), clock=clock)
    fifo.send([Entry(str(number), "one group", str(number)) for number in range(10)])
    assert drain(fifo) == []
    assert fifo.depth().late == 10
    clock.advance(61)
    assert drain(fifo) == [str(number) for number in range(10)]


def test_groups_are_reordered_and_their_messages_are_not() -> None:
    fifo = MemoryFifo(faults=Faults(reordered=True))
    for number in range(200):
        fifo.send([Entry(str(number), str(number % 20), str(number))])
    arrived = [int(body) for body in drain(fifo)]
    assert arrived != sorted(arrived)
    for group in range(20):
        members = [number for number in arrived if number % 20 == group]
        assert members == sorted(members)


def test_nothing_is_reached_during_an_outage_and_nothing_is_lost_by_it() -> None:
    queue = MemoryQueue(QUEUE, MemoryFifo())
    queue.send([Hint(uuid4(), 1)])
    (message,) = queue.receive(1, NOW)
    queue.fifo.faults = Faults(away=True)
    for call in (
        lambda: queue.send([Hint(uuid4(), 1)]),
        lambda: queue.receive(1, NOW),
        lambda: queue.hide(message, NOW),
        lambda: queue.delete(message),
    ):
        with pytest.raises(QueueUnavailable):
            call()
    queue.fifo.faults = Faults()
    assert queue.delete(message)


def test_an_outage_ends_a_poll() -> None:
    fifo = MemoryFifo()

    def pull_the_plug() -> None:
        fifo.faults = Faults(away=True)
        fifo.nudge()

    threading.Timer(0.1, pull_the_plug).start()
    started = time.monotonic()
    with pytest.raises(QueueUnavailable):
        fifo.receive(1, timedelta(seconds=20))
    assert time.monotonic() - started < 18


def test_what_was_obeyed_and_not_answered_is_in_doubt() -> None:
    fifo = MemoryFifo(visibility=timedelta(seconds=30), faults=Faults(unanswered=1.0))
    entry = Entry("a body", "a group", "an id")
    with pytest.raises(QueueUnavailable):
        fifo.send([entry])
    fifo.faults = Faults()
    fifo.send([entry])  # as a client does that heard nothing
    assert fifo.depth().visible == 1
    fifo.faults = Faults(unanswered=1.0)
    with pytest.raises(QueueUnavailable):
        fifo.receive(1, NOW)
    fifo.faults = Faults()
    # The message was given to somebody who never heard: hidden until its time is over.
    assert fifo.receive(1, NOW) == []
    assert fifo.depth().in_flight == 1


def test_a_purge_takes_what_is_in_flight_too_and_remembers_ids() -> None:
    fifo = MemoryFifo()
    fill(fifo, 3)
    (delivery,) = fifo.receive(1, NOW)
    fifo.purge()
    assert fifo.depth() == (0, 0, 0)
    fifo.send([Entry("0", "0", "0")])
    assert drain(fifo) == []
    fill(fifo, 4)
    assert drain(fifo) == ["3"]
    assert delivery.body == "0"


def test_many_receivers_get_each_message_once() -> None:
    fifo = MemoryFifo()
    got: Counter[str] = Counter()
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            for delivery in fifo.receive(1, timedelta(seconds=0.2)):
                got[delivery.body] += 1
                fifo.delete(delivery.receipt)

    receivers = [threading.Thread(target=work) for _ in range(8)]
    for receiver in receivers:
        receiver.start()
    fill(fifo, 2000)
    deadline = time.monotonic() + 30
    while sum(got.values()) < 2000 and time.monotonic() < deadline:
        time.sleep(0.02)
    over.set()
    for receiver in receivers:
        receiver.join()
    assert sorted(got.values()) == [1] * 2000
    assert fifo.depth() == (0, 0, 0)


def test_deduplication_forgets_what_is_older_than_five_minutes() -> None:
    clock = MovableClock()
    fifo = MemoryFifo(clock=clock)
    fill(fifo, 100)
    clock.advance(301)
    fifo.send([Entry("new", "new", "new")])
    assert len(fifo._remembered) == 1


def test_each_queue_of_the_topology_has_its_dead_letters() -> None:
    queues = MemoryQueues()
    for queue in TOPOLOGY.job_queues():
        live, dead = queues(queue.name), queues(queue.name, dead_letters=True)
        assert live is queues(queue.name)
        assert live.fifo.dead_letters is dead.fifo
        assert (live.fifo.visibility, live.fifo.most_receives) == (queue.visibility_timeout, queue.max_receive_count)


def test_faults_can_be_changed_while_it_runs() -> None:
    fifo = MemoryFifo(faults=Faults(lost=1.0))
    fill(fifo, 5)
    fifo.faults = replace(fifo.faults, lost=0.0)
    fifo.send([Entry("after", "after", "after")])
    assert drain(fifo) == ["after"]


def test_ten_hints_with_endless_histories_fit_into_one_batch() -> None:
    history = tuple({"event": "retried", "reason": "x" * 3000, "attempt": number} for number in range(200))
    queue = MemoryQueue(QUEUE, MemoryFifo())
    hints = [Hint(uuid4(), number, history) for number in range(10)]
    assert all(len(hint.body().encode()) <= BODY_BYTES for hint in hints)
    assert queue.send(hints) == set(range(10))
    content = json.loads(hints[0].body())
    assert content["history"][-1]["attempt"] == 199
    assert content["left_out"] + len(content["history"]) == 200
