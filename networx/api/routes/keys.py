"""API keys: an administrator makes, lists, rotates and revokes those of the tenant, an operator those of every tenant.

No request here takes an Idempotency-Key: its answer would be kept, and with it a secret that is shown once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.filters import Active, Contains
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.api.whose import tenant_meant, tenant_seen
from networx.db import pool
from networx.identity import keys
from networx.identity.api_key import ApiKey
from networx.identity.keys import KeyRecord
from networx.identity.scopes import known_scopes, require_may_give

router = APIRouter(prefix="/api/keys", tags=["identity"])

# Once listed whole; clients that ask for no page still get as good as all.
LISTING = Listing(keys.ORDERS, usual=1000, most=1000)
_LONGEST_DAYS = 3_650
_LONGEST_OVERLAP_HOURS = 24 * 30
OtherTenant = Annotated[str | None, Query(description="Another tenant's slug. Needs the scope `operator`.")]


class NewKey(BaseModel):
    """What a key is called and may do. Without `expires_in_days` it is good until it is revoked."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["nightly import"])
    scopes: list[str] = Field(max_length=10, examples=[["read", "write"]])
    expires_in_days: int | None = Field(default=None, ge=1, le=_LONGEST_DAYS, examples=[365])
    tenant: str | None = Field(default=None, description="Another tenant's slug. Needs the scope `operator`.")


class Rotation(BaseModel):
    """How long the old key opens beside the new one."""

    model_config = ConfigDict(extra="forbid")
    overlap_hours: float = Field(default=24, ge=0, le=_LONGEST_OVERLAP_HOURS, examples=[24])


@router.get("", summary="API keys, newest first")
def listed(
    who: Who,
    paging: Annotated[Paging, paged(LISTING)],
    tenant: OtherTenant = None,
    q: Contains = None,
    active: Active = None,
) -> Response:
    """Every key with its scopes and its last use (exact to a minute), also those that have ended. No secret is kept."""
    with pool.system() as connection:
        tenant_id = tenant_meant(connection, who, tenant)
        found = keys.listed(connection, tenant_id, contains=q, active=active, page=paging.page)
    return paging.rows(found, lambda key: key.view())


@router.post("", status_code=201, summary="Create an API key")
def create(body: NewKey, who: Who, doing: Doing) -> Response:
    """`key` is the whole key. It is shown here and never again; a key whose answer was lost is revoked."""
    scopes = known_scopes(body.scopes)
    require_may_give(who.scopes, scopes)
    lasts = None if body.expires_in_days is None else timedelta(days=body.expires_in_days)
    with pool.system() as connection:
        tenant_id = tenant_meant(connection, who, body.tenant)
        record, key = keys.create(connection, doing, tenant_id=tenant_id, name=body.name, scopes=scopes, lasts=lasts)
    return success(_with_secret(record, key), 201)


@router.post("/{key_id}/rotate", status_code=201, summary="Rotate an API key")
def rotate(key_id: UUID, who: Who, doing: Doing, body: Rotation | None = None) -> Response:
    """A new key of the same name, scopes and life, shown here and never again; the old one opens for the overlap more.

    A key that has ended, or was rotated before, is 409.
    """
    overlap = timedelta(hours=(body or Rotation()).overlap_hours)
    with pool.system() as connection:
        record, key = keys.rotate(
            connection, doing, key_id, overlap=overlap, own_scopes=who.scopes, tenant_id=tenant_seen(who)
        )
    return success(_with_secret(record, key), 201)


@router.delete("/{key_id}", summary="Revoke an API key")
def revoke(key_id: UUID, who: Who, doing: Doing) -> Response:
    """It opens nothing from now on. Done twice it does no more than once."""
    with pool.system() as connection:
        return success(keys.revoke(connection, doing, key_id, tenant_seen(who)).view())


def _with_secret(record: KeyRecord, key: ApiKey) -> dict[str, Any]:
    return {**record.view(), "key": key.text}
