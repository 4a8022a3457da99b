"""Tenants, for operators: made, listed, revoked and restored."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.filters import Active, Contains
from networx.api.paging import Listing, Paging, paged
from networx.db import pool
from networx.identity import tenants

router = APIRouter(prefix="/api/tenants", tags=["identity"])

# Once listed whole; clients that ask for no page still get as good as all.
LISTING = Listing(tenants.ORDERS, usual=1000, most=1000)
_SLUG = r"^[a-z0-9][a-z0-9-]{0,62}$"
Slug = Annotated[str, Path(pattern=_SLUG)]


class NewTenant(BaseModel):
    """How operators and addresses name a tenant, and what it is called."""

    model_config = ConfigDict(extra="forbid")
    slug: str = Field(pattern=_SLUG, examples=["acme"])
    name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Acme Logistics"])


@router.get("", summary="Tenants, by slug")
def listed(paging: Annotated[Paging, paged(LISTING)], q: Contains = None, active: Active = None) -> Response:
    """Every tenant, also those that are revoked; `q` is a part of the slug or the name."""
    with pool.system() as connection:
        return paging.rows(tenants.listed(connection, contains=q, active=active, page=paging.page), asdict)


@router.post("", status_code=201, summary="Create a tenant")
def create(body: NewTenant, doing: Doing) -> Response:
    """It has no keys and no people yet: make its first with `tenant` in `POST /api/keys` or `POST /api/users`."""
    with pool.system() as connection:
        return success(asdict(tenants.create(connection, doing, body.slug, body.name)), 201)


@router.delete("/{slug}", summary="Revoke a tenant")
def revoke(slug: Slug, doing: Doing) -> Response:
    """Its keys and people open nothing from now on (403 `TENANT_REVOKED`). Its data stays, and its jobs run on."""
    with pool.system() as connection:
        return success(asdict(tenants.revoke(connection, doing, slug)))


@router.post("/{slug}/restore", summary="Restore a tenant")
def restore(slug: Slug, doing: Doing) -> Response:
    """The keys and people that it had open again."""
    with pool.system() as connection:
        return success(asdict(tenants.restore(connection, doing, slug)))
