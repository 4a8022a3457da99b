"""What a solved job left: its full result, the workbook, the report, and who serves whom."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from networx.api import object_store
from networx.api.envelope import success
from networx.api.headers import REPORT_POLICY
from networx.api.principals import Principal, Who
from networx.api.routes.datasets import WORKBOOK
from networx.db import pool
from networx.errors import NotFound
from networx.jobs import store
from networx.results.assignments import largest_assignments, read_assignments_page

router = APIRouter(prefix="/api/jobs", tags=["results"])

MOST_ROWS = 5000
MOST_OFFSET = 10**9


@router.get("/{job_id}/result", summary="The full result", response_class=Response)
def result(job_id: UUID, who: Who) -> Response:
    """KPIs, every year, every facility, the certificate and, where no plan exists, why."""
    # The file is JSON already; it goes into the envelope as it is.
    return success(orjson.Fragment(object_store.read_result(_file(who, job_id, "result_json"), "result")))


@router.get("/{job_id}/result.xlsx", summary="The result as a workbook", response_class=Response)
def workbook(job_id: UUID, who: Who) -> Response:
    """Excel, with every table of the result."""
    return _download(who, job_id, "result_xlsx", WORKBOOK, f"result-{job_id}.xlsx")


@router.get("/{job_id}/assignments.parquet", summary="Who serves whom, as one file", response_class=Response)
def parquet(job_id: UUID, who: Who) -> Response:
    """Apache Parquet, one row a year, facility and destination."""
    return _download(who, job_id, "assignments", "application/vnd.apache.parquet", f"assignments-{job_id}.parquet")


@router.get("/{job_id}/report.html", summary="The report", response_class=Response)
def report(job_id: UUID, who: Who) -> Response:
    """One self-contained page with maps and plots, served so that it can run nothing and reach nothing."""
    chunks, size = object_store.stream_result(_file(who, job_id, "report_html"), "report")
    headers = {"Content-Security-Policy": REPORT_POLICY, "Content-Length": str(size)}
    return StreamingResponse(chunks, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/{job_id}/assignments", summary="Who serves whom, paged")
def assignments(
    job_id: UUID,
    who: Who,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
    year: Annotated[int | None, Query(ge=1, le=9999)] = None,
    facility: str | None = None,
    order: Literal["name", "largest"] = "name",
) -> Response:
    """Rows of a year and a facility, if given. `order=largest` gives the `limit` largest flows (of the year)."""
    with object_store.opened_result(_file(who, job_id, "assignments"), "assignments") as file:
        rows, total = read_assignments_page(file, offset, limit, year, facility)
        if order == "largest":
            file.seek(0)
            rows = largest_assignments(file, limit, year)
    return success({"assignments": rows, "total": total, "offset": offset})


def _file(who: Principal, job_id: UUID, name: str) -> str:
    with pool.tenant(who.tenant_id) as connection:
        store.get_job(connection, job_id)
        found = store.get_result(connection, job_id)
    key = None if found is None else found.get("files", {}).get(name)
    if key is None:
        raise NotFound(what="result", id=job_id)
    return str(key)


def _download(who: Principal, job_id: UUID, name: str, media_type: str, filename: str) -> Response:
    chunks, size = object_store.stream_result(_file(who, job_id, name), "result")
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Content-Length": str(size)}
    return StreamingResponse(chunks, media_type=media_type, headers=headers)
