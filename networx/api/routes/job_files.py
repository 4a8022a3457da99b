"""What a solved job left: its full result, the workbook, the report, and who serves whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from networx.api import object_store
from networx.api.archived import archived_job, result_of
from networx.api.batch_view import batch_result
from networx.api.declared import NOT_CHANGED, WHOLE, WORKBOOK, refuses, sends
from networx.api.envelope import as_json, success
from networx.api.etags import headers_with, held_already, tag_of
from networx.api.exports import ROWS_AT_ONCE, Batch, Sent
from networx.api.headers import REPORT_POLICY
from networx.api.limit_rules import EXPORTS
from networx.api.limits import holder_of, refusal
from networx.api.paging import INVALID_CURSOR, Listing, Paging, paged
from networx.api.principals import Principal, Who
from networx.api.shapes import results as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.api.sweep_files import sweep_file
from networx.db import pool
from networx.db.keyset import Key, Order
from networx.errors import NotFound, Problem, RefusedInput
from networx.jobs import store
from networx.jobs.batches import MemberResult, member_results
from networx.jobs.job import BATCH_KIND, Job
from networx.resilience.remembered import Kind, remembered
from networx.results.assignments import iter_pages, largest_assignments, read_assignments_page

router = APIRouter(prefix="/api/jobs", tags=["results"])

# What a job left never changes: no role may change a result, the archive keeps it as it was, and its files stand under
# its fence.
PLACES, RESULT, ASSIGNMENTS = Kind("places"), Kind("result"), Kind("assignments", shape=2)
MOST_ROWS = 5000
MOST_OFFSET = 10**9
PARQUET = "application/vnd.apache.parquet"
GZIP = "application/gzip"
_REFUSES = refuses("JOB_NOT_FOUND", "RESULT_NOT_FOUND", "STORAGE_UNAVAILABLE") | NOT_CHANGED
# Of a sweep they are made when they are asked for.
_REFUSES_MADE = _REFUSES | refuses("INVALID_INPUT", "CHILD_LOST")
# A file that never changes: what counts its rows is a place as good as any key, and the file is sorted by itself.
_COLUMNS = [
    *("year", "facility", "destination", "mode"),
    *("units", "cost_per_unit", "cost", "distance_miles", "share_of_demand"),
    *("destination_latitude", "destination_longitude"),
]
LISTING = Listing(
    {"row": Order((Key("row", "bigint"),))}, usual=100, most=MOST_ROWS, columns={name: name for name in _COLUMNS}
)


@router.get(
    "/{job_id}/result",
    summary="The full result",
    response_model=Success[shapes.FullResult],
    responses=_REFUSES,
)
def result(job_id: UUID, who: Who, request: Request) -> Response:
    """KPIs, every year, every facility, the certificate and, where no plan exists, why. It never changes.

    Of a sweep: the best run and the frontier as its members stand; that changes until all have ended.
    """
    try:
        place = _file(who, job_id, "result_json")
    except NotFound:
        # A batch leaves no files: it has what its members left.
        whole = batch_result(*found) if (found := _batch(who, job_id)) else None
        if whole is None:
            raise
        return success(whole)
    tag = tag_of(place, weak=True)
    held = held_already(request, tag)
    if held is not None:
        return held
    content = remembered(RESULT, who.tenant_id, place, lambda: object_store.read_result(place, "result"))
    # The file is JSON already; it goes into the envelope as it is.
    return success(orjson.Fragment(content), headers=headers_with(tag))


@router.get(
    "/{job_id}/result.xlsx",
    summary="The result as a workbook",
    response_class=Response,
    responses=_REFUSES_MADE | sends(WORKBOOK),
)
def workbook(job_id: UUID, who: Who, request: Request) -> Response:
    """Excel, with every table of the result.

    Of a sweep it is made when it is asked for, of the runs as they stand: which number is best and why, every number's
    cost, bound, service and facilities, and those without a plan by name. 30 a minute are taken, as of whole lists.
    """
    headers = _attached(f"result-{job_id}.xlsx")
    return _kept_or_made(request, who, job_id, "result_xlsx", "result", WORKBOOK, headers)


@router.get(
    "/{job_id}/candidates.xlsx",
    summary="The places of a greenfield study, to be filled in",
    response_class=Response,
    responses=_REFUSES | sends(WORKBOOK),
)
def candidates(job_id: UUID, who: Who, request: Request) -> Response:
    """A network workbook: the places of every number as Facilities whose costs and capacities are left empty.

    Only a greenfield study has one. Until they are filled in, an upload of it is refused, each cell by name.
    """
    return _download(request, who, job_id, "candidates", WORKBOOK, f"candidates-{job_id}.xlsx")


@router.get(
    "/{job_id}/assignments.parquet",
    summary="Who serves whom, as one file",
    response_class=Response,
    responses=_REFUSES | sends(PARQUET),
)
def parquet(job_id: UUID, who: Who, request: Request) -> Response:
    """Apache Parquet, one row a year, facility and destination."""
    return _download(request, who, job_id, "assignments", PARQUET, f"assignments-{job_id}.parquet")


@router.get(
    "/{job_id}/inbound.parquet",
    summary="What comes in from suppliers, as one file",
    response_class=Response,
    responses=_REFUSES | sends(PARQUET),
)
def inbound(job_id: UUID, who: Who, request: Request) -> Response:
    """Apache Parquet, one row a year, supplier and facility. There is none for a network without suppliers."""
    return _download(request, who, job_id, "inbound", PARQUET, f"inbound-{job_id}.parquet")


@router.get(
    "/{job_id}/proof.json.gz",
    summary="What the result is proven by",
    response_class=Response,
    responses=_REFUSES | sends(GZIP),
)
def proof(job_id: UUID, who: Who, request: Request) -> Response:
    """The plan and the proof of its bound, JSON packed by gzip, where the result's own `proof` names it as a file."""
    return _download(request, who, job_id, "proof", GZIP, f"proof-{job_id}.json.gz")


