"""The three queues that the one suite is run over, seen alike: the port itself, the bare sending, and the clock."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, Protocol

import boto3
import pytest
from botocore.exceptions import ClientError

from local import aws
from networx import settings
from networx.jobs.fifo import Entry, MovableClock, Refusal, Taken
from networx.jobs.memory_fifo import MemoryFifo
from networx.jobs.memory_queue import MemoryQueue
from networx.jobs.queue import JobQueue
from networx.jobs.sqs import SqsQueue
from networx.resilience import aws as aws_clients
from networx.topology import TOPOLOGY
from tests.chaos.fifo_server import Control

QUEUE = "optimization.fifo"
VISIBILITY_SECONDS = 2
MOST_RECEIVES = 2
LARGEST_BYTES = 1024  # of one body; what a batch may carry is not the queue's to say
RETENTION_SECONDS = 345_600
_number = count()


@dataclass(frozen=True)
class Subject:
    """A fresh queue and its dead-letter queue. `send` gives an id or an error's word an entry, or raises Refused."""

    queue: JobQueue
    dead: JobQueue
    send: Callable[[Sequence[Entry]], list[str]]
    pass_time: Callable[[float], None]


class Refused(Exception):
    """A batch was refused as a whole."""


class Service(Protocol):
    """Where queues are made."""

    def __call__(self) -> Subject: ...


@contextmanager
def memory() -> Iterator[Service]:
    def make() -> Subject:
        clock = MovableClock()
        retention = timedelta(seconds=RETENTION_SECONDS)
        dead = MemoryFifo(clock=clock, retention=retention)
        live = MemoryFifo(
            visibility=timedelta(seconds=VISIBILITY_SECONDS),
            retention=retention,
            largest_bytes=LARGEST_BYTES,
            most_receives=MOST_RECEIVES,
            dead_letters=dead,
            clock=clock,
        )
        topology = TOPOLOGY.queue(QUEUE)

        def send(entries: Sequence[Entry]) -> list[str]:
            try:
                answers = live.send(entries)
            except Refusal as refusal:
                raise Refused from refusal
            return [answer.id if isinstance(answer, Taken) else answer.code for answer in answers]

        return Subject(MemoryQueue(topology, live), MemoryQueue(topology, dead), send, clock.advance)

    yield make


@contextmanager
def emulator(environment: dict[str, str]) -> Iterator[Service]:
    with _told(environment):
        yield lambda: _over_http(environment["AWS_ENDPOINT_URL"], time.sleep)


@contextmanager
def double(environment: dict[str, str]) -> Iterator[Service]:
    command = [sys.executable, "-m", "tests.chaos.fifo_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        endpoint = f"http://127.0.0.1:{port}"
        try:
            with _told({**environment, "AWS_ENDPOINT_URL_SQS": endpoint}):
                yield lambda: _over_http(endpoint, Control(port).advance)
        finally:
            server.kill()


@contextmanager
def _told(environment: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        settings.current.cache_clear()
        aws_clients.client.cache_clear()
        yield
    settings.current.cache_clear()
    aws_clients.client.cache_clear()


def _over_http(endpoint: str, pass_time: Callable[[float], None]) -> Subject:
    client: Any = boto3.client("sqs", endpoint_url=endpoint, region_name=aws.REGION)
    name = f"conformance-{next(_number)}"
    # As the stacks make them: deduplicated within a group.
    fifo = {
        "FifoQueue": "true",
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "MessageRetentionPeriod": str(RETENTION_SECONDS),
    }
    dead_url = client.create_queue(QueueName=f"{name}-dlq.fifo", Attributes=fifo)["QueueUrl"]
    arn = f"arn:aws:sqs:{aws.REGION}:{aws.ACCOUNT}:{name}-dlq.fifo"
    attributes = {
        **fifo,
        "VisibilityTimeout": str(VISIBILITY_SECONDS),
        "MaximumMessageSize": str(LARGEST_BYTES),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MOST_RECEIVES}),
    }
    url = client.create_queue(QueueName=f"{name}.fifo", Attributes=attributes)["QueueUrl"]

    def send(entries: Sequence[Entry]) -> list[str]:
        asked = [_asked(number, entry) for number, entry in enumerate(entries)]
        try:
            answer = client.send_message_batch(QueueUrl=url, Entries=asked)
        except ClientError as fault:
            raise Refused from fault
        words = {taken["Id"]: taken["MessageId"] for taken in answer.get("Successful", [])}
        words |= {refused["Id"]: refused["Code"] for refused in answer.get("Failed", [])}
        return [words[str(number)] for number in range(len(entries))]

    return Subject(SqsQueue(QUEUE, url=url), SqsQueue(QUEUE, url=dead_url), send, pass_time)


def _asked(number: int, entry: Entry) -> dict[str, str]:
    asked = {"Id": str(number), "MessageBody": entry.body, "MessageDeduplicationId": entry.deduplication_id}
    return asked if not entry.group else {**asked, "MessageGroupId": entry.group}
