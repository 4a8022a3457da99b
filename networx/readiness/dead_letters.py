"""Nothing that cannot be handled is received for ever: each queue's redrive policy, and a message that goes that way.

The message goes through a queue of the check's own with the very policy of the platform's, since a worker deletes what
is no hint. It ends in the platform's dead-letter queue, from where it is taken out; what an earlier check that was
killed has left goes with it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.blueprint import Queue
from networx.errors import QueueUnavailable
from networx.jobs.queue import BATCH, Message
from networx.jobs.sqs import SqsQueue
from networx.readiness.check import Place, Unprotected
from networx.resilience import aws
from networx.topology import TOPOLOGY

PROBES = "networx-readiness-"
# No check takes that long: the queue is one of a check that was killed.
_LEFT_AFTER_SECONDS = 3_600
_MARK = "networx readiness"
# Whoever else looks through a dead-letter queue hides its messages for half a minute.
_FOUND_WITHIN_SECONDS = 90
_DO = "Start the platform again (or deploy the queues): docs/runbook/dead-letters.md."


def dead_letter_queues(_: Place) -> str:
    """Every queue gives up what it delivered often enough, and what it gave up stands in its dead-letter queue."""
    try:
        _remove_left()
        policies = {queue.name: _policy_of(queue) for queue in TOPOLOGY.queues}
        for queue in TOPOLOGY.job_queues():
            _send_through(queue, policies[queue.name])
    except (BotoCoreError, ClientError) as fault:
        raise QueueUnavailable from fault
    return f"{len(policies)} policies as meant; {len(TOPOLOGY.job_queues())} messages given up, found and taken out"


def _remove_left() -> None:
    sqs = aws.client("sqs")
    for url in sqs.list_queues(QueueNamePrefix=PROBES).get("QueueUrls", []):
        made_at = int(_attributes(url, "CreatedTimestamp")["CreatedTimestamp"])
        if time.time() - made_at > _LEFT_AFTER_SECONDS:
            sqs.delete_queue(QueueUrl=url)


def _policy_of(queue: Queue) -> dict[str, Any]:
    configured = settings.current()
    attributes = _attributes(configured.queue_urls[queue.name], "RedrivePolicy")
    policy: dict[str, Any] = orjson.loads(attributes.get("RedrivePolicy", "{}"))
    if not policy:
        raise Unprotected(f"The queue {queue.name} has no dead-letter queue", _DO)
    meant = _attributes(configured.dead_letter_urls[queue.name], "QueueArn")["QueueArn"]
    if policy["deadLetterTargetArn"] != meant:
        raise Unprotected(f"The queue {queue.name} gives up to {policy['deadLetterTargetArn']}, {meant} is meant", _DO)
    if int(policy["maxReceiveCount"]) != queue.max_receive_count:
        raise Unprotected(
            f"The queue {queue.name} gives up after {policy['maxReceiveCount']} deliveries, "
            f"{queue.max_receive_count} are meant",
            _DO,
        )
    return policy


def _attributes(url: str, *names: str) -> dict[str, str]:
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(names))
    found: dict[str, str] = answer.get("Attributes", {})
    return found


def _send_through(queue: Queue, policy: dict[str, Any]) -> None:
    body = orjson.dumps({"probe": _MARK, "id": uuid4().hex}).decode()
    with _probe_queue(policy) as url:
        sqs = aws.client("sqs")
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=_MARK, MessageDeduplicationId=uuid4().hex)
        deliveries = 0
        while message := _delivered(url):
            deliveries += 1
            if deliveries > queue.max_receive_count:
                raise Unprotected(
                    f"A message that nobody could handle was delivered {deliveries} times, "
                    f"{queue.max_receive_count} are meant",
                    _DO,
                )
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        if not _taken_out(queue, body):
            raise Unprotected(f"A message that {queue.name} would give up did not reach its dead-letter queue", _DO)


def _delivered(url: str) -> dict[str, Any] | None:
    answer = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=1)
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages[0] if messages else None


@contextmanager
def _probe_queue(policy: dict[str, Any]) -> Iterator[str]:
    sqs = aws.client("sqs")
    attributes = {"FifoQueue": "true", "VisibilityTimeout": "30", "RedrivePolicy": orjson.dumps(policy).decode()}
    name = f"{PROBES}{uuid4().hex}.fifo"
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    try:
        yield url
    finally:
        sqs.delete_queue(QueueUrl=url)


def _taken_out(queue: Queue, body: str) -> bool:
    """Delete the probe, and any that was left, from the dead-letter queue; what else is seen is given back."""
    letters = SqsQueue(queue.name, dead_letters=True)
    others: list[Message] = []
    deadline = time.monotonic() + _FOUND_WITHIN_SECONDS
    try:
        while time.monotonic() < deadline:
            for message in letters.receive(BATCH, timedelta(seconds=1)):
                if _MARK not in message.body:
                    others.append(message)
                    continue
                letters.delete(message)
                if message.body == body:
                    return True
        return False
    finally:
        for message in others:
            letters.hide(message, timedelta(0))
