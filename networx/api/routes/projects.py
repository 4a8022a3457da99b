"""Projects and scenarios: what a client wants solved."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from networx.api.declared import refuses
from networx.api.envelope import success
from networx.api.filters import Contains, CreatedAfter, CreatedBefore
from networx.api.idempotency import Answer, Once
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.api.shapes import datasets as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.api.views import scenario_view
from networx.db import pool
from networx.db.pool import Connection
from networx.scenarios import store

router = APIRouter(prefix="/api", tags=["projects and scenarios"])

# Projects were once listed whole; clients that ask for no page still get as good as all.
PROJECTS = Listing(store.PROJECT_ORDERS, usual=1000, most=1000)
SCENARIOS = Listing(store.SCENARIO_ORDERS)

# Beyond, JSON's readers and writers no longer agree on what a number is.
_LARGEST = 10**18
Whole = Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)]
Real = Annotated[float, Field(ge=-_LARGEST, le=_LARGEST, allow_inf_nan=False)]
Parameters = dict[str, str | Whole | Real | bool | None]


class NewProject(BaseModel):
    """A project to create."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=200, examples=["North America 2027"])


class Datasets(BaseModel):
    """The datasets a scenario reads: a network; of type baseline and rates shipments, with or without one."""

    model_config = ConfigDict(extra="forbid")
    network: UUID | None = None
    transport: UUID | None = None


class NewScenario(BaseModel):
    """A scenario to create. `parameters` override those of the workbook; null takes one away."""

    model_config = ConfigDict(extra="forbid")
    project_id: UUID
    name: str = Field(max_length=200, examples=["At most six sites"])
    type: str = Field(
        description="`transport`, `capacity`, `warehouse`, `inventory`, `integrated`, `greenfield`, `baseline`, "
        "`rates`.",
        examples=["transport"],
    )
    datasets: Datasets
    parameters: Parameters = Field(default_factory=dict, examples=[{"max_facilities": 6}])


class Revision(BaseModel):
    """What the next version changes; what is absent stays."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, max_length=200)
    datasets: Datasets | None = None
    parameters: Parameters | None = None

    def changes(self) -> dict[str, Any]:
        stated: dict[str, Any] = {"name": self.name, "parameters": self.parameters}
        if self.datasets is not None:
            stated["network_dataset_id"] = self.datasets.network
            stated["transport_dataset_id"] = self.datasets.transport
        return {name: value for name, value in stated.items() if value is not None}


@router.post("/projects", status_code=201, summary="Create a project", response_model=Success[shapes.Project])
def create_project(body: NewProject, submission: Once) -> Response:
    """A project holds scenarios."""

    def create(connection: Connection) -> Answer:
        made = store.create_project(connection, submission.who.tenant_id, body.name)
        return Answer(201, {"project_id": made.id, "name": made.name, "created_at": made.created_at})

    return submission.once(body.model_dump(mode="json"), create).response()


@router.get("/projects", summary="Projects, newest first", response_model=Paged[list[shapes.Project]])
def projects(
    who: Who,
    paging: Annotated[Paging, paged(PROJECTS)],
    q: Contains = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
) -> Response:
    """A page of the tenant's projects."""
    with pool.tenant(who.tenant_id) as connection:
        found = store.list_projects(
            connection, contains=q, created_after=created_after, created_before=created_before, page=paging.page
        )
    return paging.rows(found, lambda made: {"project_id": made.id, "name": made.name, "created_at": made.created_at})


@router.post(
    "/scenarios",
    status_code=201,
    summary="Create a scenario",
    response_model=Success[shapes.Scenario],
    responses=refuses("PROJECT_NOT_FOUND", "DATASET_NOT_FOUND"),
)
def create_scenario(body: NewScenario, submission: Once) -> Response:
    """Version 1. Its parameters are checked against the data when it is run."""

    def create(connection: Connection) -> Answer:
        made = store.create_scenario(
            connection,
            submission.who.tenant_id,
            project_id=body.project_id,
            name=body.name,
            type=body.type,
            network_dataset_id=body.datasets.network,
            transport_dataset_id=body.datasets.transport,
            parameters=body.parameters,
        )
        return Answer(201, scenario_view(made))

    return submission.once(body.model_dump(mode="json"), create).response()


@router.get("/scenarios", summary="Scenarios, newest first", response_model=Paged[list[shapes.Scenario]])
def scenarios(
    who: Who,
    paging: Annotated[Paging, paged(SCENARIOS)],
    project_id: UUID | None = None,
    kind: Annotated[str | None, Query(alias="type", max_length=100)] = None,
    q: Contains = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
) -> Response:
    """A page of the newest version of each. The pages of one walk show what was newest when it began."""
    with pool.tenant(who.tenant_id) as connection:
        found = store.list_scenarios(
            connection,
            project_id,
            type=kind,
            contains=q,
            created_after=created_after,
            created_before=created_before,
            as_of=paging.as_of,
            page=paging.page,
        )
        as_of = paging.as_of or pool.now(connection)
    return paging.answer(
        [scenario_view(scenario) for scenario in found[: paging.limit]], paging.next_after(found, as_of)
    )


@router.get(
    "/scenarios/{scenario_id}",
    summary="One scenario",
    response_model=Success[shapes.Scenario],
    responses=refuses("SCENARIO_NOT_FOUND"),
)
def scenario(scenario_id: UUID, who: Who, version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None) -> Response:
    """The newest version, or the one that is named."""
    with pool.tenant(who.tenant_id) as connection:
        return success(scenario_view(store.get_scenario(connection, scenario_id, version)))


@router.patch(
    "/scenarios/{scenario_id}",
    summary="Change a scenario: make its next version",
    response_model=Success[shapes.Scenario],
    responses=refuses("SCENARIO_NOT_FOUND", "DATASET_NOT_FOUND", "CONFLICT"),
)
def revise(scenario_id: UUID, body: Revision, submission: Once) -> Response:
    """Earlier versions, and the jobs that ran them, stay as they were."""

    def create(connection: Connection) -> Answer:
        return Answer(200, scenario_view(store.revise_scenario(connection, scenario_id, body.changes())))

    return submission.once(body.model_dump(mode="json"), create).response()
