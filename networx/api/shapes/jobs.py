"""Jobs, their events and their story as the API shows them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from networx.api.shapes.envelope import At, Count, Facts, Id, Problem, Seconds, Shape, Success
from networx.api.shapes.results import JobResult
from networx.jobs.job import JobStatus

Status = Annotated[JobStatus, Field(examples=["running"])]


class JobError(Shape):
    """Why a job ended badly, or why its last try did; of data that was refused, the first problems and their number."""

    code: str = Field(examples=["INVALID_INPUT"])
    message: str = Field(examples=["Parameters, column circuity: circuity is missing: state it. (and 1 more)"])
    problems: list[Problem] = Field(default=[])
    problem_count: Count = Field(default=0, examples=[2])


class Progress(Shape):
    """How far a job is. Costs are in the objective's currency; `gap` is relative to the incumbent."""

    stage: str | None = Field(examples=["searching"])
    percent: float | None = Field(default=None, examples=[40.0])
    incumbent: float | None = Field(default=None, examples=[1_250_000.0])
    bound: float | None = Field(default=None, examples=[1_230_000.0])
    gap: float | None = Field(default=None, examples=[0.016])


class Held(Shape):
    """The pause that keeps a waiting job waiting."""

    scope: str = Field(examples=["queue"])
    name: str = Field(examples=["optimization.fifo"])
    reason: str = Field(examples=["The solver is being updated."])
    since: At


class Sweep(Shape):
    """A run for every number of open facilities in a range."""

    minNodes: int = Field(examples=[3])  # noqa: N815  # the wire's name, as is the next
    maxNodes: int = Field(examples=[8])  # noqa: N815
    step: int = Field(ge=1, examples=[1])
    criterion: str = Field(examples=["total_cost"])


class BareJob(Shape):
    """A job. A batch has `members`; `attempt` counts the tries that were used."""

    id: Id
    type: str = Field(examples=["transport"])
    scenario_id: Id | None
    scenario_version: int | None = Field(examples=[1])
    parent_id: Id | None = Field(examples=[None])
    parameters: Facts = Field(description="What the job sets over its scenario's.", examples=[{}])
    sweep: Sweep | None = Field(description="What a batch was asked for.", examples=[None])
    of_job_id: Id | None = Field(description="Whose plan a sensitivity asks about.", examples=[None])
    members: list[Id] = Field(examples=[[]])
    member_counts: dict[str, int] = Field(examples=[{}])
    failed_members: list[Id] = Field(examples=[[]])
    status: Status
    attempt: Count = Field(examples=[1])
    progress: Progress | None
    created_at: At
    updated_at: At
    started_at: At | None
    finished_at: At | None = Field(examples=[None])
    partial: bool = Field(examples=[False])
    error: JobError | None = Field(examples=[None])
    result: JobResult | None = Field(examples=[None])


class Job(BareJob):
    """A job, and what holds it back. `archived_at` is when it left the record for the archive."""

    paused: Held | None = Field(examples=[None])
    archived_at: At | None = Field(examples=[None])


class ArchivedJob(Shape):
    """A job in the archive; all of it is at its own address."""

    id: Id
    type: str = Field(examples=["transport"])
    status: Status
    created_at: At
    finished_at: At
    archived_at: At


class Cancelled(Success[Job]):
    """The job, whether this request cancelled it, and what became of it."""

    cancelled: bool
    note: str = Field(examples=["The job is cancelled. The best checked answer so far was kept."])


class SweepMember(Shape):
    """One run of a sweep."""

    job_id: Id
    nodes: int = Field(examples=[3])


class Accepted(Shape):
    """A run that was accepted: its job and where it waits."""

    job_id: Id
    queue_id: str | None = Field(examples=["optimization.fifo"])
    status: Status = Field(examples=["queued"])
    message: str = Field(examples=["The scenario is queued; watch it at /api/jobs/ID."])
    members: list[SweepMember] | None = Field(default=None, description="The runs of a sweep.")
    scenario_id: Id | None = Field(default=None, description="Of a network in the body, as are the next.")
    scenario_version: int | None = None
    dataset_id: Id | None = None
    ignored: list[Facts] | None = Field(default=None, description="Fields that mean nothing, and why.")


class Event(Shape):
    """A change of a job's state."""

    id: int = Field(ge=1, examples=[148])
    at: At
    event: str = Field(examples=["claimed"])
    actor: str = Field(examples=["worker-1"])
    from_status: str | None = Field(examples=["queued"])
    to_status: str = Field(examples=["running"])
    fence: Count = Field(examples=[1])
    attempt: Count = Field(examples=[1])
    reason: str | None = Field(examples=[None])
    facts: Facts | None = Field(examples=[{"seconds": 3.2, "peak_mib": 210.5}])


class StoryData(Shape):
    """The file that a job read, and the scenario it ran."""

    scenario: str | None = Field(examples=["At most six sites"])
    upload_id: Id
    filename: str = Field(examples=["network.xlsx"])
    bytes: Count = Field(examples=[1_048_576])
    rows: dict[str, int] = Field(examples=[{"facilities": 12}])
    upload_status: str = Field(examples=["loaded"])
    problem_count: Count = Field(examples=[0])


class Act(Shape):
    """What somebody did to the job."""

    at: At
    event: str = Field(examples=["submitted"])
    actor: str = Field(examples=["nightly import"])
    reason: str | None


class Attempt(Shape):
    """One stretch of work by one worker."""

    number: int = Field(examples=[1])
    attempt: int = Field(examples=[1])
    worker: str = Field(examples=["worker-1"])
    started_at: At
    waited_seconds: Seconds | None
    resumed_from: str | None = Field(examples=[None])
    ended_at: At | None
    seconds: Seconds | None
    peak_mib: float | None = Field(examples=[210.5])
    outcome: str | None = Field(examples=["finished"])
    reason: str | None = Field(examples=[None])


class Story(Shape):
    """A job's course; `told` is all of it in sentences."""

    job: Job
    priority: str = Field(examples=["normal"])
    queue: str | None = Field(examples=["optimization.fifo"])
    max_attempts: int = Field(examples=[3])
    data: StoryData | None
    waited_seconds: Seconds
    worked_seconds: Seconds
    waiting_since: At | None = Field(examples=[None])
    run_at: At | None = Field(examples=[None])
    acts: list[Act]
    attempts: list[Attempt]
    next_steps: list[str]
    told: list[str]


class _RedriveOutcome(Shape):
    refused: dict[str, JobStatus] = Field(description="Jobs that stand otherwise.", examples=[{}])
    unknown: list[Id] = Field(description="Ids of no job.", examples=[[]])
    more: bool = Field(description="Whether others are left.", examples=[False])


class RedrivePreview(_RedriveOutcome):
    """What would move."""

    count: Count = Field(examples=[0])
    jobs: list[BareJob]


class Redriven(_RedriveOutcome):
    """What moved."""

    moved: list[Id]
