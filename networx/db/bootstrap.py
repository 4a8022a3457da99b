"""The first moment of a cluster: roles, database and schema, made by the master user. Safe to run again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

DATABASE = "networx"
ROLES_FILE = Path(__file__).with_name("roles.sql")


def bootstrap(master_conninfo: str, passwords: Mapping[str, str]) -> None:
    """Make the roles with their passwords, the database and its schema.

    `master_conninfo` connects to the database `postgres` as a user who may create roles; `passwords` is by role.
    """
    with psycopg.connect(master_conninfo, autocommit=True) as master:
        master.execute(ROLES_FILE.read_bytes())
        for role, password in passwords.items():
            master.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
        exists = master.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if not exists:
            # A managed master is no superuser: it must be a member of the owner it hands the database to.
            master.execute("GRANT networx_owner TO CURRENT_USER")
            master.execute(f"CREATE DATABASE {DATABASE} OWNER networx_owner")
            master.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            master.execute(
                f"GRANT CONNECT ON DATABASE {DATABASE} TO networx_app, networx_loader, networx_system, networx_report"
            )
    with psycopg.connect(master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("CREATE SCHEMA IF NOT EXISTS networx AUTHORIZATION networx_owner")
        master.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
