"""Jobs that left the record, read from the archive as if they were still in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from networx.api.batch_view import batch_result
from networx.db import pool
from networx.errors import Conflict, NotFound
from networx.jobs import archive
from networx.jobs.archive import ArchivedJob
from networx.jobs.job import BATCH_KIND


def archived_job(tenant_id: UUID, job_id: UUID) -> ArchivedJob:
    """A job of the tenant that was archived. Raises NotFound, ObjectStoreUnavailable.

    Asked for where the record has no such job: a transaction of its own, and none while the archive is read.
    """
    with pool.tenant(tenant_id) as connection:
        place = archive.find(connection, job_id)
    return archive.read(place)


def result_of(archived: ArchivedJob) -> dict[str, Any] | None:
    """The result object it left; of a batch the one that its members make."""
    if archived.job.kind == BATCH_KIND:
        return batch_result(archived.job, archived.members)
    return None if archived.result is None else dict(archived.result)


def refuse_if_archived(tenant_id: UUID, job_id: UUID) -> None:
    """Raises Conflict for a job that was archived: it is looked at, and moves no more."""
    with pool.tenant(tenant_id) as connection:
        try:
            place = archive.find(connection, job_id)
        except NotFound:
            return
    raise Conflict(what=f"The job was archived on {place.archived_at:%Y-%m-%d}: run what it ran anew.")
