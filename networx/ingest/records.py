"""Uploads in the record: what arrived, where it stands, and what was wrong with it.

The identity of an upload is (bucket, key, version): an event delivered twice or out of order changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.errors import NotFound, Problem

LOADED = "loaded"
WORKBOOK, MODEL = "workbook", "model"


@dataclass(frozen=True, slots=True)
class Upload:
    """One row of `uploads`. `status` is the word that the API shows.

    `kind` is what the file turned out to be, None until then; `model` says of a model its format, whether it is packed,
    and its name.
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


_COLUMNS = ", ".join(Upload.__dataclass_fields__)


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
) -> Upload:
    """Announce an upload whose object is yet to arrive."""
    return _fetch(
        connection,
        f"""INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, multipart_id)
            VALUES (%(id)s, %(tenant)s, %(bucket)s, %(key)s, %(filename)s, %(bytes)s, %(multipart)s)
            RETURNING {_COLUMNS}""",
        {
            "id": upload_id,
            "tenant": tenant_id,
            "bucket": bucket,
            "key": key,
            "filename": filename,
            "bytes": bytes,
            "multipart": multipart_id,
        },
    )[0]


def get_upload(connection: Connection, upload_id: UUID) -> Upload:
    """One upload. Raises NotFound."""
    found = _fetch(connection, f"SELECT {_COLUMNS} FROM uploads WHERE id = %(id)s", {"id": upload_id})
    if not found:
        raise NotFound(what="upload", id=upload_id)
    return found[0]


def list_uploads(connection: Connection, limit: int = 50, before: datetime | None = None) -> list[Upload]:
    """The newest uploads first, at most `limit`, created before `before`."""
    return _fetch(
        connection,
        f"""SELECT {_COLUMNS} FROM uploads WHERE (%(before)s::timestamptz IS NULL OR created_at < %(before)s)
            ORDER BY created_at DESC, id DESC LIMIT %(limit)s""",
        {"limit": limit, "before": before},
    )


def upload_problems(connection: Connection, upload_id: UUID, offset: int, limit: int) -> tuple[list[Problem], int]:
    """A page of an upload's problems in the order they were found, and how many there are in all."""
    upload = get_upload(connection, upload_id)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            """SELECT message, rule, sheet, row_number AS row, column_name AS column, value FROM upload_problems
               WHERE upload_id = %s ORDER BY position LIMIT %s OFFSET %s""",
            (upload_id, limit, offset),
        ).fetchall()
    return [Problem(**row) for row in rows], upload.problem_count


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
    RETURNING {_COLUMNS}
), fresh AS (
    INSERT INTO uploads (tenant_id, bucket, key, version_id, filename, bytes, status)
    SELECT %(tenant)s, %(bucket)s, %(key)s, %(version)s, %(filename)s, %(bytes)s, 'validating'
    WHERE NOT EXISTS (SELECT 1 FROM awaited)
    ON CONFLICT (bucket, key, version_id) DO NOTHING
    RETURNING {_COLUMNS}
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


def accepted(connection: Connection, upload_id: UUID, job_id: UUID) -> None:
    """The workbook looks right from outside; `job_id` will load it."""
    connection.execute(
        "UPDATE uploads SET status = 'loading', kind = %s, job_id = %s, updated_at = now() WHERE id = %s",
        (WORKBOOK, job_id, upload_id),
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
) -> None:
    """The file is refused: why, in one sentence, and each problem by its cell. Nothing of the file is kept."""
    connection.execute(
        """UPDATE uploads SET status = 'rejected', reason_code = %s, reason = %s, problem_count = %s,
               sha256 = coalesce(%s, sha256), updated_at = now() WHERE id = %s""",
        (code, reason, len(problems) if problem_count is None else problem_count, sha256, upload.id),
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO upload_problems (upload_id, position, tenant_id, sheet, row_number, column_name, value,
                                            rule, message)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (
                    upload.id,
                    position,
                    upload.tenant_id,
                    problem.sheet,
                    problem.row,
                    problem.column,
                    problem.value,
                    problem.rule,
                    problem.message,
                )
                for position, problem in enumerate(problems)
            ],
        )
