"""The list of jobs that left the record. Each of them is at its own address still: routes/jobs.py."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.api.shapes import jobs as shapes
from networx.api.shapes.envelope import Paged
from networx.db import pool
from networx.jobs import archive
from networx.jobs.archive import Place

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

LISTING = Listing(archive.ORDERS)


@router.get("/archived", summary="Archived jobs, newest first", response_model=Paged[list[shapes.ArchivedJob]])
def archived_jobs(who: Who, paging: Annotated[Paging, paged(LISTING)]) -> Response:
    """Jobs that ended more than 90 days ago and left the list of jobs; a batch stands for its members."""
    with pool.tenant(who.tenant_id) as connection:
        found = archive.list_archived(connection, paging.page)
    return paging.rows(found, _shown)


def _shown(place: Place) -> dict[str, Any]:
    return {
        "id": place.id,
        "type": place.kind,
        "status": place.status,
        "created_at": place.created_at,
        "finished_at": place.finished_at,
        "archived_at": place.archived_at,
    }
