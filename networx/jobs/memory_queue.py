"""The in-memory side of the queue's port: for benchmarks, and for tests that choose the faults."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from networx.blueprint import Queue, Topology
from networx.errors import QueueUnavailable
from networx.jobs.fifo import Clock, Entry, Refusal, Taken
from networx.jobs.memory_fifo import MemoryFifo
from networx.jobs.queue import Hint, Message
from networx.topology import TOPOLOGY


class MemoryQueue:
    """A queue of the topology, or its dead-letter queue, over a MemoryFifo: the port's in-memory side."""

    def __init__(self, queue: Queue, fifo: MemoryFifo) -> None:
        self.queue = queue
        self.fifo = fifo

    def send(self, hints: Sequence[Hint]) -> set[int]:
        entries = [Entry(hint.body(), hint.group, hint.deduplication_id) for hint in hints]
        try:
            answers = self.fifo.send(entries)
        except Refusal as fault:
            raise QueueUnavailable from fault
        return {position for position, answer in enumerate(answers) if isinstance(answer, Taken)}

    def receive(self, most: int, wait: timedelta) -> list[Message]:
        return [
            Message(delivery.id, delivery.body, delivery.receipt, delivery.received)
            for delivery in self.fifo.receive(most, wait)
        ]

    def hide(self, message: Message, timeout: timedelta) -> bool:
        try:
            self.fifo.change_visibility(message.receipt, timeout)
        except Refusal:
            return False
        return True

    def delete(self, message: Message) -> bool:
        try:
            self.fifo.delete(message.receipt)
        except Refusal:
            return False
        return True


class MemoryQueues:
    """Opens the job queues of a topology in memory: each with its dead-letter queue, all with one clock."""

    def __init__(self, topology: Topology = TOPOLOGY, *, clock: Clock = time.monotonic, seed: int = 0) -> None:
        self._queues: dict[tuple[str, bool], MemoryQueue] = {}
        for number, queue in enumerate(topology.job_queues()):
            dead = MemoryFifo(retention=queue.dead_letter_retention, clock=clock, seed=seed + 2 * number + 1)
            live = MemoryFifo(
                visibility=queue.visibility_timeout,
                retention=queue.retention,
                most_receives=queue.max_receive_count,
                dead_letters=dead,
                clock=clock,
                seed=seed + 2 * number,
            )
            self._queues[queue.name, False] = MemoryQueue(queue, live)
            self._queues[queue.name, True] = MemoryQueue(queue, dead)

    def __call__(self, name: str, *, dead_letters: bool = False) -> MemoryQueue:
        return self._queues[name, dead_letters]
