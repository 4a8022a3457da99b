"""Corrections in the record: which upload one corrects, the rows as they are corrected so far, and what became of it.

A correction counts with the change of the upload it corrects, in one transaction: before that it is a file on its way,
after it its rows are the upload's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.errors import Problem
from networx.ingest.bad_rows import RowCells
from networx.ingest.mended import Mended, MendedRows, Place
from networx.ingest.problem_records import keep_problems
from networx.ingest.records import COLUMNS, CORRECTION, Upload


def announced(connection: Connection, *, bucket: str, key: str, version: str) -> UUID | None:
    """What the upload of this object was announced to correct, if it was; also where its event comes again.

    Asked by a role that sees every tenant, as `file_named` is.
    """
    found = connection.execute(
        """SELECT corrects FROM uploads
           WHERE bucket = %s AND key = %s AND (version_id IS NULL OR version_id = %s) AND corrects IS NOT NULL""",
        (bucket, key, version),
    ).fetchone()
    return None if found is None else found[0]


def file_named(connection: Connection, tenant_id: UUID, start: str) -> UUID | None:
    """A tenant's file of shipments whose SHA-256 begins so: one that waits before others, then the newest."""
    found = connection.execute(
        """SELECT id FROM uploads
           WHERE tenant_id = %s AND kind = 'shipments' AND starts_with(sha256, %s)
             AND status IN ('needs_decision', 'loading', 'loaded')
           ORDER BY status = 'needs_decision' DESC, created_at DESC LIMIT 1""",
        (tenant_id, start),
    ).fetchone()
    return None if found is None else found[0]


def corrects(connection: Connection, correction_id: UUID, upload_id: UUID) -> None:
    """Write down what a correction corrects."""
    connection.execute("UPDATE uploads SET corrects = %s WHERE id = %s", (upload_id, correction_id))


def one_at_a_time(connection: Connection, upload_id: UUID) -> bool:
    """Whether this transaction is the one that corrects the upload, until it ends."""
    found = connection.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('correction ' || %s, 0))", (str(upload_id),)
    ).fetchone()
    return found is not None and bool(found[0])


def mended_rows(connection: Connection, upload_id: UUID) -> dict[Place, Mended]:
    """The rows of an upload as they are corrected so far."""
    found = connection.execute(
        """SELECT sheet, row_number, cells, filename FROM upload_corrections
           JOIN uploads ON uploads.id = correction_id WHERE upload_id = %s ORDER BY sheet, row_number""",
        (upload_id,),
    ).fetchall()
    return {(sheet, row): Mended([(name, cell) for name, cell in cells], by) for sheet, row, cells, by in found}


def open_rows(connection: Connection, upload_id: UUID) -> list[Place]:
    """The rows that may be corrected: those named as bad, and those corrected before."""
    return connection.execute(
        """SELECT sheet, row_number FROM upload_problems
           WHERE upload_id = %(id)s AND sheet IS NOT NULL AND row_number IS NOT NULL
           UNION SELECT sheet, row_number FROM upload_corrections WHERE upload_id = %(id)s""",
        {"id": upload_id},
    ).fetchall()


def taken_before(connection: Connection, correction: Upload, sha256: str) -> Upload | None:
    """A correction of the same upload with the same content that was taken."""
    with connection.cursor(row_factory=class_row(Upload)) as cursor:
        return cursor.execute(
            f"""SELECT {COLUMNS} FROM uploads
                WHERE corrects = %s AND sha256 = %s AND status = 'loaded' AND id <> %s LIMIT 1""",
            (correction.corrects, sha256, correction.id),
        ).fetchone()


def content_of(rows: MendedRows) -> str:
    """The SHA-256 of corrected rows, whoever corrected them and in how many steps; empty where there are none."""
    if not rows:
        return ""
    told = [[*place, sorted(rows[place].cells, key=lambda cell: cell[0])] for place in sorted(rows)]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()


