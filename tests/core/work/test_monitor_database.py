"""How the database is: by a real server, a real standby, and what AWS answers about backups."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import psycopg
import pytest
from botocore.stub import Stubber

from local.home import LOOPBACK
from networx import settings
from networx.db import pool
from networx.errors import BackupsUnseen, DatabaseUnavailable
from networx.resilience import aws
from networx.settings import Address
from networx.topology import TOPOLOGY
from networx.work import monitor_database
from networx.work.sampling import take
from tests.conftest import Machine
from tests.core.standby import Standby, awaited, running_standby

DATABASE, VAULT = "networx-prod-primary", "vault"
ARN = f"arn:aws:rds:us-east-1:000000000000:db:{DATABASE}"


def told(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    changed = replace(settings.current(), **changes)
    monkeypatch.setattr(settings, "current", lambda: changed)


# The server


def test_the_server_tells_its_connections_and_longest_transaction(record, postgres, emitted):
    with psycopg.connect(postgres.master_conninfo, dbname="networx") as idle:
        idle.execute("SELECT 1")
        time.sleep(1.1)
        assert take(monitor_database.readings()) == {}
    assert emitted[("DatabaseServerConnections",)] >= 2
    # Another role's transaction: the monitor must be allowed to see it.
    assert 1.0 < emitted[("LongestTransaction",)] < 60


def test_the_monitors_own_transaction_is_none(record, emitted):
    monitor_database.look_at_server()
    assert emitted[("LongestTransaction",)] < 1.0


def test_a_monitor_that_may_not_see_says_so_and_emits_no_false_figure(record, postgres, emitted, caplog):
    with psycopg.connect(postgres.master_conninfo, autocommit=True) as master:
        master.execute("REVOKE pg_monitor FROM networx_system")
        try:
            monitor_database.look_at_server()
        finally:
            master.execute("GRANT pg_monitor TO networx_system")
    assert ("DatabaseServerConnections",) in emitted
    assert ("LongestTransaction",) not in emitted
    assert "database.transactions_unseen" in caplog.messages


def test_a_laptop_is_asked_for_no_replica_and_no_backup(record):
    assert set(monitor_database.readings()) == {"latency", "server"}


def test_the_database_tells_how_fast_it_answers(record, emitted):
    monitor_database.look_at_latency()
    assert 0 < emitted[("DatabaseLatency",)] < 60_000


def test_sessions_are_told_by_what_they_are_in_and_each_state_even_when_none_is(record, postgres, emitted):
    with psycopg.connect(postgres.master_conninfo, dbname="networx") as in_transaction:
        in_transaction.execute("SELECT 1")
        monitor_database.look_at_server()
    states = {key[1]: value for key, value in emitted.items() if key[0] == "DatabaseSessions"}
    assert set(states) == {"active", "idle", "idle in transaction", "idle in transaction (aborted)", "other"}
    assert states["idle in transaction"] >= 1
    assert states["idle in transaction (aborted)"] == 0


def test_a_statement_that_lasts_is_counted_and_named_without_its_values(record, emitted, caplog, monkeypatch):
    limits = replace(TOPOLOGY.limits, slow_statement=timedelta(seconds=1))
    monkeypatch.setattr(monitor_database, "TOPOLOGY", replace(TOPOLOGY, limits=limits))
    monitor_database.look_at_server()
    assert emitted[("SlowStatements",)] == 0
    with pool.connect(pool.Role.APP, autocommit=True) as slow, ThreadPoolExecutor(1) as beside:
        asleep = beside.submit(slow.execute, "SELECT pg_sleep(%s), %s", (30, "of a client"))
        try:
            awaited(lambda: slow_now(emitted), lambda seen: seen == 1)
        finally:
            slow.cancel()
    assert isinstance(asleep.exception(), psycopg.errors.QueryCanceled)
    (told,) = {told.fields["statement"] for told in caplog.records if told.message == "statement.slow"}
    assert told == "SELECT pg_sleep($1), $2"


def slow_now(emitted: dict[tuple[str, ...], float]) -> float:
    monitor_database.look_at_server()
    return emitted[("SlowStatements",)]


# The replica


@pytest.fixture(scope="module")
def standby(machine: Machine, configured: Machine) -> Iterator[Standby]:
    with running_standby(machine) as made:
        yield made


def lag(standby: Standby, emitted: dict[tuple[str, ...], float], monkeypatch: pytest.MonkeyPatch) -> float | None:
    with monkeypatch.context() as patch:
        told(patch, replica=Address(LOOPBACK, standby.copy.port))
        readings = monitor_database.readings()
        emitted.clear()
        readings["replica"]()
    return emitted.get(("ReplicationLag",))


def test_a_replica_that_follows_is_behind_by_nothing_however_long_nobody_writes(record, standby, emitted, monkeypatch):
    standby.follow()
    time.sleep(1.5)
    assert awaited(lambda: lag(standby, emitted, monkeypatch), lambda value: value == 0) == 0


def test_a_replica_that_stands_still_is_behind_by_the_age_of_what_it_shows(record, standby, emitted, monkeypatch):
    standby.follow()
    standby.command("SELECT pg_wal_replay_pause()")
    try:
        time.sleep(1)
        standby.write()
        first = awaited(lambda: lag(standby, emitted, monkeypatch), lambda value: value > 1)
        assert awaited(lambda: lag(standby, emitted, monkeypatch), lambda value: value > first + 0.5) < 60
    finally:
        standby.command("SELECT pg_wal_replay_resume()")


def test_a_replica_that_receives_nothing_is_not_taken_for_one_that_follows(record, standby, emitted, monkeypatch):
    standby.follow()
    standby.command("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'")
    standby.command("SELECT pg_reload_conf()")
    try:
        assert awaited(lambda: lag(standby, emitted, monkeypatch), lambda value: value > 2) > 2
    finally:
        standby.command("ALTER SYSTEM RESET primary_conninfo")
        standby.command("SELECT pg_reload_conf()")


def test_what_is_no_replica_has_no_lag_and_is_named(record, postgres, emitted, monkeypatch, caplog):
    told(monkeypatch, replica=Address(LOOPBACK, postgres.port))
    monitor_database.look_at_replica()
    assert ("ReplicationLag",) not in emitted
    assert "replica.not_replicating" in caplog.messages


def test_a_replica_that_is_away_hides_nothing_else(record, emitted, monkeypatch):
    told(monkeypatch, replica=Address(LOOPBACK, 1))
    failed = take(monitor_database.readings())
    assert {name: type(fault) for name, fault in failed.items()} == {"replica": DatabaseUnavailable}
    assert ("DatabaseServerConnections",) in emitted


# Backups


class Aws:
    """What AWS is asked about backups, in order, and answers."""

    def __init__(self) -> None:
        region = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
        self.clients = {name: boto3.client(name, **region) for name in ("rds", "backup")}
        self.stubs = {name: Stubber(client) for name, client in self.clients.items()}
        for stub in self.stubs.values():
            stub.activate()

    def describes(self, **instance: datetime) -> None:
        self.stubs["rds"].add_response(
            "describe_db_instances",
            {"DBInstances": [{"DBInstanceArn": ARN, **instance}]},
            {"DBInstanceIdentifier": DATABASE},
        )

    def lists(self, *points: tuple[str, datetime], more: str | None = None, after: str | None = None) -> None:
        answer = {"RecoveryPoints": [{"Status": status, "CreationDate": made} for status, made in points]}
        asked = {"BackupVaultName": VAULT, "ByResourceArn": ARN, **({"NextToken": after} if after else {})}
        self.stubs["backup"].add_response(
            "list_recovery_points_by_backup_vault", {**answer, **({"NextToken": more} if more else {})}, asked
        )


@pytest.fixture
def backups(configured: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    told(monkeypatch, database_instance=DATABASE, backup_vault=VAULT)
    answers = Aws()
    monkeypatch.setattr(aws, "client", lambda service: answers.clients[service])
    yield answers
    for stub in answers.stubs.values():
        stub.assert_no_pending_responses()


def ago(**spans: float) -> datetime:
    return datetime.now(UTC) - timedelta(**spans)


def age(emitted: dict[tuple[str, ...], float], kind: str) -> float:
    return emitted[("BackupAge", kind)] / 3600


def test_both_ways_back_tell_their_age_and_only_finished_copies_count(backups, emitted):
    backups.describes(InstanceCreateTime=ago(days=90), LatestRestorableTime=ago(minutes=6))
    backups.lists(("COMPLETED", ago(days=3)), ("COMPLETED", ago(hours=20)), more="page 2")
    backups.lists(("PARTIAL", ago(hours=1)), ("EXPIRED", ago(days=40)), after="page 2")
    assert take({"backups": monitor_database.readings()["backups"]}) == {}
    assert age(emitted, "restorable") == pytest.approx(0.1, abs=0.01)
    assert age(emitted, "copied") == pytest.approx(20, abs=0.01)


def test_a_database_that_was_never_backed_up_is_as_old_as_itself(backups, emitted):
    backups.describes(InstanceCreateTime=ago(hours=27))
    backups.lists()
    monitor_database.look_at_backups()
    assert age(emitted, "restorable") == pytest.approx(27, abs=0.01)
    assert age(emitted, "copied") == pytest.approx(27, abs=0.01)
    (alarm,) = (alarm for alarm in TOPOLOGY.alarms if alarm.metric == "BackupAge")
    assert emitted[("BackupAge", "copied")] > alarm.threshold


def test_a_database_that_is_being_made_is_not_missing_its_backup(backups, emitted):
    backups.describes()
    backups.lists()
    monitor_database.look_at_backups()
    assert emitted == {}


def test_an_aws_that_refuses_to_tell_is_a_fault_and_no_age(backups, emitted):
    backups.stubs["rds"].add_client_error("describe_db_instances", "AccessDenied")
    with pytest.raises(BackupsUnseen):
        monitor_database.look_at_backups()
    assert emitted == {}
