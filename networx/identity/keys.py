"""API keys in the record: made, listed, told, rotated, revoked. How one looks is in api_key.py.

Each function works on a connection of networx_system that its caller opened; what changes something writes the audit
in the same transaction.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from networx.db import audit
from networx.db.audit import Doer
from networx.db.journeys import Found, Statement
from networx.db.keyset import Key, Page, orders
from networx.db.pool import Connection
from networx.errors import Conflict, Forbidden, NotFound, Unauthenticated
from networx.identity.api_key import ApiKey, make_key, stored
from networx.identity.pepper import pepper
from networx.identity.scopes import require_may_give

LAST_USE_WRITTEN_EVERY = timedelta(minutes=1)
_NO_KEY = bytes(32)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key as it may be shown: everything but its secret."""

    id: UUID
    tenant_id: UUID
    tenant: str
    name: str
    scopes: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    rotated_from: UUID | None
    replaced_by: UUID | None

    def view(self) -> dict[str, Any]:
        """As an administrator sees it."""
        shown = asdict(self)
        del shown["tenant_id"]
        return shown


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a key stands for."""

    key_id: UUID
    tenant_id: UUID
    tenant: str
    name: str
    scopes: frozenset[str]


_SELECT = """
    SELECT k.id, k.tenant_id, t.slug AS tenant, k.name, k.scopes, k.created_at, k.created_by, k.expires_at,
           k.revoked_at, k.last_used_at, k.rotated_from, successor.id AS replaced_by
    FROM api_keys k JOIN tenants t ON t.id = k.tenant_id LEFT JOIN api_keys successor ON successor.rotated_from = k.id
"""

_TOLD = """
    SELECT k.secret_hmac, k.tenant_id, t.slug, k.name, k.scopes, k.revoked_at IS NOT NULL AS revoked,
           k.expires_at IS NOT NULL AND k.expires_at <= now() AS expired, t.revoked_at IS NOT NULL AS closed,
           k.last_used_at IS NULL OR k.last_used_at < now() - %(every)s AS use_is_old
    FROM api_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.id = %(id)s
"""

# Requests of one key that come at once do not wait for one another: one of them writes.
_USED = """
    UPDATE api_keys SET last_used_at = now() WHERE id = (
        SELECT id FROM api_keys
        WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at < now() - %(every)s) FOR UPDATE SKIP LOCKED)
