"""Who is asking: the holder of an API key. Sessions of the browser are in sessions.py, the gate in gate.py."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from networx.db import pool
from networx.errors import Forbidden, Unauthenticated

# What reaches beyond a tenant: pauses, the standing of the engine, redriving for everybody.
OPERATOR = "operator"

_KEY_OWNER = """
    SELECT t.id, t.slug, k.name, k.scopes
    FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
    WHERE k.secret_sha256 = %s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
"""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a request acts for. `name` is the key's or the person's, for the log; `scopes` are the key's."""

    tenant_id: UUID
    tenant: str
    name: str
    scopes: frozenset[str] = frozenset()

    def require_operator(self, what: str) -> None:
        """Raises Forbidden unless the key's scopes reach beyond its tenant. `what` is being asked for, as a noun."""
        if OPERATOR not in self.scopes:
            raise Forbidden(what=f"{what} reaches beyond your tenant: it needs an API key with the scope `{OPERATOR}`.")


def holder_of(secret: str) -> Principal:
    """The holder of an API key. Looked up by digest: its time says nothing of the key. Raises Unauthenticated."""
    digest = hashlib.sha256(secret.encode()).digest()
    with pool.system() as connection:
        row = connection.execute(_KEY_OWNER, (digest,)).fetchone()
    if row is None:
        raise Unauthenticated
    tenant_id, tenant, name, scopes = row
    return Principal(tenant_id, tenant, name, frozenset(scopes))


def tenant_named(slug: str, person: str) -> Principal:
    """A person acting for a tenant. Raises Unauthenticated where there is no such tenant."""
    with pool.system() as connection:
        row = connection.execute("SELECT id, slug FROM tenants WHERE slug = %s", (slug,)).fetchone()
    if row is None:
        raise Unauthenticated
    return Principal(row[0], row[1], person)


def _of_request(request: Request) -> Principal:
    principal = request.scope.get("principal")
    if not isinstance(principal, Principal):
        raise Unauthenticated
    return principal


Who = Annotated[Principal, Depends(_of_request)]


def _of_operator(who: Who) -> Principal:
    who.require_operator("This")
    return who


Operator = Annotated[Principal, Depends(_of_operator)]
