"""Whose keys and people a request is about: the asker's own tenant, or for an operator any tenant that is named."""

from __future__ import annotations

from uuid import UUID

from networx.api.principals import Principal
from networx.db.pool import Connection
from networx.identity import tenants
from networx.identity.scopes import Scope


def tenant_meant(connection: Connection, who: Principal, slug: str | None) -> UUID:
    """The tenant of this slug, else the asker's own. Raises Forbidden for another's, NotFound for none."""
    if slug is None or slug == who.tenant:
        return who.tenant_id
    who.require_operator("Another tenant")
    return tenants.get(connection, slug).id


def tenant_seen(who: Principal) -> UUID | None:
    """The only tenant whose things the asker may name by their ids; None for an operator, who may name all."""
    return None if Scope.OPERATOR in who.scopes else who.tenant_id
