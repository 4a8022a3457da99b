"""People: who may sign in to the tenant, and what they may do. For administrators; an operator names any tenant."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.filters import Active, Contains
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.api.routes.keys import OtherTenant
from networx.api.whose import tenant_meant, tenant_seen
from networx.db import pool
from networx.errors import Problem, RefusedInput
from networx.identity import users
from networx.identity.scopes import known_scopes, require_may_give

router = APIRouter(prefix="/api/users", tags=["identity"])

# Once listed whole; clients that ask for no page still get as good as all.
LISTING = Listing(users.ORDERS, usual=1000, most=1000)


class NewUser(BaseModel):
    """A person, by the e-mail address that the issuer has verified or by the issuer's own subject."""

    model_config = ConfigDict(extra="forbid")
    email: str | None = Field(default=None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ann@example.com"])
    subject: str | None = Field(default=None, min_length=1, max_length=255, pattern=r"^[!-~]+$")
    scopes: list[str] = Field(max_length=10, examples=[["read", "write"]])
    tenant: str | None = Field(default=None, description="Another tenant's slug. Needs the scope `operator`.")


@router.get("", summary="People, newest first")
def listed(
    who: Who,
    paging: Annotated[Paging, paged(LISTING)],
    tenant: OtherTenant = None,
    q: Contains = None,
    active: Active = None,
) -> Response:
    """Everybody who may sign in to the tenant, or once might."""
    with pool.system() as connection:
        tenant_id = tenant_meant(connection, who, tenant)
        found = users.listed(connection, tenant_id, contains=q, active=active, page=paging.page)
    return paging.rows(found, lambda user: user.view())


@router.post("", status_code=201, summary="Let a person in")
def create(body: NewUser, who: Who, doing: Doing) -> Response:
    """At the first sign-in an address is bound to the issuer's subject, and from then on the subject alone counts."""
    if body.email is None and body.subject is None:
        raise RefusedInput([Problem("Give an email or a subject.", "required", column="email")])
    scopes = known_scopes(body.scopes)
    require_may_give(who.scopes, scopes)
    with pool.system() as connection:
        made = users.create(
            connection,
            doing,
            tenant_id=tenant_meant(connection, who, body.tenant),
            email=body.email,
            subject=body.subject,
            scopes=scopes,
        )
    return success(made.view(), 201)


@router.delete("/{user_id}", summary="Let a person in no more")
def revoke(user_id: UUID, who: Who, doing: Doing) -> Response:
    """Sessions of theirs end with it. Done twice it does no more than once."""
    with pool.system() as connection:
        return success(users.revoke(connection, doing, user_id, tenant_seen(who)).view())
