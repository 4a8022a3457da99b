"""The audit: who changed what, when and from where. For administrators of the tenant, and for operators over all."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from networx.api.exports import Sent
from networx.api.filters import CreatedAfter, CreatedBefore
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.db import audit, pool
from networx.db.audit import Entry
from networx.db.keyset import Page

router = APIRouter(prefix="/api/audit", tags=["identity"])

LISTING = Listing(audit.ORDERS, usual=100, most=1000, columns={name: name for name in Entry.__dataclass_fields__})
_LARGEST_ID = 2**63 - 1


@router.get("", summary="The audit, newest first")
def listed(
    who: Who,
    paging: Annotated[Paging, paged(LISTING)],
    sent: Sent,
    action: Annotated[str | None, Query(max_length=100, examples=["key", "key.created"])] = None,
    actor: Annotated[str | None, Query(max_length=300, description="The name of a key or a person.")] = None,
    target: Annotated[str | None, Query(max_length=300, description="What it was done to.")] = None,
    all_tenants: Annotated[
        bool, Query(description="Of every tenant, and of none. Needs the scope `operator`.")
    ] = False,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    before: Annotated[int | None, Query(ge=1, le=_LARGEST_ID, description="The `id` of the last line seen.")] = None,
) -> Response:
    """Changes of keys, users and tenants, pauses, redrives and cancels: nothing here is ever changed or removed.

    A tenant sees what was done to its own things, by whomever.
    """
    if all_tenants:
        who.require_operator("The audit of every tenant")

    def read(page: Page) -> tuple[list[Entry], list[dict[str, Any]]]:
        with pool.system() if all_tenants else pool.tenant(who.tenant_id) as connection:
            found = audit.read(
                connection,
                action=action,
                actor=actor,
                target=target,
                created_after=created_after,
                created_before=created_before,
                before=before,
                page=page,
            )
        return found, [asdict(entry) for entry in found]

    return sent.answer(paging, read, "audit")
