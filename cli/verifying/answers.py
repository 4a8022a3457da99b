"""What was answered of a plan, checked again: each answer against the dataset with that one thing otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cli.verifying.clashes import said_again
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import (
    CLOSED_FORM,
    EARLIER_ATTEMPT,
    RECOMPUTED,
    SOLVER,
    Certificate,
    Check,
    Infeasibility,
    Outcome,
    ResultStatus,
)
from networx.domain.sensitivity import Answer, Kind, Question, delta_of
from networx.errors import Problem, RefusedInput
from networx.results.proof import MEMBER, read_transport_proof
from networx.results.sensitivity import answer_figures, sensitivity_of
from networx.verify.measure import counted
from networx.verify.sensitivity import otherwise
from networx.verify.transport import certify_infeasible, certify_outcome

ASKED = "which questions were asked, and why others were not"


class Answers:
    """The answers one after another: lines of checks, what was recomputed of them, and what stays somebody's word."""

    def __init__(self, tables: NetworkTables, parameters: TransportParameters, base: Outcome) -> None:
        self.tables, self.parameters, self.base = tables, parameters, base
        self.checks: list[Check] = []
        self.recomputed: list[str] = []
        self.believed: list[str] = []

    def recheck(self, answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The figures of the answers made anew, each with its proof beside it as `answers_of` gives them."""
        rows = [self._answer(answer) for answer in answers]
        twice = len(rows) - len({row["label"] for row in rows})
        self.checks.append(counted("each question is answered once", twice, "an answer is told twice"))
        return rows

    def _answer(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """The figures of one answer made anew; as they are stated, where nothing is there to make them of."""
        label = stated["label"]
        assert self.base.plan is not None
        question = _question(self.tables, stated)
        try:
            problem = otherwise(self.tables, self.parameters, self.base.plan.opened, question)
        except ValueError as fault:
            self.checks.append(counted(f"{label}: can be asked", 1, str(fault)))
            return dict(stated)
        named_otherwise = int(not label.startswith(problem.label))
        self.checks.append(counted(f"{label}: is what was asked", named_otherwise, f"it asks: {problem.label}"))
        if stated["status"] is None:
            self.believed.append(f"{label}: that it has no answer")
            return dict(stated)
        outcome = _answered(stated)
        certificate = self._certified(outcome, problem.tables, problem.parameters)
        if certificate is not None:
            self.checks += [replace(line, name=f"{label}: {line.name}") for line in certificate.checks]
        if outcome.plan is not None:
            self.recomputed.append(f"{label}: its plan and cost, against the changed data")
            self.believed += word_of(label, outcome)
        elif outcome.infeasibility is not None and outcome.infeasibility.evidence == CLOSED_FORM:
            self.recomputed.append(f"{label}: every shortage that is claimed")
        else:
            self.believed.append(f"{label}: the whole answer, whose plan or proof is not in the result")
        why = stated["why"]
        if outcome.infeasibility is not None and outcome.infeasibility.evidence == CLOSED_FORM:
            again_said = said_again(problem.tables, problem.parameters, outcome.infeasibility)
            outcome = replace(outcome, infeasibility=again_said)
        if outcome.infeasibility is not None:
            why = [clash.message for clash in outcome.infeasibility.clashes]
        delta = delta_of(self.base, outcome, problem.direction)
        again = Answer(question, outcome, certificate, delta, problem.direction, tuple(why))
        figures = answer_figures(self.tables, self.base, replace(again, question=replace(question, label=label)))
        # Whom it opens and closes is known of a plan alone.
        moved = {} if outcome.plan is not None else {name: stated[name] for name in ("opened", "closed")}
        return figures | moved

    def _certified(
        self, outcome: Outcome, tables: NetworkTables, parameters: TransportParameters
    ) -> Certificate | None:
        if outcome.plan is not None:
            return certify_outcome(tables, parameters, outcome, tables.sha256())
        if outcome.infeasibility is not None:
            return certify_infeasible(tables, parameters, outcome.infeasibility, tables.sha256())
        return None


def told_again(told: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The member `sensitivity` made of answers that were made anew."""
    return sensitivity_of(
        rows,
        told["not_asked"],
        time_limit_seconds=told["time_limit_seconds"],
        seconds=told["seconds"],
    )


def _question(tables: NetworkTables, stated: Mapping[str, Any]) -> Question:
    """Raises RefusedInput for a facility that the data has not, or a kind that is none."""
    site = stated["site"]
    if site is not None and site not in tables.facilities.name:
        raise RefusedInput([Problem(f"The result asks of {site}, which the data has not.", "sensitivity")])
    try:
        kind = Kind(stated["kind"])
    except ValueError:
        raise RefusedInput([Problem(f"{stated['kind']} is no question.", "sensitivity")]) from None
    return Question(
        kind, stated["label"], stated["change"], None if site is None else tables.facilities.name.index(site)
    )


def _answered(stated: Mapping[str, Any]) -> Outcome:
    infeasibility = stated["infeasibility"]
    outcome = claimed(stated, stated[MEMBER], stated["status"])
    return replace(outcome, infeasibility=None if infeasibility is None else Infeasibility.from_dict(infeasibility))


def claimed(stated: Mapping[str, Any], proof: Mapping[str, Any] | None, status: str) -> Outcome:
    """What is claimed of a problem. Raises RefusedInput for a proof that cannot be read."""
    try:
        plan, bound = (None, None) if proof is None else read_transport_proof(proof)
    except (KeyError, TypeError, ValueError) as fault:
        raise RefusedInput([Problem(f"The result's proof cannot be read: {fault!r}.", MEMBER)]) from None
    source = stated["bound_source"]
    return Outcome(
        status=ResultStatus(status),
        engine=stated["engine"],
        seconds=stated["seconds"],
        objective=stated["objective"],
        bound=stated["bound"],
        gap=stated["gap"],
        bound_source=source
        if source in {RECOMPUTED, EARLIER_ATTEMPT} or (source == CLOSED_FORM and plan is None)
        else SOLVER,
        plan=plan,
        proof=bound,
    )


def word_of(whose: str, outcome: Outcome) -> tuple[str, ...]:
    if outcome.bound is None or outcome.bound_source == RECOMPUTED:
        return ()
    return (f"{whose}: the bound {outcome.bound!r}, and so the gap: the solver's own word",)
