"""What a finished plan would cost if one thing were otherwise: asked as a job, and its answers while they come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from networx.api.archived import archived_job, refuse_if_archived
from networx.api.declared import refuses
from networx.api.envelope import request_id, success
from networx.api.idempotency import Answer, Once
from networx.api.principals import Who
from networx.api.shapes import jobs as shapes
from networx.api.shapes.envelope import Success
from networx.api.views import jobs_about
from networx.db import pool
from networx.db.pool import Connection
from networx.domain.parameters import transport_parameters
from networx.domain.sensitivity import Kind, Wanted, parse_wanted, require_known
from networx.errors import NotFound, Problem, RefusedInput
from networx.ingest import datasets
from networx.jobs import relay, store
from networx.jobs.job import Job
from networx.scenarios import store as scenarios

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

KIND = "sensitivity"
_MOST_SITES = 100
_CHOICES = ", ".join(f"`{kind.value}`" for kind in Kind)


class AskSensitivity(BaseModel):
    """What to ask of a plan; all that matters most, unless it is stated."""

    model_config = ConfigDict(extra="forbid")
    questions: list[str] | None = Field(
        default=None, max_length=20, description=f"Any of {_CHOICES}. All, unless stated.", examples=[["demand"]]
    )
    sites: list[str] | None = Field(
        default=None,
        max_length=_MOST_SITES,
        description="Facilities to ask of one by one: what if it were closed, or open. Unless stated, the twenty that "
        "are most likely to matter.",
    )
    time_limit_seconds: float | None = Field(
        default=None, description="For all questions together. The scenario's own limit, unless stated.", examples=[60]
    )


@router.post(
    "/{job_id}/sensitivity",
    status_code=202,
    summary="Ask what would be otherwise",
    response_model=Success[shapes.Accepted],
    responses=refuses("JOB_NOT_FOUND", "CONFLICT"),
)
def ask(job_id: UUID, body: AskSensitivity, submission: Once) -> Response:
    """One more site, one fewer, a site closed or open, demand 10 % more or less, service a point more or less.

    The job must be of a transport scenario and have left a plan. Answers at once with the id of a job of its own, which
    solves each question anew and checks each answer. The same `Idempotency-Key` with the same request gives the same
    job.
    """
    who = submission.who
    refuse_if_archived(who.tenant_id, job_id)

    def create(connection: Connection) -> Answer:
        base = store.get_job(connection, job_id)
        wanted = parse_wanted(body.questions, body.sites)
        parameters = _require_askable(connection, base, wanted, body.time_limit_seconds)
        asked = store.submit(
            connection,
            tenant_id=who.tenant_id,
            kind=KIND,
            params={
                "request_id": request_id.get(),
                "of_job_id": str(job_id),
                "asked": wanted.as_dict(),
                "parameters": parameters,
            },
            scenario_id=base.scenario_id,
            scenario_version=base.scenario_version,
            correlation_id=base.correlation_id,
            actor=who.name,
        )
        accepted = {
            "job_id": asked.id,
            "queue_id": asked.queue,
            "status": asked.status,
            "message": f"The questions are queued; watch them at /api/jobs/{asked.id}.",
        }
        return Answer(202, accepted, {"Location": f"/api/jobs/{asked.id}"})

    answer = submission.once(body.model_dump(mode="json"), create)
    relay.send_beside()
    return answer.response()


@router.get(
    "/{job_id}/sensitivity",
    summary="What was asked of a plan",
    response_model=Success[list[shapes.Job]],
    responses=refuses("JOB_NOT_FOUND"),
)
def asked_so_far(job_id: UUID, who: Who) -> Response:
    """The jobs that ask about this one, newest first, at most 20; of one that runs the result is what it has answered.

    `partial` is true of such a result, as of one that was cancelled.
    """
    try:
        with pool.tenant(who.tenant_id) as connection:
            store.get_job(connection, job_id)
    except NotFound:
        archived_job(who.tenant_id, job_id)
    return success(jobs_about(who.tenant_id, job_id))


def _require_askable(
    connection: Connection, base: Job, wanted: Wanted, time_limit_seconds: float | None
) -> dict[str, Any]:
    """The parameters that the questions have over the scenario's. Raises RefusedInput."""
    result = store.get_result(connection, base.id)
    if base.kind != "transport" or result is None or result.get("kpis") is None:
        message = f"Only plans of transport jobs are asked about; this job is of type {base.kind}."
        if base.kind == "transport":
            message = f"This job has left no plan to ask about: it is {base.status.value}."
        raise RefusedInput([Problem(message, "no_plan", column="job_id", value=str(base.id))])
    assert base.scenario_id is not None
    scenario = scenarios.get_scenario(connection, base.scenario_id, base.scenario_version)
    require_known(datasets.facility_names(connection, scenario.network), wanted.names or ())
    over = dict(base.params.get("parameters") or {})
    if time_limit_seconds is not None:
        over["time_limit_seconds"] = time_limit_seconds
    transport_parameters({}, over)
    return over
