"""Starting a solve: all is checked at once, the job is recorded, and the answer comes before the work."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from networx.api.declared import refuses
from networx.api.envelope import request_id, success
from networx.api.idempotency import Answer, Once, Submission
from networx.api.model_source import source_of
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.api.provisional import reads_first, settled
from networx.api.run_batch.checks import require_runnable
from networx.api.run_batch.inline import run_inline
from networx.api.run_batch.sweeps import submit_sweep
from networx.api.shapes import jobs as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.api.views import job_summaries, job_view, jobs_of
from networx.db.journeys import Found, Statement
from networx.db.pool import Connection
from networx.domain.sweep import Sweep, parse_sweep
from networx.errors import NotFound, Problem, RefusedInput
from networx.ingest.inline import FIELDS
from networx.jobs import relay
from networx.jobs import store as jobs
from networx.jobs.job import JobStatus
from networx.scenarios import store as scenarios
from networx.scenarios.running import read_standing, standing
from networx.topology import TOPOLOGY

router = APIRouter(prefix="/api/optimize", tags=["optimisation"])

ACTIVE = Listing(jobs.ORDERS, usual=200, most=200)
MISSING = (
    'Name the scenario to run, {"scenario_id": "..."}, or send a model, {"model": {...}}, or a network of your own, '
    '{"costMatrix": {...}, ...}.'
)


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


_SWEEP = {"minNodes": 3, "maxNodes": 8, "step": 1, "criterion": "total_cost"}
_MATRIX = {"rows": ["St. Louis, MO"], "cols": ["Dallas, TX", "Chicago, IL"], "cost": [[3.1, 2.0]]}
_OF_THE_BODY = "Of a network in the body: "


class RunBatch(BaseModel):
    """What to run: a scenario, one or for several numbers of facilities; a model; or a network in the body."""

    model_config = ConfigDict(extra="allow")
    scenario_id: str | None = Field(default=None, examples=["0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"])
    scenario: Any = Field(
        default=None,
        description="A run for every number of open facilities from `minNodes` to `maxNodes`, `step` (1) apart; the "
        "best is chosen by `criterion`: `total_cost` (unless stated), `cost_per_unit`, `service_level` or `savings`.",
        examples=[_SWEEP],
    )
    model: Any = Field(
        default=None,
        description=(
            'The JSON of javascript-lp-solver, the text of a file as `{"mps": ...}`, `{"lp": ...}` or `{"json": ...}`, '
            'or a model that was uploaded as `{"upload_id": ...}`.'
        ),
        examples=[_MODEL],
    )
    costMatrix: Any = Field(  # noqa: N815  # the wire's name, as are the next
        default=None,
        description=f"{_OF_THE_BODY}facilities in `rows`, destinations in `cols`, dollars a unit in `cost`; miles, if "
        "any, in `distance`.",
        examples=[_MATRIX],
    )
    demand: Any = Field(
        default=None,
        description=f"{_OF_THE_BODY}units a year of every destination, by name.",
        examples=[{"Dallas, TX": 1200, "Chicago, IL": 800}],
    )
    capacity: Any = Field(
        default=None,
        description=f"{_OF_THE_BODY}units a year of each facility, by name, or `unlimited`.",
        examples=[{"St. Louis, MO": 5000}],
    )
    forecast: Any = Field(
        default=None,
        description=f"{_OF_THE_BODY}units of the whole network by year, which scale the demand.",
        examples=[[{"year": 2026, "annual_units": 2000}]],
    )
    config: Any = Field(
        default=None,
        description=f"{_OF_THE_BODY}its costs and requirements.",
        examples=[{"transportation": {"fixed_cost_per_facility": 150000, "single_sourcing": "no"}}],
    )
    skus: Any = Field(default=None, description=f"{_OF_THE_BODY}checked, and of no meaning without warehouses.")
    candidateFacilities: Any = Field(  # noqa: N815
        default=None, description=f"{_OF_THE_BODY}the names of `costMatrix.rows`, if stated."
    )
    destinations: Any = Field(default=None, description=f"{_OF_THE_BODY}the names of `costMatrix.cols`, if stated.")

    def network(self) -> dict[str, Any]:
        """The fields of a network in the body that are stated."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


