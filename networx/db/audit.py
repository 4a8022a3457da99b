"""The audit: who did what to what, when and from where. Written within the change's own transaction, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

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


def read(
    connection: Connection, *, action: str | None = None, before: int | None = None, limit: int = 100
) -> list[Entry]:
    """The newest lines that the connection may see, at most `limit`; `before` an id, of this action or thing.

    `action` may be the thing alone: `key` stands for `key.created`, `key.revoked` and so on.
    """
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(
            f"""SELECT {_COLUMNS} FROM audit
                WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
                  AND (%(action)s::text IS NULL OR action = %(action)s OR split_part(action, '.', 1) = %(action)s)
                ORDER BY id DESC LIMIT %(limit)s""",
            {"before": before, "action": action, "limit": limit},
        ).fetchall()
