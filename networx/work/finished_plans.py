"""Where the plan of a finished job stands, for those who go on from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from networx.db.pool import Connection
from networx.domain.inventory_parameters import SHEET
from networx.errors import NotFound, Problem, RefusedInput
from networx.jobs import archive, store
from networx.jobs.job import Job

WITH_PLANS = frozenset({"transport", "integrated"})


def finished_job(connection: Connection, job_id: UUID) -> tuple[Job, Mapping[str, Any] | None]:
    """A job and its result, also where it is archived by now. Raises NotFound."""
    try:
        return store.get_job(connection, job_id), store.get_result(connection, job_id)
    except NotFound:
        archived = archive.read(archive.find(connection, job_id))
        return archived.job, archived.result


def plan_file(connection: Connection, job_id: UUID, parameter: str) -> str:
    """The key of who serves whom in a job's plan. Raises RefusedInput for a job that is none, or left no plan."""
    try:
        found, result = finished_job(connection, job_id)
    except NotFound:
        raise _no_plan(job_id, parameter, "is not known") from None
    if found.kind not in WITH_PLANS or result is None or "assignments" not in result["files"]:
        raise _no_plan(job_id, parameter, "is no network job that left a plan")
    return str(result["files"]["assignments"])


def _no_plan(job_id: UUID, parameter: str, what: str) -> RefusedInput:
    message = f"{parameter} names job {job_id}, which {what}; name a finished transport job, or state fixed."
    return RefusedInput([Problem(message, "assignment", sheet=SHEET, column=parameter, value=str(job_id))])
