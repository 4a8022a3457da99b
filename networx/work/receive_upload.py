"""An object arrived in the input bucket: check it by its ranges, and queue its load, take it as a model or refuse it.

Run by the validator function, once for each event. Twice the same event changes nothing: the second finds the
version known. A fault of ours (database, store) raises, and the event stays in its queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from networx.db import pool
from networx.errors import NotFound, Problem, RefusedInput
from networx.ingest import correction_records, records
from networx.ingest.model_look import ModelLook, look_for_model
from networx.ingest.preflight import CORRECTION, TRANSPORT, Preflight, preflight
from networx.ingest.ranges import RangeFile
from networx.ingest.records import Upload
from networx.ingest.refusals import Refusal, refuse
from networx.jobs import relay, store
from networx.observability import metrics
from networx.observability.logs import Log, bound
from networx.resilience import objects
from networx.topology import TOPOLOGY

log = Log(__name__)

PREFIX = "uploads"
_KINDS = {TRANSPORT: records.SHIPMENTS, CORRECTION: records.CORRECTION}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What EventBridge tells of a created object. `size` in bytes."""

    bucket: str
    key: str
    version: str
    size: int

    @classmethod
    def from_event(cls, event: dict[str, Any]) -> Arrival:
        detail = event["detail"]
        described = detail["object"]
        # A bucket without versions names none; ours are versioned, and "null" is S3's own word for it.
        version = described.get("version-id") or "null"
        return cls(detail["bucket"]["name"], described["key"], version, int(described.get("size", 0)))

    def as_event(self) -> dict[str, Any]:
        """The event that tells of this arrival."""
        described = {"key": self.key, "version-id": self.version, "size": self.size}
        return {"detail": {"bucket": {"name": self.bucket}, "object": described}}

    @property
    def tenant_slug(self) -> str | None:
        """The tenant in `uploads/<tenant>/...`, or None where the key has another shape."""
        parts = PurePosixPath(self.key).parts
        return parts[1] if len(parts) >= 3 and parts[0] == PREFIX else None

    @property
    def filename(self) -> str:
        return PurePosixPath(self.key).name


def receive(arrival: Arrival) -> None:
    """Take in one arrival. Raises TransientError, after which the same event may come again."""
    with bound(bucket=arrival.bucket, key=arrival.key, version=arrival.version):
        tenant_id = _tenant(arrival.tenant_slug)
        if tenant_id is None:
            # Nobody to tell but the operators: no tenant's record may hold what no tenant sent.
            log.error("upload.without_tenant", slug=arrival.tenant_slug)
            _quarantine(arrival, "UNKNOWN_TENANT")
            metrics.emit("UploadsRefused", 1, Reason="UNKNOWN_TENANT")
            return
        _check(arrival, tenant_id)


def _tenant(slug: str | None) -> UUID | None:
    with pool.system() as connection:
        found = connection.execute("SELECT id FROM tenants WHERE slug = %s", (slug,)).fetchone()
    return None if found is None else found[0]


def _check(arrival: Arrival, tenant_id: UUID) -> None:
    refusal: RefusedInput | None = None
    found: ModelLook | Preflight | None = None
    with pool.system() as connection:
        corrects = correction_records.announced(
            connection, bucket=arrival.bucket, key=arrival.key, version=arrival.version
        )
    try:
        found = _look(arrival, correction=corrects is not None)
        if isinstance(found, Preflight) and found.domain == CORRECTION and corrects is None:
            corrects = _corrected_by(found, tenant_id)
    except NotFound:
        # The object is gone: a second event for what was quarantined or deleted meanwhile.
        log.info("upload.gone")
        return
    except RefusedInput as refused:
        refusal = refused
    with pool.tenant(tenant_id, pool.Role.SYSTEM) as connection:
        upload = records.arrived(
            connection,
            tenant_id=tenant_id,
            bucket=arrival.bucket,
            key=arrival.key,
            version=arrival.version,
            filename=arrival.filename,
            size=arrival.size,
        )
        if upload is None:
            log.info("upload.known")
        elif refusal is not None:
            records.rejected(connection, upload, code=refusal.code, reason=str(refusal), problems=refusal.problems)
        elif isinstance(found, ModelLook):
            records.accepted_model(connection, upload.id, model=found.as_dict(), counts=found.counts)
        else:
            assert found is not None
            job = store.submit(
                connection,
                tenant_id=tenant_id,
                kind=records.LOADING_JOB,
                params={"upload_id": str(upload.id), "domain": found.domain, **_of(found)},
                correlation_id=upload.correlation_id,
                actor="upload-validator",
            )
            if corrects is not None:
                correction_records.corrects(connection, upload.id, corrects)
            records.accepted(connection, upload.id, job.id, _KINDS.get(found.domain, records.WORKBOOK))
    _after_commit(arrival, upload, refusal)


def _corrected_by(found: Preflight, tenant_id: UUID) -> UUID:
    """The upload that a workbook of bad rows says it is of. Raises RefusedInput where there is none."""
    with pool.system() as connection:
        named = correction_records.file_named(connection, tenant_id, str(found.corrects))
    if named is None:
        raise refuse(
            Refusal.NOTHING_TO_CORRECT,
            "The workbook holds the bad rows of a file that does not wait here for a decision. Upload that file, and "
            "once it waits this workbook again.",
        )
    return named


def _of(found: Preflight) -> dict[str, str]:
    """Which file a correction says it is of, where it says so."""
    return {"of": found.corrects} if found.corrects is not None else {}


def _look(arrival: Arrival, *, correction: bool) -> ModelLook | Preflight:
    """What it is: a model, a network, shipments or a correction of them. Raises RefusedInput, NotFound."""
    if arrival.size > TOPOLOGY.limits.s3_upload_bytes:
        raise RefusedInput(
            [Problem("The file is larger than 5 GB. Split it and upload the parts.", "size")], code="FILE_TOO_LARGE"
        )
    ranges = objects.ObjectRanges(arrival.bucket, arrival.key, arrival.version)
    model = None
    if not correction:
        model = look_for_model(RangeFile(ranges, arrival.size), arrival.size, arrival.filename)
    if model is not None:
        return model
    return preflight(ranges, arrival.size, arrival.filename, required=None, correction=correction)


def _after_commit(arrival: Arrival, upload: Upload | None, refusal: RefusedInput | None) -> None:
    if refusal is not None:
        # Also when the event came again: the first one may have ended between its commit and the move.
        _quarantine(arrival, refusal.code)
    if upload is None:
        return
    if refusal is not None:
        log.info("upload.refused", uploadId=upload.id, code=refusal.code)
        metrics.emit("UploadsRefused", 1, Reason=refusal.code)
    else:
        log.info("upload.accepted", uploadId=upload.id)
        relay.send_soon()


def _quarantine(arrival: Arrival, code: str) -> None:
    try:
        objects.quarantine(arrival.bucket, arrival.key, arrival.version, code)
    except NotFound:
        log.info("upload.gone")
