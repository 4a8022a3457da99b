"""Starting a solve: the scenario is checked at once, the job is recorded, the answer comes before the work begins."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import Response

from networx.api.envelope import request_id, success
from networx.api.idempotency import Answer, Once
from networx.api.principals import Principal, Who
from networx.api.views import job_summaries, job_view
from networx.db import pool
from networx.db.pool import Connection
from networx.domain.parameters import require_complete, transport_parameters
from networx.errors import NotFound, Problem, RefusedInput
from networx.ingest import datasets
from networx.jobs import relay
from networx.jobs import store as jobs
from networx.jobs.job import Job, JobStatus
from networx.scenarios import store as scenarios

router = APIRouter(prefix="/api/optimize", tags=["optimisation"])

MISSING = 'Name the scenario to run: {"scenario_id": "..."}.'


class RunBatch(BaseModel):
    """The scenario to run. Other forms of this request are refused by name."""

    model_config = ConfigDict(extra="allow")
    scenario_id: str | None = Field(default=None, examples=["0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"])


@router.post("/run-batch", status_code=202, summary="Run a scenario")
def run_batch(body: RunBatch, submission: Once) -> Response:
    """Answers at once with the job's id.

    The scenario's parameters are checked first; what they lack is answered with 422, cell by cell. The same
    `Idempotency-Key` with the same request gives the same job.
    """
    _refuse_other_forms(body)
    if not body.scenario_id:
        raise RefusedInput([Problem(MISSING, "required", column="scenario_id")], code="MISSING_SCENARIO")
    scenario_id = _scenario_id(body.scenario_id)

    def create(connection: Connection) -> Answer:
        job = _submit(connection, submission.who, scenario_id)
        accepted = {
            "job_id": job.id,
            "queue_id": job.queue,
            "status": job.status,
            "message": f"The scenario is queued; watch it at /api/jobs/{job.id}.",
        }
        return Answer(202, accepted, {"Location": f"/api/jobs/{job.id}"})

    answer = submission.once(body.model_dump(mode="json"), create).response()
    answer.background = BackgroundTask(relay.send_soon)
    return answer


@router.get("/run-batch", summary="One job, or the active ones")
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
            Problem(f"{name} is not supported yet; send scenario_id alone.", "not_supported", column=name)
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
