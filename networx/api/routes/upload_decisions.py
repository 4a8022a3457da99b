"""What becomes of a file that waits for a decision about its bad rows."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from networx.api.declared import refuses
from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.principals import Principal, Who
from networx.api.shapes import uploads as shapes
from networx.api.shapes.envelope import Success
from networx.api.views import upload_view
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.db.pool import Connection
from networx.errors import Conflict, NotFound
from networx.ingest import correction_records, records
from networx.ingest.preflight import TRANSPORT
from networx.ingest.records import Upload
from networx.jobs import relay, store
from networx.resilience import objects

router = APIRouter(prefix="/api/uploads", tags=["uploads"])

REFUSED = "BAD_ROWS"


@router.post(
    "/{upload_id}/decision",
    status_code=202,
    summary="Decide about the bad rows of a file",
    response_model=Success[shapes.Upload],
    responses=refuses("UPLOAD_NOT_FOUND", "CONFLICT", "STORAGE_UNAVAILABLE"),
)
def decide(upload_id: UUID, body: shapes.Decision, who: Who, doing: Doing) -> Response:
    """Of an upload that is `needs_decision`: `accept_without_bad_rows` reads it again and leaves out the rows that are
    named in its problems; `refuse` throws the file away, and with it corrections that it has. A correction is an upload
    of its own that `corrects` this one.

    An upload that does not wait, or waits no more, is refused with 409; a refusal may be repeated, where the file store
    was away.
    """
    accepted = body.decision == "accept_without_bad_rows"
    with pool.tenant(who.tenant_id) as connection:
        upload = records.get_upload(connection, upload_id)
        if accepted or upload.reason_code != REFUSED:
            _decided(connection, who, doing, upload, accepted=accepted)
        shown = records.get_upload(connection, upload_id)
        refused = [] if accepted else [upload, *correction_records.refused_with(connection, upload_id, REFUSED)]
    if accepted:
        relay.send_beside()
    for one in refused:
        with suppress(NotFound):
            objects.quarantine(one.bucket, one.key, str(one.version_id), REFUSED)
    return success(upload_view(shown), 202)


def _decided(connection: Connection, who: Principal, doing: Doer, upload: Upload, *, accepted: bool) -> None:
    """Write down what was decided. Raises Conflict where the upload waits no more."""
    if accepted:
        action = "upload.accepted_without_bad_rows"
        taken = upload.bad_rows is not None and _go_on(connection, who, upload)
    else:
        action = "upload.refused"
        taken = records.given_up(connection, upload.id, code=REFUSED, reason=f"Refused by {who.name}.")
        correction_records.give_up_with(connection, upload, code=REFUSED)
    if not taken:
        now = records.get_upload(connection, upload.id)  # perhaps decided by somebody else meanwhile
        raise Conflict(what=f"This upload does not wait for a decision: it is {now.status}.")
    facts = {"bad_rows": upload.bad_rows}
    audit.write(connection, doing, action, str(upload.id), tenant_id=who.tenant_id, facts=facts)


def _go_on(connection: Connection, who: Principal, upload: Upload) -> bool:
    job = store.submit(
        connection,
        tenant_id=who.tenant_id,
        kind=records.LOADING_JOB,
        params={"upload_id": str(upload.id), "domain": TRANSPORT, "without": upload.bad_rows},
        correlation_id=upload.correlation_id,
        actor=who.name,
    )
    return records.goes_on(connection, upload.id, job.id)
