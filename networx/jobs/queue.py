"""The port to a queue: send, receive, hide, delete. A message carries ids only, and is only a hint.

`networx.jobs.sqs` is the queue of the cloud and of the laptop's emulator, `networx.jobs.memory_queue` one within a
process whose faults can be chosen. What both keep is written down in docs/jobs-queue.md, a row for each rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import orjson

from networx.blueprint import Queue

BATCH = 10  # the most that SQS takes or gives at once
BODY_BYTES = 1024**2 // BATCH  # so that ten bodies never pass what SQS takes in one batch
_FRAME_BYTES = 200  # of a body, besides the history


@dataclass(frozen=True, slots=True)
class Hint:
    """What is sent: there is work for `job_id`, under the fence it had when this was written."""

    job_id: UUID
    fence: int
    history: tuple[dict[str, Any], ...] = ()

    @property
    def group(self) -> str:
        """One group a job, so that no job waits behind another's message."""
        return str(self.job_id)

    @property
    def deduplication_id(self) -> str:
        """A re-send under the same fence is swallowed; a requeue has a new fence and never is."""
        return f"{self.job_id}.{self.fence}"

    def body(self) -> str:
        """At most BODY_BYTES: of a longer history the newest events are kept, and `left_out` counts the others."""
        content: dict[str, Any] = {"job_id": str(self.job_id), "fence": self.fence}
        sizes = [len(orjson.dumps(event, default=str)) + 1 for event in self.history]
        left_out = 0
        while sum(sizes[left_out:]) > BODY_BYTES - _FRAME_BYTES:
            left_out += 1
        if self.history:
            content["history"] = self.history[left_out:]
        if left_out:
            content["left_out"] = left_out
        return orjson.dumps(content, default=str).decode()


@dataclass(frozen=True, slots=True)
class Message:
    """What was received. `receipt` hides or deletes it; `received` is about how often it was, this time included."""

    id: str
    body: str
    receipt: str
    received: int = 1


class JobQueue(Protocol):
    """One queue of the topology, or its dead-letter queue. Every method raises QueueUnavailable when it is away."""

    queue: Queue

    def send(self, hints: Sequence[Hint]) -> set[int]:
        """Send at most ten hints; the positions of those that were taken."""

    def receive(self, most: int, wait: timedelta) -> list[Message]:
        """Up to `most` messages (ten at most), waiting up to `wait` (20 s at most) for the first."""

    def hide(self, message: Message, timeout: timedelta) -> bool:
        """Keep a received message hidden for `timeout` from now; zero gives it back at once.

        False when its receipt no longer counts: it was deleted, became visible again, or twelve hours are over.
        """

    def delete(self, message: Message) -> bool:
        """Take a received message off the queue for good; False when its receipt no longer counts."""


class OpenQueue(Protocol):
    """What opens the queues of the topology by their names."""

    def __call__(self, name: str, *, dead_letters: bool = False) -> JobQueue:
        """The queue of this name, or its dead-letter queue."""
