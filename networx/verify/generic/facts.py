"""What a client's model says, gathered for checking, row by row, straight from the client's own words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

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
    return Facts(
        names=data.columns,
        lines=_Lines(data),
        lower=data.lower.tolist(),
        upper=data.upper.tolist(),
        whole=data.integer.tolist(),
        worth={at: cost for at, cost in enumerate(data.cost.tolist()) if cost != 0},
        offset=data.offset,
        maximise=data.maximise,
        sha256=sha256,
    )


class _Lines(Sequence[Line]):
    """The rows of a file, each made when it is looked at: a model may have millions of coefficients."""

    def __init__(self, data: ModelData) -> None:
        by_row = np.argsort(data.entry_row, kind="stable")
        self._data = data
        self._columns, self._values = data.entry_column[by_row], data.entry_value[by_row]
        self._starts = np.searchsorted(data.entry_row[by_row], np.arange(len(data.rows) + 1))

    def __len__(self) -> int:
        return len(self._data.rows)

    @overload
    def __getitem__(self, at: int) -> Line: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Line]: ...

    def __getitem__(self, at: int | slice) -> Line | Sequence[Line]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        row = at % len(self)
        span = slice(int(self._starts[row]), int(self._starts[row + 1]))
        terms: dict[int, float] = {}
        for column, value in zip(self._columns[span].tolist(), self._values[span].tolist(), strict=True):
            terms[column] = terms.get(column, 0.0) + value
        data = self._data
        return Line(data.rows[row], float(data.row_lower[row]), float(data.row_upper[row]), terms)
