"""The SQS side of a queue: send, receive, hide, delete. A message carries ids only, and is only a hint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.errors import QueueUnavailable
from networx.resilience import aws
from networx.topology import TOPOLOGY

BATCH = 10  # the most that SQS takes at once


@dataclass(frozen=True, slots=True)
class Hint:
    """What is sent: there is work for `job_id`, under the fence it had when this was written."""

    job_id: UUID
    fence: int
    history: tuple[dict[str, Any], ...] = ()

    def body(self) -> str:
        content: dict[str, Any] = {"job_id": str(self.job_id), "fence": self.fence}
        if self.history:
            content["history"] = self.history
        return orjson.dumps(content, default=str).decode()


@dataclass(frozen=True, slots=True)
class Message:
    """What was received. `receipt` hides or deletes it."""

    id: str
    body: str
    receipt: str


class JobQueue:
    """One FIFO queue of the topology. Every method raises QueueUnavailable when SQS cannot be reached."""

    def __init__(self, name: str, *, dead_letters: bool = False) -> None:
        self.queue = TOPOLOGY.queue(name)
        self._dead_letters = dead_letters
        self._url: str | None = None

    @property
    def url(self) -> str:
        if self._url is None:
            configured = settings.current()
            urls = configured.dead_letter_urls if self._dead_letters else configured.queue_urls
            self._url = urls[self.queue.name]
        return self._url

    def send(self, hints: Sequence[Hint]) -> set[int]:
        """Send at most ten hints; the positions of those that SQS took. One group a job, so none blocks another."""
        entries = [
            {
                "Id": str(position),
                "MessageBody": hint.body(),
                "MessageGroupId": str(hint.job_id),
                # A re-send under the same fence is swallowed, a requeue has a new fence and never is.
                "MessageDeduplicationId": f"{hint.job_id}.{hint.fence}",
            }
            for position, hint in enumerate(hints)
        ]
        answer = _call("send_message_batch", QueueUrl=self.url, Entries=entries)
        return {int(taken["Id"]) for taken in answer.get("Successful", [])}

    def receive(self, most: int, wait: timedelta) -> list[Message]:
        """Up to `most` messages, waiting up to `wait` (20 s at most) for the first."""
        answer = _call(
            "receive_message",
            QueueUrl=self.url,
            MaxNumberOfMessages=min(most, BATCH),
            WaitTimeSeconds=int(wait.total_seconds()),
        )
        return [
            Message(message["MessageId"], message["Body"], message["ReceiptHandle"])
            for message in answer.get("Messages", [])
        ]

    def hide(self, message: Message, timeout: timedelta) -> None:
        """Keep a received message hidden for `timeout` from now; zero gives it back at once."""
        _call(
            "change_message_visibility",
            QueueUrl=self.url,
            ReceiptHandle=message.receipt,
            VisibilityTimeout=math.ceil(timeout.total_seconds()),
        )

    def delete(self, message: Message) -> None:
        """Take a received message off the queue for good."""
        _call("delete_message", QueueUrl=self.url, ReceiptHandle=message.receipt)


def _call(operation: str, **arguments: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = getattr(aws.client("sqs"), operation)(**arguments)
    except (BotoCoreError, ClientError) as fault:
        raise QueueUnavailable from fault
    return answer
