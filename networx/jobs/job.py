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


def job_json(
    job: Job, result: Mapping[str, Any] | None = None, members: Mapping[UUID, JobStatus] | None = None
) -> dict[str, Any]:
    """The job as the API shows it. `result` is the stored result object, where there is one.

    `members` says where each member of a batch stands; those that ended badly are named apart, so that none hides.
    `parameters` are those that the job sets over its scenario's, `sweep` is what a batch was asked for.
    """
    standing = members or {}
    return {
        "id": str(job.id),
        "type": job.kind,
        "scenario_id": None if job.scenario_id is None else str(job.scenario_id),
        "scenario_version": job.scenario_version,
        "parameters": dict(job.params.get("parameters", {})),
        "parent_id": None if job.parent_id is None else str(job.parent_id),
        "sweep": job.params.get("sweep"),
        "members": [str(member) for member in standing],
        "member_counts": dict(Counter(status.value for status in standing.values())),
        "failed_members": [str(member) for member, status in standing.items() if status in ENDED_BADLY],
        "status": job.status.value,
        "attempt": job.attempt,
        "progress": job.progress,
        "created_at": job.created_at.isoformat(),
        "updated_at": job.updated_at.isoformat(),
        "started_at": None if job.started_at is None else job.started_at.isoformat(),
        "finished_at": None if job.finished_at is None else job.finished_at.isoformat(),
        "partial": job.partial,
        "error": job.error,
        "result": result,
    }
