"""Models from MPS and LP files: read as they are written, or refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from networx.domain.model_answer import ModelData, Question
from networx.domain.model_file import check_model_text
from networx.errors import RefusedInput
from networx.models.generic import solve_data
from networx.solver.files import read_model
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
    check_model_text(text, kind)
    path = tmp_path / f"model.{kind}"
    path.write_text(text)
    return read_model(path)


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
