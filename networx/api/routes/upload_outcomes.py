"""What became of uploads: the list of them, one of them, and what is wrong with its file, cell by cell."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from networx import settings
from networx.api.declared import WHOLE, WORKBOOK, refuses, sends
from networx.api.envelope import success
from networx.api.exports import Sent
from networx.api.filters import Before, Contains, CreatedAfter, CreatedBefore
from networx.api.limit_rules import EXPORTS
from networx.api.limits import holder_of, refusal
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.api.shapes import uploads as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.api.views import upload_view
from networx.db import pool
from networx.db.keyset import Page
from networx.db.pool import Connection
from networx.errors import Conflict, Problem, RefusedInput
from networx.ingest import problem_records, records
from networx.ingest.problem_records import PlacedProblem
from networx.ingest.records import Upload
from networx.results.bad_rows_workbook import write_bad_rows
from networx.topology import TOPOLOGY

router = APIRouter(prefix="/api/uploads", tags=["uploads"])

Status = Literal[
    "received", "validating", "needs_mapping", "needs_decision", "loading", "loaded", "rejected", "aborted"
]
_COLUMNS = [
    *("upload_id", "filename", "bytes", "status", "reason_code", "reason", "counts"),
    *(
        "warnings",
        "problem_count",
        "corrects",
        "corrected_rows",
        "sha256",
        "dataset_id",
        "job_id",
        "created_at",
        "updated_at",
    ),
]
LISTING = Listing(records.ORDERS, columns={name: name for name in _COLUMNS})
_PROBLEM = ("sheet", "row", "column", "value", "rule")
PROBLEMS = Listing(
    problem_records.ORDERS, usual=100, most=1000, columns={**{name: name for name in _PROBLEM}, "problem": "message"}
)


@router.get("", summary="Uploads, newest first", response_model=Paged[list[shapes.Upload]], responses=WHOLE)
def uploads(
    who: Who,
    paging: Annotated[Paging, paged(LISTING)],
    sent: Sent,
    status: Annotated[list[Status] | None, Query(max_length=20)] = None,
    q: Contains = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    before: Before = None,
) -> Response:
    """A page of the uploads that meet every filter given; `q` is a part of the file's name."""

    def read(page: Page) -> tuple[list[Upload], list[dict[str, Any]]]:
        def work(connection: Connection) -> list[Upload]:
            return records.list_uploads(
                connection,
                statuses=status,
                contains=q,
                created_after=created_after,
                created_before=created_before,
                before=before,
                page=page,
            )

        found = sent.reading(who.tenant_id, work)
        return found, [upload_view(upload) for upload in found]

    return sent.answer(paging, read, "uploads")


@router.get(
    "/{upload_id}", summary="One upload", response_model=Success[shapes.Upload], responses=refuses("UPLOAD_NOT_FOUND")
)
def one(upload_id: UUID, who: Who) -> Response:
    """Its status, why it was refused if it was, how many rows it holds, and its dataset once it is loaded."""
    with pool.tenant(who.tenant_id) as connection:
        return success(upload_view(records.get_upload(connection, upload_id)))


@router.get(
    "/{upload_id}/problems",
    summary="What is wrong with a file, cell by cell",
    response_model=Paged[shapes.UploadProblems],
    responses=refuses("UPLOAD_NOT_FOUND") | WHOLE,
)
def problems(
    upload_id: UUID,
    who: Who,
    paging: Annotated[Paging, paged(PROBLEMS)],
    sent: Sent,
    offset: Annotated[int, Query(ge=0, le=TOPOLOGY.limits.problems_kept)] = 0,
    sheet: Annotated[str | None, Query(max_length=500)] = None,
    rule: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Sheet, row, column, value and rule of each bad cell. `format=csv` gives all of them as one file."""
    if offset and paging.after is not None:
        raise RefusedInput([Problem("Give offset or cursor, not both.", "choice", column="offset")])
    with pool.tenant(who.tenant_id) as connection:
        upload = records.get_upload(connection, upload_id)

        def found_by(connection: Connection, page: Page) -> list[PlacedProblem]:
            skipped = 0 if page.after is not None else offset
            return problem_records.list_problems(
                connection, upload_id, sheet=sheet, rule=rule, skipped=skipped, page=page
            )

        if sent.format == "json":
            found = found_by(connection, paging.page)
            shown = [placed.problem.as_dict() for placed in found[: paging.limit]]
            total = upload.problem_count
            if sheet is not None or rule is not None:
                total = problem_records.count_kept(connection, upload_id, sheet=sheet, rule=rule)
            return paging.answer({"problems": shown, "total": total, "offset": offset}, paging.next_after(found))

    def read(page: Page) -> tuple[list[PlacedProblem], list[dict[str, Any]]]:
        found = sent.reading(who.tenant_id, lambda connection: found_by(connection, page))
        return found, [placed.problem.as_dict() for placed in found]

    return sent.answer(paging, read, f"problems-{_plain_name(upload.filename)}")


def _plain_name(filename: str) -> str:
    kept = "".join(letter for letter in filename if letter.isascii() and (letter.isalnum() or letter in "._-"))
    return kept or "file"


@router.get(
    "/{upload_id}/bad-rows.xlsx",
    summary="The bad rows of a file, to be corrected",
    response_class=Response,
    responses=refuses("UPLOAD_NOT_FOUND", "CONFLICT") | sends(WORKBOOK),
)
def bad_rows(upload_id: UUID, who: Who, request: Request) -> Response:
    """A workbook: what is wrong by sheet, row, column and value, what to do, and the rows with all their cells, of a
    file that waits for a decision or went on without them. Of one that waits it can be sent back with its rows
    corrected, as an upload that `corrects` this one. 30 a minute are taken, as of whole lists.
    """
    verdict = request.app.state.limiter.take(EXPORTS, holder_of(request, who))
    if not verdict.admitted:
        return refusal(verdict)
    with pool.tenant(who.tenant_id) as connection:
        upload = records.get_upload(connection, upload_id)
        whole = Page(problem_records.ORDERS["position"], TOPOLOGY.limits.problems_kept)
        found = [placed.problem for placed in problem_records.list_problems(connection, upload_id, page=whole)]
        cells = problem_records.cells_of_rows(connection, upload_id)
    waits = upload.status == "needs_decision"
    if not found:
        raise Conflict(what="Nothing was found to be wrong with this file.")
    with tempfile.TemporaryDirectory(dir=settings.current().scratch) as folder:
        target = Path(folder) / "bad-rows.xlsx"
        write_bad_rows(
            target,
            found,
            cells,
            filename=upload.filename,
            problem_count=upload.problem_count,
            sha256=upload.sha256 if waits else None,
        )
        content = target.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="bad-rows-{upload_id}.xlsx"'}
    return Response(content, media_type=WORKBOOK, headers=headers)
