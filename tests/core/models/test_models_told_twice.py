"""The same models told again: as MPS and LP text, and enumerated, each by code that knows nothing of the product's."""

from __future__ import annotations

import gzip
import itertools
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networx.domain.json_model_reading import read_json_model
from networx.domain.model_answer import Question
from networx.models.generic import solve_data, solve_json
from networx.solver.files import read_file
from networx.work.certify_model import Statement, certified
from tests.core.models.model_problems import PROBLEMS, Problem

SHA256 = "0" * 64
# A file says nothing of what may give way, nor of several objectives.
TOLD = [
    problem
    for problem in PROBLEMS
    if not isinstance(problem.model["optimize"], dict)
    and not any("weight" in body or "priority" in body for body in problem.model["constraints"].values())
]


def told(model: dict[str, Any]) -> tuple[str, float | None]:
    read = read_json_model(model)
    ((_, outcome, certificate),) = [certified(Statement(read, SHA256), *one) for one in solve_json(read)]
    assert certificate is None or certificate.valid
    return outcome.status.value, outcome.objective


def told_by_file(path: Path) -> tuple[str, float | None]:
    data = read_file(path)
    _, outcome, certificate = certified(Statement(data, SHA256), Question(), solve_data(data))
    assert certificate is None or certificate.valid
    return outcome.status.value, outcome.objective


def rows_of(model: dict[str, Any]) -> list[tuple[str, str, float]]:
    """(attribute, G, L or E, right-hand side) of each end of each constraint; the objective is not constrained."""
    found = []
    for name, body in model["constraints"].items():
        if name == model["optimize"]:
            continue
        if "equal" in body:
            found.append((name, "E", body["equal"]))
            continue
        found += [(name, sense, body[word]) for word, sense in (("min", "G"), ("max", "L")) if word in body]
    return found


def bounds_of(model: dict[str, Any], variable: str) -> tuple[bool, float, float]:
    binary = bool(model.get("binaries", {}).get(variable))
    whole = binary or bool(model.get("ints", {}).get(variable))
    return whole, -math.inf if model.get("unrestricted", {}).get(variable) else 0, 1 if binary else math.inf


def as_mps(model: dict[str, Any]) -> str:
    rows = rows_of(model)
    lines = ["NAME told again", "OBJSENSE", f" {model.get('opType', 'min').upper()}", "ROWS", " N goal"]
    lines += [f" {sense} r{at}" for at, (_, sense, _) in enumerate(rows)]
    lines.append("COLUMNS")
    bounds = []
    for at, (name, body) in enumerate(model["variables"].items()):
        whole, low, high = bounds_of(model, name)
        entries = [("goal", body.get(model["optimize"], 0))]
        entries += [(f"r{row}", body[attribute]) for row, (attribute, _, _) in enumerate(rows) if attribute in body]
        lines += [" M 'MARKER' 'INTORG'"] if whole else []
        lines += [f" x{at} {row} {float(value)!r}" for row, value in entries]
        lines += [" M 'MARKER' 'INTEND'"] if whole else []
        bounds.append(f" MI b x{at}" if low < 0 else f" LO b x{at} 0")
        bounds.append(f" UP b x{at} 1" if high == 1 else f" PL b x{at}")
    lines.append("RHS")
    lines += [f" rhs r{at} {float(end)!r}" for at, (_, _, end) in enumerate(rows)]
    return "\n".join([*lines, "BOUNDS", *bounds, "ENDATA", ""])


def as_lp(model: dict[str, Any]) -> str:
    def summed(attribute: str | None) -> str:
        terms = [(body.get(attribute, 0), f"x{at}") for at, body in enumerate(model["variables"].values())]
        return " ".join(f"{float(value):+.17g} {name}" for value, name in terms)

    signs = {"G": ">=", "L": "<=", "E": "="}
    lines = [model.get("opType", "min"), f" goal: {summed(model['optimize'])}", "subject to"]
    lines += [
        f" r{at}: {summed(name)} {signs[sense]} {float(end)!r}" for at, (name, sense, end) in enumerate(rows_of(model))
    ]
    ranges = [(f"x{at}", *bounds_of(model, name)) for at, name in enumerate(model["variables"])]
    lines += [
        "bounds",
        *(f" {'-inf' if low < 0 else 0} <= {name} <= {'inf' if high > 1 else 1}" for name, _, low, high in ranges),
    ]
    whole = [f" {name}" for name, integer, _, _ in ranges if integer]
    return "\n".join([*lines, *(["general", *whole] if whole else []), "end", ""])


