"""How the pools of a process are, told in time and with what they counted since the last time."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from networx.db import pool, pool_health
from networx.db.pool_health import PoolWatch
from networx.observability import metrics
from networx.topology import TOPOLOGY


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, ...], float]:
    sent: dict[tuple[str, ...], float] = {}
    monkeypatch.setattr(
        metrics, "emit", lambda name, value, **dimensions: sent.update({(name, *dimensions.values()): value})
    )
    return sent


def told(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, Any]]:
    return [record.fields for record in caplog.records if record.message == message]  # type: ignore[attr-defined]


def of_the_system(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (line,) = (line for line in told(caplog, "pool.health") if line["pool"] == "networx_system")
    return line


def test_each_open_pool_tells_what_is_in_use_and_what_it_counted_since_the_last_time(record, emitted, caplog):
    caplog.set_level("INFO")
    with pool.system() as connection:
        connection.execute("SELECT 1")
        pool.statistics()
    with pool.system() as connection:
        connection.execute("SELECT 1")
        pool_health.tell()
        first = of_the_system(caplog)
        assert (first["inUse"], first["requests"], first["refused"]) == (1, 1, 0)
        assert emitted[("PoolUse", "networx_system")] == 1 / first["most"]
        caplog.clear()
        pool_health.tell()
        second = of_the_system(caplog)
    assert (second["inUse"], second["requests"]) == (1, 0)
    assert emitted[("PoolRefusals", "networx_system")] == 0


def test_a_connection_that_is_being_opened_is_not_in_use(record, emitted, caplog, monkeypatch):
    caplog.set_level("INFO")
    opening = {"pool_size": 3, "pool_available": 0, "pool_max": 4}
    monkeypatch.setattr(pool, "statistics", lambda: {pool.Role.SYSTEM: opening})
    with pool.system():
        pool_health.tell()
    assert of_the_system(caplog)["inUse"] == 1
    assert emitted[("PoolUse", "networx_system")] == 1 / 4


def test_the_web_is_warned_at_fifteen_of_its_twenty(record, caplog, monkeypatch):
    limits = TOPOLOGY.limits
    assert (limits.web_connections_warning, limits.web_connections) == (15, 20)
    monkeypatch.setattr(pool, "connections_in_use", lambda: 14)
    pool_health.warn_if_tight(limits.web_connections_warning)
    assert told(caplog, "pool.tight") == []
    monkeypatch.setattr(pool, "connections_in_use", lambda: 15)
    pool_health.warn_if_tight(None)
    assert told(caplog, "pool.tight") == []
    pool_health.warn_if_tight(limits.web_connections_warning)
    assert len(told(caplog, "pool.tight")) == 1
    (alarm,) = (alarm for alarm in TOPOLOGY.alarms if alarm.name == "NetWORX-DatabaseConnectionsHigh")
    assert 14 <= alarm.threshold < 15


def test_a_process_warns_at_every_look_tells_at_some_and_ends_when_asked(record, caplog, emitted):
    caplog.set_level("INFO")
    watch = PoolWatch(warn_at=1, look=timedelta(milliseconds=20), every=timedelta(milliseconds=60))
    with ExitStack() as held:
        held.enter_context(pool.system())
        watch.start()
        deadline = time.monotonic() + 30
        while len(told(caplog, "pool.health")) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        watch.stop(10)
    assert len(told(caplog, "pool.tight")) >= 3
    assert "pools" not in {thread.name for thread in threading.enumerate()}


def test_a_look_that_fails_ends_no_later_one(record, caplog, emitted, monkeypatch):
    def broken() -> int:
        raise RuntimeError

    monkeypatch.setattr(pool, "connections_in_use", broken)
    watch = PoolWatch(warn_at=1, look=timedelta(milliseconds=20))
    watch.start()
    deadline = time.monotonic() + 30
    while len(told(caplog, "pools.not_told")) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    watch.stop(10)


def test_pools_are_told_of_each_five_minutes_and_looked_at_as_often_as_their_connections_are_emitted():
    assert timedelta(minutes=5) == pool_health.EVERY
    assert timedelta(seconds=30) == pool_health.LOOK
