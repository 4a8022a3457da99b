"""The result of a client's own model checked again: its solution, its objective, and the multipliers that prove it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from cli.model_names import JSON, model_suffix
from cli.solve_model import require_size
from cli.terminal import CommandFailed, Exit
from cli.verifying.figures import every_member, figure_checks, unknown_members
from cli.verifying.opened import opened_proof, require_same
from cli.verifying.rechecked import Rechecked
from networx.domain.json_model import INVALID_MODEL
from networx.domain.json_model_reading import read_json_model
from networx.domain.model_answer import DUALITY, FARKAS, RAY, ModelData, ModelOutcome, Question
from networx.domain.model_file import statement_of
from networx.domain.plan import Certificate, Check, ResultStatus
from networx.errors import Problem, RefusedInput
from networx.resilience.confine import Child, Confinement
from networx.results.model_result import Answered, model_result
from networx.topology import TOPOLOGY
from networx.verify.generic import Facts, certify_answer, certify_infeasible, certify_unbounded, question_checks
from networx.verify.measure import check, counted
from networx.work.certify_model import Statement

_READING = Confinement("networx.work.solve_model_child:read_only", memory_mib=TOPOLOGY.kind("model").child_memory_mib)
_LONGEST = timedelta(minutes=30)
MEMBERS = ("status", "objective", "bound", "gap", "infeasibility", "solution")
BOUND = 1e-9  # of the larger of 1 and the objective
_WORD = "a solver's word: it was not recomputed"


def recheck_model(
    result: Mapping[str, Any], file: Path, model: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all."""
    if exactly:
        raise CommandFailed("--exact is for transport results; proofs of models are exact already.", Exit.WRONG_USE)
    statement = _statement(model, result.get("model_sha256"))
    checks: list[Check] = []
    recomputed: list[str] = []
    believed: list[str] = []
    answered: list[Answered] = []
    for name, part, proof in _parts(result, opened_proof(result, file, beside)):
        question, outcome = _claimed(statement, part, proof)
        found = _certified(statement.facts(question), outcome, statement.gap)
        answered.append((question, _as_told(outcome, found), found))
        if outcome.infeasibility is not None:
            believed.append(f"{name}which requirements clash, by how much, and what cures it: {_WORD}")
        if found is None:
            believed.append(f"{name}that the model is {outcome.status.value}: {_WORD}")
            continue
        checks += found.checks if not name else [_named(name, line) for line in found.checks]
        checks += _bound(name, part, found)
        recomputed.append(_recomputed(name, outcome))
        if outcome.bound is not None and found.bound_source != DUALITY:
            believed.append(f"{name}the bound {outcome.bound!r}, and so the gap: {_WORD}")
        elif outcome.bound is not None:
            recomputed.append(f"{name}the bound {found.bound!r}, in exact fractions from the dual values")
    checks.append(counted("something is claimed", int(not checks and not believed), "the result has no answer"))
    questions = [question for question, _, _ in answered]
    checks += question_checks(statement.model, questions, [outcome.values for _, outcome, _ in answered])
    if all(line.passed for line in checks):
        again = model_result(
            statement.names, answered, model=statement.model, identity={}, partial=bool(result["partial"])
        )
        checks += figure_checks(result, again, every_member(result, again, MEMBERS), frozenset(statement.names))
        believed += unknown_members(result, again)
    return Rechecked(result["status"], statement.sha256, tuple(checks), tuple(recomputed), tuple(believed))


def _statement(model: Path, claimed: str | None) -> Statement:
    """The model, which is the one that the result names. Raises CommandFailed, RefusedInput."""
    require_size(model)
    with model.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if model_suffix(model) != JSON:
        require_same(model, sha256, claimed)
        return Statement(_data(model), sha256)
    try:
        stated = json.loads(model.read_bytes())
    except ValueError as fault:
        raise RefusedInput([Problem(f"The file is no JSON: {fault}", "json")], code=INVALID_MODEL) from None
    if sha256 != claimed:
        # A platform keeps what a request said, not how its file was laid out.
        sha256 = hashlib.sha256(statement_of(stated)[1]).hexdigest()
    require_same(model, sha256, claimed)
    return Statement(read_json_model(stated), sha256)


def _data(model: Path) -> ModelData:
    with tempfile.TemporaryDirectory() as folder:
        # The child takes the format from the name's end.
        path, data = Path(folder) / f"model{model_suffix(model)}", Path(folder) / "read.npz"
        path.symlink_to(model.resolve())
        request = {"model": str(path), "data": str(data)}
        for _ in Child(_READING).run(request, longest=_LONGEST, stop=lambda: False):
            pass
        with np.load(data, allow_pickle=False) as arrays:
            return ModelData.from_arrays(arrays)


