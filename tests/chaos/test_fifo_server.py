"""The server over the in-memory queues: real clients reach it, and its control changes what they meet."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from networx import settings
from networx.errors import QueueUnavailable
from networx.jobs.queue import Hint
from networx.jobs.sqs import SqsQueue
from networx.resilience import aws
from networx.topology import TOPOLOGY
from tests.chaos.fifo_server import Control

NOW = timedelta(0)
QUEUE = "optimization.fifo"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    command = [sys.executable, "-m", "tests.chaos.fifo_server", "--seed", "1", "--visibility", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.kill()


@pytest.fixture
def control(port, machine, monkeypatch) -> Iterator[Control]:
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{port}")
    settings.current.cache_clear()
    aws.client.cache_clear()
    control = Control(port)
    control.faults()
    control.purge()
    yield control
    settings.current.cache_clear()
    aws.client.cache_clear()


@pytest.mark.parametrize("name", [queue.name for queue in TOPOLOGY.job_queues()])
def test_the_job_queues_stand_under_the_urls_that_processes_have_anyway(control, name):
    queue = SqsQueue(name)
    assert queue.send([Hint(uuid4(), 1)]) == {0}
    (message,) = queue.receive(1, NOW)
    assert queue.hide(message, timedelta(seconds=5))
    assert queue.delete(message)
    assert SqsQueue(name, dead_letters=True).receive(1, NOW) == []


def test_only_the_queues_are_elsewhere(control, machine):
    assert aws.client("s3").meta.endpoint_url == machine.environment["AWS_ENDPOINT_URL"]
    assert aws.client("sqs").meta.endpoint_url != machine.environment["AWS_ENDPOINT_URL"]


def test_faults_are_chosen_while_it_runs(control):
    queue = SqsQueue(QUEUE)
    control.faults(QUEUE, lost=1.0)
    queue.send([Hint(uuid4(), 1)])
    assert queue.receive(1, NOW) == []
    control.faults(QUEUE, duplicated=1.0)
    queue.send([Hint(uuid4(), 1)])
    assert len(queue.receive(10, NOW)) == 2
    counted = control.state()[QUEUE]["counted"]
    assert (counted["lost"], counted["duplicated"]) == (1, 1)


def test_a_part_of_a_batch_is_refused(control):
    control.faults(QUEUE, refused=0.5)
    taken = SqsQueue(QUEUE).send([Hint(uuid4(), 1) for _ in range(10)])
    assert 0 < len(taken) < 10


def test_an_outage_is_one_for_the_client(control):
    queue = SqsQueue(QUEUE)
    control.faults(away=True)
    with pytest.raises(QueueUnavailable):
        queue.send([Hint(uuid4(), 1)])
    control.faults()
    assert queue.send([Hint(uuid4(), 1)]) == {0}


def test_a_call_that_was_obeyed_and_not_answered_is_done_once(control):
    queue = SqsQueue(QUEUE)
    control.faults(unanswered=1.0)
    with pytest.raises(QueueUnavailable):
        queue.send([Hint(uuid4(), 1)])  # the client itself asks three times
    control.faults()
    assert len(queue.receive(10, NOW)) == 1


def test_a_purge_loses_everything_also_during_an_outage(control):
    queue = SqsQueue(QUEUE)
    queue.send([Hint(uuid4(), 1) for _ in range(10)])
    control.faults(away=True)
    control.purge()
    control.faults()
    assert queue.receive(10, NOW) == []


def test_the_clock_can_be_moved(control):
    queue = SqsQueue(QUEUE)
    queue.send([Hint(uuid4(), 1)])
    (message,) = queue.receive(1, NOW)
    control.advance(31)
    assert not queue.delete(message)
    assert [again.received for again in queue.receive(1, NOW)] == [2]


def test_a_client_that_vanishes_in_a_poll_leaves_the_server_well(control, port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = '{"QueueUrl": "x/optimization.fifo", "WaitTimeSeconds": 20}'
    connection.request("POST", "/", body, {"X-Amz-Target": "AmazonSQS.ReceiveMessage"})
    connection.close()
    queue = SqsQueue(QUEUE)
    # The poll that nobody waits for is given the message, as SQS does: it is hidden for its time.
    queue.send([Hint(uuid4(), 1)])
    assert queue.receive(1, NOW) == []
    control.advance(31)
    assert len(queue.receive(1, NOW)) == 1


def test_an_unknown_queue_and_an_unknown_operation_are_refused(control):
    client = aws.client("sqs")
    with pytest.raises(client.exceptions.QueueDoesNotExist):
        client.get_queue_url(QueueName="no-such-queue.fifo")
    with pytest.raises(client.exceptions.ClientError):
        client.list_queues()
