"""What the results of several scenario types have: the answer and its check, what was asked, who solved it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Dollars = Annotated[float, Field(description="US dollars")]
Units = Annotated[float, Field(description="units")]
Share = Annotated[float, Field(description="a share, 0-1")]
Status = Literal["optimal", "feasible", "infeasible", "unbounded", "no_solution"]


class Part(BaseModel):
    """A part of a result."""

    model_config = ConfigDict(extra="allow", title=None)


class Check(Part):
    """One line of a certificate: the worst violation found, against its limit."""

    name: str
    worst: float
    limit: float
    passed: bool
    where: str | None


class Certificate(Part):
    """The independent check of the answer against the data that it names."""

    dataset_sha256: str
    valid: bool
    checks: list[Check]
    objective: float | None
    bound: float | None
    gap: float | None
    bound_source: str


class Clash(Part):
    """A requirement that cannot be met together with the others."""

    requirement: str
    message: str
    short_by: float | None
    unit: str | None
    year: int | None
    cure: str | None


class Infeasibility(Part):
    """Why there is no answer, and what shows it."""

    evidence: str
    clashes: list[Clash]


class Parameter(Part):
    """What was asked."""

    value: bool | int | float | str
    unit: str
    source: Literal["given", "engineering default"]


class ProofFile(Part):
    """A large proof is a file of its own, `proof.json.gz` of the same job."""

    file: str
    sha256: str
    bytes: int


class Result(Part):
    """What every result has. `objective` and `bound` are dollars over all years, but for a model of a client's own."""

    schema_: Literal["networx.result/1"] = Field(alias="schema")
    status: Status
    objective: float | None
    bound: float | None
    gap: float | None = Field(description="relative")
    partial: bool = Field(description="stopped before the search ended by itself")


class Solved(Result):
    """What a single solve adds: who solved what, and where its bound comes from."""

    bound_source: str | None
    engine: str
    seconds: float
    certificate: Certificate | None
    infeasibility: Infeasibility | None
    job_id: str | None = None


class OfNetwork(Solved):
    """What a solve of a network adds. Without a platform there are no ids."""

    scenario_id: str | None = None
    scenario_version: int | None = None
    scenario_name: str | None = None
    dataset_id: str | None = None
    dataset_file: str
    dataset_sha256: str
    solved_at: str
    parameters: dict[str, Parameter]
