"""The members of a batch with what their results say, for the answer of the whole: one query for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from networx.db.pool import Connection
from networx.jobs.job import JobStatus

# Of a result only what a comparison needs: the whole may be large.
_COMPARED = ("status", "objective", "bound", "gap", "kpis")


@dataclass(frozen=True, slots=True)
class MemberResult:
    """One member: its parameters over those of the scenario, and the part of its result that is compared, if any.

    `why` is what its job failed of. What stands last is not known of a batch that was archived before it was asked:
    then only transport was swept.
    """

    id: UUID
    parameters: Mapping[str, Any]
    status: JobStatus
    partial: bool
    result: Mapping[str, Any] | None
    certified: bool
    kind: str = "transport"
    why: str | None = None


def member_results(connection: Connection, parent_id: UUID) -> list[MemberResult]:
    """The members of a batch, in the order they were submitted."""
    compared = ", ".join(f"'{name}', result->'{name}'" for name in _COMPARED)
    found = connection.execute(
        f"""SELECT jobs.id, jobs.params->'parameters', jobs.status, jobs.partial,
                   CASE WHEN results.job_id IS NOT NULL THEN jsonb_build_object({compared}) END,
                   coalesce((result->'certificate'->>'valid')::boolean, false), jobs.kind,
                   CASE WHEN jobs.status IN ('failed', 'dead') THEN jobs.error->>'message' END
            FROM jobs LEFT JOIN results ON results.job_id = jobs.id
            WHERE jobs.parent_id = %s ORDER BY jobs.id""",
        (parent_id,),
    )
    return [
        MemberResult(job_id, parameters or {}, JobStatus(status), partial, result, certified, kind, why)
        for job_id, parameters, status, partial, result, certified, kind, why in found
    ]
