"""Jobs that left the record: how one is written into a file of the archive, where it lies there, and how it is read.

A file holds the jobs of one tenant that ended in one month: NDJSON, a job a line. Each line is packed for itself, so
that the whole unpacks as one gzip file, and one job is read by its range alone. `archived_jobs` says where.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg.rows import class_row

from networx.blueprint import ARCHIVE
from networx.db.keyset import CREATED, Page, orders
from networx.db.pool import Connection
from networx.errors import NotFound
from networx.jobs.batches import MemberResult, member_results
from networx.jobs.job import BATCH_KIND, Job, JobStatus
from networx.jobs.rows import COLUMNS, rows
from networx.resilience import aws
from networx.resilience.objects import bucket, speaking_to_s3

_FORMAT = 1
_IDS = ("id", "tenant_id", "scenario_id", "parent_id", "correlation_id")
_INSTANTS = ("created_at", "updated_at", "run_at", "claimed_at", "started_at", "finished_at")

ORDERS = orders("-created_at", created_at=CREATED)


@dataclass(frozen=True, slots=True)
class Place:
    """A row of `archived_jobs`: what the job was, and where it lies."""

    id: UUID
    tenant_id: UUID
    parent_id: UUID | None
    kind: str
    status: str
    created_at: datetime
    finished_at: datetime
    archived_at: datetime
    key: str
    first_byte: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ArchivedJob:
    """A job as it stood when it left: with its events (oldest first, each with its `id`), its result object if it left
    one, and of a batch its members."""

    job: Job
    events: Sequence[Mapping[str, Any]]
    result: Mapping[str, Any] | None
    members: Sequence[MemberResult]
    archived_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """One job on its way into a file: its packed line, what the index says of it, and where its model lies, if any."""

    id: UUID
    parent_id: UUID | None
    kind: str
    status: str
    created_at: datetime
    finished_at: datetime
    model_key: str | None
    model_version: str | None
    packed: bytes


_INDEXED = tuple(name for name in Piece.__dataclass_fields__ if name != "packed")
_PLACE = ", ".join(Place.__dataclass_fields__)

# As the record has it and as it is looked at: of a batch only its members say how it ended. Numbers stay what they are:
# nothing is read on the way.
_PIECES = f"""
SELECT job.id, job.parent_id, job.kind, seen.status, job.created_at, seen.finished_at,
    job.params -> 'model' ->> 'key' AS model_key, job.params -> 'model' ->> 'version' AS model_version,
    to_jsonb(seen)::text AS seen, to_jsonb(job)::text AS whole,
    (SELECT coalesce(jsonb_agg(to_jsonb(told) ORDER BY told.id), '[]') FROM job_events AS told
     WHERE told.job_id = job.id)::text AS events,
    (SELECT to_jsonb(results) FROM results WHERE results.job_id = job.id)::text AS result
FROM jobs AS job JOIN (SELECT {COLUMNS} FROM jobs_seen) AS seen ON seen.id = job.id
WHERE job.id = ANY(%(roots)s) OR job.parent_id = ANY(%(roots)s)
ORDER BY coalesce(job.parent_id, job.id), job.parent_id NULLS FIRST, job.id
"""


def pieces(connection: Connection, roots: Sequence[UUID]) -> list[Piece]:
    """These jobs and, of batches, their members, each ready for a file: the same record gives the same bytes."""
    found = []
    for row in rows(connection, _PIECES, {"roots": list(roots)}):
        line = {
            "format": _FORMAT,
            "job": orjson.Fragment(row["seen"]),
            "row": orjson.Fragment(row["whole"]),
            "events": orjson.Fragment(row["events"]),
            "result": None if row["result"] is None else orjson.Fragment(row["result"]),
            "members": member_results(connection, row["id"]) if row["kind"] == BATCH_KIND else [],
        }
        content = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        facts = {name: row[name] for name in _INDEXED}
        found.append(Piece(**facts, packed=gzip.compress(content, mtime=0)))
    return found


def file_of(tenant_id: UUID, month: str, content: bytes) -> str:
    """The key of a file with this content: what was written once is written to the same place again."""
    return f"{ARCHIVE}{tenant_id}/{month}/{hashlib.sha256(content).hexdigest()}.ndjson.gz"


def find(connection: Connection, job_id: UUID) -> Place:
    """Where an archived job lies. Raises NotFound."""
    with connection.cursor(row_factory=class_row(Place)) as cursor:
        found = cursor.execute(f"SELECT {_PLACE} FROM archived_jobs WHERE id = %s", (job_id,)).fetchone()
    if found is None:
        raise NotFound(what="job", id=job_id)
    return found


def list_archived(connection: Connection, page: Page) -> list[Place]:
    """A page of the archived jobs that the connection may see; a batch stands for its members."""
    told, arguments = page.where({"parents": "parent_id IS NULL"}, {"parents": True})
    with connection.cursor(row_factory=class_row(Place)) as cursor:
        return cursor.execute(f"SELECT {_PLACE} FROM archived_jobs {told}", arguments).fetchall()


def read(place: Place) -> ArchivedJob:
    """The job that lies there. Raises NotFound, ObjectStoreUnavailable."""
    last = place.first_byte + place.bytes - 1
    with speaking_to_s3(str(place.id), "job"):
        answer = aws.client("s3").get_object(
            Bucket=bucket("results"), Key=place.key, Range=f"bytes={place.first_byte}-{last}"
        )
        content: bytes = answer["Body"].read()
    said = orjson.loads(gzip.decompress(content))
    result = said["result"]
    return ArchivedJob(
        job=_job(said["job"]),
        events=[_with_instant(event) for event in said["events"]],
        result=None if result is None else result["result"],
        members=list(_members(said["members"])),
        archived_at=place.archived_at,
    )


def _job(said: Mapping[str, Any]) -> Job:
    ids = {name: None if said[name] is None else UUID(said[name]) for name in _IDS}
    instants = {name: None if said[name] is None else datetime.fromisoformat(said[name]) for name in _INSTANTS}
    return Job.from_row({**said, **ids, **instants})


def _with_instant(event: Mapping[str, Any]) -> dict[str, Any]:
    return {**event, "at": datetime.fromisoformat(event["at"])}


def _members(said: Sequence[Mapping[str, Any]]) -> Iterator[MemberResult]:
    for member in said:
        yield MemberResult(**{**member, "id": UUID(member["id"]), "status": JobStatus(member["status"])})
