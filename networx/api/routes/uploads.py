"""Ways to upload a file: through the API up to 100 MB, by signed parts straight to S3 beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from networx.api import object_store
from networx.api.declared import refuses
from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.idempotency import Answer, Create, Once, Submission
from networx.api.principals import Principal, Who
from networx.api.shapes import uploads as shapes
from networx.api.shapes.envelope import Success
from networx.api.upload_stream import Received, file_name, receive
from networx.api.views import upload_view
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.db.pool import Connection
from networx.errors import Conflict, NotFound, Problem, RefusedInput, TooLarge
from networx.ingest import records
from networx.ingest.records import Upload
from networx.resilience import objects
from networx.topology import TOPOLOGY

router = APIRouter(prefix="/api/uploads", tags=["uploads"])

FIRST_URLS = 50
PART_BYTES = TOPOLOGY.limits.upload_part_bytes
_AWAITING = "received"
_CORRECTS = (
    "The upload whose bad rows the file holds, corrected: the workbook of its bad rows. It must wait for a decision."
)
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class Announcement(BaseModel):
    """A file that is about to be uploaded."""

    model_config = ConfigDict(extra="forbid")
    filename: str = Field(min_length=1, max_length=500, examples=["network.xlsx"])
    bytes: int = Field(gt=0, strict=True, examples=[157_286_400])
    corrects: UUID | None = Field(default=None, description=_CORRECTS, examples=[None])


class Completion(BaseModel):
    """The ETag of every part, in order."""

    model_config = ConfigDict(extra="forbid")
    etags: list[str] = Field(min_length=1, max_length=10_000, examples=[['"9bb58f26192e4ba00f01e2e7b136bbd8"']])


@router.post(
    "",
    status_code=202,
    summary="Upload one file, up to 100 MB",
    openapi_extra=_FORM,
    response_model=Success[shapes.Upload],
    responses=refuses("UPLOAD_NOT_FOUND", "CONFLICT", "BAD_REQUEST", "FILE_TOO_LARGE", "STORAGE_UNAVAILABLE"),
)
async def upload(
    request: Request,
    submission: Once,
    doing: Doing,
    corrects: Annotated[UUID | None, Query(description=_CORRECTS)] = None,
) -> Response:
    """Send the file as multipart form data in the field `file`; it is streamed to storage. Answers with `upload_id`.

    Under an `Idempotency-Key` the same request is one with the same file name and the same content, to the byte.
    """
    upload_id = await run_in_threadpool(_new_id, submission, corrects)
    folder = _folder(submission.who, upload_id)
    received = await receive(request.headers.get("content-type", ""), request.stream(), folder)
    answer = await run_in_threadpool(_record_and_finish, submission, doing, upload_id, received, corrects)
    return answer.response()


@router.post(
    "/presign",
    status_code=201,
    summary="Begin an upload in parts, up to 5 GB",
    response_model=Success[shapes.BegunUpload],
    responses=refuses("UPLOAD_NOT_FOUND", "CONFLICT", "FILE_TOO_LARGE", "STORAGE_UNAVAILABLE"),
)
def presign(body: Announcement, submission: Once, doing: Doing) -> Response:
    """Answers with `upload_id`, `part_size`, the number of `parts` and the first 50 addresses to PUT them to."""
    limit = TOPOLOGY.limits.s3_upload_bytes
    if body.bytes > limit:
        raise TooLarge(what=f"The file is larger than the {limit // 1024**3} GB that can be uploaded.")
    filename = file_name(body.filename)
    upload_id = _new_id(submission, body.corrects)
    key = f"{_folder(submission.who, upload_id)}/{filename}"
    multipart_id = object_store.begin_upload(key)

    def create(connection: Connection) -> Answer:
        _announce(connection, submission.who, doing, upload_id, key, filename, body.bytes, multipart_id, body.corrects)
        parts = _parts(body.bytes)
        urls = object_store.signed_parts(key, multipart_id, range(1, min(parts, FIRST_URLS) + 1))
        return Answer(201, {"upload_id": upload_id, "part_size": PART_BYTES, "parts": parts, "urls": urls})

    asked = body.model_dump(mode="json", exclude_none=True)  # as it was before there were corrections
    return _once(submission, asked, create, key, multipart_id).response()


@router.get(
    "/{upload_id}/parts",
    summary="More addresses for an upload in parts",
    response_model=Success[shapes.Parts],
    responses=refuses("UPLOAD_NOT_FOUND", "CONFLICT", "STORAGE_UNAVAILABLE"),
)
def parts(upload_id: UUID, who: Who, first: Annotated[int, Query(alias="from", ge=1, le=10_000)] = 1) -> Response:
    """The next 50 addresses, beginning with part `from`."""
    upload, multipart_id = _in_parts(who, upload_id)
    last = min(_parts(upload.bytes), first + FIRST_URLS - 1)
    return success({"urls": object_store.signed_parts(upload.key, multipart_id, range(first, last + 1))})


@router.post(
    "/{upload_id}/complete",
    status_code=202,
    summary="Finish an upload in parts",
    response_model=Success[shapes.Upload],
    responses=refuses("UPLOAD_NOT_FOUND", "CONFLICT", "STORAGE_UNAVAILABLE"),
)
def complete(upload_id: UUID, body: Completion, who: Who) -> Response:
    """Give the ETags that storage answered, in the order of the parts; the file is then checked and loaded."""
    upload, multipart_id = _in_parts(who, upload_id)
    expected = _parts(upload.bytes)
    if len(body.etags) != expected:
        wrong = f"The file has {expected} parts; {len(body.etags)} ETags were given."
        raise RefusedInput([Problem(wrong, "parts", column="etags")])
    object_store.finish_upload(upload.key, multipart_id, body.etags)
    return success(upload_view(upload), 202)


@router.delete(
    "/{upload_id}",
    summary="Abort an upload that is not finished",
    response_model=Success[shapes.Upload],
    responses=refuses("UPLOAD_NOT_FOUND", "CONFLICT", "STORAGE_UNAVAILABLE"),
)
def abort(upload_id: UUID, who: Who) -> Response:
    """Throws the parts away. An upload that is being read or was loaded is refused with 409."""
    upload, multipart_id = _in_parts(who, upload_id)
    object_store.abort_upload(upload.key, multipart_id)
    with pool.tenant(who.tenant_id) as connection:
        records.abort_upload(connection, upload_id)
        return success(upload_view(records.get_upload(connection, upload_id)))


def _new_id(submission: Submission, corrects: UUID | None) -> UUID:
    """Raises NotFound and Conflict where there is no such upload to correct: before a file is sent for nothing."""
    with pool.tenant(submission.who.tenant_id) as connection:
        # Under a key it may have been answered before, while the upload waited.
        if corrects is not None and submission.key is None:
            _require_waiting(connection, corrects)
        row = connection.execute("SELECT uuidv7()").fetchone()
    assert row is not None
    new: UUID = row[0]
    return new


def _require_waiting(connection: Connection, corrects: UUID) -> None:
    waiting = records.get_upload(connection, corrects)
    if waiting.status != "needs_decision":
        raise Conflict(what=f"This upload does not wait for corrected rows: it is {waiting.status}.")


def _folder(who: Principal, upload_id: UUID) -> str:
    return f"uploads/{who.tenant}/{upload_id}"


def _parts(size_bytes: int) -> int:
    return max(1, math.ceil(size_bytes / PART_BYTES))


def _announce(
    connection: Connection,
    who: Principal,
    doing: Doer,
    upload_id: UUID,
    key: str,
    filename: str,
    size_bytes: int,
    multipart_id: str,
    corrects: UUID | None,
) -> Upload:
    if corrects is not None:
        _require_waiting(connection, corrects)
        facts = {"correction_id": str(upload_id), "filename": filename}
        audit.write(connection, doing, "upload.correction_sent", str(corrects), tenant_id=who.tenant_id, facts=facts)
    return records.create_upload(
        connection,
        upload_id=upload_id,
        tenant_id=who.tenant_id,
        bucket=objects.bucket("input"),
        key=key,
        filename=filename,
        bytes=size_bytes,
        multipart_id=multipart_id,
        corrects=corrects,
    )


def _once(submission: Submission, body: Any, create: Create, key: str, multipart_id: str) -> Answer:
    """Record what was begun at S3 as `multipart_id`; where it was not recorded, nobody would ever finish its parts."""
    in_doubt = False

    def create_and_say(connection: Connection) -> Answer:
        nonlocal in_doubt
        answer = create(connection)
        in_doubt = True
        return answer

    try:
        answer = submission.once(body, create_and_say)
    except BaseException:
        # A COMMIT that failed may have landed: a repetition of the request then finishes these parts. Where it did
        # not land, the bucket's lifecycle takes them away.
        if not in_doubt:
            object_store.abort_upload(key, multipart_id)
        raise
    if answer.replayed:
        object_store.abort_upload(key, multipart_id)
    return answer


def _record_and_finish(
    submission: Submission, doing: Doer, upload_id: UUID, sent: Received, corrects: UUID | None
) -> Answer:
    # The row comes first: the bucket's event looks for it as soon as the parts are one object.
    def create(connection: Connection) -> Answer:
        made = _announce(
            connection,
            submission.who,
            doing,
            upload_id,
            sent.key,
            sent.filename,
            sent.size_bytes,
            sent.multipart_id,
            corrects,
        )
        parts = {"key": sent.key, "multipart_id": sent.multipart_id, "etags": sent.etags}
        return Answer(202, upload_view(made), aside=parts)

    identity = {"filename": sent.filename, "bytes": sent.size_bytes, "sha256": sent.sha256}
    if corrects is not None:
        identity["corrects"] = str(corrects)
    answer = _once(submission, identity, create, sent.key, sent.multipart_id)
    if not answer.replayed or _still_awaited(submission.who, UUID(answer.data["upload_id"])):
        _finish(**answer.aside)
    return answer


def _still_awaited(who: Principal, upload_id: UUID) -> bool:
    with pool.tenant(who.tenant_id) as connection:
        return records.get_upload(connection, upload_id).status == _AWAITING


def _finish(key: str, multipart_id: str, etags: Sequence[str]) -> None:
    """Make the parts one object. The request that recorded them may have ended before it did, so a repetition does."""
    try:
        object_store.finish_upload(key, multipart_id, etags)
    except NotFound:
        return  # they are one object already


def _in_parts(who: Principal, upload_id: UUID) -> tuple[Upload, str]:
    with pool.tenant(who.tenant_id) as connection:
        upload = records.get_upload(connection, upload_id)
    if upload.status != _AWAITING or upload.multipart_id is None:
        raise Conflict(what=f"This upload takes no parts any more: it is {upload.status}.")
    return upload, upload.multipart_id
