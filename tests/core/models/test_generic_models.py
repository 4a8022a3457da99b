"""Models of a client's own: every answer as known, as HiGHS finds it by itself, and certified."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import highspy
import numpy as np
import pytest

from networx.domain.json_model_reading import read_json_model
from networx.domain.model_answer import ModelOutcome, Question
from networx.domain.plan import ResultStatus
from networx.errors import CertificateRefused
from networx.models.generic import solve_json
from networx.results.model_result import Answered, model_result
from networx.work.certify_model import Statement, certified
from tests.core.models.model_problems import PROBLEMS, Problem, flags, made

BY_NAME = {problem.name: problem for problem in PROBLEMS}
# Beside a huge capacity HiGHS alone may be wrong; of those the answer is known.
TRUSTED = [problem for problem in PROBLEMS if not problem.name.startswith("a site of capacity")]
SHA256 = "0" * 64


def answered(model: dict[str, Any]) -> list[Answered]:
    read = read_json_model(model)
    return [certified(Statement(read, SHA256), *one) for one in solve_json(read)]


def result_of(model: dict[str, Any]) -> dict[str, Any]:
    read = read_json_model(model)
    return model_result(list(read.variables), answered(model), model=read, identity={})


def by_highs_alone(model: dict[str, Any], goal: str | None, *, maximise: bool) -> tuple[str, float | None]:
    """The verdict and the optimum of the hard constraints, built row by row from the JSON itself."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_feasibility_tolerance", 1e-10)
    names = list(model["variables"])
    for at, name in enumerate(names):
        low = -highspy.kHighsInf if model.get("unrestricted", {}).get(name) else 0.0
        high = 1.0 if model.get("binaries", {}).get(name) else highspy.kHighsInf
        highs.addVar(low, high)
        highs.changeColCost(at, float(model["variables"][name].get(goal, 0.0)))
        if model.get("binaries", {}).get(name) or model.get("ints", {}).get(name):
            highs.changeColIntegrality(at, highspy.HighsVarType.kInteger)
    several = isinstance(model["optimize"], dict)
    for name, body in model["constraints"].items():
        soft = "weight" in body or body.get("priority", "required") != "required"
        if soft or (name == goal and not several):
            continue
        columns = [at for at, variable in enumerate(names) if name in model["variables"][variable]]
        values = [float(model["variables"][names[at]][name]) for at in columns]
        ends = [("equal", "equal")] if "equal" in body else [("min", None), (None, "max")]
        for low, high in ends:
            lower = float(body.get(low, -highspy.kHighsInf)) if low else -highspy.kHighsInf
            upper = float(body.get(high, highspy.kHighsInf)) if high else highspy.kHighsInf
            highs.addRow(lower, upper, len(columns), columns, values)
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
        # Without an objective it is one or the other.
        for at in range(len(names)):
            highs.changeColCost(at, 0.0)
        highs.run()
        found = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return "unbounded" if found else "infeasible", None
    words = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnbounded: "unbounded",
    }
    word = words[status]
    return word, highs.getInfo().objective_function_value if word == "optimal" else None


def test_there_are_enough_of_them():
    assert len(BY_NAME) == len(PROBLEMS) >= 40


@pytest.mark.parametrize("problem", PROBLEMS, ids=[problem.name for problem in PROBLEMS])
def test_each_is_answered_as_it_is_known_and_certified(problem: Problem):
    found = answered(problem.model)
    goals = found[: len(problem.objectives)]
    assert {outcome.status.value for _, outcome, _ in goals} == {problem.status}
    for (_, outcome, certificate), known in zip(goals, problem.objectives, strict=True):
        if known is not None:
            assert outcome.objective == pytest.approx(known, rel=1e-9, abs=1e-9)
            assert outcome.gap is not None
            assert outcome.gap <= max(problem.model.get("tolerance", 0.0), 1e-8)
        assert (certificate is not None and certificate.valid) or outcome.evidence == "elastic_model"


