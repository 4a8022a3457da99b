"""A model's JSON read word by word: what it means, and what is refused with its place."""

from __future__ import annotations

import math
from typing import Any

import pytest

from networx.domain.json_model import Requirement
from networx.domain.json_model_reading import MOST_VARIABLES, read_json_model
from networx.errors import RefusedInput


def model(**instead: Any) -> dict[str, Any]:
    return {
        "optimize": "profit",
        "opType": "max",
        "constraints": {"wood": {"max": 300}},
        "variables": {"table": {"wood": 30, "profit": 1200}, "chair": {"wood": 20, "profit": 1600}},
        **instead,
    }


def refused(stated: Any) -> list[tuple[str | None, str]]:
    with pytest.raises(RefusedInput) as caught:
        read_json_model(stated)
    assert caught.value.code == "INVALID_MODEL"
    assert all(problem.message for problem in caught.value.problems)
    return [(problem.column, problem.rule) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("stated", "place", "rule"),
    [
        ([], "model", "type"),
        ("max: x", "model", "type"),
        ({}, "variables", "required"),
        (model(variables={}), "variables", "required"),
        (model(variables=[1]), "variables", "type"),
        (model(variables={"table": 3}), "variables.table", "type"),
        (model(variables={"table": {"wood": "30"}}), "variables.table.wood", "number"),
        (model(variables={"table": {"wood": None}}), "variables.table.wood", "number"),
        (model(variables={"table": {"wood": True}}), "variables.table.wood", "number"),
        (model(variables={"table": {"wood": math.nan}}), "variables.table.wood", "range"),
        (model(variables={"table": {"wood": math.inf}}), "variables.table.wood", "range"),
        (model(variables={"table": {"wood": 10**400}}), "variables.table.wood", "range"),
        (model(variables={"": {"wood": 1}}), "variables.", "name"),
        (model(variables={"\ud800": {"wood": 1}}), "variables.?", "name"),
        (model(variables={"table": {"\udfff": 1}}), "variables.table", "name"),
        (model(variables={str(at): {} for at in range(MOST_VARIABLES + 1)}), "variables", "too_many"),
        (model(constraints={"wood": 300}), "constraints.wood", "type"),
        (model(constraints={"wood": {"maximum": 300}}), "constraints.wood.maximum", "unknown_word"),
        (model(constraints={"wood": {"max": "300"}}), "constraints.wood.max", "number"),
        (model(constraints={"wood": {"max": None}}), "constraints.wood.max", "number"),
        (model(constraints={"wood": {"max": 1, "weight": -1}}), "constraints.wood.weight", "range"),
        (model(constraints={"wood": {"max": 1, "weight": "weak"}}), "constraints.wood.weight", "number"),
        (model(constraints={"wood": {"max": 1, "priority": "high"}}), "constraints.wood.priority", "choice"),
        (model(constraints={"wood": {"max": 1, "priority": 1.5}}), "constraints.wood.priority", "choice"),
        (model(constraints=[]), "constraints", "type"),
        (model(opType="maximize"), "opType", "choice"),
        (model(opType=1), "opType", "choice"),
        (model(optimize=["profit"]), "optimize", "type"),
        (model(optimize={}), "optimize", "required"),
        (model(optimize={"profit": "most"}), "optimize.profit", "choice"),
        (model(ints={"tables": 1}), "ints.tables", "unknown_variable"),
        (model(ints=["table"]), "ints", "type"),
        (model(binaries={"table": "yes"}), "binaries.table", "type"),
        (model(unrestricted={"stool": 1}), "unrestricted.stool", "unknown_variable"),
        (model(tolerance=-1), "tolerance", "range"),
        (model(timeout=0), "timeout", "range"),
        (model(options={"timeout": "10"}), "options.timeout", "number"),
        (model(options={"timeouts": 1}), "options.timeouts", "unknown_word"),
        (model(variable={}), "variable", "unknown_word"),
        (model(options=3), "options", "type"),
        (model(contraints={}), "contraints", "unknown_word"),
        (model(name=3), "name", "type"),
        (model(name="\ud800"), "name", "type"),
    ],
)
def test_what_is_wrong_is_refused_by_its_place(stated: Any, place: str, rule: str):
    assert (place, rule) in refused(stated)


def test_all_that_is_wrong_is_told_at_once_and_no_more_than_can_be_read():
    assert len(refused(model(opType="x", ints={"a": 1}, tolerance="1"))) == 3
    assert len(refused(model(variables={f"v{at}": {"wood": "x"} for at in range(5_000)}))) == 100


def test_a_name_that_is_nearly_right_is_suggested():
    with pytest.raises(RefusedInput, match='did you mean "table"'):
        read_json_model(model(ints={"tabel": 1}))
    with pytest.raises(RefusedInput, match='did you mean "constraints"'):
        read_json_model(model(contraints={}))


def test_priorities_and_weights():
    limits = {
        "hard": {"max": 1},
        "weighted": {"max": 1, "weight": 4},
        "medium": {"max": 1, "priority": "medium"},
        "required": {"max": 1, "priority": "required", "weight": 2},
        "seventh": {"max": 1, "priority": 7},
    }
    read = read_json_model(model(constraints=limits))
    assert {one.name: (one.priority, one.weight) for one in read.requirements} == {
        "hard": (0, 1),
        "weighted": (1, 4),
        "medium": (2, 1),
        "required": (0, 2),
        "seventh": (7, 1),
    }


def test_ends_that_contradict_each_other_are_two_requirements():
    read = read_json_model(model(constraints={"wood": {"min": 9, "max": 3}}))
    assert read.requirements == (Requirement("wood", 9, math.inf), Requirement("wood", -math.inf, 3))


def test_options_win_over_the_top():
    read = read_json_model(model(timeout=1_000, tolerance=0.1, options={"timeout": 2_500, "tolerance": 0}))
    assert (read.timeout_seconds, read.tolerance) == (2.5, 0)


def test_notes_beside_the_model_are_passed_over_and_said_to_be():
    notes = model(background="a note", _timeout=3, options={"exitOnCycles": True})
    assert len(read_json_model(notes).warnings) == 3


def test_what_is_odd_but_means_something_is_said():
    read = read_json_model(model(optimize="profits", constraints={"woods": {"max": 3}, "wood": {}}))
    assert len(read.warnings) == 3
    assert any('did you mean "profit"' in warning for warning in read.warnings)
    assert any('did you mean "wood"' in warning for warning in read.warnings)
    assert any("limits nothing" in warning for warning in read.warnings)
