"""The database goes away and comes back: what a process of ours does meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from networx import settings
from networx.db import pool
from networx.errors import DatabaseBusy, DatabaseUnavailable
from networx.resilience.breaker import CIRCUIT_OPEN, State
from networx.settings import Address
from tests.core.db.fronts import LOOPBACK, Cable, serving


@pytest.fixture
def cable(record, machine, monkeypatch) -> Iterator[Cable]:
    made = Cable(machine.ports.postgres)
    pool.close_pools()
    with serving(made):
        there = replace(settings.current(), database=Address(LOOPBACK, made.port))
        monkeypatch.setattr(settings, "current", lambda: there)
        monkeypatch.setattr(pool, "_TIMEOUT_SECONDS", 1.0)
        monkeypatch.setattr(pool, "_maximum", 2)
        yield made
        pool.close_pools()


def tenants() -> int:
    with pool.system() as connection:
        found = connection.execute("SELECT count(*) FROM tenants").fetchone()
    assert found is not None
    count: int = found[0]
    return count


def fault_of(work: Callable[[], object]) -> DatabaseUnavailable:
    with pytest.raises(DatabaseUnavailable) as raised:
        work()
    return raised.value


def eventually(work: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not work():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_transaction_that_could_not_begin_is_begun_on_another_connection(cable, monkeypatch):
    monkeypatch.setattr(pool, "_check", lambda connection: None)
    assert tenants() == 1
    cable.end_all()
    assert tenants() == 1
    assert pool.breaker().state is State.CLOSED


def test_a_statement_that_may_have_run_is_never_sent_again(cable):
    sent = []

    def write() -> None:
        with pool.system() as connection:
            sent.append(connection.execute("INSERT INTO tenants (slug, name) VALUES ('once', 'Once')").rowcount)
            cable.end_all()
            connection.execute("SELECT 1")

    assert fault_of(write).code == "DATABASE_UNAVAILABLE"
    assert sent == [1]
    assert tenants() == 1


def test_a_process_whose_connections_are_all_in_use_says_so_and_does_not_blame_the_server(cable):
    held, let_go = threading.Barrier(3), threading.Event()

    def hold() -> None:
        with pool.system():
            held.wait(20)
            let_go.wait(20)

    holders = [threading.Thread(target=hold) for _ in range(2)]
    for holder in holders:
        holder.start()
    held.wait(20)
    try:
        assert pool.connections_in_use() == 2
        for _ in range(4):
            refusal = fault_of(tenants)
            assert (type(refusal), refusal.code) == (DatabaseBusy, "DATABASE_BUSY")
    finally:
        let_go.set()
        for holder in holders:
            holder.join(20)
    assert pool.connections_in_use() == 0
    assert tenants() == 1


def test_a_deadlock_says_that_the_server_is_busy_and_not_away(cable):
    with pytest.raises(DatabaseBusy), pool.system():
        raise psycopg.errors.DeadlockDetected
    assert pool.breaker().state is State.CLOSED


def test_after_three_failures_callers_are_refused_at_once_until_the_server_is_back(cable):
    assert tenants() == 1
    with cable.away():
        for _ in range(3):
            assert fault_of(tenants).code == "DATABASE_UNAVAILABLE"
        refusal = fault_of(tenants)
        assert (refusal.code, refusal.facts["retry_after_seconds"]) == (CIRCUIT_OPEN, 30)
        assert pool.breaker().state is State.OPEN
    # Well before the pause is over: the probe finds it.
    eventually(lambda: pool.breaker().state is State.CLOSED)
    assert tenants() == 1
