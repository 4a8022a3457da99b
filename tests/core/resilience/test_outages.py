"""S3, SQS and Valkey go away and come back: callers are refused at once, or do without, until then."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.api import health
from networx.db import pool
from networx.errors import CacheUnavailable, NotFound, ObjectStoreUnavailable, QueueUnavailable, TransientError
from networx.jobs import circuits, sqs
from networx.jobs.sqs import SqsQueue
from networx.resilience import aws as aws_clients
from networx.resilience import cache, objects
from networx.resilience.breaker import CIRCUIT_OPEN, State
from networx.resilience.limits import Limit, Limiter
from networx.topology import TOPOLOGY
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


@pytest.fixture
def valkey_cable(record, machine, monkeypatch) -> Iterator[Cable]:
    """The way to Valkey, which is asked often."""
    made = Cable(machine.ports.valkey)
    with serving(made):
        there = replace(settings.current(), redis_port=made.port)
        monkeypatch.setattr(settings, "current", lambda: there)
        monkeypatch.setattr("networx.resilience.breaker.PROBE_EVERY_SECONDS", 0.02)
        forget_valkey()
        yield made
    forget_valkey()


def forget_valkey() -> None:
    cache.breaker().close()
    for remembered in (cache.cache_client, cache.breaker):
        remembered.cache_clear()


def _urls() -> dict[str, str]:
    return dict(settings.current().queue_urls)


def forget() -> None:
    for remembered in (aws_clients.client, objects.breaker, sqs.breaker):
        remembered.cache_clear()


def code_of(fault: type[TransientError], work: Callable[[], object]) -> str:
    with pytest.raises(fault) as raised:
        work()
    return raised.value.code


def closes(state: Callable[[], State]) -> None:
    until(lambda: state() is State.CLOSED)


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


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


def test_a_queue_that_falls_silent_holds_nobody_for_longer_than_a_running_job_may_be_silent(record):
    def longest(name: str) -> float:
        told = aws_clients.client(name).meta.config
        return aws_clients.ATTEMPTS * float(told.connect_timeout + told.read_timeout)

    assert timedelta(seconds=longest("sqs")) + TOPOLOGY.leases.heartbeat < TOPOLOGY.leases.self_fence
    assert aws_clients.client(aws_clients.SQS_POLLS).meta.config.read_timeout > 20
    assert aws_clients.client(aws_clients.SQS_POLLS).meta.service_model.service_name == "sqs"


def test_a_secret_is_what_it_was_while_nobody_tells_it(cable, monkeypatch):
    """Without its password no connection to the database could be made, though that is there."""
    name = f"{settings.current().database_secret_prefix}{pool.Role.APP}"
    known = aws_clients.secret(name)
    aws_clients.secret_during.cache_clear()  # the half minute is over
    with cable.away():
        assert aws_clients.secret(name) == known
        monkeypatch.setattr(aws_clients, "client", None)  # it is not asked again before the next half minute
        assert aws_clients.secret(name) == known
        monkeypatch.undo()
        with pytest.raises(BotoCoreError):
            aws_clients.secret("networx/never told")


def test_a_secret_that_is_gone_is_gone(cable, aws):
    aws.secrets.create_secret(Name="networx/of-a-test", SecretString='{"password": "x"}')
    assert aws_clients.secret("networx/of-a-test") == {"password": "x"}
    aws.secrets.delete_secret(SecretId="networx/of-a-test", ForceDeleteWithoutRecovery=True)
    aws_clients.secret_during.cache_clear()
    with pytest.raises(ClientError):
        aws_clients.secret("networx/of-a-test")


def asked() -> None:
    with cache.valkey() as client:
        client.ping()


def test_a_cache_that_is_away_is_left_alone_until_it_is_back(valkey_cable):
    asked()
    with valkey_cable.away():
        assert code_of(CacheUnavailable, asked) == "CACHE_UNAVAILABLE"
        assert cache.breaker().doubted
        # Nobody else has to find it out: the probe does.
        until(lambda: cache.breaker().state is State.OPEN)
        assert code_of(CacheUnavailable, asked) == CIRCUIT_OPEN
    closes(lambda: cache.breaker().state)
    asked()


def test_requests_are_counted_alone_without_asking_a_cache_that_failed_and_together_when_it_is_back(
    valkey_cable, monkeypatch
):
    told: list[str] = []
    monkeypatch.setattr("networx.observability.metrics.emit", lambda name, *_, **__: told.append(name))
    limiter, limit = Limiter(), Limit("a test's", 100, timedelta(minutes=1))

    def remaining() -> int:
        return limiter.take(limit, "somebody").remaining

    assert remaining() == 99
    with valkey_cable.away():
        assert [remaining() for _ in range(3)] == [99, 98, 97]
        assert told.count("RateLimitsCountedAlone") == 3
    until(lambda: not cache.breaker().doubted)
    assert remaining() == 98


def test_what_the_cache_itself_refuses_says_that_it_is_there(valkey_cable):
    for _ in range(6):
        with pytest.raises(CacheUnavailable), cache.valkey() as client:
            client.execute_command("NO SUCH COMMAND")
    assert not cache.breaker().doubted


def test_health_names_the_circuit_that_is_not_closed(cable):
    with cable.away():
        for _ in range(5):
            code_of(QueueUnavailable, lambda: SqsQueue(QUEUE).receive(1, timedelta(0)))
        report = health.report()
    assert report["circuits"] == {
        "database": "closed", "cache": "closed", "queue": "open", "storage": "closed", "solver": "closed",
        "host": "closed",
    }  # fmt: skip
    assert report["status"] == "degraded"


def test_health_tells_of_the_worst_that_workers_say_of_their_solver(record):
    circuits.tell("capacity@here:1", {"solver": State.HALF_OPEN})
    assert health.report()["circuits"]["solver"] == "half-open"
    circuits.tell("optimization@here:1", {"solver": State.OPEN})
    assert health.report()["circuits"]["solver"] == "open"
    for worker in ("capacity@here:1", "optimization@here:1"):
        circuits.tell(worker, {"solver": State.CLOSED})
    assert health.report()["circuits"]["solver"] == "closed"


def test_while_the_cache_is_away_health_does_not_say_how_solvers_stand(valkey_cable):
    with valkey_cable.away():
        report = health.report()
    assert "solver" not in report["circuits"]
    assert report["checks"]["redis"]["status"] == "unhealthy"


def test_health_names_no_host_and_tells_of_the_worst(record, monkeypatch):
    monkeypatch.setattr(health, "hosts_outside", lambda: {"a.example": State.CLOSED, "b.example": State.OPEN})
    report = health.report()
    assert (report["circuits"]["host"], report["status"]) == ("open", "degraded")
    assert "b.example" not in str(report)


def test_each_circuit_is_a_metric(record, monkeypatch, capsys):
    monkeypatch.setattr(health, "hosts_outside", lambda: {"b.example": State.OPEN})
    health.emit_vital_signs()
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "CircuitState" in line]
    assert {line["Part"]: line["CircuitState"] for line in told} == {
        "database": 0, "cache": 0, "queue": 0, "storage": 0, "b.example": 1,
    }  # fmt: skip
