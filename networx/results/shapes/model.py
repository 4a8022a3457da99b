"""The result of a model of a client's own."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from networx.results.shapes.parts import Certificate, Infeasibility, Part, ProofFile, Solved, Status


class ModelProof(Part):
    """Of each question the multipliers or the ray that prove its answer."""

    answers: list[dict[str, Any]]


class GivenWay(Part):
    """A soft requirement that was not met."""

    constraint: str
    by: float
    priority: int


class ModelPart(Part):
    """The answer to one question to a model."""

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    bound_source: str | None
    engine: str
    seconds: float
    evidence: str | None
    certificate: Certificate | None
    infeasibility: Infeasibility | None
    solution: dict[str, float] | None = Field(description="variables that are not 0; null in a list of a large model")
    given_way: list[GivenWay] | None = None


class ModelGoal(ModelPart):
    """The answer to one of several objectives."""

    attribute: str
    direction: Literal["min", "max"]


class ModelResult(Solved):
    """The answer to a model of a client's own; of several objectives one answer each, and the point between."""

    type: Literal["model"]
    kpis: None
    model_sha256: str
    model_format: str
    read_by: str
    upload_id: str | None = None
    filename: str | None = None
    bound_source: str | None = None
    evidence: str | None = None
    solution: dict[str, float] | None
    given_way: list[GivenWay] | None = None
    objectives: list[ModelGoal] | None = None
    midpoint: ModelPart | None = None
    warnings: list[str]
    answer: dict[str, Any] | None = Field(default=None, description="as clients of javascript-lp-solver read it")
    proof: ModelProof | ProofFile | None