def _parts(
    result: Mapping[str, Any], proof: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Each question with what is claimed of it: its name in front of a sentence, the claim, what goes with it."""
    claims: list[tuple[str, Mapping[str, Any]]] = [("", result)]
    if "objectives" in result:
        claims = [(f"{part['attribute']}: ", part) for part in result["objectives"]]
        claims += [("midpoint: ", result["midpoint"])] if result["midpoint"] is not None else []
    answers = proof.get("answers", ())
    if len(answers) != len(claims):
        raise RefusedInput([Problem("The result's proof speaks of other questions than the result.", "proof")])
    for (name, claim), answer in zip(claims, answers, strict=True):
        yield name, claim, answer


def _claimed(statement: Statement, part: Mapping[str, Any], proof: Mapping[str, Any]) -> tuple[Question, ModelOutcome]:
    status = ResultStatus(part["status"])
    values = None
    if status in {ResultStatus.OPTIMAL, ResultStatus.FEASIBLE}:
        unknown = part["solution"].keys() - set(statement.names)
        if unknown:
            raise RefusedInput([Problem(f"The solution has variables unknown to the model: {min(unknown)}.", "proof")])
        values = [part["solution"].get(name, 0.0) for name in statement.names]
    elif status is ResultStatus.UNBOUNDED:
        values = proof["point"]
    try:
        outcome = ModelOutcome.from_dict(
            {
                **{name: part[name] for name in ("status", "engine", "seconds", "objective", "bound", "evidence")},
                "values": values,
                "multipliers": proof["multipliers"],
                "ray": proof["ray"],
                "infeasibility": part["infeasibility"],
                "notes": (),
            }
        )
        return Question.from_dict(proof["question"]), outcome
    except (KeyError, TypeError, ValueError) as fault:
        raise RefusedInput([Problem(f"The result's proof cannot be read: {fault!r}.", "proof")]) from None


def _certified(facts: Facts, outcome: ModelOutcome, gap: float) -> Certificate | None:
    """None for a verdict that comes without a proof."""
    if outcome.status is ResultStatus.INFEASIBLE:
        proven = outcome.evidence == FARKAS and outcome.multipliers is not None
        return certify_infeasible(facts, outcome.multipliers) if proven and outcome.multipliers is not None else None
    if outcome.status is ResultStatus.UNBOUNDED:
        if outcome.evidence != RAY or outcome.values is None or outcome.ray is None:
            return None
        return certify_unbounded(facts, outcome.values, outcome.ray)
    return None if outcome.values is None else certify_answer(facts, outcome, gap)


def _as_told(outcome: ModelOutcome, found: Certificate | None) -> ModelOutcome:
    """As a result tells it: with the bound that was proven, where one was, and no cost of what has no solution."""
    if outcome.status not in {ResultStatus.OPTIMAL, ResultStatus.FEASIBLE}:
        bound = outcome.bound if outcome.status is ResultStatus.NO_SOLUTION else None
        clashes = outcome.infeasibility
        if clashes is not None:
            clashes = replace(clashes, evidence=outcome.evidence or clashes.evidence)
        return replace(outcome, objective=None, bound=bound, infeasibility=clashes)
    return replace(outcome, bound=outcome.bound if found is None else found.bound, evidence=None)


def _bound(name: str, part: Mapping[str, Any], found: Certificate) -> list[Check]:
    """A bound that is said to be recomputed, against the one that is."""
    if part["bound_source"] != DUALITY or part["bound"] is None:
        return []
    if found.bound_source != DUALITY or found.bound is None:
        return [counted(f"{name}bound is recomputed", 1, "nothing that goes with the result proves it")]
    off = abs(part["bound"] - found.bound) / max(1.0, abs(found.bound))
    return [check(f"{name}bound is recomputed", off, BOUND, f"recomputed {found.bound!r}")]


def _recomputed(name: str, outcome: ModelOutcome) -> str:
    if outcome.status is ResultStatus.INFEASIBLE:
        return f"{name}that the requirements contradict one another, in exact fractions"
    if outcome.status is ResultStatus.UNBOUNDED:
        return f"{name}that the objective has no end, in exact fractions"
    return f"{name}every requirement, bound and whole number of the solution, and its objective"


def _named(name: str, line: Check) -> Check:
    return Check(f"{name}{line.name}", line.worst, line.limit, line.passed, line.where)
