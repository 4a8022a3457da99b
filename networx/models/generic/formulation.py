"""From a client's model to arrays: hard rows, soft rows with their slack columns, and what each row is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Floats, Indices
from networx.domain.json_model import JsonModel, Requirement
from networx.domain.model_answer import ModelData, Question
from networx.solver.linear import LinearModel


@dataclass(frozen=True, slots=True)
class Formulation:
    """The model as minimisation, whatever was asked: `sign` is -1 where the client maximises.

    The first `variables` columns are the client's; the first `hard` rows are the hard requirements and then the pins,
    called `row_names`. `penalties` has (columns, weights) by priority, most important first.
    """

    model: LinearModel
    sign: float
    variables: int
    hard: int
    row_names: tuple[str, ...]
    penalties: Mapping[int, tuple[Indices, Floats]]

    def with_hard_rows_only(self) -> LinearModel:
        """The model as far as something can contradict something else: soft requirements give way to all."""
        model, rows, columns = self.model, slice(0, self.hard), slice(0, self.variables)
        return replace(
            model,
            cost=model.cost[columns],
            lower=model.lower[columns],
            upper=model.upper[columns],
            integer=model.integer[columns],
            row_lower=model.row_lower[rows],
            row_upper=model.row_upper[rows],
            matrix=sparse.csc_matrix(model.matrix[: self.hard, : self.variables]),
        )


def formulate_json(model: JsonModel, question: Question) -> Formulation:
    """The JSON model with one objective; attributes that `question` pins are equalities."""
    hard = [requirement for requirement in model.requirements if not requirement.soft]
    hard += [Requirement(name, value, value) for name, value in question.pins]
    soft = [requirement for requirement in model.requirements if requirement.soft]
    position = {name: at for at, name in enumerate(model.variables)}
    count = len(position)
    by_attribute: dict[str, tuple[list[int], list[float]]] = {}
    for variable, coefficients in model.variables.items():
        for attribute, value in coefficients.items():
            columns, values = by_attribute.setdefault(attribute, ([], []))
            columns.append(position[variable])
            values.append(value)
    rows = _Rows(by_attribute, count)
    for requirement in hard:
        rows.add(requirement.name, requirement.lower, requirement.upper)
    for requirement in soft:
        rows.add_soft(requirement)
    cost = np.zeros(count + rows.slacks)
    assert question.objective is not None
    sign = -1.0 if question.objective.maximise else 1.0
    columns, values = by_attribute.get(question.objective.attribute or "", ([], []))
    cost[columns] = np.asarray(values) * sign
    lower, upper = np.zeros(count + rows.slacks), np.full(count + rows.slacks, np.inf)
    lower[[position[name] for name in model.unrestricted]] = -np.inf
    upper[[position[name] for name in model.binaries]] = 1.0
    integer = np.zeros(count + rows.slacks, dtype=bool)
    integer[[position[name] for name in model.integers]] = True
    penalties = {
        priority: (np.asarray(found[0], dtype=np.intp), np.asarray(found[1]))
        for priority, found in sorted(rows.penalties.items())
    }
    return Formulation(
        model=LinearModel(
            cost=cost,
            lower=lower,
            upper=upper,
            row_lower=np.asarray(rows.lower),
            row_upper=np.asarray(rows.upper),
            matrix=rows.matrix(),
            integer=integer,
            rows={},
            columns={},
        ),
        sign=sign,
        variables=count,
        hard=len(hard),
        row_names=tuple(requirement.name for requirement in hard),
        penalties=penalties,
    )


def formulate_data(data: ModelData) -> Formulation:
    """A model from a file."""
    shape = (len(data.rows), len(data.columns))
    sign = -1.0 if data.maximise else 1.0
    matrix = sparse.csc_matrix((data.entry_value, (data.entry_row, data.entry_column)), shape=shape)
    model = LinearModel(
        cost=data.cost * sign,
        lower=data.lower,
        upper=data.upper,
        row_lower=data.row_lower,
        row_upper=data.row_upper,
        matrix=matrix,
        integer=data.integer,
        rows={},
        columns={},
        offset=data.offset * sign,
    )
    return Formulation(model, sign, shape[1], shape[0], data.rows, {})


class _Rows:
    """Rows over attributes as they come together; each end of a soft one gets a slack column of its own."""

    def __init__(self, by_attribute: Mapping[str, tuple[list[int], list[float]]], variables: int) -> None:
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.penalties: dict[int, tuple[list[int], list[float]]] = {}
        self.slacks = 0
        self._by_attribute, self._variables = by_attribute, variables
        self._entries: tuple[list[int], list[int], list[float]] = ([], [], [])

    def add(self, attribute: str, lower: float, upper: float, *slack: tuple[int, float]) -> None:
        columns, values = self._by_attribute.get(attribute, ([], []))
        rows, all_columns, all_values = self._entries
        rows.extend([len(self.lower)] * (len(columns) + len(slack)))
        all_columns.extend([*columns, *(column for column, _ in slack)])
        all_values.extend([*values, *(value for _, value in slack)])
        self.lower.append(lower)
        self.upper.append(upper)

    def add_soft(self, requirement: Requirement) -> None:
        same = requirement.lower == requirement.upper
        at_least = self._slack(requirement) if np.isfinite(requirement.lower) else -1
        at_most = at_least if same else self._slack(requirement) if np.isfinite(requirement.upper) else -1
        if at_least >= 0:
            self.add(requirement.name, requirement.lower, np.inf, (at_least, 1.0))
        if at_most >= 0:
            self.add(requirement.name, -np.inf, requirement.upper, (at_most, -1.0))

    def _slack(self, requirement: Requirement) -> int:
        column = self._variables + self.slacks
        self.slacks += 1
        columns, weights = self.penalties.setdefault(requirement.priority, ([], []))
        columns.append(column)
        weights.append(requirement.weight)
        return column

    def matrix(self) -> sparse.csc_matrix:
        rows, columns, values = self._entries
        shape = (len(self.lower), self._variables + self.slacks)
        return sparse.csc_matrix((np.asarray(values, dtype=float), (rows, columns)), shape=shape)
