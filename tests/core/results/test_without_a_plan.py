"""A scenario whose limit came before any plan: every presentation says so, and none invents a certificate."""

from __future__ import annotations

from typing import Any

import openpyxl
import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome, ResultStatus
from networx.results import wording
from networx.results.kpis import transport_result
from networx.results.report import render_report
from networx.results.workbook import write_result_workbook


@pytest.fixture
def nothing(tables: NetworkTables, parameters: TransportParameters) -> dict[str, Any]:
    outcome = Outcome(ResultStatus.NO_SOLUTION, "HiGHS", 20.0, bound=12.5)
    return transport_result(tables, parameters, outcome, None, identity={"dataset_sha256": "ab"})


def test_the_result_has_no_certificate_and_no_figures(nothing):
    assert nothing["certificate"] is None
    assert nothing["kpis"] is None
    assert (nothing["status"], nothing["bound"]) == ("no_solution", 12.5)


def test_the_words_say_that_nothing_was_found(nothing):
    assert wording.verdict(nothing).startswith("No plan found in time")
    assert wording.certificate_verdict(nothing) == "There is no plan to check."


def test_the_workbook_and_the_report_are_written_all_the_same(nothing, tmp_path):
    write_result_workbook(tmp_path / "r.xlsx", nothing, ())
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert "There is no plan to check." in [row[0] for row in book["Summary"].iter_rows(values_only=True)]
    assert "There is no plan to check." in render_report(nothing, [])
