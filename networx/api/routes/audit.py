"""The audit: who changed what, when and from where. For administrators of the tenant, and for operators over all."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from networx.api.envelope import success
from networx.api.principals import Who
from networx.api.shapes.envelope import Success
from networx.api.shapes.identity import AuditEntry
from networx.db import audit, pool

router = APIRouter(prefix="/api/audit", tags=["identity"])

_LARGEST_ID = 2**63 - 1


@router.get("", summary="The audit, newest first", response_model=Success[list[AuditEntry]])
def listed(
    who: Who,
    action: Annotated[str | None, Query(max_length=100, examples=["key", "key.created"])] = None,
    all_tenants: Annotated[
        bool, Query(description="Of every tenant, and of none. Needs the scope `operator`.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=_LARGEST_ID, description="The `id` of the last line seen.")] = None,
) -> Response:
    """Changes of keys, users and tenants, pauses, redrives and cancels: nothing here is ever changed or removed.

    A tenant sees what was done to its own things, by whomever.
    """
    if all_tenants:
        who.require_operator("The audit of every tenant")
    with pool.system() if all_tenants else pool.tenant(who.tenant_id) as connection:
        found = audit.read(connection, action=action, before=before, limit=limit)
    return success([asdict(entry) for entry in found])
