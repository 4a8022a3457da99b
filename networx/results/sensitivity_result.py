"""The result of a job that asked what a plan would cost if one thing were otherwise, and its workbook.

`objective`, `bound` and `gap` are the base plan's, which every delta is against; `status` is of the answers: optimal
where every question that was asked has a proven one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted
from networx.domain.plan import Certificate, Outcome, ResultStatus
from networx.domain.sensitivity import Sensitivity
from networx.results.kpis import SCHEMA, plain, stated_parameters
from networx.results.proof import MEMBER, bound_arrays, inside, numbers_in
from networx.results.result_book import (
    CERTIFICATE_COLUMNS,
    Column,
    ResultBook,
    SummaryLine,
    identity_lines,
    summary_line,
)
from networx.results.sensitivity import answer_figures, delta_words, not_asked_figures, sensitivity_of
from networx.results.wording import STATUS_TERMS, certificate_verdict, words

ANSWER_COLUMNS: tuple[Column, ...] = (
    ("If", "text", 40),
    ("Best cost changes by", "text", 34),
    ("Change, proven", "money", 18),
    ("Not below", "money", 18),
    ("Not above", "money", 18),
    ("How sure", "text", 26),
    ("Then it costs", "money", 20),
    ("Then open", "text", 34),
    ("Then closed", "text", 34),
    ("Why", "text", 60),
)
NOT_ASKED_COLUMNS: tuple[Column, ...] = (("If", "text", 40), ("Not answered because", "text", 80))


PROOF_NUMBERS = 2_000_000  # of all plans together, some forty megabytes of JSON; the answers beyond stay our word


@dataclass(frozen=True, slots=True)
class Asked:
    """The plan that was asked about: of which job, with its own check."""

    job_id: str
    outcome: Outcome
    certificate: Certificate


def sensitivity_result(
    tables: NetworkTables,
    parameters: TransportParameters,
    base: Asked,
    told: Mapping[str, Any],
    *,
    asked: int,
    identity: Mapping[str, Any],
    partial: bool = False,
    proof: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as plain JSON values. `told` is the member `sensitivity`, `asked` how many questions there were.

    `proof` is the member: of what `answers_proof` gathers of the answers, which are told without it.
    """
    answers, outcome = told["answers"], base.outcome
    proven = sum(is_decided(answer) for answer in answers)
    status = ResultStatus.FEASIBLE if answers else ResultStatus.NO_SOLUTION
    if answers and proven == len(answers) == asked:
        status = ResultStatus.OPTIMAL
    result = {
        "schema": SCHEMA,
        "type": "sensitivity",
        **identity,
        "status": status.value,
        "of_job_id": base.job_id,
        "objective": outcome.objective,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "bound_source": outcome.bound_source,
        "engine": outcome.engine,
        "seconds": told["seconds"],
        "partial": partial,
        "certificate": plain(base.certificate.as_dict()),
        "infeasibility": None,
        "kpis": {
            "questions_asked": asked,
            "questions_answered": len(answers),
            "questions_proven": proven,
            "questions_failed": sum(answer["failed"] for answer in answers),
        },
        "parameters": stated_parameters(tables, parameters),
        "sensitivity": {**told, "answers": [_without(answer, (MEMBER,)) for answer in answers]},
        MEMBER: proof,
    }
    return result | {"headline": _headline(result)}


def sensitivity_figures(tables: NetworkTables, base: Outcome, found: Sensitivity) -> dict[str, Any]:
    """The member `sensitivity`, each answer with its proof."""
    return sensitivity_of(
        [{**answer_figures(tables, base, answer), MEMBER: answer_proof(answer.outcome)} for answer in found.answers],
        [not_asked_figures(tables, one) for one in found.not_asked],
        time_limit_seconds=found.time_limit_seconds,
        seconds=found.seconds,
    )


def answer_proof(outcome: Outcome | None) -> dict[str, Any] | None:
    """The plan of an answer and the proof of its bound, as arrays; None where it has no plan."""
    if outcome is None or outcome.plan is None:
        return None
    return {"plan": outcome.plan.arrays(), "bound": bound_arrays(outcome.proof)}


