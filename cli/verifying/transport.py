"""A transport result checked again: its plan, its cost and its bound from the dataset alone, then its own figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cli.verifying.answers import ASKED, Answers, told_again
from cli.verifying.clashes import said_again
from cli.verifying.figures import (
    every_member,
    figure_checks,
    names_of,
    stated_otherwise,
    stated_parameters,
    unknown_members,
)
from cli.verifying.opened import opened_network, opened_proof
from cli.verifying.rechecked import Rechecked
from networx.domain.bound_proofs import BoundProof
from networx.domain.business import Baseline
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters, business_parameters, transport_parameters
from networx.domain.plan import (
    CLOSED_FORM,
    RECOMPUTED,
    SOLVER,
    Certificate,
    Check,
    Infeasibility,
    Outcome,
    ResultStatus,
    TransportPlan,
)
from networx.errors import Problem, RefusedInput, SolverFault
from networx.results.baseline import Compared, with_baseline
from networx.results.kpis import transport_result
from networx.results.proof import MEMBER, claimed_outcome, read_baseline, read_transport_proof
from networx.results.sensitivity_result import answers_of
from networx.results.wording import BOUND_SOURCES
from networx.verify.baseline import certify_today
from networx.verify.transport import certify_infeasible, certify_outcome
from networx.verify.transport.exact import beyond_exact, check_exactly

MEMBERS = ("kpis", "years", "facilities", "parameters")  # what came later is looked at where it is
WITHOUT_A_PLAN = ("status", "objective", "bound", "gap", "bound_source", "infeasibility", "parameters", "kpis", "years")


def recheck_transport(
    result: Mapping[str, Any], file: Path, dataset: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all."""
    tables = opened_network(dataset, result.get("dataset_sha256"))
    parameters = transport_parameters({}, stated_parameters(result))
    differs = stated_otherwise(tables, result)
    if result["infeasibility"] is not None:
        return _without_a_plan(result, tables, parameters, differs)
    stated = opened_proof(result, file, beside)
    plan, proof, baseline = _read(stated)
    outcome = claimed_outcome(result, plan, proof)
    certificate = certify_outcome(tables, parameters, outcome, tables.sha256())
    checks = list(certificate.checks)
    recomputed = ["every requirement on the plan, and its cost, from the dataset"]
    believed: list[str] = []
    if all(check.passed for check in checks):
        compared, of_today = _compared(result, tables, parameters, baseline)
        checks += of_today
    if all(check.passed for check in checks):
        # Whose word a bound is that is not recomputed is told below.
        as_told = replace(outcome, bound_source=result["bound_source"])
        again = with_baseline(_again(tables, parameters, as_told, certificate), tables, parameters, compared)
        checks += figure_checks(result, again, every_member(result, again, MEMBERS), names_of(tables))
        recomputed.append("costs, units, service and use of capacity by year and facility")
        believed += unknown_members(result, {**again, "sensitivity": result.get("sensitivity")})
    if outcome.bound_source == RECOMPUTED:
        recomputed.append(f"the bound {outcome.bound!r}: {BOUND_SOURCES[RECOMPUTED]}")
    elif outcome.bound is not None:
        source = BOUND_SOURCES.get(result["bound_source"], "its source is not known")
        believed.append(f"the bound {outcome.bound!r}, and so the gap: {source}")
    if result.get("sensitivity") and all(check.passed for check in checks):
        answers = Answers(tables, parameters, outcome)
        rows = answers.recheck(answers_of({**result, MEMBER: stated}))
        checks += answers.checks
        if all(check.passed for check in checks):
            again = {"sensitivity": told_again(result["sensitivity"], rows)}
            checks += figure_checks(result, again, tuple(again), names_of(tables))
        recomputed += answers.recomputed
        believed += [*answers.believed, ASKED]
    seconds = None
    if exactly and all(check.passed for check in checks):
        _require_exact(tables, parameters)
        found = check_exactly(tables, parameters, plan, outcome.objective or 0.0)
        checks += found.checks
        seconds = found.seconds
        recomputed.append(f"the same sums in exact fractions: the cost is {float(found.cost)!r} to the nearest float")
        if found.from_miles:
            believed.append(f"prices of {found.from_miles:,} flows that come from miles: floats, not fractions")
    return Rechecked(
        result["status"],
        certificate.dataset_sha256,
        tuple(checks),
        tuple(recomputed),
        tuple(believed),
        differs,
        seconds,
    )


def _compared(
    result: Mapping[str, Any], tables: NetworkTables, parameters: TransportParameters, baseline: Baseline | None
) -> tuple[Compared, list[Check]]:
    """What the plan was held against, and the check of it."""
    asked = business_parameters({}, stated_parameters(result))
    if baseline is None or baseline.outcome is None:
        return Compared(asked, baseline), []
    certificate = certify_today(tables, parameters, baseline, tables.sha256())
    checks = [replace(line, name=f"baseline: {line.name}") for line in certificate.checks]
    return Compared(asked, baseline, certificate), checks


def _read(stated: Mapping[str, Any]) -> tuple[TransportPlan, BoundProof | None, Baseline | None]:
    try:
        return (*read_transport_proof(stated), read_baseline(stated))
    except (KeyError, TypeError, ValueError) as fault:
        raise RefusedInput([Problem(f"The result's proof cannot be read: {fault!r}.", "proof")]) from None


def _again(
    tables: NetworkTables, parameters: TransportParameters, outcome: Outcome, certificate: Certificate
) -> dict[str, Any]:
    try:
        return transport_result(tables, parameters, outcome, certificate, identity={})
    except SolverFault as fault:
        raise RefusedInput([Problem(f"The plan cannot be priced: {fault}", "proof")]) from None


def _require_exact(tables: NetworkTables, parameters: TransportParameters) -> None:
    beyond = beyond_exact(tables, parameters)
    if beyond:
        message = f"The exact check does not read {', '.join(beyond)}, which the dataset states; leave --exact out."
        raise RefusedInput([Problem(message, "not_supported")])


def _without_a_plan(
    result: Mapping[str, Any], tables: NetworkTables, parameters: TransportParameters, differs: tuple[str, ...]
) -> Rechecked:
    claimed = Infeasibility.from_dict(result["infeasibility"])
    certificate = certify_infeasible(tables, parameters, claimed, tables.sha256())
    checks: list[Check] = list(certificate.checks)
    closed = claimed.evidence == CLOSED_FORM
    recomputed = ("every shortage that is claimed, and what is said of it, from the dataset",) if closed else ()
    believed: tuple[str, ...] = (
        () if closed else ("that no plan exists, and what is said of it: a solver's word on a model that gives",)
    )
    if certificate.valid:
        said = said_again(tables, parameters, claimed) if closed else claimed
        outcome = Outcome(
            ResultStatus.INFEASIBLE,
            engine=result["engine"],
            seconds=0.0,
            bound_source=CLOSED_FORM if closed else SOLVER,
            infeasibility=said,
        )
        asked = business_parameters({}, stated_parameters(result))
        figures = transport_result(tables, parameters, outcome, certificate, identity={})
        again = with_baseline(figures, tables, parameters, Compared(asked))
        checks += figure_checks(result, again, every_member(result, again, WITHOUT_A_PLAN), names_of(tables))
        believed += unknown_members(result, again)
    return Rechecked(result["status"], certificate.dataset_sha256, tuple(checks), recomputed, believed, differs)