def keep_rows(connection: Connection, upload: Upload, correction_id: UUID, rows: Mapping[Place, Any]) -> None:
    """The rows of a correction, in place of what earlier ones said of them."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO upload_corrections (upload_id, sheet, row_number, tenant_id, correction_id, cells)
               VALUES (%s, %s, %s, %s, %s, %s)
               ON CONFLICT (upload_id, sheet, row_number)
               DO UPDATE SET correction_id = excluded.correction_id, cells = excluded.cells""",
            [
                (upload.id, sheet, row, upload.tenant_id, correction_id, Jsonb(cells))
                for (sheet, row), cells in rows.items()
            ],
        )


_UNCHANGED = "WHERE id = %s AND status = 'needs_decision' AND updated_at = %s"


def corrected(
    connection: Connection,
    upload: Upload,
    *,
    dataset_id: UUID,
    counts: Mapping[str, int],
    warnings: Sequence[str],
    corrected_rows: int,
) -> bool:
    """The upload is published with its corrected rows. False where it is not as it was read any more."""
    return _changed(
        connection,
        f"""UPDATE uploads SET status = 'loaded', reason = NULL, dataset_id = %s, counts = %s, warnings = %s,
                corrected_rows = %s, updated_at = now() {_UNCHANGED}""",
        (dataset_id, Jsonb(dict(counts)), Jsonb(list(warnings)), corrected_rows, upload.id, upload.updated_at),
    )


def waits_on(
    connection: Connection,
    upload: Upload,
    *,
    reason: str,
    problems: Sequence[Problem],
    problem_count: int,
    bad_rows: Mapping[str, Any],
    cells: RowCells,
    corrected_rows: int,
) -> bool:
    """The upload waits on, for the rows that are bad yet. False where it is not as it was read any more."""
    taken = _changed(
        connection,
        f"""UPDATE uploads SET reason = %s, problem_count = %s, bad_rows = %s, corrected_rows = %s, updated_at = now()
            {_UNCHANGED}""",
        (reason, problem_count, Jsonb(dict(bad_rows)), corrected_rows, upload.id, upload.updated_at),
    )
    if taken:
        keep_problems(connection, upload.id, upload.tenant_id, problems, cells)
    return taken


def _changed(connection: Connection, statement: str, arguments: Sequence[Any]) -> bool:
    return connection.execute(statement, arguments).rowcount == 1


def taken(
    connection: Connection,
    correction_id: UUID,
    *,
    sha256: str,
    rows: int,
    warnings: Sequence[str],
    dataset_id: UUID | None,
) -> None:
    """The correction counts; `dataset_id` is what the upload became with it, if it became one."""
    connection.execute(
        """UPDATE uploads SET status = 'loaded', sha256 = %s, corrected_rows = %s, warnings = %s, dataset_id = %s,
               updated_at = now() WHERE id = %s""",
        (sha256, rows, Jsonb(list(warnings)), dataset_id, correction_id),
    )


def give_up_with(connection: Connection, upload: Upload, *, code: str) -> None:
    """The corrections that a refused upload had taken are refused with it, and their rows forgotten."""
    connection.execute("DELETE FROM upload_corrections WHERE upload_id = %s", (upload.id,))
    connection.execute(
        """UPDATE uploads SET status = 'rejected', reason_code = %s, reason = %s, updated_at = now()
           WHERE corrects = %s AND kind = %s AND status = 'loaded'""",
        (code, f"{upload.filename}, which it corrects, was refused.", upload.id, CORRECTION),
    )


def refused_with(connection: Connection, upload_id: UUID, code: str) -> list[Upload]:
    """The corrections that were refused with an upload."""
    with connection.cursor(row_factory=class_row(Upload)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM uploads WHERE corrects = %s AND status = 'rejected' AND reason_code = %s",
            (upload_id, code),
        ).fetchall()


def as_rows(rows: MendedRows) -> Iterable[list[Any]]:
    """As a message to the child."""
    return [[*place, mended.cells, mended.by] for place, mended in rows.items()]