def answers_proof(base: Outcome, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The base plan with its proof, and those of the answers in their order, as many as there is room for."""
    of_base = {"status": base.status.value, **(answer_proof(base) or {})}
    return {"base": of_base, "answers": _as_many_as_fit(answers, PROOF_NUMBERS - numbers_in(of_base))}


def with_answers(result: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """A transport result with what was asked of its plan beside it; the answers' plans go into its proof."""
    answers = [_without(answer, (MEMBER,)) for answer in told["answers"]]
    kept = _as_many_as_fit(told["answers"], PROOF_NUMBERS - numbers_in(result[MEMBER]))
    proof = {**result[MEMBER], "answers": inside(kept)}
    return {**result, "sensitivity": {**told, "answers": answers}, MEMBER: proof}


def _as_many_as_fit(answers: Sequence[Mapping[str, Any]], numbers: int) -> list[dict[str, Any] | None]:
    """The proofs of the answers in their order; None for one that would take more numbers than are left."""
    kept, left = [], numbers
    for answer in answers:
        needed = numbers_in(answer[MEMBER])
        kept.append(answer[MEMBER] if needed <= left else None)
        left -= needed if needed <= left else 0
    return kept


def answers_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answers, each with its proof; earlier versions kept none."""
    answers = result["sensitivity"]["answers"]
    proofs = (result.get(MEMBER) or {}).get("answers") or [None] * len(answers)
    return [{**answer, MEMBER: proof} for answer, proof in zip(answers, proofs, strict=True)]


def _without(answer: Mapping[str, Any], left_out: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in left_out}


def is_decided(answer: Mapping[str, Any]) -> bool:
    """Whether nothing is left open about an answer: proven on both sides, or shown to have no plan."""
    impossible = answer["status"] == "infeasible" or (answer["status"] is None and not answer["failed"])
    return impossible or answer["delta"] is not None


def briefly(told: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as the record keeps them: without certificates, clashes and plans, which the files have."""
    left_out = ("certificate", "infeasibility", MEMBER)
    return {**told, "answers": [_without(answer, left_out) for answer in told["answers"]]}


def standing_of(answer: Mapping[str, Any]) -> str:
    """How sure an answer is, in plain words."""
    if answer["failed"]:
        return "failed, not shown"
    return "contradicts the data" if answer["status"] is None else STATUS_TERMS[answer["status"]].label


def write_sensitivity_workbook(path: Path, result: Mapping[str, Any]) -> None:
    """The answers first, then what was not answered, each answer's own check, and what was asked."""
    told = result["sensitivity"]
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as opened:
        book = ResultBook(opened)
        book.summary(result["headline"], certificate_verdict(result), _summary(result))
        book.table("What if", ANSWER_COLUMNS, (_answer_row(answer) for answer in told["answers"]))
        book.table("Not asked", NOT_ASKED_COLUMNS, ([one["label"], one["why"]] for one in told["not_asked"]))
        book.table("Checks of answers", (("If", "text", 40), *CERTIFICATE_COLUMNS), _checks(told["answers"]))
        book.proof(dict(result))


def _headline(result: Mapping[str, Any]) -> str:
    kpis = result["kpis"]
    failed = kpis["questions_failed"]
    said = (
        f"{kpis['questions_answered']} of {counted(kpis['questions_asked'], 'question')} answered, "
        f"{kpis['questions_proven']} of them proven."
    )
    if failed:
        said += f" {counted(failed, 'answer')} failed the independent check, not shown."
    return f"Stopped early. {said}" if result["partial"] else said


def _summary(result: Mapping[str, Any]) -> Iterator[SummaryLine]:
    yield "Asked of the plan of job", result["of_job_id"], "text", "Every change is against this plan's cost"
    for name, kind in (("objective", "money"), ("bound", "money"), ("gap", "exact")):
        yield summary_line(name, result[name], kind)
    for name, value in result["kpis"].items():
        yield words(name), value, "units", ""
    yield from identity_lines(dict(result))


def _answer_row(answer: Mapping[str, Any]) -> list[Any]:
    return [
        answer["label"],
        delta_words(answer),
        answer["delta"],
        answer["lowest"],
        answer["highest"],
        standing_of(answer),
        answer["objective"],
        "; ".join(answer["opened"]),
        "; ".join(answer["closed"]),
        " ".join(answer["why"]),
    ]


def _checks(answers: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    for answer in answers:
        for check in (answer["certificate"] or {"checks": ()})["checks"]:
            yield [
                answer["label"],
                words(check["name"]),
                check["worst"],
                check["limit"],
                check["passed"],
                check["where"],
            ]
