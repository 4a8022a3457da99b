"""One tenant never sees another: the record's catalogue, walked, and a stranger who looks into every table."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from psycopg import sql

from networx.db import pool
from networx.db.pool import Connection, Role
from networx.readiness.check import Place, Unprotected

# Who enters one tenant at a time.
_OF_A_TENANT = (Role.APP, Role.LOADER, Role.REPORT)
# A row of somebody else is found at once; that there is none takes a look at every row.
_LOOK_MILLISECONDS = 2_000
_DO = "Stop the web and the workers, and bring the record back to its migrations: clients may have seen one another."

_TABLES = """
SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class
WHERE relnamespace = 'networx'::regnamespace AND relkind IN ('r', 'p') AND (relname = 'tenants' OR EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'tenant_id' AND NOT attisdropped))
ORDER BY relname
"""
_ROLES = """
SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)
AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication) ORDER BY rolname
"""
# What a condition of a tenant's role must speak of; the system's own policies cross tenants on purpose.
_POLICIES = """
SELECT tablename || '.' || policyname FROM pg_policies
WHERE schemaname = 'networx' AND permissive = 'PERMISSIVE' AND roles <> ARRAY['networx_system']::name[]
AND (coalesce(qual, with_check) !~ 'current_tenant\\(\\)' OR coalesce(with_check, qual) !~ 'current_tenant\\(\\)')
ORDER BY 1
"""


def row_security(_: Place) -> str:
    """Every table with a tenant's rows forces its policies, no role gets around them, and a stranger sees nothing."""
    with pool.connect(Role.OWNER) as owner:
        tables: dict[str, bool] = dict(owner.execute(_TABLES).fetchall())
        powerful = [row[0] for row in owner.execute(_ROLES, (list(Role),)).fetchall()]
        loose = [row[0] for row in owner.execute(_POLICIES).fetchall()]
    bare = [table for table, forced in tables.items() if not forced]
    if bare:
        raise Unprotected(f"Row level security is not forced on {', '.join(bare)}", _DO)
    if powerful:
        raise Unprotected(f"Policies do not bind the role {', '.join(powerful)}", _DO)
    if loose:
        raise Unprotected(f"A policy does not choose by the tenant: {', '.join(loose)}", _DO)
    for role in _OF_A_TENANT:
        shown = _shown_to_a_stranger(role, list(tables))
        if shown:
            raise Unprotected(f"{role} shows rows of others in {', '.join(shown)}", _DO)
    return f"{len(tables)} tables forced, {len(Role)} roles without power, a stranger sees nothing"


def _shown_to_a_stranger(role: Role, tables: list[str]) -> list[str]:
    """The tables that show a tenant that does not exist the row of another, through the policies as they are."""
    with pool.connect(role, autocommit=True) as connection:
        return [table for table in tables if _shows_a_row(connection, table)]


def _shows_a_row(connection: Connection, table: str) -> bool:
    column = sql.Identifier("id" if table == "tenants" else "tenant_id")
    look = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {} IS NOT NULL)").format(sql.Identifier(table), column)
    try:
        with connection.transaction():
            pool.enter_tenant(connection, uuid4())
            connection.execute(f"SET LOCAL statement_timeout = {_LOOK_MILLISECONDS}")
            found = connection.execute(look).fetchone()
            return found is not None and bool(found[0])
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.QueryCanceled:
        return False  # so many rows, and none was shown in all that time
