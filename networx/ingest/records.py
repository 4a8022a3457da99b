"""Uploads in the record: what arrived and where it stands; what was wrong with it: problem_records.py.

The identity of an upload is (bucket, key, version): an event delivered twice or out of order changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from networx.db.keyset import CREATED, Key, Page, orders
from networx.db.pool import Connection
from networx.errors import NotFound, Problem
from networx.ingest.bad_rows import RowCells
from networx.ingest.problem_records import forget_cells, keep_problems, keep_unmatched

LOADED = "loaded"
LOADING_JOB = "file-load"  # the kind of the job that reads an upload
WORKBOOK, SHIPMENTS, MODEL, CORRECTION = "workbook", "shipments", "model", "correction"


@dataclass(frozen=True, slots=True)
class Upload:
    """One row of `uploads`. `status` is the word that the API shows.

    `kind` is what the file turned out to be, None until then; `model` says of a model its format, whether it is packed,
    and its name. `bad_rows` is what the rows carry for whose sake it waits for a decision, or waited. `corrects` is the
    upload whose bad rows a correction mends; `corrected_rows` how many rows it has, or of that upload stand corrected.
    """

    id: UUID
    tenant_id: UUID
    bucket: str
    key: str
    version_id: str | None
    multipart_id: str | None
    filename: str
    bytes: int
    status: str
    reason_code: str | None
    reason: str | None
    sha256: str | None
    warnings: Sequence[str]
    counts: Mapping[str, int]
    problem_count: int
    dataset_id: UUID | None
    job_id: UUID | None
    correlation_id: UUID
    created_at: datetime
    updated_at: datetime
    kind: str | None
    model: Mapping[str, Any] | None
    bad_rows: Mapping[str, Any] | None
    corrects: UUID | None
    corrected_rows: int


COLUMNS = ", ".join(Upload.__dataclass_fields__)

ORDERS = orders("-created_at", created_at=CREATED, filename=(Key("filename", "text"), Key("id", "uuid")))
_FILTERS = {
    "statuses": "status = ANY(%(statuses)s)",
    "contains": "strpos(lower(filename), lower(%(contains)s)) > 0",
    "created_after": "created_at >= %(created_after)s",
    "created_before": "created_at < %(created_before)s",
    "before": "created_at < %(before)s",
}


def _fetch(connection: Connection, statement: str, arguments: Mapping[str, Any]) -> list[Upload]:
    with connection.cursor(row_factory=class_row(Upload)) as cursor:
        return cursor.execute(statement, arguments).fetchall()


def create_upload(
    connection: Connection,
    *,
    upload_id: UUID,
    tenant_id: UUID,
    bucket: str,
    key: str,
    filename: str,
    bytes: int,  # noqa: A002  # the column's and the contract's name
    multipart_id: str | None = None,
    corrects: UUID | None = None,
) -> Upload:
    """Announce an upload whose object is yet to arrive; `corrects` is the one whose bad rows it mends."""
    return _fetch(
        connection,
        f"""INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, multipart_id, corrects)
            VALUES (%(id)s, %(tenant)s, %(bucket)s, %(key)s, %(filename)s, %(bytes)s, %(multipart)s, %(corrects)s)
            RETURNING {COLUMNS}""",
        {
            "id": upload_id,
            "tenant": tenant_id,
            "bucket": bucket,
            "key": key,
            "filename": filename,
            "bytes": bytes,
            "multipart": multipart_id,
            "corrects": corrects,
        },
    )[0]


def get_upload(connection: Connection, upload_id: UUID) -> Upload:
    """One upload. Raises NotFound."""
    found = _fetch(connection, f"SELECT {COLUMNS} FROM uploads WHERE id = %(id)s", {"id": upload_id})
    if not found:
        raise NotFound(what="upload", id=upload_id)
    return found[0]


def list_uploads(
    connection: Connection,
    *,
    statuses: Sequence[str] | None = None,
    contains: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    before: datetime | None = None,
    page: Page = Page(),  # noqa: B008  # frozen
) -> list[Upload]:
    """A page of uploads, the newest first unless it says otherwise, of those that meet every filter that is given.

    `contains` is a part of the file's name in whatever case. `created_after` is the first instant that counts,
    `created_before` (and `before`) the first that no longer does.
    """
    given = {
        "statuses": None if statuses is None else list(statuses),
        "contains": contains,
        "created_after": created_after,
        "created_before": created_before,
        "before": before,
    }
    told, arguments = page.where(_FILTERS, given)
    return _fetch(connection, f"SELECT {COLUMNS} FROM uploads {told}", arguments)


def abort_upload(connection: Connection, upload_id: UUID) -> Upload:
    """Give up an upload whose object has not arrived. One that has arrived stays as it is. Raises NotFound."""
    connection.execute(
        "UPDATE uploads SET status = 'aborted', updated_at = now() WHERE id = %s AND status = 'received'",
        (upload_id,),
    )
    return get_upload(connection, upload_id)


_ARRIVED = f"""
WITH awaited AS (
    UPDATE uploads SET version_id = %(version)s, bytes = %(bytes)s, status = 'validating', updated_at = now()
    WHERE bucket = %(bucket)s AND key = %(key)s AND version_id IS NULL AND status = 'received'
      AND NOT EXISTS (SELECT 1 FROM uploads AS known WHERE known.bucket = %(bucket)s AND known.key = %(key)s
                      AND known.version_id = %(version)s)
    RETURNING {COLUMNS}
), fresh AS (
    INSERT INTO uploads (tenant_id, bucket, key, version_id, filename, bytes, status)
    SELECT %(tenant)s, %(bucket)s, %(key)s, %(version)s, %(filename)s, %(bytes)s, 'validating'
    WHERE NOT EXISTS (SELECT 1 FROM awaited)
    ON CONFLICT (bucket, key, version_id) DO NOTHING
    RETURNING {COLUMNS}
)
SELECT * FROM awaited UNION ALL SELECT * FROM fresh
"""


def arrived(
    connection: Connection,
    *,
    tenant_id: UUID,
    bucket: str,
    key: str,
    version: str,
    filename: str,
    size: int,
) -> Upload | None:
    """Record that an object arrived: the announced upload or a new one. None when this version is known already."""
    found = _fetch(
        connection,
        _ARRIVED,
        {
            "tenant": tenant_id,
            "bucket": bucket,
            "key": key,
            "version": version,
            "filename": filename,
            "bytes": size,
        },
    )
    return found[0] if found else None


def accepted(connection: Connection, upload_id: UUID, job_id: UUID, kind: str = WORKBOOK) -> None:
    """The file looks right from outside; `job_id` will load it. `kind` is WORKBOOK for a network, SHIPMENTS or
    CORRECTION."""
    connection.execute(
        "UPDATE uploads SET status = 'loading', kind = %s, job_id = %s, updated_at = now() WHERE id = %s",
        (kind, job_id, upload_id),
    )


def accepted_model(
    connection: Connection, upload_id: UUID, *, model: Mapping[str, Any], counts: Mapping[str, int]
) -> None:
    """The file is a model: it stays where it is, and can be run from now on."""
    connection.execute(
        "UPDATE uploads SET status = %s, kind = %s, model = %s, counts = %s, updated_at = now() WHERE id = %s",
        (LOADED, MODEL, Jsonb(dict(model)), Jsonb(dict(counts)), upload_id),
    )


def loaded(
    connection: Connection,
    upload_id: UUID,
    *,
    dataset_id: UUID,
    sha256: str,
    counts: Mapping[str, int],
    warnings: Sequence[str],
) -> None:
    """The file's rows are published as a dataset."""
    connection.execute(
        """UPDATE uploads SET status = 'loaded', dataset_id = %s, sha256 = %s, counts = %s, warnings = %s,
               updated_at = now() WHERE id = %s""",
        (dataset_id, sha256, Jsonb(dict(counts)), Jsonb(list(warnings)), upload_id),
    )


