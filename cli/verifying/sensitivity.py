"""A sensitivity result checked again: the base plan against the dataset, each answer against the dataset it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from cli.terminal import CommandFailed, Exit
from cli.verifying.answers import ASKED, Answers, claimed, told_again, word_of
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
from networx.domain.parameters import TransportParameters, transport_parameters
from networx.domain.plan import Certificate
from networx.results.proof import MEMBER
from networx.results.sensitivity_result import Asked, answers_of, sensitivity_result
from networx.verify.transport import certify_outcome

MEMBERS = ("status", "objective", "bound", "gap", "bound_source", "kpis", "parameters", "sensitivity", "headline")


def recheck_sensitivity(
    result: Mapping[str, Any], file: Path, dataset: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all."""
    if exactly:
        raise CommandFailed("--exact is for transport results; answers are checked in floats.", Exit.WRONG_USE)
    tables = opened_network(dataset, result.get("dataset_sha256"))
    parameters = transport_parameters({}, stated_parameters(result))
    proof = opened_proof(result, file, beside)
    base = claimed(result, proof["base"], proof["base"]["status"])
    of_base = certify_outcome(tables, parameters, base, tables.sha256())
    checks = [replace(line, name=f"base plan: {line.name}") for line in of_base.checks]
    rechecking = Answers(tables, parameters, base)
    if of_base.valid:
        rows = rechecking.recheck(answers_of({**result, MEMBER: proof}))
        checks += rechecking.checks
        if all(line.passed for line in checks):
            again = _again(result, rows, rechecking, of_base)
            checks += figure_checks(result, again, every_member(result, again, MEMBERS), names_of(tables))
            rechecking.believed += unknown_members(result, again)
    return Rechecked(
        result["status"],
        tables.sha256(),
        tuple(checks),
        ("the base plan and its cost", *rechecking.recomputed),
        (*word_of("the base plan", base), *rechecking.believed, ASKED),
        stated_otherwise(tables, result, [spec.name for spec in fields(TransportParameters)]),
    )


def _again(
    result: Mapping[str, Any], rows: list[dict[str, Any]], rechecking: Answers, of_base: Certificate
) -> dict[str, Any]:
    return sensitivity_result(
        rechecking.tables,
        rechecking.parameters,
        Asked(result["of_job_id"], rechecking.base, of_base),
        told_again(result["sensitivity"], rows),
        asked=max(result["kpis"]["questions_asked"], len(rows)),
        identity={},
        partial=result["partial"],
    )
