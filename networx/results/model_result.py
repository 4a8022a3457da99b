"""The result of a client's own model: the verdict, the solution by name, the certificate, and for JSON models the
answer in the shape that clients of javascript-lp-solver read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from networx.domain.arrays import Floats
from networx.domain.json_model import JsonModel
from networx.domain.model_answer import ModelOutcome, Question
from networx.domain.plan import Certificate, ResultStatus
from networx.results.kpis import SCHEMA
from networx.results.proof import inside, model_proof

Answered = tuple[Question, ModelOutcome, Certificate | None]

_DECIMALS = 8  # of the answer in the original's shape, as its clients know it
_WORST_FIRST = (
    ResultStatus.INFEASIBLE,
    ResultStatus.UNBOUNDED,
    ResultStatus.NO_SOLUTION,
    ResultStatus.FEASIBLE,
    ResultStatus.OPTIMAL,
)
_SOLVED = frozenset({ResultStatus.OPTIMAL, ResultStatus.FEASIBLE})


def model_result(
    names: Sequence[str],
    answered: Sequence[Answered],
    *,
    model: JsonModel | None,
    identity: Mapping[str, Any],
    partial: bool = False,
) -> dict[str, Any]:
    """The result object. `model` is None for a model from a file."""
    parts = [_part(names, model, outcome, certificate) for _, outcome, certificate in answered]
    result: dict[str, Any] = {"schema": SCHEMA, **identity, "type": "model", "partial": partial, "kpis": None}
    result["proof"] = inside(model_proof([(question, outcome) for question, outcome, _ in answered]))
    if model is None or not model.several:
        result |= parts[0]
        result["warnings"] = [] if model is None else list(model.warnings)
        if model is not None:
            result["answer"] = _answer(names, model, answered[0][1])
        return result
    goals = list(zip(answered, parts, strict=True))[: len(model.objectives)]
    between = parts[len(model.objectives)] if len(parts) > len(model.objectives) else None
    named = {one.attribute or "": one.maximise for one in model.objectives}
    return result | {
        "status": min((one[1].status for one, _ in goals), key=_WORST_FIRST.index),
        "objective": None,
        "bound": None,
        "gap": max((part["gap"] for _, part in goals if part["gap"] is not None), default=None),
        "engine": parts[0]["engine"],
        "seconds": sum(part["seconds"] for part in parts),
        "certificate": None,
        "infeasibility": next((part["infeasibility"] for _, part in goals if part["infeasibility"]), None),
        "solution": {} if between is None else between["solution"],
        "objectives": [
            {"attribute": name, "direction": "max" if maximise else "min", **part}
            for (name, maximise), (_, part) in zip(named.items(), goals, strict=True)
        ],
        "midpoint": between,
        "warnings": list(model.warnings),
        "answer": _answer_of_several(names, model, answered),
    }


def _part(
    names: Sequence[str],
    model: JsonModel | None,
    outcome: ModelOutcome,
    certificate: Certificate | None,
) -> dict[str, Any]:
    solved = outcome.status in _SOLVED and outcome.values is not None
    shown: dict[str, Any] = {
        "status": outcome.status.value,
        "objective": outcome.objective,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "bound_source": None if certificate is None else certificate.bound_source,
        "engine": outcome.engine,
        "seconds": outcome.seconds,
        "evidence": outcome.evidence,
        "certificate": None if certificate is None else certificate.as_dict(),
        "infeasibility": None if outcome.infeasibility is None else outcome.infeasibility.as_dict(),
        "solution": _non_zero(names, outcome.values) if solved and outcome.values is not None else {},
    }
    if model is not None and solved:
        assert outcome.values is not None
        shown["given_way"] = _given_way(model, outcome.values)
    return shown


def _non_zero(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: value for name, value in zip(names, values.tolist(), strict=True) if value != 0}


def _given_way(model: JsonModel, values: Floats) -> list[dict[str, Any]]:
    """Which soft requirements were not met, and by how much."""
    soft = {requirement.name for requirement in model.requirements if requirement.soft}
    sums = dict.fromkeys(soft, 0.0)
    for coefficients, value in zip(model.variables.values(), values.tolist(), strict=True):
        for attribute in soft & coefficients.keys():
            sums[attribute] += coefficients[attribute] * value
    found = []
    for requirement in model.requirements:
        if requirement.soft:
            by = max(requirement.lower - sums[requirement.name], sums[requirement.name] - requirement.upper)
            if by > 10**-_DECIMALS:
                found.append({"constraint": requirement.name, "by": by, "priority": requirement.priority})
    return found


def _answer(names: Sequence[str], model: JsonModel, outcome: ModelOutcome) -> dict[str, Any]:
    """`{feasible, result, bounded, isIntegral, variable: value}`; what is infinite or not known is null."""
    bounded = outcome.status is not ResultStatus.UNBOUNDED
    solved = outcome.status in _SOLVED and outcome.values is not None
    answer: dict[str, Any] = {
        "feasible": solved or not bounded,
        "result": None if outcome.objective is None else round(outcome.objective, _DECIMALS) + 0.0,
        "bounded": bounded,
    }
    if solved and model.integers:
        answer["isIntegral"] = True
    if solved:
        assert outcome.values is not None
        rounded = ((name, round(value, _DECIMALS)) for name, value in zip(names, outcome.values.tolist(), strict=True))
        # A variable of the client's own that bears one of these names is in `solution`.
        answer |= {name: value for name, value in rounded if value != 0 and name not in answer}
    return answer


def _answer_of_several(names: Sequence[str], model: JsonModel, answered: Sequence[Answered]) -> dict[str, Any]:
    """`{midpoint, vertices, ranges}`: the different answers with each objective's value, and from where to where."""
    goals = answered[: len(model.objectives)]
    vertices: list[dict[str, Any]] = []
    for _, outcome, _ in goals:
        vertex = _vertex(names, model, outcome)
        if vertex not in vertices:
            vertices.append(vertex)
    numbers = {key for vertex in vertices for key, value in vertex.items() if not isinstance(value, bool)}
    ranges = {}
    for key in sorted(numbers):
        values = [vertex.get(key, 0.0) for vertex in vertices]
        ranges[key] = {"min": min(values), "max": max(values)}
    if len(answered) > len(goals):
        midpoint = _answer(names, model, answered[-1][1])
    else:
        possible = _SOLVED | {ResultStatus.UNBOUNDED}
        midpoint = {
            "feasible": all(outcome.status in possible for _, outcome, _ in goals),
            "result": None,
            "bounded": all(outcome.status is not ResultStatus.UNBOUNDED for _, outcome, _ in goals),
        }
    return {"midpoint": midpoint, "vertices": vertices, "ranges": ranges}


def _vertex(names: Sequence[str], model: JsonModel, outcome: ModelOutcome) -> dict[str, Any]:
    answer = _answer(names, model, outcome)
    del answer["feasible"], answer["result"]
    if outcome.values is None or outcome.status not in _SOLVED:
        return answer
    for objective in model.objectives:
        name = objective.attribute or ""
        worth = zip(model.variables.values(), outcome.values.tolist(), strict=True)
        answer[name] = round(sum(coefficients.get(name, 0.0) * value for coefficients, value in worth), _DECIMALS)
    return answer
