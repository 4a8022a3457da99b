"""The first moment of a cluster: roles, database and schema, made by the master user. Safe to run again.

The master of a managed cluster is no superuser: it may create roles and databases, and administers what it created.
Whatever it does for the owner it does as the owner's member.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

DATABASE = "networx"
ROLES_FILE = Path(__file__).with_name("roles.sql")
# Two first deploys at once: the second waits here and finds everything made.
_LOCK = 7_266_000


def bootstrap(master_conninfo: str, passwords: Mapping[str, str], **arguments: Any) -> None:
    """Make the roles with their passwords, the database and its schema.

    `master_conninfo` and `arguments` connect a user who may create roles and databases to the database `postgres`;
    `passwords` is by role.
    """
    with psycopg.connect(master_conninfo, **{**arguments, "dbname": "postgres", "autocommit": True}) as master:
        master.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        make_roles(master, passwords)
        _make_database(master)
        with psycopg.connect(master_conninfo, **{**arguments, "dbname": DATABASE, "autocommit": True}) as inside:
            inside.execute("CREATE SCHEMA IF NOT EXISTS networx AUTHORIZATION networx_owner")
            inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")


def make_roles(master: psycopg.Connection[Any], passwords: Mapping[str, str]) -> None:
    """The roles, what limits them, and their passwords. Safe to run again."""
    master.execute(ROLES_FILE.read_bytes())
    for role, password in passwords.items():
        master.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))


def _make_database(master: psycopg.Connection[Any]) -> None:
    exists = master.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
    if not exists:
        # One order of text everywhere, whatever the cluster's system sorts by, and for good.
        master.execute(
            f"CREATE DATABASE {DATABASE} OWNER networx_owner TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        )
    master.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
    master.execute(
        f"GRANT CONNECT ON DATABASE {DATABASE} TO networx_app, networx_loader, networx_system, networx_report"
    )