@router.get(
    "/{job_id}/report.html",
    summary="The report",
    response_class=Response,
    responses=_REFUSES_MADE | sends("text/html"),
)
def report(job_id: UUID, who: Who, request: Request) -> Response:
    """One self-contained page with maps and plots, served so that it can run nothing and reach nothing.

    Of a sweep it is made as its workbook is, with its costs by number and against service.
    """
    headers = {"Content-Security-Policy": REPORT_POLICY}
    return _kept_or_made(request, who, job_id, "report_html", "report", "text/html; charset=utf-8", headers)


@router.get(
    "/{job_id}/assignments",
    summary="Who serves whom, paged",
    response_model=Paged[shapes.Assignments],
    responses=_REFUSES | WHOLE,
)
def assignments(
    job_id: UUID,
    who: Who,
    request: Request,
    paging: Annotated[Paging, paged(LISTING)],
    sent: Sent,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    year: Annotated[int | None, Query(ge=1, le=9999)] = None,
    facility: str | None = None,
    order: Literal["name", "largest"] = "name",
) -> Response:
    """Rows of a year and a facility, if given. `order=largest` gives the largest flows (of the year) first."""
    place = _file(who, job_id, "assignments")
    first = _first_row(paging, offset)
    if sent.format != "json":
        if order == "largest":
            raise RefusedInput([Problem("A whole list comes in the order of names.", "choice", column="order")])
        return sent.all(_batches(paging, place, first, year, facility), LISTING.columns, f"assignments-{job_id}")
    asked = orjson.dumps([place, first, paging.limit, year, facility, order]).decode()
    tag = tag_of(asked, weak=True)
    held = held_already(request, tag)
    if held is not None:
        return held

    def read() -> bytes:
        with object_store.opened_result(place, "assignments") as file:
            rows, total = read_assignments_page(file, first, paging.limit, year, facility)
            if order == "largest":
                file.seek(0)
                rows = largest_assignments(file, paging.limit, year, facility, first)
        return b"%d\n%b" % (total, as_json({"assignments": rows, "total": total, "offset": first}))

    total, content = remembered(ASSIGNMENTS, who.tenant_id, asked, read).split(b"\n", 1)
    end = first + paging.limit
    next_cursor = paging.cursor_at((end,)) if end < int(total) else None
    return paging.answer(orjson.Fragment(content), next_cursor, headers_with(tag))


