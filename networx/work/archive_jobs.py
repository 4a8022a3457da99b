"""Moves jobs that ended long ago out of the record into the archive: written, read back, and only then deleted.

Whole families: a batch goes with all its members, once the last of them is old enough. A crash anywhere loses nothing
and leaves nothing twice: until the one transaction that fills the index and empties the record, the record has the
jobs; a file that no index row names is named by the next run, which writes the same again, or removed as a leftover.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from uuid import UUID

from networx.blueprint import ARCHIVE, MODELS
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.db.pool import Connection
from networx.errors import ObjectStoreUnavailable
from networx.jobs import archive
from networx.jobs.archive import Piece
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import aws, versions
from networx.resilience.objects import bucket, speaking_to_s3
from networx.resilience.versions import Version
from networx.topology import TOPOLOGY

log = Log(__name__)

DOER = Doer("daily-cleanup")
# A file holds a few hundred jobs: small enough for a function's memory, results and all.
JOBS_IN_A_FILE = 100
FILES_IN_A_RUN = 500
# A run ends long before: a file that is older and stands in no index was left behind.
LEFT_BEHIND_AFTER = timedelta(days=1)

# From the oldest on, always further: a batch of which one member waits for ever does not hold up those behind it.
_ENDED = """
SELECT id, coalesce(parent_id, id), finished_at FROM jobs
WHERE finished_at < clock_timestamp() - %(kept_for)s AND (finished_at, id) > (%(after)s, %(after_id)s)
ORDER BY finished_at, id LIMIT %(most)s
"""
_OLD_ENOUGH = """
SELECT tenant_id, to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM'), id FROM jobs_seen
WHERE id = ANY(%(roots)s) AND finished_at < clock_timestamp() - %(kept_for)s ORDER BY 1, 2, finished_at, id
"""
_BEGINNING = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class _Family:
    """A job without a parent, and with it its members if it is a batch."""

    tenant_id: UUID
    month: str
    root: UUID


def archive_jobs() -> None:
    """Move what is old enough, in bounded numbers. Raises DatabaseUnavailable, ObjectStoreUnavailable."""
    moved = sum(_move(families) for families in islice(_batches(), FILES_IN_A_RUN))
    metrics.emit("JobsArchived", moved)


def _batches() -> Iterator[list[_Family]]:
    """Families of one tenant and month, enough for a file."""
    after, after_id = _BEGINNING
    kept_for = TOPOLOGY.limits.jobs_kept_for
    while True:
        with pool.system() as connection:
            ended = connection.execute(
                _ENDED, {"kept_for": kept_for, "after": after, "after_id": after_id, "most": JOBS_IN_A_FILE}
            ).fetchall()
            if not ended:
                return
            roots = list({root for _, root, _ in ended})
            old = connection.execute(_OLD_ENOUGH, {"kept_for": kept_for, "roots": roots}).fetchall()
        after_id, _, after = ended[-1]
        for _, some in groupby((_Family(*row) for row in old), key=lambda family: (family.tenant_id, family.month)):
            yield list(some)


def _move(families: Sequence[_Family]) -> int:
    """Write these families into a file and take them out of the record; how many jobs."""
    tenant_id, month = families[0].tenant_id, families[0].month
    roots = [family.root for family in families]
    with pool.system() as connection:
        found = archive.pieces(connection, roots)
    if not found:
        return 0
    content = b"".join(piece.packed for piece in found)
    key = archive.file_of(tenant_id, month, content)
    _store(key, content)
    # While the record still has the jobs: what fails here is tried again tomorrow.
    _remove_models(found)
    with pool.system() as connection:
        moved = _take_out(connection, tenant_id, roots, found, key)
    if not moved:
        # Somebody sent one of them on its way again, erased the tenant, or archived them a moment ago. The file is
        # left: it may be the very one that another run has indexed.
        log.info("jobs.not_archived", tenant=str(tenant_id), jobs=len(found))
        return 0
    log.info("jobs.archived", tenant=str(tenant_id), jobs=len(found), key=key)
    return len(found)


def _store(key: str, content: bytes) -> None:
    """Write a file, and believe it only when the store gives it back."""
    client = aws.client("s3")
    with speaking_to_s3(key):
        client.put_object(Bucket=bucket("results"), Key=key, Body=content, ContentType="application/gzip")
        kept = client.get_object(Bucket=bucket("results"), Key=key)["Body"].read()
    if kept != content:
        raise ObjectStoreUnavailable


def _take_out(
    connection: Connection, tenant_id: UUID, roots: Sequence[UUID], written: Sequence[Piece], key: str
) -> bool:
    """Index the jobs and delete them, if the record still has them as they were written."""
    connection.execute(
        "SELECT FROM jobs WHERE id = ANY(%(roots)s) OR parent_id = ANY(%(roots)s) ORDER BY id FOR UPDATE",
        {"roots": list(roots)},
    )
    if archive.pieces(connection, roots) != list(written):
        return False
    place = 0
    for piece in written:
        connection.execute(
            """INSERT INTO archived_jobs
                   (id, tenant_id, parent_id, kind, status, created_at, finished_at, key, first_byte, bytes)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                piece.id,
                tenant_id,
                piece.parent_id,
                piece.kind,
                piece.status,
                piece.created_at,
                piece.finished_at,
                key,
                place,
                len(piece.packed),
            ),
        )
        place += len(piece.packed)
    ids = [piece.id for piece in written]
    for table in ("outbox", "incumbents", "results", "job_events"):
        connection.execute(f"DELETE FROM {table} WHERE job_id = ANY(%s)", (ids,))
    # Members before their batch.
    connection.execute("DELETE FROM jobs WHERE id = ANY(%s) AND parent_id IS NOT NULL", (ids,))
    connection.execute("DELETE FROM jobs WHERE id = ANY(%s)", (ids,))
    facts = {"jobs": len(ids), "bytes": place, "first": ids[0], "last": ids[-1]}
    told = {name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()}
    audit.write(connection, DOER, "job.archived", key, tenant_id=tenant_id, facts=told)
    return True


def _remove_models(written: Sequence[Piece]) -> None:
    """Models that came in a request's body were kept for their jobs; one that was uploaded is its client's."""
    place = bucket("input")
    theirs = [
        Version(place, piece.model_key, piece.model_version, 0)
        for piece in written
        if piece.model_key is not None and piece.model_version is not None and piece.model_key.startswith(MODELS)
    ]
    metrics.emit("LeftoversRemoved", versions.remove(aws.client("s3"), theirs), Leftover="models")


def remove_left_behind() -> None:
    """Files of the archive that no index row names, a day after they were written: by their versions, so that one which
    is written to the same place in this moment stays."""
    client, place = aws.client("s3"), bucket("results")
    removed = 0
    with speaking_to_s3(ARCHIVE):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=place, Prefix=ARCHIVE):
            old = [
                Version(place, said["Key"], said["VersionId"], said["Size"])
                for said in page.get("Versions", [])
                if datetime.now(UTC) - said["LastModified"] > LEFT_BEHIND_AFTER
            ]
            named = _named([version.key for version in old])
            removed += versions.remove(client, [version for version in old if version.key not in named])
    metrics.emit("LeftoversRemoved", removed, Leftover="archive files")


def _named(keys: Sequence[str]) -> set[str]:
    with pool.system() as connection:
        found = connection.execute("SELECT DISTINCT key FROM archived_jobs WHERE key = ANY(%s)", (list(keys),))
        return {row[0] for row in found.fetchall()}
