"""A job as a frozen value: its states, the moves between them, and how the API shows it.

queued -> running -> succeeded | failed
running -> queued                     retry, recovery, drain
queued | running -> cancelled
queued | running -> dead              attempts used up
failed | dead -> queued               an operator's redrive
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

HIGH, NORMAL, LOW = 0, 1, 2
BATCH_KIND = "batch"


class JobStatus(StrEnum):
    """Where a job stands. What its answer says (optimal, infeasible) is the result's status, not the job's."""

    QUEUED = "queued"  # waiting for a worker, perhaps until run_at
    RUNNING = "running"  # owned by the worker that holds its fence and lease
    SUCCEEDED = "succeeded"  # ended with a result
    FAILED = "failed"  # ended without one; a retry could not have mended it
    CANCELLED = "cancelled"  # ended by a person; the best verified answer is kept
    DEAD = "dead"  # its attempts are used up; stands in the dead-letter queue

    @property
    def terminal(self) -> bool:
        return self not in (JobStatus.QUEUED, JobStatus.RUNNING)


# What an operator may redrive.
ENDED_BADLY = (JobStatus.FAILED, JobStatus.DEAD)

# The record keeps the same table (job_moves) and refuses every other move, whichever statement asks for it.
LEGAL_MOVES: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED, JobStatus.DEAD}),
    JobStatus.RUNNING: frozenset(JobStatus) - {JobStatus.RUNNING},
    JobStatus.SUCCEEDED: frozenset(),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    JobStatus.CANCELLED: frozenset(),
    JobStatus.DEAD: frozenset({JobStatus.QUEUED}),
}

# The words of the original clients, accepted wherever a status is asked for.
STATUS_WORDS: Mapping[str, JobStatus] = {
    **{status.value: status for status in JobStatus},
    "pending": JobStatus.QUEUED,
    "completed": JobStatus.SUCCEEDED,
}


@dataclass(frozen=True, slots=True)
class Job:
    """One row of `jobs` or `jobs_seen`.

    `fence` counts changes of owner, `attempt` the starts that burned a try. A batch stands in no queue: no worker runs
    it, and its members say how it goes.
    """

    id: UUID
    tenant_id: UUID
    kind: str
    queue: str | None
    params: Mapping[str, Any]
    scenario_id: UUID | None
    scenario_version: int | None
    parent_id: UUID | None
    priority: int
    status: JobStatus
    fence: int
    attempt: int
    max_attempts: int
    worker: str | None
    progress: Mapping[str, Any] | None
    partial: bool
    error: Mapping[str, Any] | None
    correlation_id: UUID
    created_at: datetime
    updated_at: datetime
    run_at: datetime
    claimed_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Job:
        return cls(**{**row, "status": JobStatus(row["status"])})


JOB_COLUMNS = tuple(Job.__dataclass_fields__)


# What the API shows of a job is made of these, each a column or an expression over the columns.
SHOWN = (
    *("id", "kind", "queue", "scenario_id", "scenario_version", "parent_id", "status", "attempt", "progress"),
    *("created_at", "updated_at", "started_at", "finished_at", "partial", "error"),
    *("params->'parameters' AS parameters", "params->'sweep' AS sweep", "params->>'of_job_id' AS of_job_id"),
)


def row_json(
    row: Mapping[str, Any], result: Mapping[str, Any] | None = None, members: Mapping[UUID, JobStatus] | None = None
) -> dict[str, Any]:
    """A row of SHOWN as the API shows it. `result` is the stored result object, where there is one.

    `members` says where each member of a batch stands; those that ended badly are named apart, so that none hides.
    `parameters` are those that the job sets over its scenario's, `sweep` is what a batch was asked for, and
    `of_job_id` whose plan a sensitivity asks about.
    """
    standing = members or {}
    scenario_id, parent_id = row["scenario_id"], row["parent_id"]
    started_at, finished_at = row["started_at"], row["finished_at"]
    return {
        "id": str(row["id"]),
        "type": row["kind"],
        "scenario_id": None if scenario_id is None else str(scenario_id),
        "scenario_version": row["scenario_version"],
        "parameters": row["parameters"] or {},
        "parent_id": None if parent_id is None else str(parent_id),
        "sweep": row["sweep"],
        "of_job_id": row["of_job_id"],
        "members": [str(member) for member in standing],
        "member_counts": dict(Counter(status.value for status in standing.values())) if standing else {},
        "failed_members": [str(member) for member, status in standing.items() if status in ENDED_BADLY],
        "status": row["status"],
        "attempt": row["attempt"],
        "progress": row["progress"],
        "created_at": row["created_at"].isoformat(),
        "updated_at": row["updated_at"].isoformat(),
        "started_at": None if started_at is None else started_at.isoformat(),
        "finished_at": None if finished_at is None else finished_at.isoformat(),
        "partial": row["partial"],
        "error": row["error"],
        "result": result,
    }


def job_json(
    job: Job, result: Mapping[str, Any] | None = None, members: Mapping[UUID, JobStatus] | None = None
) -> dict[str, Any]:
    """A job as the API shows it, as `row_json` does a row."""
    row = {name: getattr(job, name) for name in JOB_COLUMNS}
    stated = {name: job.params.get(name) for name in ("parameters", "sweep", "of_job_id")}
    return row_json({**row, **stated}, result, members)