@pytest.mark.parametrize("problem", TRUSTED, ids=[problem.name for problem in TRUSTED])
def test_each_is_answered_as_by_highs_alone(problem: Problem):
    for question, outcome, _ in answered(problem.model)[: len(problem.objectives)]:
        assert question.objective is not None
        goal = question.objective
        word, objective = by_highs_alone(problem.model, goal.attribute, maximise=goal.maximise)
        assert outcome.status.value == word
        if objective is not None:
            assert outcome.objective == pytest.approx(objective, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("seed", range(25))
def test_random_models_are_answered_as_by_highs_alone(seed: int):
    rng = np.random.default_rng(seed)
    names = [f"v{at}" for at in range(int(rng.integers(2, 8)))]
    rows = [f"r{at}" for at in range(int(rng.integers(1, 7)))]
    variables = {
        name: {"z": int(rng.integers(-9, 10)), **{row: int(rng.integers(-4, 8)) for row in rows if rng.random() < 0.7}}
        for name in names
    }
    constraints = {row: {str(rng.choice(["min", "max"])): int(rng.integers(-5, 30))} for row in rows}
    whole = {name: 1 for name in names if rng.random() < 0.5}
    sense = str(rng.choice(["min", "max"]))
    model = {"optimize": "z", "opType": sense, "constraints": constraints, "variables": variables, "ints": whole}
    ((_, outcome, _),) = answered(model)
    word, objective = by_highs_alone(model, "z", maximise=sense == "max")
    assert outcome.status.value == word
    if objective is not None:
        assert outcome.objective == pytest.approx(objective, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("seed", range(40))
def test_bounds_of_models_without_integers_do_not_rest_on_the_solvers_word(seed: int):
    """Nothing but the rows ends a variable here, and no dual value is a simple fraction."""
    rng = np.random.default_rng(seed)
    rows = [f"r{at}" for at in range(int(rng.integers(1, 9)))]
    variables = {
        f"v{at}": {name: float(np.round(rng.normal(), 3)) for name in ("z", *rows) if rng.random() < 0.8}
        for at in range(int(rng.integers(2, 12)))
    }
    limits = {row: {str(rng.choice(["min", "max"])): float(np.round(5 * rng.normal(), 2))} for row in rows}
    model = {"optimize": "z", "opType": "max", "constraints": limits, "variables": variables}
    ((_, outcome, certificate),) = answered(model)
    if outcome.status is ResultStatus.OPTIMAL:
        assert certificate is not None
        assert certificate.bound_source == "recomputed"
        assert outcome.bound == certificate.bound
        assert outcome.objective <= outcome.bound <= outcome.objective + 1e-8 * max(1, abs(outcome.objective))  # type: ignore[operator]


def test_bounds_are_recomputed_or_labelled_as_the_solvers_word():
    sources: dict[bool, set[str]] = {True: set(), False: set()}
    for problem in PROBLEMS:
        for _, outcome, certificate in answered(problem.model):
            if outcome.status is ResultStatus.OPTIMAL and certificate is not None:
                sources[bool(read_json_model(problem.model).integers)].add(certificate.bound_source)
    assert sources == {True: {"solver"}, False: {"recomputed"}}


def test_the_shape_of_the_originals_answer():
    answer = result_of(BY_NAME["a workshop"].model)["answer"]
    assert answer == {"feasible": True, "result": 19200, "bounded": True, "isIntegral": True, "table": 4, "chair": 9}
    assert "isIntegral" not in result_of(BY_NAME["a workshop, fractions allowed"].model)["answer"]


def test_what_is_infeasible_or_unbounded_is_so_in_the_originals_answer_too():
    none = result_of(BY_NAME["two constraints that clash"].model)
    assert none["answer"] == {"feasible": False, "result": None, "bounded": True}
    endless = result_of(BY_NAME["no limit above"].model)
    assert endless["answer"] == {"feasible": True, "result": None, "bounded": False}
    assert (endless["solution"], endless["evidence"]) == ({}, "ray")


def test_infeasible_names_what_clashes_and_what_would_work():
    result = result_of(BY_NAME["two constraints that clash"].model)
    clashes = {clash["requirement"]: clash for clash in result["infeasibility"]["clashes"]}
    assert set(clashes) == {"a", "b"}
    assert sum(clash["short_by"] or 0 for clash in clashes.values()) == pytest.approx(1)
    assert result["evidence"] == result["infeasibility"]["evidence"] == "farkas"


@pytest.mark.parametrize(
    ("name", "evidence"), [("no whole number", "elastic_model"), ("tenths that add up wrong", "farkas")]
)
def test_the_evidence_says_how_sure_it_is(name: str, evidence: str):
    result = result_of(BY_NAME[name].model)
    assert (result["evidence"], result["certificate"] is not None) == (evidence, evidence == "farkas")


def test_several_objectives_give_midpoint_vertices_and_ranges():
    result = result_of(BY_NAME["two goals that share"].model)
    assert result["answer"] == {
        "midpoint": {"feasible": True, "result": 0, "bounded": True, "a": 5, "b": 5},
        "vertices": [{"bounded": True, "a": 10, "p": 10, "q": 0}, {"bounded": True, "b": 10, "p": 0, "q": 20}],
        "ranges": {
            "a": {"min": 0, "max": 10},
            "b": {"min": 0, "max": 10},
            "p": {"min": 0, "max": 10},
            "q": {"min": 0, "max": 20},
        },
    }
    assert [(goal["attribute"], goal["objective"]) for goal in result["objectives"]] == [("p", 10), ("q", 20)]


def test_a_midpoint_that_no_whole_numbers_reach_is_said_to_be_none():
    result = result_of(BY_NAME["two goals in whole numbers"].model)
    assert result["status"] == "optimal"
    assert result["answer"]["midpoint"]["feasible"] is False
    assert [goal["objective"] for goal in result["objectives"]] == [3, 6]


def test_soft_constraints_are_met_by_priority_once_the_objective_is_settled():
    result = result_of(BY_NAME["strong before weak"].model)
    assert result["solution"] == {"x": pytest.approx(10)}
    assert result["given_way"] == [{"constraint": "b", "by": pytest.approx(10), "priority": 3}]
    # Two whole answers cost 12; the constraint that may give way decides nothing that costs.
    assert result_of(BY_NAME["soft in whole numbers"].model)["objective"] == 12


def test_among_equal_answers_weights_decide():
    model = made(
        "weights", 0, {"x": {"a": 1, "b": 1}}, {"a": {"min": 6, "weight": 3}, "b": {"max": 2, "weight": 1}}
    ).model
    assert result_of(model)["solution"] == {"x": pytest.approx(6)}
    model["constraints"]["b"]["weight"] = 9
    assert result_of(model)["solution"] == {"x": pytest.approx(2)}


def test_a_soft_equality_is_missed_by_as_little_as_can_be_on_either_side():
    limits = {"a": {"equal": 10, "weight": 1}, "b": {"max": 4}}
    model = made("soft equality", 0, {"x": {"a": 1, "b": 1}}, limits).model
    assert result_of(model)["given_way"] == [{"constraint": "a", "by": pytest.approx(6), "priority": 1}]


def test_a_time_limit_says_what_is_still_open():
    rng = np.random.default_rng(3)
    names = [f"item {at}" for at in range(200)]
    variables = {
        name: {"z": int(rng.integers(500, 999)), **{f"r{k}": int(rng.integers(500, 999)) for k in range(30)}}
        for name in names
    }
    limits = {f"r{k}": {"max": 75_000} for k in range(30)}
    model = made("hard", 0, variables, limits, binaries=flags(*names), timeout=500).model
    ((_, outcome, certificate),) = answered(model)
    assert outcome.status is ResultStatus.FEASIBLE
    assert certificate is not None
    assert outcome.gap is not None
    assert 0 < outcome.gap < 1
    assert outcome.bound is not None
    assert outcome.objective is not None
    assert outcome.bound > outcome.objective


def test_better_answers_are_told_on_the_way():
    rng = np.random.default_rng(5)
    names = [f"item {at}" for at in range(40)]
    variables = {
        name: {"z": int(rng.integers(500, 999)), **{f"r{k}": int(rng.integers(500, 999)) for k in range(5)}}
        for name in names
    }
    limits = {f"r{k}": {"max": 9_000} for k in range(5)}
    read = read_json_model(made("told", 0, variables, limits, binaries=flags(*names), timeout=2_000).model)
    told: list[float] = []
    outcomes = list(solve_json(read, incumbent=lambda question, values, objective: told.append(objective)))
    assert told == sorted(told)
    assert told[-1] <= outcomes[0][1].objective + 1e-6  # type: ignore[operator]


@pytest.mark.parametrize(
    "lie",
    [
        {"objective": 19_201.0},
        {"values": np.array([4.5, 9.0])},
        {"values": np.array([5.0, 9.0])},
        {"values": np.array([-1.0, 9.0])},
        {"values": np.array([4.0])},
        {"values": np.array([4.0, math.nan])},
        {"bound": 19_000.0},
        {"bound": 20_000.0},
        {"bound": None},
    ],
    ids=[
        "objective",
        "not whole",
        "too much",
        "below zero",
        "too few",
        "no number",
        "bound beyond",
        "gap open",
        "no bound",
    ],
)
def test_what_is_not_so_is_refused(lie: dict[str, Any]):
    read = read_json_model(BY_NAME["a workshop"].model)
    ((question, outcome),) = solve_json(read)
    certified(Statement(read, SHA256), question, outcome)
    with pytest.raises(CertificateRefused):
        certified(Statement(read, SHA256), question, replace(outcome, **lie))


def test_a_proof_that_is_none_is_not_shown_as_one():
    read = read_json_model(BY_NAME["two constraints that clash"].model)
    ((question, outcome),) = solve_json(read)
    weak = replace(outcome, multipliers=np.array([1.0, -0.5]))
    _, told, certificate = certified(Statement(read, SHA256), question, weak)
    assert (told.evidence, certificate) == ("elastic_model", None)
    endless = read_json_model(BY_NAME["no limit along a difference"].model)
    ((question, outcome),) = solve_json(endless)
    _, told, certificate = certified(Statement(endless, SHA256), question, replace(outcome, ray=np.array([1.0, 0.0])))
    assert (told.evidence, certificate) == ("solver", None)


def test_an_outcome_travels_whole():
    read = read_json_model(BY_NAME["two constraints that clash"].model)
    ((question, outcome),) = solve_json(read)
    assert Question.from_dict(question.as_dict()) == question
    again = ModelOutcome.from_dict(outcome.as_dict())
    assert again.as_dict() == outcome.as_dict()
