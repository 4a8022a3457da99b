"""The database of a platform: roles, schema and migrations, and the tenant and key a laptop works with."""

from __future__ import annotations

import psycopg

from local.home import Home
from local.postgres import Postgres
from networx.db.bootstrap import DATABASE, bootstrap
from networx.db.migrate import migrate
from networx.db.pool import Role
from networx.identity.api_key import read_key, stored
from networx.identity.scopes import EVERY_SCOPE
from networx.jobs import recovery

DEV_TENANT = "dev"


def role_passwords(home: Home) -> dict[str, str]:
    """Role -> password, made once a home."""
    return {role.value: home.secret(role.value) for role in Role}


def key_pepper(home: Home) -> str:
    """What stored keys are computed under, made once a home."""
    return home.secret("pepper")


def prepare_record(postgres: Postgres, passwords: dict[str, str]) -> None:
    """Roles, database and schema, brought to today's migrations."""
    bootstrap(postgres.master_conninfo, passwords)
    with _connect(postgres, passwords, Role.OWNER) as owner:
        migrate(owner)


def admit_developer(postgres: Postgres, passwords: dict[str, str], key: str, pepper: str) -> None:
    """The tenant `dev` and its key, which nobody revokes for longer than until the next start. Safe to run again."""
    made = read_key(key)
    assert made is not None, "the home makes its own key"
    with _connect(postgres, passwords, Role.SYSTEM) as system:
        system.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'This machine') "
            "ON CONFLICT (slug) DO UPDATE SET revoked_at = NULL",
            (DEV_TENANT,),
        )
        system.execute(
            "INSERT INTO api_keys (id, tenant_id, name, secret_hmac, scopes, created_by) "
            "SELECT %s, id, 'dev-api-key', %s, %s, 'networx up' FROM tenants WHERE slug = %s "
            "ON CONFLICT (id) DO UPDATE SET scopes = excluded.scopes, secret_hmac = excluded.secret_hmac, "
            "expires_at = NULL, revoked_at = NULL",
            (made.id, stored(made.digest, pepper.encode()), list(EVERY_SCOPE), DEV_TENANT),
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
