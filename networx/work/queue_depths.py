"""How many messages a queue holds, by SQS's own approximate count."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from networx.errors import QueueUnavailable
from networx.resilience import aws

_WAITING, _IN_FLIGHT, _DELAYED = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True, slots=True)
class Depth:
    """Messages that may be received now, those that may be later, and those that somebody holds."""

    waiting: int
    delayed: int
    in_flight: int

    @property
    def empty(self) -> bool:
        return self.waiting + self.delayed + self.in_flight == 0


def depth_of(url: str) -> Depth:
    """The depth of the queue at this URL. Raises QueueUnavailable."""
    try:
        answer = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[_WAITING, _IN_FLIGHT, _DELAYED])
    except (BotoCoreError, ClientError) as fault:
        raise QueueUnavailable from fault
    counted = {name: int(value) for name, value in answer["Attributes"].items()}
    return Depth(counted[_WAITING], counted[_DELAYED], counted[_IN_FLIGHT])
