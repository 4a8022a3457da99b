"""SQS behind the port: one FIFO queue of the topology, its address from the settings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from networx import settings
from networx.errors import QueueUnavailable
from networx.jobs.queue import BATCH, Hint, Message
from networx.resilience import aws
from networx.resilience.breaker import Breaker
from networx.topology import TOPOLOGY

# What SQS answers to a receipt that has had its time. Nothing is away then, and nothing is to be waited for.
_SPENT_RECEIPT = frozenset({"ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight"})


class SqsQueue:
    """A queue of the topology in SQS, at `url` or where the settings say.

    Every method raises QueueUnavailable when SQS cannot be reached.
    """

    def __init__(self, name: str, *, dead_letters: bool = False, url: str | None = None) -> None:
        self.queue = TOPOLOGY.queue(name)
        self._dead_letters = dead_letters
        self._url = url

    @property
    def url(self) -> str:
        if self._url is None:
            configured = settings.current()
            urls = configured.dead_letter_urls if self._dead_letters else configured.queue_urls
            self._url = urls[self.queue.name]
        return self._url

    def send(self, hints: Sequence[Hint]) -> set[int]:
        """Send at most ten hints; the positions of those that SQS took."""
        entries = [
            {
                "Id": str(position),
                "MessageBody": hint.body(),
                "MessageGroupId": hint.group,
                "MessageDeduplicationId": hint.deduplication_id,
            }
            for position, hint in enumerate(hints)
        ]
        answer = self._call("send_message_batch", Entries=entries)
        return {int(taken["Id"]) for taken in answer.get("Successful", [])}

    def receive(self, most: int, wait: timedelta) -> list[Message]:
        """Up to `most` messages, waiting up to `wait` (20 s at most) for the first."""
        answer = self._call(
            "receive_message",
            aws.SQS_POLLS,
            MaxNumberOfMessages=min(most, BATCH),
            WaitTimeSeconds=int(wait.total_seconds()),
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return [
            Message(
                message["MessageId"],
                message["Body"],
                message["ReceiptHandle"],
                int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1)),
            )
            for message in answer.get("Messages", [])
        ]

    def hide(self, message: Message, timeout: timedelta) -> bool:
        """Keep a received message hidden for `timeout` from now; False when its receipt no longer counts."""
        seconds = math.ceil(timeout.total_seconds())
        return self._settle("change_message_visibility", message, VisibilityTimeout=seconds)

    def delete(self, message: Message) -> bool:
        """Take a received message off the queue for good; False when its receipt no longer counts."""
        return self._settle("delete_message", message)

    def _settle(self, operation: str, message: Message, **arguments: Any) -> bool:
        try:
            self._call(operation, ReceiptHandle=message.receipt, **arguments)
        except QueueUnavailable as fault:
            if _code(fault.__cause__) in _SPENT_RECEIPT:
                return False
            raise
        return True

    def _call(self, operation: str, client: str = "sqs", **arguments: Any) -> dict[str, Any]:
        try:
            with breaker().guarding(*aws.FAULTS, unless=aws.answered):
                answer: dict[str, Any] = getattr(aws.client(client), operation)(QueueUrl=self.url, **arguments)
        except aws.FAULTS as fault:
            raise QueueUnavailable from fault
        return answer


@cache
def breaker() -> Breaker:
    """This process's breaker for SQS."""

    def probe() -> None:
        any_queue = next(iter(settings.current().queue_urls.values()))
        aws.reach(lambda: aws.client("sqs").get_queue_attributes(QueueUrl=any_queue))

    return Breaker(TOPOLOGY.circuit("queue"), QueueUnavailable, probe=probe)


def _code(fault: BaseException | None) -> str:
    """The last part of the error's code: SQS over JSON and older ones put a namespace before it."""
    if not isinstance(fault, ClientError):
        return ""
    return fault.response["Error"]["Code"].rpartition(".")[2]
