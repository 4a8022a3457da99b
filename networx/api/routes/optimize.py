"""Starting a solve: all is checked at once, the job is recorded, and the answer comes before the work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import Response

from networx.api import object_store
from networx.api.declared import refuses
from networx.api.envelope import request_id, success
from networx.api.idempotency import Answer, Once, Submission
from networx.api.principals import Principal, Who
from networx.api.shapes import jobs as shapes
from networx.api.shapes.envelope import Success
from networx.api.views import job_summaries, job_view
from networx.db import pool
from networx.db.pool import Connection
from networx.domain.model_file import statement_of
from networx.domain.parameters import require_complete, transport_parameters
from networx.errors import NotFound, Problem, RefusedInput
from networx.ingest import datasets
from networx.jobs import relay
from networx.jobs import store as jobs
from networx.jobs.job import Job, JobStatus
from networx.scenarios import store as scenarios

router = APIRouter(prefix="/api/optimize", tags=["optimisation"])

MISSING = 'Name the scenario to run, {"scenario_id": "..."}, or send a model, {"model": {...}}.'


_MODEL = {
    "optimize": "profit",
    "opType": "max",
    "constraints": {"wood": {"max": 300}, "labour": {"max": 110}},
    "variables": {
        "table": {"wood": 30, "labour": 5, "profit": 1200},
        "chair": {"wood": 20, "labour": 10, "profit": 1600},
    },
    "ints": {"table": 1, "chair": 1},
}


class RunBatch(BaseModel):
    """What to run: a scenario, or a model of the client's own. Other forms of this request are refused by name."""

    model_config = ConfigDict(extra="allow")
    scenario_id: str | None = Field(default=None, examples=["0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"])
    model: Any = Field(
        default=None,
        description='The JSON of javascript-lp-solver, or the text of a file as `{"mps": ...}` or `{"lp": ...}`.',
        examples=[_MODEL],
    )


@router.post(
    "/run-batch",
    status_code=202,
    summary="Run a scenario, or a model of your own",
    response_model=Success[shapes.Accepted],
    responses=refuses(
        "MISSING_SCENARIO",
        "SCENARIO_NOT_FOUND",
        "DATASET_NOT_FOUND",
        "INVALID_MODEL",
        "NOT_SUPPORTED",
        "STORAGE_UNAVAILABLE",
    ),
)
def run_batch(body: RunBatch, submission: Once) -> Response:
    """Answers at once with the job's id.

    The scenario's parameters, or the model's every word, are checked first; what they lack is answered with 422, cell
    by cell. With a `model` a `scenario_id` only says which scenario the job belongs to. The same `Idempotency-Key`
    with the same request gives the same job.
    """
    _refuse_other_forms(body)
    if body.model is not None:
        return _run_model(body, submission)
    if not body.scenario_id:
        raise RefusedInput([Problem(MISSING, "required", column="scenario_id")], code="MISSING_SCENARIO")
    scenario_id = _scenario_id(body.scenario_id)

    def create(connection: Connection) -> Answer:
        return _accepted(_submit(connection, submission.who, scenario_id), "scenario")

    # What was never stated is no part of the request that a repetition must match.
    answer = submission.once(body.model_dump(mode="json", exclude={"model"}), create).response()
    answer.background = BackgroundTask(relay.send_soon)
    return answer


def _run_model(body: RunBatch, submission: Submission) -> Response:
    """A model is kept in storage, and its job says where: no message or row carries it."""
    kind, content = statement_of(body.model)
    scenario_id = _scenario_id(body.scenario_id) if body.scenario_id else None
    stored = object_store.store_model(submission.who.tenant_id, kind, content)

    def create(connection: Connection) -> Answer:
        scenario = None if scenario_id is None else scenarios.get_scenario(connection, scenario_id)
        job = jobs.submit(
            connection,
            tenant_id=submission.who.tenant_id,
            kind="model",
            params={"request_id": request_id.get(), "model": stored},
            scenario_id=None if scenario is None else scenario.id,
            scenario_version=None if scenario is None else scenario.version,
            actor=submission.who.name,
        )
        return _accepted(job, "model")

    stated = {"scenario_id": body.scenario_id, "model_sha256": stored["sha256"], "model_format": kind}
    answer = submission.once(stated, create).response()
    answer.background = BackgroundTask(relay.send_soon)
    return answer


def _accepted(job: Job, what: str) -> Answer:
    accepted = {
        "job_id": job.id,
        "queue_id": job.queue,
        "status": job.status,
        "message": f"The {what} is queued; watch it at /api/jobs/{job.id}.",
    }
    return Answer(202, accepted, {"Location": f"/api/jobs/{job.id}"})


@router.get(
    "/run-batch",
    summary="One job, or the active ones",
    response_model=Success[shapes.Job | list[shapes.Job]],
    responses=refuses("JOB_NOT_FOUND"),
)
def run_batches(who: Who, job_id: UUID | None = None) -> Response:
    """With `job_id` that job; without, every job that is queued or running, batches without their members."""
    if job_id is not None:
        return success(job_view(who.tenant_id, job_id))
    with pool.tenant(who.tenant_id) as connection:
        active = jobs.list_jobs(connection, statuses=[JobStatus.QUEUED, JobStatus.RUNNING], members=False, limit=200)
        return success(job_summaries(active, connection))


def _refuse_other_forms(body: RunBatch) -> None:
    others = sorted(body.model_extra or {})
    if others:
        problems = [
            Problem(f"{name} is not supported yet; send scenario_id, or a model.", "not_supported", column=name)
            for name in others
        ]
        raise RefusedInput(problems, code="NOT_SUPPORTED")


def _scenario_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise NotFound(what="scenario", id=text) from fault


def _submit(connection: Connection, who: Principal, scenario_id: UUID) -> Job:
    scenario = scenarios.get_scenario(connection, scenario_id)
    dataset_id = scenario.network_dataset_id
    parameters = transport_parameters(datasets.read_parameters(connection, dataset_id), scenario.parameters)
    require_complete(parameters, datasets.read_years(connection, dataset_id))
    return jobs.submit(
        connection,
        tenant_id=who.tenant_id,
        kind=scenario.type,
        params={"request_id": request_id.get()},
        scenario_id=scenario.id,
        scenario_version=scenario.version,
        actor=who.name,
    )
