"""Keys, people, tenants and the audit as the API shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from networx.api.shapes.envelope import At, Facts, Id, Shape

Right = Literal["read", "write", "admin", "operator"]
Slug = Annotated[str, Field(examples=["acme"])]


class Key(Shape):
    """An API key without its secret."""

    id: Id
    tenant: Slug
    name: str = Field(examples=["nightly import"])
    scopes: list[Right] = Field(examples=[["read", "write"]])
    created_at: At
    created_by: str = Field(examples=["ann@example.com"])
    expires_at: At | None
    revoked_at: At | None = Field(examples=[None])
    last_used_at: At | None
    rotated_from: Id | None = Field(examples=[None])
    replaced_by: Id | None = Field(examples=[None])


class NewlyMadeKey(Key):
    """An API key with its secret, shown this once."""

    key: str = Field(examples=["nxk_..."])


class User(Shape):
    """A person who may sign in to a tenant, or once might."""

    id: Id
    tenant: Slug
    email: str | None = Field(examples=["ann@example.com"])
    subject: str | None = Field(examples=[None])
    scopes: list[Right] = Field(examples=[["read", "write"]])
    created_at: At
    created_by: str = Field(examples=["local developer"])
    last_seen_at: At | None
    revoked_at: At | None = Field(examples=[None])


class Tenant(Shape):
    """A client of this installation."""

    id: Id
    slug: Slug
    name: str = Field(examples=["Acme Logistics"])
    created_at: At
    revoked_at: At | None = Field(examples=[None])


class AuditEntry(Shape):
    """One line of the audit."""

    id: int = Field(ge=1, examples=[42])
    at: At
    tenant_id: Id | None
    actor: str = Field(examples=["ann@example.com"])
    actor_id: Id | None
    action: str = Field(examples=["key.created"])
    target: str = Field(examples=["nightly import"])
    facts: Facts
    address: str | None = Field(examples=["203.0.113.7"])
    request_id: str | None = Field(examples=["f4a75728-c293-488f-bb9b-3149a352ef79"])
