"""Datasets: what was loaded, and the workbook to fill in."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from networx.api.declared import NOT_CHANGED, WORKBOOK, refuses, sends
from networx.api.demand import demand_workbook
from networx.api.envelope import as_json, success
from networx.api.etags import headers_with, held_already, tag_of
from networx.api.filters import Contains, CreatedAfter, CreatedBefore
from networx.api.limit_rules import EXPORTS
from networx.api.limits import holder_of, refusal
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Principal, Who
from networx.api.shapes import datasets as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.api.views import dataset_view
from networx.db import pool
from networx.domain.paid_demand import MOST_MONTHS, DemandAsked
from networx.ingest import datasets as record
from networx.ingest.loading import NETWORK
from networx.ingest.template import write_network_template
from networx.resilience.remembered import Kind, remembered

router = APIRouter(prefix="/api", tags=["datasets"])

LISTING = Listing(record.ORDERS)
SUMMARY = Kind("dataset")


@router.get("/datasets", summary="Datasets, newest first", response_model=Paged[list[shapes.Dataset]])
def datasets(
    who: Who,
    paging: Annotated[Paging, paged(LISTING)],
    domain: Annotated[str | None, Query(examples=["network"])] = None,
    upload_id: UUID | None = None,
    q: Contains = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
) -> Response:
    """A page of what was loaded from uploads; `q` is a part of the file's name."""
    with pool.tenant(who.tenant_id) as connection:
        found = record.list_datasets(
            connection,
            domain=domain,
            upload_id=upload_id,
            contains=q,
            created_after=created_after,
            created_before=created_before,
            page=paging.page,
        )
    return paging.rows(found, dataset_view)


@router.get(
    "/datasets/{dataset_id}",
    summary="One dataset",
    response_model=Success[shapes.DatasetInFull],
    responses=refuses("DATASET_NOT_FOUND") | NOT_CHANGED,
)
def dataset(dataset_id: UUID, who: Who, request: Request) -> Response:
    """Its counts of rows, its parameters and the years it plans for. A dataset never changes: it has an `ETag`."""
    content = remembered(SUMMARY, who.tenant_id, str(dataset_id), lambda: _summary(who, dataset_id))
    tag = tag_of(content, weak=True)
    return held_already(request, tag) or success(orjson.Fragment(content), headers=headers_with(tag))


@router.get(
    "/datasets/{dataset_id}/demand.xlsx",
    summary="Demand and lanes of shipments",
    response_class=Response,
    responses=refuses("DATASET_NOT_FOUND", "CHILD_LOST") | sends(WORKBOOK),
)
def demand(
    dataset_id: UUID,
    who: Who,
    request: Request,
    by: Literal["zip3", "zip5", "name"] = "zip3",
    year: Annotated[int | None, Query(ge=1900, le=2200, examples=[2025])] = None,
    months: Annotated[int | None, Query(ge=1, le=MOST_MONTHS, examples=[12])] = None,
) -> Response:
    """A workbook of a dataset of shipments: Destinations (a ZIP3, ZIP5 or name each) and Lanes with their paid cost.

    `year` takes the shipments of one year. `months` is how many months they cover: demand is then that of a year, and
    without it of the days that they are of. 30 a minute are taken, as of whole lists.
    """
    verdict = request.app.state.limiter.take(EXPORTS, holder_of(request, who))
    if not verdict.admitted:
        return refusal(verdict)
    chunks, size = demand_workbook(who.tenant_id, dataset_id, DemandAsked(by, year, months))
    headers = {"Content-Disposition": f'attachment; filename="demand-{dataset_id}.xlsx"', "Content-Length": str(size)}
    return StreamingResponse(chunks, media_type=WORKBOOK, headers=headers)


@router.get(
    "/templates/network.xlsx",
    summary="The network workbook to fill in",
    response_class=Response,
    responses=sends(WORKBOOK),
)
def network_template(_who: Who) -> Response:
    """Every sheet and column with its meaning, and cells that refuse what does not fit."""
    headers = {"Content-Disposition": 'attachment; filename="network.xlsx"'}
    return Response(_network_template(), media_type=WORKBOOK, headers=headers)


def _summary(who: Principal, dataset_id: UUID) -> bytes:
    with pool.tenant(who.tenant_id) as connection:
        found = record.get_dataset(connection, dataset_id)
        stated = {
            "parameters": record.read_parameters(connection, dataset_id),
            "years": record.read_years(connection, dataset_id) if found.domain == NETWORK.name else None,
        }
    return as_json(dataset_view(found) | stated)


@cache
def _network_template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.xlsx"
        write_network_template(path)
        return path.read_bytes()
