"""Tenants in the record: made, listed, revoked, restored. Each on a connection of networx_system, audited with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from networx.db import audit
from networx.db.audit import Doer
from networx.db.keyset import CREATED, Key, Page, orders
from networx.db.pool import Connection
from networx.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Tenant:
    """A client of this installation; `slug` is how operators name it."""

    id: UUID
    slug: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


_COLUMNS = ", ".join(Tenant.__dataclass_fields__)


ORDERS = orders("slug", slug=(Key("slug", "text"),), created_at=CREATED)
_FILTERS = {
    "contains": "(strpos(slug, lower(%(contains)s)) > 0 OR strpos(lower(name), lower(%(contains)s)) > 0)",
    "active": "(revoked_at IS NULL) = %(active)s",
}


def listed(
    connection: Connection,
    *,
    contains: str | None = None,
    active: bool | None = None,
    page: Page = Page(ORDERS["slug"], 1000),  # noqa: B008  # frozen
) -> list[Tenant]:
    """A page of tenants, by slug unless it says otherwise; `contains` is a part of slug or name in whatever case."""
    told, arguments = page.where(_FILTERS, {"contains": contains, "active": active})
    with connection.cursor(row_factory=class_row(Tenant)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM tenants {told}", arguments).fetchall()


def get(connection: Connection, slug: str) -> Tenant:
    """The tenant of this slug. Raises NotFound."""
    found = _one(connection, f"SELECT {_COLUMNS} FROM tenants WHERE slug = %s", slug)
    if found is None:
        raise NotFound(what="tenant", id=slug)
    return found


def create(connection: Connection, doer: Doer, slug: str, name: str) -> Tenant:
    """A new tenant. Raises Conflict where the slug is taken."""
    with connection.cursor(row_factory=class_row(Tenant)) as cursor:
        made = cursor.execute(
            f"INSERT INTO tenants (slug, name) VALUES (%s, %s) ON CONFLICT (slug) DO NOTHING RETURNING {_COLUMNS}",
            (slug, name),
        ).fetchone()
    if made is None:
        raise Conflict(what=f"There is a tenant {slug} already.")
    audit.write(connection, doer, "tenant.created", slug, tenant_id=made.id, facts={"name": name})
    return made


def revoke(connection: Connection, doer: Doer, slug: str) -> Tenant:
    """Close a tenant to its keys and people, at once. Its data and its jobs stay as they are. Raises NotFound."""
    return _change(
        connection,
        doer,
        "tenant.revoked",
        f"UPDATE tenants SET revoked_at = now() WHERE slug = %s AND revoked_at IS NULL RETURNING {_COLUMNS}",
        slug,
    )


def restore(connection: Connection, doer: Doer, slug: str) -> Tenant:
    """Open a tenant again to the keys and people that it had. Raises NotFound."""
    return _change(
        connection,
        doer,
        "tenant.restored",
        f"UPDATE tenants SET revoked_at = NULL WHERE slug = %s AND revoked_at IS NOT NULL RETURNING {_COLUMNS}",
        slug,
    )


def _change(connection: Connection, doer: Doer, action: str, statement: str, slug: str) -> Tenant:
    changed = _one(connection, statement, slug)
    if changed is None:
        return get(connection, slug)
    audit.write(connection, doer, action, slug, tenant_id=changed.id)
    return changed


def _one(connection: Connection, statement: str, slug: str) -> Tenant | None:
    with connection.cursor(row_factory=class_row(Tenant)) as cursor:
        return cursor.execute(statement, (slug,)).fetchone()
