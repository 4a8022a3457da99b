"""The independent check of what the child answered to a client's own model, before anybody sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from networx.domain.json_model import JsonModel
from networx.domain.model_answer import DEFAULT_GAP, FARKAS, RAY, SOLVER_WORD, ModelData, ModelOutcome, Question
from networx.domain.plan import Certificate
from networx.observability import metrics
from networx.verify.generic import (
    Facts,
    certify_answer,
    certify_infeasible,
    certify_unbounded,
    facts_of_data,
    facts_of_json,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """What the client stated: the JSON model, or what was read from a file; `sha256` is of the bytes."""

    stated: JsonModel | ModelData
    sha256: str

    @property
    def names(self) -> tuple[str, ...]:
        return self.stated.columns if isinstance(self.stated, ModelData) else tuple(self.stated.variables)

    @property
    def model(self) -> JsonModel | None:
        return None if isinstance(self.stated, ModelData) else self.stated

    @property
    def gap(self) -> float:
        asked = None if self.model is None else self.model.tolerance
        return DEFAULT_GAP if asked is None else asked

    def facts(self, question: Question) -> Facts:
        if isinstance(self.stated, ModelData):
            return facts_of_data(self.stated, self.sha256)
        return facts_of_json(self.stated, question, self.sha256)


def certified(
    statement: Statement, question: Question, outcome: ModelOutcome
) -> tuple[Question, ModelOutcome, Certificate | None]:
    """The outcome with its certificate. Raises CertificateRefused for a solution that fails its check.

    A proof that there is no answer, or no end, and that does not hold to the last digit, is no proof: the verdict is
    then said to be the elastic model's, or the solver's word, and has no certificate.
    """
    facts = statement.facts(question)
    if outcome.evidence == FARKAS:
        assert outcome.multipliers is not None
        certificate = certify_infeasible(facts, outcome.multipliers)
        if certificate.valid:
            return question, _told(outcome, FARKAS), certificate
        assert outcome.infeasibility is not None
        return question, _told(outcome, outcome.infeasibility.evidence), None
    if outcome.evidence == RAY:
        assert outcome.values is not None
        assert outcome.ray is not None
        certificate = certify_unbounded(facts, outcome.values, outcome.ray)
        if certificate.valid:
            return question, outcome, certificate
        return question, replace(outcome, evidence=SOLVER_WORD), None
    if outcome.values is None:
        return question, outcome, None
    certificate = certify_answer(facts, outcome, statement.gap)
    if not certificate.valid:
        metrics.emit("CertificateFailures", 1)
        raise certificate.refusal()
    # The bound that is told is the one that was proven, where one was.
    return question, replace(outcome, bound=certificate.bound), certificate


def _told(outcome: ModelOutcome, evidence: str) -> ModelOutcome:
    assert outcome.infeasibility is not None
    return replace(outcome, evidence=evidence, infeasibility=replace(outcome.infeasibility, evidence=evidence))
