"""A sensitivity result checked again: the base plan against the dataset, each answer against the dataset it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from cli.terminal import CommandFailed, Exit
from cli.verifying.figures import figure_checks, names_of, stated_otherwise, stated_parameters
from cli.verifying.opened import opened_network, opened_proof
from cli.verifying.rechecked import Rechecked
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters, transport_parameters
from networx.domain.plan import (
    CLOSED_FORM,
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
from networx.results.sensitivity_result import Asked, answers_of, sensitivity_result
from networx.verify.measure import counted
from networx.verify.sensitivity import otherwise
from networx.verify.transport import certify_infeasible, certify_outcome

MEMBERS = ("status", "objective", "bound", "gap", "bound_source", "kpis", "parameters", "sensitivity", "headline")
_PASSED_OVER = ("certificate",)  # checks have their own lines


def recheck_sensitivity(
    result: Mapping[str, Any], file: Path, dataset: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all."""
    if exactly:
        raise CommandFailed("--exact is for transport results; answers are checked in floats.", Exit.WRONG_USE)
    tables = opened_network(dataset, result.get("dataset_sha256"))
    parameters = transport_parameters({}, stated_parameters(result))
    proof = opened_proof(result, file, beside)
    base = _outcome(result, proof["base"], proof["base"]["status"])
    of_base = certify_outcome(tables, parameters, base, tables.sha256())
    checks = [replace(line, name=f"base plan: {line.name}") for line in of_base.checks]
    rechecking = _Rechecking(tables, parameters, base)
    if of_base.valid:
        rows = [rechecking.answer(answer) for answer in answers_of({**result, MEMBER: proof})]
        checks += rechecking.checks
        twice = len(rows) - len({row["label"] for row in rows})
        checks.append(counted("each question is answered once", twice, "an answer is told twice"))
        if all(line.passed for line in checks):
            checks += _figures(result, rows, rechecking, of_base)
    asked = "which questions were asked, and why others were not"
    return Rechecked(
        result["status"],
        tables.sha256(),
        tuple(checks),
        ("the base plan and its cost", *rechecking.recomputed),
        (*_word("the base plan", base), *rechecking.believed, asked),
        stated_otherwise(tables, result, [spec.name for spec in fields(TransportParameters)]),
    )


class _Rechecking:
    """The answers one after another: lines of checks, what was recomputed of them, and what stays somebody's word."""

    def __init__(self, tables: NetworkTables, parameters: TransportParameters, base: Outcome) -> None:
        self.tables, self.parameters, self.base = tables, parameters, base
        self.checks: list[Check] = []
        self.recomputed: list[str] = []
        self.believed: list[str] = []

    def answer(self, stated: Mapping[str, Any]) -> dict[str, Any]:
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
            self.believed += _word(label, outcome)
        elif outcome.infeasibility is not None and outcome.infeasibility.evidence == CLOSED_FORM:
            self.recomputed.append(f"{label}: every shortage that is claimed")
        else:
            self.believed.append(f"{label}: the whole answer, whose plan or proof is not in the result")
        why = stated["why"]
        if outcome.infeasibility is not None:
            why = [clash.message for clash in outcome.infeasibility.clashes]
        delta = delta_of(self.base, outcome, problem.direction)
        again = Answer(question, outcome, None, delta, problem.direction, tuple(why))
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


def _figures(
    result: Mapping[str, Any], rows: list[dict[str, Any]], rechecking: _Rechecking, of_base: Certificate
) -> list[Check]:
    told, tables = result["sensitivity"], rechecking.tables
    anew = sensitivity_of(
        ({name: value for name, value in row.items() if name not in _PASSED_OVER} for row in rows),
        told["not_asked"],
        time_limit_seconds=told["time_limit_seconds"],
        seconds=told["seconds"],
    )
    again = sensitivity_result(
        tables,
        rechecking.parameters,
        Asked(result["of_job_id"], rechecking.base, of_base),
        anew,
        asked=max(result["kpis"]["questions_asked"], len(rows)),
        identity={},
        partial=result["partial"],
    )
    return figure_checks(result, again, MEMBERS, names_of(tables))


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
    outcome = _outcome(stated, stated[MEMBER], stated["status"])
    return replace(outcome, infeasibility=None if infeasibility is None else Infeasibility.from_dict(infeasibility))


def _outcome(stated: Mapping[str, Any], proof: Mapping[str, Any] | None, status: str) -> Outcome:
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
        bound_source=source if source == RECOMPUTED or (source == CLOSED_FORM and plan is None) else SOLVER,
        plan=plan,
        proof=bound,
    )


def _word(whose: str, outcome: Outcome) -> tuple[str, ...]:
    if outcome.bound is None or outcome.bound_source == RECOMPUTED:
        return ()
    return (f"{whose}: the bound {outcome.bound!r}, and so the gap: the solver's own word",)
