"""The answer to a client's own model is checked again against its file."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from cli.terminal import CommandFailed, Exit
from cli.verifying.model import recheck_model
from networx.domain.json_model_reading import read_json_model
from networx.domain.model_answer import Question
from networx.models.generic import solve_data, solve_json
from networx.results.model_result import model_result
from networx.solver.files import read_file
from networx.work.certify_model import Statement, certified
from tests.entrypoints.leaves import nowhere, places_taken
from tests.entrypoints.verified import failed, told

BLENDING = {
    "optimize": "cost",
    "opType": "min",
    "constraints": {"demand": {"min": 4}, "x": {"max": 1.5}},
    "variables": {"x": {"cost": 2, "demand": 1, "x": 1}, "y": {"cost": 3.1, "demand": 1}},
}
CLASH = "min\n obj: x\nst\n c1: x >= 4\n c2: x <= 3\nend\n"


def model_told(path: Path) -> dict[str, Any]:
    """The result of a model's file, as its solve makes it."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if path.suffix == ".json":
        model = read_json_model(json.loads(path.read_bytes()))
        statement = Statement(model, sha256)
        answers = [certified(statement, *answer) for answer in solve_json(model)]
    else:
        data = read_file(path)
        statement = Statement(data, sha256)
        answers = [certified(statement, Question(), solve_data(data))]
    return model_result(statement.names, answers, model=statement.model, identity={"model_sha256": sha256})


def test_the_answer_to_a_model_holds_and_a_changed_one_does_not(tmp_path, capsys):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(BLENDING, indent=2))
    result = model_told(path)
    assert result["bound_source"] == "recomputed"

    code, said = told(result, path, tmp_path, capsys)
    assert (code, failed(said), said["believed"]) == (0, set(), [])

    assert places_taken(result, recheck_model, nowhere(), path, None) == set()
    for lie, names in (
        ({"objective": result["objective"] * (1 + 1e-4)}, {"objective", "bound is recomputed", "optimal is proven"}),
        ({"solution": {**result["solution"], "y": 2.4}}, {"requirements hold", "objective", "bound is recomputed"}),
        ({"bound": result["bound"] * (1 - 1e-6)}, {"bound is recomputed", "optimal is proven"}),
        ({"proof": {"answers": [{**result["proof"]["answers"][0], "multipliers": None}]}}, {"bound is recomputed"}),
    ):
        code, said = told({**result, **lie}, path, tmp_path, capsys)
        assert (code, failed(said)) == (Exit.FAILED, names)

    path.write_text(json.dumps({**BLENDING, "optimize": "demand"}))
    with pytest.raises(CommandFailed, match="answers other data"):
        told(result, path, tmp_path, capsys)


def test_each_of_several_goals_is_checked_with_the_point_between(tmp_path, capsys):
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**BLENDING, "optimize": {"cost": "min", "y": "max"}, "opType": None}))
    stated = json.loads(path.read_text())
    stated["variables"]["y"]["y"] = 1
    stated["constraints"]["y"] = {"max": 9}
    del stated["opType"]
    path.write_text(json.dumps(stated))
    result = model_told(path)
    assert len(result["objectives"]) == 2

    code, said = told(result, path, tmp_path, capsys)
    assert (code, failed(said)) == (0, set())
    assert {line["name"].split(": ")[0] for line in said["checks"]} >= {"cost", "y", "midpoint"}

    assert places_taken(result, recheck_model, nowhere(), path, None) == set()
    other = copy.deepcopy(result)
    other["proof"]["answers"][0]["question"]["objective"] = ["y", False]
    assert "the question is the model's" in failed(told(other, path, tmp_path, capsys)[1])
    moved = copy.deepcopy(result)
    moved["proof"]["answers"][2]["question"]["pins"][0][1] += 1e-6
    assert "the point between has each goal at its mean" in failed(told(moved, path, tmp_path, capsys)[1])
    result["objectives"][1]["objective"] += 1
    code, said = told(result, path, tmp_path, capsys)
    assert code == Exit.FAILED
    assert "y: objective" in failed(said)


def test_that_a_model_has_no_answer_is_proven_again_from_its_multipliers(tmp_path, capsys):
    path = tmp_path / "model.lp"
    path.write_text(CLASH)
    result = model_told(path)
    assert result["evidence"] == "farkas"

    code, said = told(result, path, tmp_path, capsys)
    assert (code, failed(said)) == (0, set())
    assert said["recomputed"] == ["that the requirements contradict one another, in exact fractions"]

    result["proof"]["answers"][0]["multipliers"] = [1.0, 1.0]
    code, said = told(result, path, tmp_path, capsys)
    assert (code, failed(said)) == (Exit.FAILED, {"multipliers contradict"})
