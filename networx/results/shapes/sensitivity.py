"""What a network would cost if one thing were otherwise."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from networx.results.shapes.parts import Certificate, Dollars, Infeasibility, OfNetwork, Part, ProofFile, Status


class SensitivityAnswer(Part):
    """The network with one thing otherwise, solved: docs/models/sensitivity.md."""

    kind: str
    label: str
    site: str | None
    change: float | None
    status: Status | None = Field(description="null where the change contradicts the data, or the answer failed")
    objective: Dollars | None
    bound: Dollars | None
    gap: float | None = Field(description="relative")
    delta: Dollars | None = Field(description="of the best cost; null unless both are proven within their gaps")
    lowest: Dollars | None = Field(description="what the delta is not below")
    highest: Dollars | None = Field(description="what the delta is not above")
    opened: list[str] = Field(description="facilities of its plan that the base plan has not")
    closed: list[str] = Field(description="the other way round")
    cheaper_plan: bool = Field(description="its plan is one of the base problem too, and costs less than the base plan")
    why: list[str]
    failed: bool
    bound_source: str | None
    engine: str | None
    seconds: float | None
    certificate: Certificate | None
    infeasibility: Infeasibility | None


class SensitivityKpis(Part):
    """How many questions there were, and what came of them."""

    questions_asked: int
    questions_answered: int
    questions_proven: int
    questions_failed: int


class NotAsked(Part):
    """A question that was not asked, or not answered in time."""

    kind: str
    label: str
    site: str | None
    why: str


class Sensitivity(Part):
    """What the network would cost if one thing were otherwise, the least cost first."""

    time_limit_seconds: float = Field(description="of all answers together")
    seconds: float
    answers: list[SensitivityAnswer]
    not_asked: list[NotAsked]


class SensitivityProof(Part):
    """The base plan and each answer's, in the answers' order; null where none was kept: it is then our word."""

    base: dict[str, Any]
    answers: list[dict[str, Any] | None]


class SensitivityResult(OfNetwork):
    """What the plan of another job would cost if one thing were otherwise.

    `objective`, `bound`, `gap` and `certificate` are that plan's; `status` is optimal where every question is proven.
    """

    type: Literal["sensitivity"]
    of_job_id: str
    kpis: SensitivityKpis
    headline: str
    sensitivity: Sensitivity
    proof: SensitivityProof | ProofFile | None = None
