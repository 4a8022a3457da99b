"""People in the record: whom a sign-in stands for, and what they may do. Each on a connection of networx_system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from networx.db import audit
from networx.db.audit import Doer
from networx.db.keyset import Key, Page, orders
from networx.db.pool import Connection
from networx.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class User:
    """A person of a tenant, known by an e-mail address or by the subject that the issuer of sign-ins has for them."""

    id: UUID
    tenant_id: UUID
    tenant: str
    tenant_revoked: bool
    email: str | None
    subject: str | None
    scopes: list[str]
    created_at: datetime
    created_by: str
    last_seen_at: datetime | None
    revoked_at: datetime | None

    @property
    def name(self) -> str:
        """How logs and the audit name the person."""
        return self.email or str(self.subject)

    def view(self) -> dict[str, Any]:
        """As an administrator sees it."""
        shown = asdict(self)
        for internal in ("tenant_id", "tenant_revoked"):
            del shown[internal]
        return shown


_SELECT = """
    SELECT u.id, u.tenant_id, t.slug AS tenant, t.revoked_at IS NOT NULL AS tenant_revoked, u.email, u.subject,
           u.scopes, u.created_at, u.created_by, u.last_seen_at, u.revoked_at
    FROM users u JOIN tenants t ON t.id = u.tenant_id
"""


ORDERS = orders("-created_at", created_at=(Key("created_at", "timestamptz", "u.created_at"), Key("id", "uuid", "u.id")))
_FILTERS = {
    "tenant_id": "u.tenant_id = %(tenant_id)s",
    "contains": "strpos(lower(coalesce(u.email, u.subject)), lower(%(contains)s)) > 0",
    "active": "(u.revoked_at IS NULL) = %(active)s",
}


def listed(
    connection: Connection,
    tenant_id: UUID,
    *,
    contains: str | None = None,
    active: bool | None = None,
    page: Page = Page(ORDERS["-created_at"], 1000),  # noqa: B008  # frozen
) -> list[User]:
    """A page of the people of a tenant, also who was revoked, the newest first unless it says otherwise.

    `contains` is a part of the address, or of the subject where there is none, in whatever case.
    """
    told, arguments = page.where(_FILTERS, {"tenant_id": tenant_id, "contains": contains, "active": active})
    with connection.cursor(row_factory=class_row(User)) as cursor:
        return cursor.execute(f"{_SELECT} {told}", arguments).fetchall()


def get(connection: Connection, user_id: UUID, tenant_id: UUID | None = None) -> User:
    """One person, of any tenant where none is given. Raises NotFound."""
    found = _one(
        connection,
        f"{_SELECT} WHERE u.id = %(id)s AND (%(tenant)s::uuid IS NULL OR u.tenant_id = %(tenant)s)",
        {"id": user_id, "tenant": tenant_id},
    )
    if found is None:
        raise NotFound(what="user", id=user_id)
    return found


def create(
    connection: Connection,
    doer: Doer,
    *,
    tenant_id: UUID,
    email: str | None,
    subject: str | None,
    scopes: Sequence[str],
) -> User:
    """Let a person in. Raises Conflict where the address or the subject is somebody's already, of whatever tenant."""
    try:
        with connection.transaction():
            row = connection.execute(
                """INSERT INTO users (tenant_id, email, subject, scopes, created_by)
                   VALUES (%s, lower(%s), %s, %s, %s) RETURNING id""",
                (tenant_id, email, subject, list(scopes), doer.name),
            ).fetchone()
    except psycopg.errors.UniqueViolation as fault:
        raise Conflict(what=f"{email or subject} is a user of NetWORX already.") from fault
    assert row is not None
    made = get(connection, row[0])
    _audit(connection, doer, "user.created", made, scopes=made.scopes)
    return made


def revoke(connection: Connection, doer: Doer, user_id: UUID, tenant_id: UUID | None = None) -> User:
    """Let a person in no more, at once; who is revoked already stays so. Raises NotFound."""
    get(connection, user_id, tenant_id)
    ended = connection.execute(
        "UPDATE users SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL RETURNING id", (user_id,)
    ).fetchone()
    found = get(connection, user_id)
    if ended is not None:
        _audit(connection, doer, "user.revoked", found)
    return found


def signed_in(connection: Connection, doer: Doer, *, subject: str, verified_email: str | None) -> User | None:
    """Whom a sign-in stands for, or None where nobody let that person in.

    The issuer's subject counts. An address counts once, and only while nobody is bound to it: it is then bound to the
    subject, so that whoever is given the address later does not become the person.
    """
    known = _one(connection, f"{_SELECT} WHERE u.subject = %(subject)s AND u.revoked_at IS NULL", {"subject": subject})
    if known is None and verified_email:
        bound = connection.execute(
            """UPDATE users SET subject = %s WHERE email = lower(%s) AND subject IS NULL AND revoked_at IS NULL
               RETURNING id""",
            (subject, verified_email),
        ).fetchone()
        if bound is not None:
            known = get(connection, bound[0])
            _audit(connection, doer, "user.bound", known, subject=subject)
    if known is not None:
        connection.execute("UPDATE users SET last_seen_at = now() WHERE id = %s", (known.id,))
    return known


def _audit(connection: Connection, doer: Doer, action: str, user: User, **facts: Any) -> None:
    audit.write(connection, doer, action, str(user.id), tenant_id=user.tenant_id, facts={"name": user.name, **facts})


def _one(connection: Connection, statement: str, asked: dict[str, Any]) -> User | None:
    with connection.cursor(row_factory=class_row(User)) as cursor:
        return cursor.execute(statement, asked).fetchone()