def rejected(
    connection: Connection,
    upload: Upload,
    *,
    code: str,
    reason: str,
    problems: Sequence[Problem],
    problem_count: int | None = None,
    sha256: str | None = None,
    unmatched: Sequence[Mapping[str, Any]] = (),
) -> None:
    """The file is refused: why, in one sentence, and each problem by its cell. Nothing of the file is kept.

    `unmatched` are the columns that nobody knows what they are, as the reader tells them: patterns, and no value.
    """
    connection.execute(
        """UPDATE uploads SET status = 'rejected', reason_code = %s, reason = %s, problem_count = %s,
               sha256 = coalesce(%s, sha256), updated_at = now() WHERE id = %s""",
        (code, reason, len(problems) if problem_count is None else problem_count, sha256, upload.id),
    )
    keep_problems(connection, upload.id, upload.tenant_id, problems)
    keep_unmatched(connection, upload.id, upload.tenant_id, unmatched)


def waits(
    connection: Connection,
    upload: Upload,
    *,
    reason: str,
    problems: Sequence[Problem],
    problem_count: int,
    bad_rows: Mapping[str, Any],
    cells: RowCells,
    sha256: str,
) -> None:
    """The file waits for a decision about the rows that have a bad cell; nothing else of it is kept until then."""
    connection.execute(
        """UPDATE uploads SET status = 'needs_decision', reason = %s, problem_count = %s, bad_rows = %s, sha256 = %s,
               updated_at = now() WHERE id = %s""",
        (reason, problem_count, Jsonb(dict(bad_rows)), sha256, upload.id),
    )
    keep_problems(connection, upload.id, upload.tenant_id, problems, cells)


def goes_on(connection: Connection, upload_id: UUID, job_id: UUID) -> bool:
    """The file is read again, by this job, without its bad rows. False where it waits no more."""
    return _decided(
        connection,
        "UPDATE uploads SET status = 'loading', reason = NULL, job_id = %s, updated_at = now()",
        (job_id, upload_id),
    )


def given_up(connection: Connection, upload_id: UUID, *, code: str, reason: str) -> bool:
    """The file is refused by a person, and its rows are forgotten. False where it waits no more."""
    forget_cells(connection, upload_id)
    return _decided(
        connection,
        "UPDATE uploads SET status = 'rejected', reason_code = %s, reason = %s, updated_at = now()",
        (code, reason, upload_id),
    )


def _decided(connection: Connection, statement: str, arguments: Sequence[Any]) -> bool:
    return connection.execute(f"{statement} WHERE id = %s AND status = 'needs_decision'", arguments).rowcount == 1