@router.post(
    "/run-batch",
    status_code=202,
    summary="Run a scenario, a sweep of it, a model or a network of your own",
    response_model=Success[shapes.Accepted],
    responses=refuses(
        "MISSING_SCENARIO",
        "SCENARIO_NOT_FOUND",
        "DATASET_NOT_FOUND",
        "INVALID_MODEL",
        "NOT_A_MODEL",
        "UPLOAD_NOT_FOUND",
        "NOT_SUPPORTED",
        "STORAGE_UNAVAILABLE",
    ),
)
@reads_first()
def run_batch(body: RunBatch, submission: Once) -> Response:
    """Answers at once with the job's id; of a sweep with the batch's, and its `members` each with its number.

    The scenario's parameters, the sweep's range, or the model's and the network's every word, are checked first; what
    they lack is answered with 422, cell by cell. With a `model` a `scenario_id` only says which scenario the job
    belongs to. The same `Idempotency-Key` with the same request gives the same job.
    """
    _refuse_what_does_not_go_together(body)
    if body.model is not None:
        settled()
        return _run_model(body, submission)
    if body.network():
        settled()
        return _accepted_later(run_inline(body.network(), _sweep(body.scenario), submission))
    if not body.scenario_id:
        raise RefusedInput([Problem(MISSING, "required", column="scenario_id")], code="MISSING_SCENARIO")
    scenario_id = _scenario_id(body.scenario_id)
    # What was never stated is no part of the request that a repetition must match.
    stated = {"scenario_id": body.scenario_id}
    if body.scenario is None:
        return _accepted_later(_run_scenario(scenario_id, stated, submission))
    sweep = _sweep(body.scenario)
    settled()

    def create(connection: Connection) -> Answer:
        return submit_sweep(connection, submission.who, scenarios.get_scenario(connection, scenario_id), sweep)

    return _accepted_later(submission.once(stated | {"scenario": sweep.as_dict()}, create))


def _run_scenario(scenario_id: UUID, stated: dict[str, Any], submission: Submission) -> Answer:
    def create(found: Found) -> tuple[Answer, Statement]:
        settled()
        stands = read_standing(scenario_id, found.rows())
        scenario = stands.scenario
        require_runnable(stands)
        submitted = jobs.submission(
            id=stands.job_id,
            tenant_id=submission.who.tenant_id,
            kind=scenario.type,
            params={"request_id": request_id.get()},
            scenario_id=scenario.id,
            scenario_version=scenario.version,
            actor=submission.who.name,
        )
        return _accepted(stands.job_id, TOPOLOGY.kind(scenario.type).queue, "scenario"), submitted

    return submission.at_once(stated, standing(scenario_id), create)


def _accepted_later(answer: Answer) -> Response:
    # A repetition is not let in for certain yet, and holds the connection on which its key is asked for.
    settled()
    relay.send_beside()
    return answer.response()


def _run_model(body: RunBatch, submission: Submission) -> Response:
    """A model is kept in storage, and its job says where: no message or row carries it."""
    scenario_id = _scenario_id(body.scenario_id) if body.scenario_id else None
    source = source_of(body.model, submission.who)

    def create(connection: Connection) -> Answer:
        scenario = None if scenario_id is None else scenarios.get_scenario(connection, scenario_id)
        stored = source.stored(connection)
        job = jobs.submit(
            connection,
            tenant_id=submission.who.tenant_id,
            kind="model",
            params={"request_id": request_id.get(), "model": stored.params},
            scenario_id=None if scenario is None else scenario.id,
            scenario_version=None if scenario is None else scenario.version,
            correlation_id=stored.correlation_id,
            actor=submission.who.name,
        )
        return _accepted(job.id, job.queue, "model")

    return _accepted_later(submission.once({"scenario_id": body.scenario_id, **source.stated}, create))


def _accepted(job_id: UUID, queue: str | None, what: str) -> Answer:
    accepted = {
        "job_id": job_id,
        "queue_id": queue,
        "status": JobStatus.QUEUED,
        "message": f"The {what} is queued; watch it at /api/jobs/{job_id}.",
    }
    return Answer(202, accepted, {"Location": f"/api/jobs/{job_id}"})


@router.get(
    "/run-batch",
    summary="One job, or the active ones",
    response_model=Success[shapes.Job] | Paged[list[shapes.Job]],
    responses=refuses("JOB_NOT_FOUND"),
)
def run_batches(who: Who, paging: Annotated[Paging, paged(ACTIVE)], job_id: UUID | None = None) -> Response:
    """With `job_id` that job; without, every job that is queued or running, batches without their members."""
    if job_id is not None:
        return success(job_view(who.tenant_id, job_id))
    running = jobs.listing(statuses=[JobStatus.QUEUED, JobStatus.RUNNING], members=False, page=paging.page)
    listed = jobs_of(who.tenant_id, running)
    return paging.answer(job_summaries(who.tenant_id, listed)[: paging.limit], paging.next_after(listed[0]))


def _refuse_what_does_not_go_together(body: RunBatch) -> None:
    """Fields nobody knows, and those of two forms of the request at once: each by name, none is passed over."""
    unknown = [
        Problem(f"{name} is not supported; the document names the fields.", "not_supported", column=name)
        for name in sorted(body.model_extra or {})
    ]
    if unknown:
        raise RefusedInput(unknown, code="NOT_SUPPORTED")
    chosen = "model" if body.model is not None else "scenario_id" if body.scenario_id else None
    others = [*body.network(), *(["scenario"] if chosen == "model" and body.scenario is not None else [])]
    if chosen is not None and others:
        message = "{} does not go together with {}: leave one of them out."
        raise RefusedInput(
            [Problem(message.format(name, chosen), "exclusive", column=name) for name in others],
        )


def _sweep(stated: Any) -> Sweep:
    return parse_sweep({} if stated is None else stated, most_members=TOPOLOGY.limits.batch_members)


def _scenario_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise NotFound(what="scenario", id=text) from fault
