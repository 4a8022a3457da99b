"""How connections are opened, and what a transaction promises."""

from __future__ import annotations

from contextlib import ExitStack
from uuid import uuid4

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from networx.db import pool
from networx.errors import DatabaseUnavailable


def test_a_connection_to_a_host_that_vanished_ends_within_a_minute(record):
    with pool.system() as connection:
        asked = connection.info.get_parameters()
    probes = int(asked["keepalives_idle"]) + int(asked["keepalives_interval"]) * int(asked["keepalives_count"])
    assert 0 < probes <= 60
    assert 0 < int(asked["tcp_user_timeout"]) <= 60_000


def projects(record) -> set[str]:
    with pool.tenant(record.tenant_id) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM projects").fetchall()}


def add(connection: pool.Connection, record, name: str) -> None:
    connection.execute("INSERT INTO projects (tenant_id, name) VALUES (%s, %s)", (record.tenant_id, name))


def add_and_fail(record, name: str) -> None:
    with pool.tenant(record.tenant_id) as connection:
        add(connection, record, name)
        raise LookupError


def add_and_lose(record, name: str) -> None:
    with pool.tenant(record.tenant_id) as connection:
        add(connection, record, name)
        connection.pgconn.finish()  # what is left of one whose server went away


def test_all_of_a_transaction_is_kept_or_nothing(record):
    with pool.tenant(record.tenant_id) as connection:
        add(connection, record, "one")
        add(connection, record, "two")
    with pytest.raises(LookupError):
        add_and_fail(record, "three")
    assert projects(record) == {"one", "two"}


def test_a_transaction_may_try_something_inside(record):
    with pool.tenant(record.tenant_id) as connection:
        add(connection, record, "kept")
        with pytest.raises(psycopg.errors.NotNullViolation), connection.transaction():
            connection.execute("INSERT INTO projects (tenant_id, name) VALUES (%s, NULL)", (record.tenant_id,))
        add(connection, record, "kept too")
    assert projects(record) == {"kept", "kept too"}


def test_a_connection_that_is_lost_before_the_commit_is_no_success(record):
    with pytest.raises(DatabaseUnavailable):
        add_and_lose(record, "lost")
    assert projects(record) == set()


@pytest.fixture
def one_connection(record, monkeypatch):
    """Pools of a single connection, which is lent each time."""
    pool.close_pools()
    monkeypatch.setattr(pool, "_maximum", 1)
    yield
    pool.close_pools()


@pytest.mark.usefixtures("one_connection")
def test_the_tenant_is_entered_for_one_transaction_only(record):
    with pool.tenant(record.tenant_id) as connection:
        add(connection, record, "ours")
        backend = connection.info.backend_pid
    with pool.tenant(uuid4()) as connection:
        assert connection.info.backend_pid == backend
        assert connection.execute("SELECT count(*) FROM projects").fetchone() == (0,)
    with pool._lent(pool.Role.APP) as connection:
        assert connection.info.transaction_status is TransactionStatus.IDLE
        assert connection.execute("SELECT count(*) FROM projects").fetchone() == (0,)


def test_a_pool_whose_every_connection_was_ended_lends_new_ones_to_the_first_who_asks(record, monkeypatch):
    pool.close_pools()
    monkeypatch.setattr(pool, "_maximum", 12)

    def lent(lending: ExitStack) -> set[int]:
        found = [lending.enter_context(pool.system()).execute("SELECT pg_backend_pid()") for _ in range(12)]
        return {row[0] for each in found for row in each.fetchall()}

    with ExitStack() as lending:
        before = lent(lending)
    with pool.connect(pool.Role.SYSTEM, autocommit=True) as killer:
        for pid in before:
            killer.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with ExitStack() as lending:
        # The library looks at one after the other, waits longer after each, and gives up after the fourth.
        assert not lent(lending) & before
    pool.close_pools()