"""


def asking(shown: ApiKey) -> Statement:
    """What finds a key in the record; `tell` says what was found."""
    return _TOLD, {"id": shown.id, "every": LAST_USE_WRITTEN_EVERY}


def tell(connection: Connection, shown: ApiKey, found: Found) -> Holder:
    """Whom a key stands for. Only who has the right secret hears that it is revoked, expired or of a closed tenant.

    Raises Unauthenticated (KEY_REVOKED, KEY_EXPIRED, else UNAUTHENTICATED) and Forbidden (TENANT_REVOKED).
    """
    presented = stored(shown.digest, pepper())
    record = next(iter(found.rows()), None)
    kept = _NO_KEY if record is None or record["secret_hmac"] is None else bytes(record["secret_hmac"])
    if not hmac.compare_digest(kept, presented) or record is None:
        raise Unauthenticated
    if record["revoked"]:
        raise Unauthenticated(what="This API key is revoked.", code="KEY_REVOKED")
    if record["expired"]:
        raise Unauthenticated(what="This API key has expired.", code="KEY_EXPIRED")
    if record["closed"]:
        raise tenant_revoked()
    if record["use_is_old"]:
        connection.execute(_USED, asking(shown)[1])
    return Holder(shown.id, record["tenant_id"], record["slug"], record["name"], frozenset(record["scopes"]))


def tenant_revoked() -> Forbidden:
    """What everybody of a closed tenant hears."""
    return Forbidden(what="The access of this tenant to NetWORX has been revoked.", code="TENANT_REVOKED")


_ID = Key("id", "uuid", "k.id")
ORDERS = orders(
    "-created_at",
    created_at=(Key("created_at", "timestamptz", "k.created_at"), _ID),
    name=(Key("name", "text", "k.name"), _ID),
)
_FILTERS = {
    "tenant_id": "k.tenant_id = %(tenant_id)s",
    "contains": "strpos(lower(k.name), lower(%(contains)s)) > 0",
    "active": "(k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())) = %(active)s",
}


def listed(
    connection: Connection,
    tenant_id: UUID,
    *,
    contains: str | None = None,
    active: bool | None = None,
    page: Page = Page(ORDERS["-created_at"], 1000),  # noqa: B008  # frozen
) -> list[KeyRecord]:
    """A page of the keys of a tenant, also those that opened something once, the newest first unless it says otherwise.

    `contains` is a part of the name in whatever case, `active` whether a key opens anything today.
    """
    told, arguments = page.where(_FILTERS, {"tenant_id": tenant_id, "contains": contains, "active": active})
    with connection.cursor(row_factory=class_row(KeyRecord)) as cursor:
        return cursor.execute(f"{_SELECT} {told}", arguments).fetchall()


def get(connection: Connection, key_id: UUID, tenant_id: UUID | None = None) -> KeyRecord:
    """One key, of any tenant where none is given. Raises NotFound."""
    found = _records(
        connection,
        f"{_SELECT} WHERE k.id = %(id)s AND (%(tenant)s::uuid IS NULL OR k.tenant_id = %(tenant)s)",
        tenant_id,
        key_id,
    )
    if not found:
        raise NotFound(what="key", id=key_id)
    return found[0]


def create(
    connection: Connection,
    doer: Doer,
    *,
    tenant_id: UUID,
    name: str,
    scopes: Sequence[str],
    lasts: timedelta | None = None,
    key: ApiKey | None = None,
) -> tuple[KeyRecord, ApiKey]:
    """A new key, and what its holder is shown once. It expires `lasts` from now, or never."""
    made = key or make_key()
    return admit(
        connection, doer, made.id, made.digest, tenant_id=tenant_id, name=name, scopes=scopes, lasts=lasts
    ), made


def admit(
    connection: Connection,
    doer: Doer,
    key_id: UUID,
    digest: bytes,
    *,
    tenant_id: UUID,
    name: str,
    scopes: Sequence[str],
    lasts: timedelta | None = None,
) -> KeyRecord:
    """Admit a key that was made elsewhere, of which only the digest came here."""
    _insert(connection, doer, key_id, digest, tenant_id, name, scopes, lasts, None)
    made = get(connection, key_id)
    _audit(connection, doer, "key.created", made, scopes=made.scopes, expires_at=_instant(made.expires_at))
    return made


def rotate(
    connection: Connection,
    doer: Doer,
    key_id: UUID,
    *,
    overlap: timedelta,
    own_scopes: frozenset[str],
    tenant_id: UUID | None = None,
) -> tuple[KeyRecord, ApiKey]:
    """A new key of the same name, scopes and life; the old one opens for `overlap` more, and no longer than before.

    `own_scopes` are the doer's. Raises NotFound, Conflict for a key that has ended or was rotated already, Forbidden.
    """
    connection.execute("SELECT FROM api_keys WHERE id = %s FOR UPDATE", (key_id,))
    old = get(connection, key_id, tenant_id)
    require_may_give(own_scopes, old.scopes)
    if old.replaced_by is not None:
        raise Conflict(what=f"This key was rotated already: key {old.replaced_by} replaces it.")
    ended = connection.execute(
        "SELECT revoked_at IS NOT NULL OR (expires_at IS NOT NULL AND expires_at <= now()) FROM api_keys WHERE id = %s",
        (key_id,),
    ).fetchone()
    if ended is None or ended[0]:
        raise Conflict(what="This key is revoked or has expired: create another in its place.")
    lasts = None if old.expires_at is None else old.expires_at - old.created_at
    key = make_key()
    _insert(connection, doer, key.id, key.digest, old.tenant_id, old.name, old.scopes, lasts, old.id)
    connection.execute(
        "UPDATE api_keys SET expires_at = least(expires_at, now() + %s) WHERE id = %s", (overlap, old.id)
    )
    made = get(connection, key.id)
    _audit(connection, doer, "key.rotated", old, replaced_by=str(made.id), overlap_seconds=overlap.total_seconds())
    return made, key


def revoke(connection: Connection, doer: Doer, key_id: UUID, tenant_id: UUID | None = None) -> KeyRecord:
    """End a key at once and for good; one that is revoked already stays as it is. Raises NotFound."""
    get(connection, key_id, tenant_id)
    ended = connection.execute(
        "UPDATE api_keys SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL RETURNING id", (key_id,)
    ).fetchone()
    found = get(connection, key_id)
    if ended is not None:
        _audit(connection, doer, "key.revoked", found)
    return found


def _insert(
    connection: Connection,
    doer: Doer,
    key_id: UUID,
    digest: bytes,
    tenant_id: UUID,
    name: str,
    scopes: Sequence[str],
    lasts: timedelta | None,
    rotated_from: UUID | None,
) -> None:
    connection.execute(
        """INSERT INTO api_keys (id, tenant_id, name, secret_hmac, scopes, expires_at, created_by, rotated_from)
           VALUES (%s, %s, %s, %s, %s, now() + %s, %s, %s)""",
        (key_id, tenant_id, name, stored(digest, pepper()), list(scopes), lasts, doer.name, rotated_from),
    )


def _audit(connection: Connection, doer: Doer, action: str, key: KeyRecord, **facts: Any) -> None:
    audit.write(connection, doer, action, str(key.id), tenant_id=key.tenant_id, facts={"name": key.name, **facts})


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _records(
    connection: Connection, statement: str, tenant_id: UUID | None, key_id: UUID | None = None
) -> list[KeyRecord]:
    with connection.cursor(row_factory=class_row(KeyRecord)) as cursor:
        return cursor.execute(statement, {"tenant": tenant_id, "id": key_id}).fetchall()
