"""The audit: who did what to what, when and from where. Written within the change's own transaction, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from networx.db.keyset import Key, Page, orders
from networx.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does it: the name and the id of a key or a person, and the request it came by, if it came by one."""

    name: str
    id: UUID | None = None
    address: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit, as it is read."""

    id: int
    at: datetime
    tenant_id: UUID | None
    actor: str
    actor_id: UUID | None
    action: str
    target: str
    facts: dict[str, Any] = field(default_factory=dict)
    address: str | None = None
    request_id: str | None = None


_COLUMNS = ", ".join(Entry.__dataclass_fields__)


def write(
    connection: Connection,
    doer: Doer,
    action: str,
    target: str,
    *,
    tenant_id: UUID | None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add a line. `action` is a word of the thing and what was done (`key.created`), `tenant_id` whose thing it is."""
    connection.execute(
        """INSERT INTO audit (tenant_id, actor, actor_id, action, target, facts, address, request_id)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            tenant_id,
            doer.name,
            doer.id,
            action,
            target,
            Jsonb(dict(facts or {})),
            doer.address,
            doer.request_id,
        ),
    )


# Ids grow with time, and of two lines of one instant say which came first.
ORDERS = orders("-id", id=(Key("id", "bigint"),))
_FILTERS = {
    "action": "(action = %(action)s OR split_part(action, '.', 1) = %(action)s)",
    "actor": "actor = %(actor)s",
    "target": "target = %(target)s",
    "created_after": "at >= %(created_after)s",
    "created_before": "at < %(created_before)s",
    "before": "id < %(before)s",
}


def read(
    connection: Connection,
    *,
    action: str | None = None,
    actor: str | None = None,
    target: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    before: int | None = None,
    page: Page = Page(ORDERS["-id"], 100),  # noqa: B008  # frozen
) -> list[Entry]:
    """A page of the lines that the connection may see and that meet every filter given, the newest first unless the
    page says otherwise; `before` is an id.

    `action` may be the thing alone: `key` stands for `key.created`, `key.revoked` and so on. `created_after` is the
    first instant that counts, `created_before` the first that no longer does.
    """
    given = {
        "action": action,
        "actor": actor,
        "target": target,
        "created_after": created_after,
        "created_before": created_before,
        "before": before,
    }
    told, arguments = page.where(_FILTERS, given)
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM audit {told}", arguments).fetchall()
