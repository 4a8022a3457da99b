"""Assignments of a network with modes say by which each flow goes; of one without they are as they were."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from networx.models.transport import solve_transport
from networx.results.assignments import iter_assignments, write_assignments
from networx.results.kpis import transport_result
from networx.results.report import render_report
from networx.results.workbook import write_result_workbook
from tests.core.models.lane_networks import with_lanes
from tests.core.models.small_networks import parameters, two_sites


@pytest.fixture
def solved():
    """A truck takes 50 of Elm's 60 units of 2027, a parcel 10 at $2; in 2026 a row of that year prices the truck."""
    tables = with_lanes(
        two_sites(),
        [
            {"at": (0, 0), "cost": 1, "miles": 10, "most": 50, "mode": "tl"},
            {"at": (0, 0), "cost": 0.5, "miles": 12, "mode": "tl", "year": 2026},
            {"at": (0, 0), "cost": 2, "miles": 11, "mode": "parcel"},
            {"at": (0, 1), "cost": 4, "miles": 200},
            {"at": (1, 1), "cost": 1, "miles": 20},
        ],
    )
    outcome = solve_transport(tables, parameters())
    return tables, outcome, transport_result(tables, parameters(), outcome, None, identity={})


def test_each_flow_has_its_mode_price_and_miles(solved, tmp_path: Path):
    tables, outcome, result = solved

    write_assignments(tmp_path / "flows.parquet", tables, parameters(), outcome.plan)

    rows = list(iter_assignments(tmp_path / "flows.parquet"))
    shown = ("year", "facility", "destination", "mode", "units", "cost_per_unit", "distance_miles")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        (2026, "North", "Elm", "tl", 40, 0.5, 12),
        (2026, "South", "Oak", None, 30, 1, 20),
        (2027, "North", "Elm", "parcel", pytest.approx(10), 2, 11),
        (2027, "North", "Elm", "tl", pytest.approx(50), 1, 10),
        (2027, "North", "Oak", None, pytest.approx(5), 4, 200),
        (2027, "South", "Oak", None, pytest.approx(40), 1, 20),
    ]
    assert result["kpis"]["total_cost"] == pytest.approx(outcome.objective)
    assert [row["share_of_demand"] for row in rows[2:4]] == pytest.approx([1 / 6, 5 / 6])

    write_result_workbook(tmp_path / "result.xlsx", result, rows)
    sheet = openpyxl.load_workbook(tmp_path / "result.xlsx")["Assignments"]
    assert [cell.value for cell in sheet[1]][:5] == ["Year", "Facility", "Destination", "Mode", "Units"]
    assert [sheet.cell(row, 4).value for row in range(2, 8)] == ["tl", None, "parcel", "tl", None, None]

    assert '<th scope="col">Mode</th>' in render_report(result, rows)


def test_without_modes_nothing_speaks_of_them(tmp_path: Path):
    tables = two_sites()
    outcome = solve_transport(tables, parameters())
    write_assignments(tmp_path / "flows.parquet", tables, parameters(), outcome.plan)
    rows = list(iter_assignments(tmp_path / "flows.parquet"))
    result = transport_result(tables, parameters(), outcome, None, identity={})
    write_result_workbook(tmp_path / "result.xlsx", result, rows)

    assert "mode" not in rows[0]
    assert openpyxl.load_workbook(tmp_path / "result.xlsx")["Assignments"]["D1"].value == "Units"
    assert ">Mode<" not in render_report(result, rows)
