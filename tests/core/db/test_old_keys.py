"""What becomes of keys that were stored before the pepper: they end, and are seen to have ended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import psycopg
import pytest

from local.postgres import Postgres
from networx.db import pool
from networx.db.bootstrap import DATABASE
from networx.db.migrate import MIGRATIONS
from networx.db.pool import Role

BEFORE = ("0001_the_record.sql", "0002_the_engine.sql")
AFTER = "0003_identity.sql"


@pytest.fixture
def old(configured, postgres: Postgres) -> Iterator[psycopg.Connection]:
    """The master at a schema of its own, as it was before, with a tenant and a key in it."""
    path = "-c search_path=old"
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE, autocommit=True, options=path) as master:
        master.execute("CREATE SCHEMA old AUTHORIZATION networx_owner")
        try:
            for name in BEFORE:
                as_owner(name)
            master.execute("INSERT INTO tenants (slug, name) VALUES ('old', 'Old')")
            master.execute(
                "INSERT INTO api_keys (tenant_id, name, secret_sha256, scopes) "
                "SELECT id, 'old key', %s, '{read,write,admin,operator}' FROM tenants",
                (hashlib.sha256(b"nwx_old").digest(),),
            )
            yield master
        finally:
            master.execute("DROP SCHEMA old CASCADE")


def as_owner(name: str) -> None:
    # The very role that migrates: forced policies hide every row from it.
    with pool.connect(Role.OWNER) as owner:
        owner.execute("SET search_path = old")
        owner.execute((MIGRATIONS / name).read_bytes())


def test_a_key_of_the_old_form_ends_with_the_migration(old: psycopg.Connection) -> None:
    as_owner(AFTER)
    ((revoked, kept, created_by),) = old.execute(
        "SELECT revoked_at IS NOT NULL, secret_hmac, created_by FROM api_keys"
    ).fetchall()
    assert (revoked, kept, created_by) == (True, None, "unknown")
    (forced,) = old.execute("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'old.api_keys'::regclass").fetchone()
    assert forced
