"""The database of a platform: roles, schema and migrations, and the tenant and key a laptop works with."""

from __future__ import annotations

import hashlib

import psycopg

from local.home import Home
from local.postgres import Postgres
from networx.db.bootstrap import DATABASE, bootstrap
from networx.db.migrate import migrate
from networx.db.pool import Role
from networx.jobs import recovery

DEV_TENANT = "dev"
# The laptop's one key may do everything its tenant may, and what an operator may.
_DEV_SCOPES = ["read", "write", "admin", "operator"]


def role_passwords(home: Home) -> dict[str, str]:
    """Role -> password, made once a home."""
    return {role.value: home.secret(role.value) for role in Role}


def prepare_record(postgres: Postgres, passwords: dict[str, str]) -> None:
    """Roles, database and schema, brought to today's migrations."""
    bootstrap(postgres.master_conninfo, passwords)
    with _connect(postgres, passwords, Role.OWNER) as owner:
        migrate(owner)


def admit_developer(postgres: Postgres, passwords: dict[str, str], key: str) -> None:
    """The tenant `dev` and its key. Safe to run again."""
    with _connect(postgres, passwords, Role.SYSTEM) as system:
        system.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'This machine') ON CONFLICT (slug) DO NOTHING", (DEV_TENANT,)
        )
        system.execute(
            "INSERT INTO api_keys (tenant_id, name, secret_sha256, scopes) "
            "SELECT id, 'dev-api-key', %s, %s FROM tenants WHERE slug = %s "
            "ON CONFLICT (secret_sha256) DO UPDATE SET scopes = excluded.scopes",
            (hashlib.sha256(key.encode()).digest(), _DEV_SCOPES, DEV_TENANT),
        )


def restart_jobs(postgres: Postgres, passwords: dict[str, str]) -> None:
    """Send again what an earlier platform left running or waiting. No worker runs yet, so that every job is free.

    The queues may still hold messages of that platform: they are hints, and one that comes twice does no harm.
    """
    with _connect(postgres, passwords, Role.SYSTEM) as system:
        recovery.restart(system)


def _connect(postgres: Postgres, passwords: dict[str, str], role: Role) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1",
        port=postgres.port,
        dbname=DATABASE,
        user=role.value,
        password=passwords[role.value],
        autocommit=True,
    )
