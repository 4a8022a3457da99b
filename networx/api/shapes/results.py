"""Results as the API shows them: the verdict of any kind of job, the certificate, and who serves whom.

What a kind of job adds to its result is told on the page of its model, under docs/models.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from networx.api.shapes.envelope import Count, Facts, Id, Sha256, Shape

Verdict = Literal["optimal", "feasible", "infeasible", "unbounded", "no_solution"]


class Check(Shape):
    """One line of a certificate: the worst violation found against its limit."""

    name: str = Field(examples=["demand is met"])
    worst: float | None = Field(examples=[0.0])
    limit: float | None = Field(examples=[1e-6])
    passed: bool
    where: str | None


class Certificate(BaseModel):
    """The independent check of an answer."""

    model_config = ConfigDict(extra="allow")
    valid: bool = Field(examples=[True])
    checks: list[Check]


class JobResult(BaseModel):
    """What a job answered. A solve has a verdict in `status` and its figures; a load says `loaded` or `rejected`.

    A sweep has none until one of its runs has a plan.
    """

    model_config = ConfigDict(extra="allow")
    status: Verdict | Literal["loaded", "rejected"] | None = Field(examples=["optimal"])
    objective: float | None = Field(default=None, examples=[1_234_567.8])
    bound: float | None = Field(default=None, examples=[1_234_567.8])
    gap: float | None = Field(default=None, examples=[0.0])
    bound_source: str | None = None
    engine: str | None = Field(default=None, examples=["HiGHS 1.12.0"])
    seconds: float | None = Field(default=None, examples=[3.2])
    certificate: Certificate | None = None
    kpis: Facts | None = None
    infeasibility: Facts | None = None
    dataset_id: Id | None = None
    counts: dict[str, int] | None = None
    headline: str | None = Field(default=None, description="The answer in a sentence, where it is no plan.")
    sensitivity: Facts | None = Field(default=None, description="What would be otherwise, the largest saving first.")


class FullResult(JobResult):
    """The file `result.json` of a job: its result and all its tables."""

    job_id: Id | None = None
    scenario_id: Id | None = None
    dataset_sha256: Sha256 | None = None
    partial: bool | None = None
    parameters: Facts | None = None
    years: list[Facts] | None = None
    facilities: list[Facts] | None = None


class Assignment(Shape):
    """One flow: a facility serves a destination in a year, by a mode where the network has modes."""

    year: int = Field(examples=[2026])
    facility: str = Field(examples=["Reno"])
    destination: str = Field(examples=["Denver"])
    mode: str | None = Field(default=None, examples=["ltl"])
    units: float = Field(examples=[1200.0])
    cost_per_unit: float = Field(examples=[3.5])
    cost: float = Field(examples=[4200.0])
    distance_miles: float | None = Field(examples=[801.4])
    share_of_demand: float = Field(examples=[1.0])
    destination_latitude: float | None = Field(examples=[39.74])
    destination_longitude: float | None = Field(examples=[-104.99])


class Assignments(Shape):
    """A page of flows; `total` is how many match."""

    assignments: list[Assignment]
    total: Count = Field(examples=[1])
    offset: Count = Field(examples=[0])
