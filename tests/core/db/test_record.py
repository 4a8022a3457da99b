"""The record's own rules, asked of its catalogue: forced row level security, roles, and migrations."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from networx.db import pool
from networx.db.migrate import migrate, migrations
from networx.db.pool import Role
from networx.errors import ConfigurationError
from networx.topology import TOPOLOGY

WITHOUT_TENANT_DATA = {"schema_migrations", "job_moves", "hourly_counts", "assistant_periods"}


def test_every_table_forces_row_level_security(record):
    with pool.system() as connection:
        tables = connection.execute(
            """SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
               WHERE relnamespace = 'networx'::regnamespace AND relkind IN ('r', 'p')"""
        ).fetchall()
    assert len(tables) > 10
    unprotected = {name for name, enabled, forced in tables if not (enabled and forced)}
    assert unprotected == WITHOUT_TENANT_DATA


def test_no_role_bypasses_row_level_security_or_is_a_superuser(record):
    with pool.system() as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY(%s)", (list(Role),)
        ).fetchall()
    assert {name for name, _, _ in roles} == {role.value for role in Role}
    assert not [name for name, superuser, bypass in roles if superuser or bypass]


def test_without_a_tenant_nothing_is_seen_and_with_one_only_its_own(record):
    with pool.tenant(record.tenant_id) as connection:
        connection.execute("INSERT INTO projects (tenant_id, name) VALUES (%s, 'ours')", (record.tenant_id,))
    with pool.pool(Role.APP).connection() as connection:
        assert connection.execute("SELECT count(*) FROM projects").fetchone() == (0,)
    with pool.tenant(uuid4()) as connection:
        assert connection.execute("SELECT count(*) FROM projects").fetchone() == (0,)
    with pool.tenant(record.tenant_id) as connection:
        assert connection.execute("SELECT name FROM projects").fetchall() == [("ours",)]


def test_a_tenant_cannot_write_into_another(record):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), pool.tenant(uuid4()) as connection:
        connection.execute("INSERT INTO projects (tenant_id, name) VALUES (%s, 'theirs')", (record.tenant_id,))


def test_the_tenant_ends_with_its_transaction(record):
    with pool.pool(Role.APP).connection() as connection:
        with connection.transaction():
            pool.enter_tenant(connection, record.tenant_id)
        with connection.transaction():
            assert connection.execute("SELECT current_tenant()").fetchone() == (None,)


STATEMENT_LIMIT = f"{TOPOLOGY.limits.statement_timeout.total_seconds():g}s"


@pytest.mark.parametrize(
    ("role", "expected"), [(Role.APP, STATEMENT_LIMIT), (Role.SYSTEM, STATEMENT_LIMIT), (Role.LOADER, "0")]
)
def test_statement_timeouts_stand_on_the_roles(record, role, expected):
    with pool.connect(role) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == (expected,)


def test_the_report_role_cannot_write(record):
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), pool.tenant(record.tenant_id, Role.REPORT) as connection:
        connection.execute("DELETE FROM projects")


def test_migrating_again_does_nothing(record):
    with pool.connect(Role.OWNER, autocommit=True) as owner:
        assert migrate(owner) == []


def test_migrating_waits_for_another_that_migrates(record):
    with pool.connect(Role.OWNER, autocommit=True) as other, pool.connect(Role.OWNER, autocommit=True) as owner:
        other.execute("SELECT pg_advisory_lock(7266001)")
        owner.execute("SET lock_timeout = '50ms'")
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(migrate, owner)
            deadline = time.monotonic() + 30
            while (
                other.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone() is None
            ):
                assert time.monotonic() < deadline, "it does not wait"
                time.sleep(0.01)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.4)  # longer than a statement may wait
            other.execute("SELECT pg_advisory_unlock(7266001)")
            assert waiting.result(timeout=60) == []
        assert owner.execute("SHOW lock_timeout").fetchone() != ("0",)


def test_a_changed_migration_is_refused(record, tmp_path):
    first = migrations()[0]
    (tmp_path / first.name).write_bytes(first.read_bytes() + b"\n-- changed\n")
    with pool.connect(Role.OWNER, autocommit=True) as owner, pytest.raises(ConfigurationError, match="has changed"):
        migrate(owner, tmp_path)


@pytest.mark.parametrize("names", [["0002_later.sql"], ["0001_first.sql", "0003_gap.sql"], ["first.sql"]])
def test_migrations_are_numbered_without_gaps(tmp_path: Path, names):
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(ConfigurationError, match="is not number"):
        migrations(tmp_path)


def test_a_failed_migration_leaves_nothing(record, tmp_path):
    first = migrations()[0]
    (tmp_path / first.name).write_bytes(first.read_bytes())
    (tmp_path / "0002_broken.sql").write_text("CREATE TABLE half_done (id int); SELECT nonsense;")
    with pool.connect(Role.OWNER, autocommit=True) as owner:
        with pytest.raises(psycopg.errors.UndefinedColumn):
            migrate(owner, tmp_path)
        assert owner.execute("SELECT to_regclass('networx.half_done')").fetchone() == (None,)
