"""S3 and SQS go away and come back: callers are refused at once until then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from networx import settings
from networx.api import health
from networx.errors import NotFound, ObjectStoreUnavailable, QueueUnavailable, TransientError
from networx.jobs import sqs
from networx.jobs.sqs import SqsQueue
from networx.resilience import aws as aws_clients
from networx.resilience import objects
from networx.resilience.breaker import CIRCUIT_OPEN, State
from tests.core.db.fronts import LOOPBACK, Cable, serving

QUEUE = "optimization.fifo"


@pytest.fixture
def cable(record, machine, monkeypatch) -> Iterator[Cable]:
    """The way to the emulator, for everything that speaks to AWS."""
    made = Cable(machine.ports.aws)
    with serving(made):
        address = f"http://{LOOPBACK}:{made.port}"
        urls = {name: url.replace(str(machine.ports.aws), str(made.port)) for name, url in _urls().items()}
        there = replace(settings.current(), aws_endpoint=address, sqs_endpoint=None, queue_urls=urls)
        monkeypatch.setattr(settings, "current", lambda: there)
        monkeypatch.setattr(aws_clients, "ATTEMPTS", 1)
        forget()
        yield made
    forget()


def _urls() -> dict[str, str]:
    return dict(settings.current().queue_urls)


def forget() -> None:
    for remembered in (aws_clients.client, objects.breaker, sqs.breaker):
        remembered.cache_clear()


def code_of(fault: type[TransientError], work: Callable[[], object]) -> str:
    with pytest.raises(fault) as raised:
        work()
    return raised.value.code


def closes(state: Callable[[], State], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while state() is not State.CLOSED:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_file_store_that_is_away_is_left_alone_until_it_is_back(cable, tmp_path):
    fetch = partial(objects.get_result, "no/such/file", tmp_path / "file")
    for _ in range(6):
        with pytest.raises(NotFound):
            fetch()
    assert objects.breaker().state is State.CLOSED
    with cable.away():
        for _ in range(5):
            assert code_of(ObjectStoreUnavailable, fetch) == "STORAGE_UNAVAILABLE"
        assert code_of(ObjectStoreUnavailable, fetch) == CIRCUIT_OPEN
    closes(lambda: objects.breaker().state)
    with pytest.raises(NotFound):
        fetch()


def test_a_queue_that_is_away_is_left_alone_until_it_is_back(cable):
    queue = SqsQueue(QUEUE)
    receive = partial(queue.receive, 1, timedelta(0))
    assert receive() == []
    with cable.away():
        for _ in range(5):
            assert code_of(QueueUnavailable, receive) == "QUEUE_UNAVAILABLE"
        assert code_of(QueueUnavailable, receive) == CIRCUIT_OPEN
    closes(lambda: sqs.breaker().state)
    assert receive() == []


def test_health_names_the_circuit_that_is_not_closed(cable):
    with cable.away():
        for _ in range(5):
            code_of(QueueUnavailable, lambda: SqsQueue(QUEUE).receive(1, timedelta(0)))
        report = health.report()
    assert report["circuits"] == {"database": "closed", "queue": "open", "storage": "closed"}
    assert report["status"] == "degraded"
