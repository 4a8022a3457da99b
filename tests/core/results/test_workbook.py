"""The result workbook, opened again with a reader that shares nothing with the writer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import TransportPlan
from networx.results import result_book
from networx.results.assignments import read_assignments_page, write_assignments
from networx.results.workbook import write_result_workbook


@pytest.fixture
def rows(
    tmp_path: Path, tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan
) -> list[dict[str, Any]]:
    write_assignments(tmp_path / "a.parquet", tables, parameters, plan)
    return read_assignments_page(tmp_path / "a.parquet", 0, 100)[0]


def _opened(path: Path, result: dict[str, Any], rows: list[dict[str, Any]]) -> openpyxl.Workbook:
    write_result_workbook(path, result, iter(rows))
    return openpyxl.load_workbook(path)


def _cells(book: openpyxl.Workbook, sheet: str) -> list[tuple[Any, ...]]:
    return list(book[sheet].iter_rows(values_only=True))


def test_the_sheets_stand_in_reading_order_with_frozen_headers(
    tmp_path: Path, result: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    book = _opened(tmp_path / "r.xlsx", result, rows)
    assert book.sheetnames == ["Summary", "Years", "Facilities", "Costs", "Assignments", "Certificate", "Parameters"]
    assert {book[name].freeze_panes for name in book.sheetnames[1:]} == {"A2"}


def test_the_summary_says_the_verdict_in_plain_words(
    tmp_path: Path, result: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    cells = _cells(_opened(tmp_path / "r.xlsx", result, rows), "Summary")
    lines = {line[0]: line[1] for line in cells[4:]}
    assert cells[1][0].startswith("Proven optimal")
    assert cells[2][0] == "Checked independently: 2 checks recomputed from the data, all passed."
    assert lines["Cannot be cheaper than"] == 4462.91
    assert lines["Total cost"] == result["kpis"]["total_cost"]
    assert lines["Job id"] == "job-1"


def test_figures_are_numbers_in_full_precision(
    tmp_path: Path, result: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    book = _opened(tmp_path / "r.xlsx", result, rows)
    first = _cells(book, "Years")[1]
    assert first[0] == 2026
    assert first[3] == result["years"][0]["transport_cost"]
    assert book["Years"]["D2"].number_format == "$#,##0.00"
    assert [line[3] for line in _cells(book, "Assignments")[1:]] == [row["units"] for row in rows]


def test_an_unlimited_capacity_reads_unlimited_and_a_closed_facility_has_no_year(
    tmp_path: Path, result: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    sites = _cells(_opened(tmp_path / "r.xlsx", result, rows), "Facilities")[1:]
    assert [line[9] for line in sites] == [120, 110, "unlimited", 200, None]
    assert sites[-1][6:8] == ("no", None)


def test_a_name_that_begins_like_a_formula_stays_text(
    tmp_path: Path, result: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    book = _opened(tmp_path / "r.xlsx", result, rows)
    cell = book["Facilities"]["A4"]
    assert cell.value.startswith("=SUM(A1)")
    assert cell.data_type in {"s", "inlineStr"}


def test_assignments_continue_on_a_second_sheet(
    tmp_path: Path, result: dict[str, Any], rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_book, "SHEET_ROWS", 5)
    book = _opened(tmp_path / "r.xlsx", result, rows)
    first, second = _cells(book, "Assignments"), _cells(book, "Assignments 2")
    assert book.sheetnames.index("Assignments 2") == book.sheetnames.index("Assignments") + 1
    assert [len(first), len(second)] == [5, 4]
    assert first[0] == second[0]
    assert [line[3] for line in first[1:] + second[1:]] == [row["units"] for row in rows]


def test_numbers_are_shown_as_a_person_writes_them(
    tmp_path: Path, result: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    few = {**result["years"][0], "units": 5.25}
    book = _opened(tmp_path / "r.xlsx", {**result, "years": [few, *result["years"][1:]], "gap": 7.5e-6}, rows)
    units = [cell.number_format for cell in book["Years"]["C"][1:]]
    assert units == ["#,##0.00", "#,##0"]  # `#,##0.##` shows 300 as `300.`
    formats = {row[0].value: row[1].number_format for row in book["Summary"].iter_rows(min_row=5)}
    assert formats["Still open"] == "0.0000%"


def test_without_a_plan_there_are_no_empty_sheets_and_no_unknown_costs(
    tmp_path: Path, infeasible_result: dict[str, Any]
) -> None:
    book = _opened(tmp_path / "r.xlsx", infeasible_result, [])
    assert book.sheetnames == ["Summary", "Certificate", "Parameters"]
    lines = {line[0]: line[1] for line in _cells(book, "Summary")}
    assert lines["Shown by"] == "Closed form"
    assert "This plan costs" not in lines


def test_an_infeasible_result_names_its_clash(tmp_path: Path, infeasible_result: dict[str, Any]) -> None:
    cells = _cells(_opened(tmp_path / "r.xlsx", infeasible_result, []), "Summary")
    clash = next(line for line in cells if line[0] == "Clash: Capacity")
    assert clash[1:] == (80, "Demand of 300 units is above 220. Add 80 units of capacity.")
