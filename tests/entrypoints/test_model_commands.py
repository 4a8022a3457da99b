"""Models of one's own on the command line: looked at, solved here, and taken the whole way of the platform."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from .commands import networx

MPS = """NAME blending
ROWS
 N cost
 G demand
COLUMNS
 x cost 2 demand 1
 y cost 3 demand 1
RHS
 RHS demand 4
BOUNDS
 UP BND x 1.5
ENDATA
"""
LP = "max\n obj: 3 x + 2 y\nst\n c1: x + y <= 4\ngeneral\n x\nend\n"
JSON = '{"optimize": "z", "opType": "max", "constraints": {"a": {"max": 4}}, "variables": {"x": {"a": 1, "z": 2}}}'
CLASH = "min\n obj: x\nst\n c1: x >= 4\n c2: x <= 3\nend\n"


def written(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode(), mtime=0) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text", "model"),
    [
        ("m.mps", MPS, ("mps", False, "blending", 1, 2, 0)),
        ("m.mps.gz", MPS, ("mps", True, "blending", 1, 2, 0)),
        ("m.lp", LP, ("lp", False, None, 1, 2, 1)),
        ("m.json", JSON, ("json", False, None, 1, 1, 0)),
    ],
)
def test_check_tells_what_a_model_holds(tmp_path: Path, name: str, text: str, model: tuple[object, ...]) -> None:
    ran = networx("check", str(written(tmp_path / name, text)), "--json")
    said = json.loads(ran.stdout)
    assert (ran.returncode, said["usable"]) == (0, True)
    assert tuple(said["model"][word] for word in ("format", "packed", "name", "rows", "columns", "integers")) == model


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("m.mps", MPS.replace("demand 4", "demand four"), "Line 9: four is not a number"),
        ("m.lp", LP.replace("<= 4", "<= <= 4"), "cannot be read: it breaks the rules of the LP format"),
        (
            "m.mps",
            MPS.replace("ENDATA", "BOUNDS\n LO B x 5\n UP B x 3\nENDATA"),
            "the column x has inconsistent bounds",
        ),
        ("m.json", JSON.replace("{", '{"optimize": "cost", ', 1), "is stated twice"),
        ("m.json", JSON.replace("2", "NaN"), "NaN (line 1"),
        ("m.json", JSON.replace("2", "1e400"), "A number is larger than any"),
        ("m.json", '{"a": ' + "[" * 100_000, "This is no JSON"),
        ("m.json", JSON.replace("2", '"2"'), "send it without quotes"),
        ("m.lp.gz", "a letter", "does not begin as one"),
    ],
)
def test_check_tells_what_is_wrong_with_one(tmp_path: Path, name: str, text: str, what: str) -> None:
    ran = networx("check", str(written(tmp_path / name, text)), "--json")
    said = json.loads(ran.stdout)
    assert (ran.returncode, said["usable"]) == (3, False)
    assert what in said["problems"][0]["message"]


def test_solve_takes_a_packed_model_and_says_where_its_bound_is_from(tmp_path: Path) -> None:
    ran = networx("solve", str(written(tmp_path / "m.mps.gz", MPS)))
    assert ran.returncode == 0, ran.stderr
    assert "10.5 (recomputed exactly)" in ran.stdout
    whole = networx("solve", str(written(tmp_path / "m.lp", LP)))
    assert "12.0 (the solver's word)" in whole.stdout


def test_a_model_has_no_facilities_to_sweep_over(tmp_path: Path) -> None:
    ran = networx("run", str(written(tmp_path / "m.json", JSON)), "--nodes", "1:3", home=tmp_path)
    assert (ran.returncode, "no facilities to count" in ran.stderr) == (2, True)
