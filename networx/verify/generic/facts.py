"""What a client's model says, gathered for checking, row by row, straight from the client's own words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from networx.domain.json_model import JsonModel, Objective
from networx.domain.model_answer import ModelData, Question


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement that must hold: lower <= sum of coefficient x variable <= upper."""

    name: str
    lower: float
    upper: float
    terms: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Facts:
    """A model for checking. `lines` are the hard requirements in the client's order, then the pins."""

    names: Sequence[str]
    lines: Sequence[Line]
    lower: Sequence[float]
    upper: Sequence[float]
    whole: Sequence[bool]
    worth: Mapping[int, float]
    offset: float
    maximise: bool
    sha256: str


def facts_of_json(model: JsonModel, question: Question, sha256: str) -> Facts:
    """One question to a JSON model."""
    names = list(model.variables)
    by_attribute: dict[str, dict[int, float]] = {}
    for at, name in enumerate(names):
        for attribute, coefficient in model.variables[name].items():
            by_attribute.setdefault(attribute, {})[at] = coefficient
    lines = [
        Line(stated.name, stated.lower, stated.upper, by_attribute.get(stated.name, {}))
        for stated in model.requirements
        if stated.priority == 0
    ]
    lines += [Line(name, value, value, by_attribute.get(name, {})) for name, value in question.pins]
    objective = question.objective or Objective(None, maximise=False)
    return Facts(
        names=names,
        lines=lines,
        lower=[-math.inf if name in model.unrestricted else 0.0 for name in names],
        upper=[1.0 if name in model.binaries else math.inf for name in names],
        whole=[name in model.integers for name in names],
        worth={} if objective.attribute is None else by_attribute.get(objective.attribute, {}),
        offset=0.0,
        maximise=objective.maximise,
        sha256=sha256,
    )


def facts_of_data(data: ModelData, sha256: str) -> Facts:
    """A model from a file, as it was read."""
    terms: list[dict[int, float]] = [{} for _ in data.rows]
    entries = zip(data.entry_row.tolist(), data.entry_column.tolist(), data.entry_value.tolist(), strict=True)
    for row, column, value in entries:
        terms[row][column] = terms[row].get(column, 0.0) + value
    limits = zip(data.rows, data.row_lower.tolist(), data.row_upper.tolist(), terms, strict=True)
    return Facts(
        names=data.columns,
        lines=[Line(name, lower, upper, found) for name, lower, upper, found in limits],
        lower=data.lower.tolist(),
        upper=data.upper.tolist(),
        whole=data.integer.tolist(),
        worth={at: cost for at, cost in enumerate(data.cost.tolist()) if cost != 0},
        offset=data.offset,
        maximise=data.maximise,
        sha256=sha256,
    )
