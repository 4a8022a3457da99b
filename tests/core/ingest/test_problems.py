"""Error reports hold what was wrong and run nothing when a spreadsheet opens them."""

from __future__ import annotations

import csv

import pytest

from networx.errors import Problem
from networx.ingest.problems import ProblemLog, problems_csv


def test_a_report_has_a_line_for_each_problem_under_its_header() -> None:
    problem = Problem('units is "odd", see, line', "number", sheet="Demand", row=7, column="units", value="a\nb")
    header, line = csv.reader(problems_csv([problem]))
    assert header == ["sheet", "row", "column", "value", "rule", "message"]
    assert line == ["Demand", "7", "units", "a\nb", "number", 'units is "odd", see, line']


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_gets_a_quote_before(start: str) -> None:
    problem = Problem(
        "bad", "text", sheet=f"{start}sheet", row=1, column=f"{start}column", value=f"{start}cmd|' /C calc'!A0"
    )
    _, line = csv.reader(problems_csv([problem]))
    assert [cell[0] for cell in (line[0], line[2], line[3])] == ["'"] * 3


def test_a_character_that_the_database_cannot_hold_is_replaced() -> None:
    log = ProblemLog()
    log.add("bad \0", "text", sheet="S\0", row=1, column="c\0", value="v\0")
    [problem] = log.kept
    assert "\0" not in f"{problem.message}{problem.sheet}{problem.column}{problem.value}"