@pytest.mark.parametrize("kind", ["mps", "lp", "mps.gz"])
@pytest.mark.parametrize("problem", TOLD, ids=[problem.name for problem in TOLD])
def test_as_a_file_each_has_the_answer_that_it_has_as_json(tmp_path: Path, problem: Problem, kind: str):
    text = as_lp(problem.model) if kind == "lp" else as_mps(problem.model)
    path = tmp_path / f"model.{kind}"
    path.write_bytes(gzip.compress(text.encode(), mtime=0) if kind.endswith(".gz") else text.encode())
    status, objective = told_by_file(path)
    assert (status, objective is None) == (problem.status, problem.objectives[0] is None)
    if objective is not None:
        gap = max(problem.model.get("tolerance", 0.0), 1e-9)
        assert objective == pytest.approx(problem.objectives[0], rel=gap, abs=1e-9)
        assert told(problem.model)[1] == pytest.approx(objective, rel=gap, abs=1e-9)


def test_most_of_the_models_can_be_told_as_files():
    assert len(TOLD) >= 40


MOST = 3  # of each whole number


def enumerated(model: dict[str, Any]) -> tuple[str, float | None]:
    """Every point looked at: the verdict and the optimum, in whole numbers and so without any rounding."""
    variables = list(model["variables"].values())
    best: int | None = None
    for point in itertools.product(range(MOST + 1), repeat=len(variables)):
        sums: dict[str, int] = {}
        for body, value in zip(variables, point, strict=True):
            for attribute, coefficient in body.items():
                sums[attribute] = sums.get(attribute, 0) + coefficient * value
        if all(
            body.get("min", -math.inf) <= sums.get(name, 0) <= body.get("max", math.inf)
            and body.get("equal", sums.get(name, 0)) == sums.get(name, 0)
            for name, body in model["constraints"].items()
        ):
            worth = sums.get("z", 0)
            better = best is None or (worth > best if model["opType"] == "max" else worth < best)
            best = worth if better else best
    return ("infeasible", None) if best is None else ("optimal", float(best))


@st.composite
def whole_models(draw: st.DrawFn) -> dict[str, Any]:
    """Models of up to five whole numbers from 0 to 3, of which some are binaries."""
    names = [f"x{at}" for at in range(draw(st.integers(1, 5)))]
    attributes = [f"r{at}" for at in range(draw(st.integers(0, 4)))]
    coefficient = st.integers(-5, 7)
    variables = {}
    constraints: dict[str, dict[str, int]] = {}
    for name in names:
        used = draw(st.sets(st.sampled_from(attributes))) if attributes else set()
        variables[name] = {"z": draw(coefficient), **{attribute: draw(coefficient) for attribute in sorted(used)}}
        variables[name][f"most {name}"] = 1
        constraints[f"most {name}"] = {"max": MOST}
    for attribute in attributes:
        words = draw(st.sampled_from([("min",), ("max",), ("equal",), ("min", "max")]))
        constraints[attribute] = {word: draw(st.integers(-6, 14)) for word in words}
    binaries = draw(st.sets(st.sampled_from(names)))
    for name in binaries:
        constraints[f"most {name}"] = {"max": 1}
    kinds = {"binaries": dict.fromkeys(binaries, 1), "ints": dict.fromkeys(set(names) - binaries, 1)}
    sense = draw(st.sampled_from(["min", "max"]))
    return {"optimize": "z", "opType": sense, "constraints": constraints, "variables": variables, **kinds}


@settings(max_examples=120, deadline=None)
@given(model=whole_models())
def test_models_of_a_few_whole_numbers_are_answered_as_by_looking_at_every_point(model: dict[str, Any]):
    assert told(model) == enumerated(model)
