"""Reading on a replica that really follows: never older than what was written, and never missed when it is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from local.home import LOOPBACK
from networx import settings
from networx.db import pool, replica
from networx.db.pool import Connection
from networx.jobs import circuits
from networx.observability import metrics
from networx.resilience.breaker import State
from networx.settings import Address
from tests.conftest import Machine
from tests.core.standby import Standby, awaited, running_standby


@pytest.fixture(scope="module")
def pair(machine: Machine, configured: Machine) -> Iterator[Standby]:
    with running_standby(machine) as made:
        yield made


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who answered, read by read."""
    told: list[str] = []

    def emit(name: str, value: float, **dimensions: str) -> None:
        if name == "ReplicaReads":
            told.append(dimensions["Outcome"])

    monkeypatch.setattr(metrics, "emit", emit)
    return told


def forget() -> None:
    replica.close()
    pool.close_pools()


def lead_to(patch: pytest.MonkeyPatch, **changes: object) -> None:
    changed = replace(settings.current(), **changes)
    patch.setattr(settings, "current", lambda: changed)
    forget()


@pytest.fixture
def tenant_id(pair: Standby, monkeypatch: pytest.MonkeyPatch) -> Iterator[UUID]:
    """A tenant of the pair's database, which this process is led to."""
    lead_to(
        monkeypatch,
        database=Address(LOOPBACK, pair.primary.port),
        replica=Address(LOOPBACK, pair.copy.port),
    )
    with pool.system() as connection:
        row = connection.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'A tenant') RETURNING id", (f"t-{uuid4().hex[:8]}",)
        ).fetchone()
    assert row is not None
    yield row[0]
    forget()


def add(tenant_id: UUID, name: str) -> None:
    with pool.tenant(tenant_id) as connection:
        connection.execute("INSERT INTO projects (tenant_id, name) VALUES (%s, %s)", (tenant_id, name))


def names(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM projects ORDER BY name").fetchall()]


def where(connection: Connection) -> bool:
    """Whether this is the replica."""
    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    assert row is not None
    return bool(row[0])


def until_on_the_replica(tenant_id: UUID) -> None:
    awaited(lambda: float(replica.read(tenant_id, where)), lambda seen: seen == 1)


def test_what_was_written_a_moment_ago_is_read_whoever_answers(pair, tenant_id, outcomes):
    written = []
    for number in range(20):
        written.append(f"project {number:02d}")
        add(tenant_id, written[-1])
        assert replica.read(tenant_id, names) == written
    until_on_the_replica(tenant_id)
    assert "replica" in outcomes


def test_a_read_there_sees_its_tenant_alone_and_changes_nothing(pair, tenant_id):
    add(tenant_id, "ours")
    until_on_the_replica(tenant_id)
    with pool.system() as connection:
        other = connection.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'Another') RETURNING id", (f"t-{uuid4().hex[:8]}",)
        ).fetchone()
    assert other is not None
    assert replica.read(other[0], names) == []
    assert replica.read(tenant_id, names) == ["ours"]
    until_on_the_replica(tenant_id)

    def write(connection: Connection) -> None:
        assert where(connection)
        connection.execute("INSERT INTO projects (tenant_id, name) VALUES (%s, 'no')", (tenant_id,))

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        replica.read(tenant_id, write)
    assert replica.read(tenant_id, names) == ["ours"]


def test_a_replica_that_stands_still_is_not_believed_and_then_left_alone(pair, tenant_id, outcomes, monkeypatch):
    until_on_the_replica(tenant_id)
    pair.command("SELECT pg_wal_replay_pause()")
    try:
        add(tenant_id, "new")
        outcomes.clear()
        assert replica.read(tenant_id, names) == ["new"]
        assert outcomes == ["behind"]
        assert not replica.read(tenant_id, where)
        assert outcomes[1:] == ["left alone"]
        assert replica.breaker().state is State.CLOSED
    finally:
        pair.command("SELECT pg_wal_replay_resume()")
    monkeypatch.setattr(replica, "LEFT_ALONE_SECONDS", 0.0)
    replica._patience.begin_anew()
    until_on_the_replica(tenant_id)
    assert replica.read(tenant_id, names) == ["new"]


def test_while_the_replica_is_away_the_database_answers_and_stays_well(pair, tenant_id, outcomes):
    add(tenant_id, "there")
    until_on_the_replica(tenant_id)
    pair.stop()
    try:
        for _ in range(4):
            assert replica.read(tenant_id, names) == ["there"]
        assert set(outcomes[-4:]) == {"away"}
        assert circuits.own()["replica"] is not State.CLOSED
        assert pool.breaker().state is State.CLOSED
        began = time.monotonic()
        assert replica.read(tenant_id, names) == ["there"]
        assert time.monotonic() - began < 20, "nobody waits for it"
    finally:
        pair.start()
    # The breaker's own probe finds it again.
    until_on_the_replica(tenant_id)


def test_what_stands_in_its_place_and_follows_nothing_is_not_read(pair, tenant_id, outcomes, monkeypatch):
    add(tenant_id, "ours")
    lead_to(monkeypatch, replica=Address(LOOPBACK, pair.primary.port))
    assert replica.read(tenant_id, names) == ["ours"]
    assert outcomes == ["behind"]


def test_a_conflict_with_what_the_replica_replays_is_read_in_the_database(pair, tenant_id, outcomes):
    until_on_the_replica(tenant_id)
    asked = []

    def conflicting(connection: Connection) -> bool:
        asked.append(where(connection))
        if asked[-1]:
            raise psycopg.errors.SerializationFailure("canceling statement due to conflict with recovery")
        return True

    assert replica.read(tenant_id, conflicting)
    assert asked == [True, False]
    assert outcomes[-1] == "conflict"


def test_a_read_that_takes_too_long_there_is_not_done_again(pair, tenant_id):
    until_on_the_replica(tenant_id)
    asked = []

    def slow(connection: Connection) -> None:
        asked.append(where(connection))
        connection.execute("SET LOCAL statement_timeout = '50ms'")
        connection.execute("SELECT pg_sleep(60)")

    with pytest.raises(psycopg.errors.QueryCanceled):
        replica.read(tenant_id, slow)
    assert asked == [True]


def test_where_there_is_no_replica_nobody_tells_how_it_stands(record):
    assert "replica" not in circuits.own()


def test_on_a_laptop_it_is_the_same_role_on_the_same_server(record):
    def role(connection: Connection) -> tuple[str, bool]:
        row = connection.execute("SELECT current_user, pg_is_in_recovery()").fetchone()
        assert row is not None
        return row[0], row[1]

    assert replica.read(record.tenant_id, role) == ("networx_report", False)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        replica.read(
            record.tenant_id,
            lambda connection: connection.execute(
                "INSERT INTO projects (tenant_id, name) VALUES (%s, 'no')", (record.tenant_id,)
            ),
        )


def test_on_a_stage_without_a_replica_it_goes_through_the_proxy_as_ever(record, monkeypatch):
    # What a stage differs in here; its TLS is test_authorities.py's.
    changed = replace(settings.current(), stage="dev")
    monkeypatch.setattr(settings, "current", lambda: changed)

    def role(connection: Connection) -> str:
        row = connection.execute("SELECT current_user").fetchone()
        assert row is not None
        return str(row[0])

    assert replica.read(record.tenant_id, role) == "networx_app"
