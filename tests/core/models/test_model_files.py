"""Models from MPS and LP files: read as they are written, or refused with the line that is wrong."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from networx.domain import model_file
from networx.domain.model_answer import ModelData, Question
from networx.domain.model_file import check_model_text
from networx.errors import RefusedInput
from networx.models.generic import solve_data
from networx.solver import files
from networx.solver.files import read_file
from networx.topology import TOPOLOGY
from networx.verify.generic import facts_of_data
from networx.work.certify_model import Statement, certified

MPS = """NAME          TEST
* a comment
OBJSENSE
    MAX
ROWS
 N  COST
 L  LIM1
 G  MYEQN
COLUMNS
    MARKER    'MARKER'    'INTORG'
    X         COST   1.0   LIM1   1.0
    MARKER    'MARKER'    'INTEND'
    Y         COST   2.0   LIM1   1.0
    Y         MYEQN  1.0
RHS
    RHS       LIM1   4.0   MYEQN  1.0
BOUNDS
 UP BND       X      4.5
 UP BND       Y      1.5
ENDATA
"""
LP = """max
 obj: 3 x + 2 y + 1
subject to
 c1: x + y <= 4
 c2: x + 3 y <= 6
bounds
 x <= 2.5
general
 y
end
"""


def read(tmp_path: Path, text: str, kind: str) -> ModelData:
    path = tmp_path / f"model.{kind}"
    path.write_text(text)
    return read_file(path)


@pytest.mark.parametrize(
    ("text", "kind", "objective", "solution"),
    # X is whole: 2 of it beside 1.5 of Y leave half a unit of LIM1 unused. By hand: 2 + 2 x 1.5.
    [(MPS, "mps", 5.0, {"X": 2.0, "Y": 1.5}), (LP, "lp", 10.5, {"x": 2.5, "y": 1.0})],
)
def test_a_file_is_solved_as_it_is_written(tmp_path: Path, text: str, kind: str, objective: float, solution: dict):
    data = read(tmp_path, text, kind)
    again = ModelData.from_arrays(data.arrays())
    _, outcome, certificate = certified(Statement(again, "0" * 64), Question(), solve_data(again))
    assert outcome.values is not None
    assert (outcome.status.value, outcome.objective) == ("optimal", pytest.approx(objective))
    assert dict(zip(data.columns, outcome.values.tolist(), strict=True)) == pytest.approx(solution)
    assert certificate is not None
    assert certificate.valid


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (("LIM1   1.0\n    MARKER", "LIM1   abc\n    MARKER"), 11, "abc is not a number"),
        (("LIM1   1.0\n    MARKER", "LIM1   nan\n    MARKER"), 11, "nan is not a number"),
        (("LIM1   1.0\n    MARKER", "LIMIT   1.0\n    MARKER"), 11, "no row LIMIT"),
        (("MYEQN  1.0\nBOUNDS", "MYEQN  one\nBOUNDS"), 16, "one is not a number"),
        (("UP BND       X      4.5", "UP BND       Z      4.5"), 18, "no column Z"),
        (("UP BND       X      4.5", "UP BND       X      lots"), 18, "needs a number"),
        (("UP BND       X      4.5", "SC BND       X      4.5"), 18, "bound SC"),
        ((" G  MYEQN", " X  MYEQN"), 8, "one of N, L, G, E"),
        ((" G  MYEQN", " G  LIM1"), 8, "there twice"),
        (("    MAX", "    BEST"), 4, "MAX or MIN"),
        (("Y         MYEQN  1.0", "Y         LIM1  1.0"), 14, "two numbers in the row LIM1"),
        (("Y         MYEQN  1.0", "Y         MYEQN  1.0   MYEQN  2.0"), 14, "two numbers in the row MYEQN"),
        (("BOUNDS\n", "QUADOBJ\n"), 17, "QUADOBJ is not known"),
        (("Y         MYEQN  1.0", "Y         MYEQN"), 14, "one or two rows"),
    ],
)
def test_what_an_mps_file_does_not_say_is_refused_by_its_line(change: tuple[str, str], line: int, what: str):
    assert change[0] in MPS
    with pytest.raises(RefusedInput) as caught:
        check_model_text(MPS.replace(*change), "mps")
    told = {problem.row: problem.message for problem in caught.value.problems}
    assert what in told[line]


@pytest.mark.parametrize(
    "text", ["", "  \n", "garbage", "a\x00b", MPS.replace("ENDATA\n", ""), "\n".join(MPS.splitlines()[:9])]
)
def test_what_is_no_mps_file_at_all_is_refused(text: str):
    with pytest.raises(RefusedInput):
        check_model_text(text, "mps")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("garbage garbage", "no variables"),
        ("min\n obj: 3 x + [ x ^ 2 ] / 2\nst\n c1: x >= 1\nend\n", "quadratic"),
        ("min\n obj: x\nst\n c1: x + y >= 1\nbounds\n y <= 5\nsemi\n y\nend\n", "semi-continuous"),
        ("min\n obj: x\nst\n c1: x >= nan\nend\n", "number|cannot be read"),
        ("min\n obj: x\nst\n c1: x >= >= 3\nend\n", "cannot be read"),
    ],
)
def test_what_an_lp_file_does_not_say_is_refused(tmp_path: Path, text: str, what: str):
    with pytest.raises(RefusedInput, match=what):
        read(tmp_path, text, "lp")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", ["mps", "lp"])
def test_a_file_is_read_the_same_with_a_mark_before_it_and_packed(tmp_path: Path, kind: str, packed: bool):
    text = MPS if kind == "mps" else LP
    content = b"\xef\xbb\xbf" + text.encode() if kind == "mps" else text.encode()
    path = tmp_path / f"model.{kind}{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    assert read_file(path).columns == read(tmp_path, text, kind).columns
    assert [left.name for left in tmp_path.iterdir() if left.is_dir()] == []


def test_no_more_is_unpacked_than_a_model_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small = replace(TOPOLOGY, limits=replace(TOPOLOGY.limits, model_upload_bytes=1000))
    monkeypatch.setattr(files, "TOPOLOGY", small)
    path = tmp_path / "bomb.mps.gz"
    # Two members: what the file's end says of its size is true of the second alone.
    path.write_bytes(gzip.compress(MPS.encode() + b" " * 10_000_000, mtime=0) + gzip.compress(b"\n", mtime=0))
    with pytest.raises(RefusedInput, match="when it is unpacked"):
        read_file(path)
    assert [left.name for left in tmp_path.iterdir()] == ["bomb.mps.gz"]


@pytest.mark.parametrize(
    "content", [b"no gzip", gzip.compress(MPS.encode(), mtime=0)[:-9], gzip.compress(b"x", mtime=0)[:-1] + b"?"]
)
def test_what_cannot_be_unpacked_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "model.mps.gz"
    path.write_bytes(content)
    with pytest.raises(RefusedInput, match="cannot be unpacked"):
        read_file(path)


def test_a_line_that_is_no_utf_8_is_refused_by_its_number(tmp_path: Path):
    path = tmp_path / "model.mps"
    path.write_bytes(MPS.replace("a comment", "a caf\xe9").encode("latin-1"))
    with pytest.raises(RefusedInput, match="Line 2 has characters that are no UTF-8"):
        read_file(path)


@pytest.mark.parametrize(
    ("most", "what"), [("MOST_ROWS", "rows"), ("MOST_COLUMNS", "columns"), ("MOST_COEFFICIENTS", "coefficients")]
)
@pytest.mark.parametrize("kind", ["mps", "lp"])
def test_a_model_that_is_larger_than_can_be_solved_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, most: str, what: str
):
    monkeypatch.setattr(model_file, most, 1)
    with pytest.raises(RefusedInput, match=f"more than 1 {what}.*in parts"):
        read(tmp_path, MPS if kind == "mps" else LP, kind)


def test_a_model_without_rows_travels_too(tmp_path: Path):
    data = read(tmp_path, "min\n obj: x + y\nst\nbounds\n x >= 2\nend\n", "lp")
    again = ModelData.from_arrays(data.arrays())
    assert (again.rows, again.columns) == ((), ("x", "y"))
    assert solve_data(again).objective == 2


def test_the_rows_of_a_file_are_checked_one_by_one(tmp_path: Path):
    data = read(tmp_path, MPS, "mps")
    lines = facts_of_data(data, "0" * 64).lines
    assert [(line.name, line.terms) for line in lines] == [("LIM1", {0: 1.0, 1: 1.0}), ("MYEQN", {1: 1.0})]
    assert (lines[-1], lines[0:2], len(lines)) == (lines[1], list(lines), 2)
    with pytest.raises(IndexError):
        lines[2]