def _first_row(paging: Paging, offset: int) -> int:
    if paging.after is None:
        return offset
    if offset:
        raise RefusedInput([Problem("Give offset or cursor, not both.", "choice", column="offset")])
    (first,) = paging.after
    if not isinstance(first, int) or not 0 <= first <= MOST_OFFSET:
        raise RefusedInput([Problem("This is no place in the list.", "cursor", column="cursor")], code=INVALID_CURSOR)
    return first


def _batches(paging: Paging, place: str, first: int, year: int | None, facility: str | None) -> Iterator[Batch]:
    with object_store.opened_result(place, "assignments") as file:
        for rows in iter_pages(file, ROWS_AT_ONCE, offset=first, year=year, facility=facility):
            first += len(rows)
            yield Batch(rows, paging.cursor_at((first,)))


def _batch(who: Principal, job_id: UUID) -> tuple[Job, Sequence[MemberResult]] | None:
    """A batch with its members; None for another kind of job. Raises NotFound, ObjectStoreUnavailable."""
    try:
        with pool.tenant(who.tenant_id) as connection:
            job = store.get_job(connection, job_id)
            return (job, member_results(connection, job_id)) if job.kind == BATCH_KIND else None
    except NotFound:
        archived = archived_job(who.tenant_id, job_id)
        return (archived.job, archived.members) if archived.job.kind == BATCH_KIND else None


def _kept_or_made(
    request: Request,
    who: Principal,
    job_id: UUID,
    name: str,
    what: str,
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    """The file of a job; of a sweep it is made now, and may be another the next time."""
    try:
        return _streamed(request, _file(who, job_id, name), what, media_type, headers)
    except NotFound:
        batch = _batch(who, job_id)
        if batch is None:
            raise
        verdict = request.app.state.limiter.take(EXPORTS, holder_of(request, who))
        if not verdict.admitted:
            return refusal(verdict)
        made = sweep_file(*batch, name, lambda member: _file(who, member, "result_json"))
        if made is None:
            raise
        chunks, size = made
        return StreamingResponse(chunks, media_type=media_type, headers={"Content-Length": str(size), **headers})


def _file(who: Principal, job_id: UUID, name: str) -> str:
    """Where a file of the job's result stands. Raises NotFound."""
    places = orjson.loads(remembered(PLACES, who.tenant_id, str(job_id), lambda: _places(who, job_id)))
    if name not in places:
        raise NotFound(what="result", id=job_id)
    return str(places[name])


def _places(who: Principal, job_id: UUID) -> bytes:
    try:
        with pool.tenant(who.tenant_id) as connection:
            store.get_job(connection, job_id)
            found = store.get_result(connection, job_id)
    except NotFound:
        # Its files outlive its time in the record.
        found = result_of(archived_job(who.tenant_id, job_id))
    if found is None:
        # Not an answer to remember: it may have one in an instant.
        raise NotFound(what="result", id=job_id)
    return as_json(found.get("files", {}))


def _download(request: Request, who: Principal, job_id: UUID, name: str, media_type: str, filename: str) -> Response:
    return _streamed(request, _file(who, job_id, name), "result", media_type, _attached(filename))


def _attached(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"'}


def _streamed(request: Request, place: str, what: str, media_type: str, headers: Mapping[str, str]) -> Response:
    tag = tag_of(place)
    held = held_already(request, tag)
    if held is not None:
        return held
    chunks, size = object_store.stream_result(place, what)
    return StreamingResponse(
        chunks, media_type=media_type, headers=headers_with(tag, {"Content-Length": str(size), **headers})
    )
