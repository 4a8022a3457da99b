"""The template has a cell for everything a model reads, and becomes a good workbook when it is filled in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.schema import SUPPORTED_SHEETS
from networx.ingest.network import parse_network
from networx.ingest.parameter_sheets import PARAMETER_SHEETS
from networx.ingest.template import write_network_template


@pytest.fixture
def book() -> openpyxl.Workbook:
    stream = io.BytesIO()
    write_network_template(stream)
    return openpyxl.load_workbook(stream)


def test_every_input_of_the_models_has_its_cell(book: openpyxl.Workbook) -> None:
    names = {sheet.table: sheet.name for sheet in SUPPORTED_SHEETS} | {"inbound_lanes": "Lanes"}
    for table, columns in DIGEST_COLUMNS.items():
        headers = [cell.value for cell in book[names[table]][1]]
        renamed = {
            ("lanes", "facility"): "origin",
            ("inbound_lanes", "supplier"): "origin",
            ("inbound_lanes", "facility"): "destination",
        }
        wanted = [renamed.get((table, name), name) for name, _ in columns]
        assert [name for name in wanted if name not in headers] == []
    for sheet, specs in PARAMETER_SHEETS.items():
        stated = [row[0].value for row in book[sheet].iter_rows(min_row=2)]
        assert stated == [spec.name for spec in specs]


def test_sheets_stand_in_the_order_of_the_schema_after_the_explanation(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["Read me", *(sheet.name for sheet in SUPPORTED_SHEETS)]


def test_every_header_and_parameter_has_its_note_and_no_value_is_filled_in(book: openpyxl.Workbook) -> None:
    for sheet in SUPPORTED_SHEETS:
        assert all(cell.comment and cell.comment.text for cell in book[sheet.name][1])
        if sheet.name not in PARAMETER_SHEETS:
            assert book[sheet.name].max_row == 1
    for name in PARAMETER_SHEETS:
        for row in book[name].iter_rows(min_row=2):
            assert row[0].comment
            assert row[1].value is None


@pytest.mark.parametrize(
    ("sheet", "header", "rule"),
    [
        ("Facilities", "status", ("list", '"candidate,mandatory,forbidden"')),
        ("Facilities", "fixed_cost_per_year", ("decimal", "0")),
        ("Forecast", "year", ("whole", "1900")),
        ("Lanes", "cost_per_unit", ("decimal", "0")),
    ],
)
def test_cells_are_validated_while_they_are_typed(
    book: openpyxl.Workbook, sheet: str, header: str, rule: tuple[str, str]
) -> None:
    letter = next(cell.column_letter for cell in book[sheet][1] if cell.value == header)
    rules = [
        (found.type, found.formula1)
        for found in book[sheet].data_validations.dataValidation
        if f"{letter}2" in found.sqref and f"{letter}1048576" in found.sqref
    ]
    assert rules == [rule]


def test_the_template_filled_in_is_a_good_workbook(network: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    write_network_template(path)
    book = openpyxl.load_workbook(path)
    for name, rows in network.items():
        if name == "Parameters":
            book[name]["B2"], book[name]["B3"] = "no", 2
        else:
            for row in rows[1:]:
                book[name].append(row)
    book.save(path)
    summary = parse_network(path, lambda _: None, lambda _: None)
    assert summary.problems == ()
    assert summary.rows == {
        "facilities": 2,
        "destinations": 2,
        "forecast": 2,
        "demand": 1,
        "facility_years": 1,
        "suppliers": 0,
        "expansions": 0,
        "operating_costs": 0,
        "control_totals": 0,
        "one_time_costs": 0,
        "assignments": 0,
        "skus": 0,
        "warehouse": 0,
        "inventory": 0,
        "inbound_lanes": 0,
        "service_years": 0,
        "rates": 0,
        "fitted_rates": 0,
        "parameters": 2,
        "lanes": 3,
    }
