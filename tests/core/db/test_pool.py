"""How connections are opened, and what a transaction promises."""

from __future__ import annotations

from contextlib import ExitStack, closing
from decimal import Decimal
from uuid import uuid4

import psycopg
import psycopg_pool
import pytest
from psycopg.pq import TransactionStatus

from networx.db import pool
from networx.db.journeys import Message, Statement
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


COUNT: Statement = ("SELECT count(*) AS number FROM projects", {})


def adding(record, name: str | None) -> Statement:
    return "INSERT INTO projects (tenant_id, name) VALUES (%(id)s, %(name)s)", {"id": record.tenant_id, "name": name}


@pytest.mark.usefixtures("one_connection")
def test_what_is_read_in_one_journey_is_read_as_the_tenant_and_nobody_after_it(record):
    with pool.tenant(record.tenant_id) as connection:
        add(connection, record, "ours")
    assert pool.read(record.tenant_id, COUNT)[0].rows() == [{"number": 1}]
    assert pool.read(uuid4(), COUNT)[0].rows() == [{"number": 0}]
    with pool._lent(pool.Role.APP) as connection:
        assert connection.info.transaction_status is TransactionStatus.IDLE
        assert connection.execute("SELECT count(*) FROM projects").fetchone() == (0,)


def test_what_was_found_is_read_though_its_connection_is_closed_by_then(record):
    """A time of day is read with the connection's zone, which a closed one no longer tells."""
    statement = "SELECT now() AS instant, 'word' AS text, 1.5::numeric AS number, '{\"a\": 1}'::jsonb AS json"
    with closing(pool.connect(pool.Role.SYSTEM)) as connection:
        (found,) = Message(connection, [(statement, {})]).answers()
    (row,) = found.rows()
    assert row["instant"].tzinfo is not None
    assert (row["text"], row["number"], row["json"]) == ("word", Decimal("1.5"), {"a": 1})


def test_a_transaction_that_begins_and_ends_with_statements_is_one(record):
    with pool.tenant_asking(record.tenant_id, adding(record, "first"), COUNT) as (connection, found):
        assert [each.rows() for each in found] == [[], [{"number": 1}]]
        assert projects(record) == set()
        pool.end(connection, adding(record, "last"))
        assert projects(record) == {"first", "last"}


def test_what_fails_at_its_end_leaves_nothing(record):
    with (
        pytest.raises(psycopg.errors.NotNullViolation),
        pool.tenant_asking(record.tenant_id, adding(record, "first")) as (connection, _),
    ):
        pool.end(connection, adding(record, "last"), adding(record, None), adding(record, "never"))
    with pytest.raises(LookupError), pool.tenant_asking(record.tenant_id, adding(record, "first")):
        raise LookupError
    assert projects(record) == set()


def test_what_is_stated_is_a_value_and_never_a_statement(record):
    name = "'; DELETE FROM projects; SELECT '\\' %s %(name)s $1 --"
    with pool.tenant_asking(record.tenant_id) as (connection, _):
        pool.end(connection, adding(record, name))
    (found,) = pool.read(record.tenant_id, ("SELECT name FROM projects WHERE name = %(name)s", {"name": name}))
    assert found.rows() == [{"name": name}]


def test_a_transaction_that_cannot_begin_on_a_lost_connection_begins_on_another(record, postgres, monkeypatch):
    with pool.tenant(record.tenant_id) as connection:
        backend = connection.info.backend_pid
    # As if nobody had noticed yet.
    monkeypatch.setattr(psycopg_pool.ConnectionPool, "check_connection", lambda _: None)
    with psycopg.connect(postgres.master_conninfo, autocommit=True) as master:
        master.execute("SELECT pg_terminate_backend(%s, 20000)", (backend,))
    with pool.tenant_asking(record.tenant_id, adding(record, "kept")) as (connection, _):
        assert connection.info.backend_pid != backend
    assert projects(record) == {"kept"}


def test_what_was_asked_is_read_once(record):
    with pool.at_once() as connection:
        asked = Message(connection, (("SELECT 1 AS one", {}),))
        assert asked.answers()[0].rows() == [{"one": 1}]
        with pytest.raises(RuntimeError):
            asked.answers()


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
