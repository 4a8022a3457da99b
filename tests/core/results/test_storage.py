"""Results of plans of space and stock: their figures, workbook and report, and the terminal's way to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
import typer
import xlsxwriter

from cli.solve_storage import solve_storage
from cli.terminal import Exit
from cli.verify import verify
from networx.results.report import write_storage_report
from networx.results.storage_wording import inventory_verdict, storage_tiles
from networx.results.storage_workbook import write_storage_workbook
from tests.core.models.small_warehouses import SOAP_AND_OIL, STATED, STOCK

SITES = [("North", 110, 100), ("South", 40, 50)]
LANES = [("North", "Elm", 1), ("North", "Oak", 4), ("South", "Elm", 3), ("South", "Oak", 1)]


def book(path: Path, **changes: Any) -> Path:
    """The two sites of `small_networks`, their warehouse and stock, as a workbook; None leaves a row out."""
    warehouse, stock = STATED | changes, STOCK | {"assignment": "fixed"}
    columns = (SOAP_AND_OIL.annual_volume, SOAP_AND_OIL.units_per_case, SOAP_AND_OIL.cases_per_pallet)
    sheets = {
        "Facilities": [
            ["name", "capacity_units", "fixed_cost_per_year", "status"],
            *([*site, "candidate"] for site in SITES),
        ],
        "Destinations": [["name", "demand_units"], ["Elm", 40], ["Oak", 30]],
        "Forecast": [["year", "annual_units"], [2026, 70], [2027, 105]],
        "Lanes": [["origin", "destination", "cost_per_unit"], *map(list, LANES)],
        "Assignments": [["facility", "destination", "rule"], ["North", "Elm", "fixed"], ["North", "Oak", "fixed"]],
        "Parameters": [["name", "value"], ["single_sourcing", "no"], ["lease_years", 2]],
        "SKUs": [
            ["sku", "annual_volume", "units_per_case", "cases_per_pallet"],
            *([name, *row] for name, *row in zip(SOAP_AND_OIL.sku, *columns, strict=True)),
        ],
        "Warehouse": [["name", "value"], *([name, value] for name, value in warehouse.items() if value is not None)],
        "Inventory": [["name", "value"], *map(list, stock.items())],
    }
    with xlsxwriter.Workbook(str(path)) as made:
        for name, rows in sheets.items():
            page = made.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    return path


def solved(path: Path, kind: str, capsys: Any, **changes: Any) -> dict[str, Any]:
    """The result object that the terminal prints."""
    solve_storage(book(path / "stored.xlsx", **changes), kind, as_json=True)
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out)
    return found


def sheets_of(path: Path, result: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    write_storage_workbook(path / "result.xlsx", result)
    made = openpyxl.load_workbook(path / "result.xlsx")
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in made}


def report_of(path: Path, result: dict[str, Any]) -> str:
    write_storage_report(path / "report.html", result)
    return re.sub(r"\s+", " ", (path / "report.html").read_text())


def test_a_plan_of_space_is_told_in_every_form(tmp_path: Path, capsys: Any) -> None:
    result = solved(tmp_path, "warehouse", capsys)
    assert (result["type"], result["status"], result["objective"]) == ("warehouse", "optimal", pytest.approx(77_000))
    assert result["headline"] == "Add no building and hire up to 2,000 square feet"
    assert result["verdict"].endswith("The space costs $77.0 k over all years, and no other plan costs less.")
    assert result["kpis"]["hired_cost"] == pytest.approx(29_000)
    assert [year["warehouse_cost"] for year in result["years"]] == pytest.approx([29_000, 48_000])
    assert result["parameters"]["aisle_factor"] == {"value": 2.5, "unit": "ratio", "source": "given"}
    sheets = sheets_of(tmp_path, result)
    assert list(sheets) == ["Summary", "Space needed", "Space planned", "Certificate", "Parameters"]
    assert sheets["Space needed"][2][:4] == ("the warehouse", 2027, pytest.approx(2100), pytest.approx(252))
    assert sheets["Space planned"][1][-1] == pytest.approx(29_000)
    said = report_of(tmp_path, result)
    assert "Proven optimal" in said
    assert '<td class="n">5,000</td>' in said


def test_stock_is_told_in_every_form(tmp_path: Path, capsys: Any) -> None:
    result = solved(tmp_path, "inventory", capsys)
    (first, later) = result["stock"]["years"]
    assert (result["type"], result["bound_source"]) == ("inventory", "closed_form")
    # North serves both; what it holds grows with demand.
    assert later["safety"] == pytest.approx(1.5 * first["safety"])
    assert first["safety"] < first["unpooled_safety"]
    assert result["kpis"]["inventory_cost"] == pytest.approx(first["holding_cost"] + later["holding_cost"])
    assert result["parameters"]["assignment"]["value"] == "fixed"
    assert result["parameters"]["operating_days"]["value"] == 250  # the sheet Warehouse says them
    sheets = sheets_of(tmp_path, result)
    assert list(sheets) == ["Summary", "Stock by year", "Stock by facility", "Certificate", "Parameters"]
    assert sheets["Stock by facility"][1][:3] == ("North", 2026, 2)
    assert "Saved by pooling" in report_of(tmp_path, result)


def test_a_whole_network_is_told_in_every_form(tmp_path: Path, capsys: Any) -> None:
    result = solved(tmp_path, "integrated", capsys)
    parts = ("transport_cost", "facility_cost", "warehouse_cost", "inventory_cost")
    assert result["objective"] == pytest.approx(sum(result["kpis"][name] for name in parts))
    for year in result["years"]:
        assert year["total_cost"] == pytest.approx(sum(year[name] for name in parts))
    # Elm can be served by North alone, by the fixed rows: its network costs 600, as worked out in small_networks.
    assert result["steps"]["network"]["objective"] == result["bound"] == pytest.approx(600)
    assert [one["facility"] for one in result["warehouses"]] == ["North"]
    # All units leave North: its warehouse is that of the whole volume.
    assert result["kpis"]["warehouse_cost"] == pytest.approx(77_000)
    assert "the sum is not proven to be the least" in result["verdict"]
    sheets = sheets_of(tmp_path, result)
    wanted = ["Summary", "Cost by year", "Space needed", "Space planned", "Stock by year", "Stock by facility"]
    assert list(sheets) == [*wanted, "Facilities", "Costs", "Assignments", "Certificate", "Parameters"]
    assert sheets["Cost by year"][-1][-1] == pytest.approx(result["objective"])
    assert "Planned step by step" in report_of(tmp_path, result)


def test_warehouses_that_cannot_hold_the_network_are_no_proof_against_others(tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(typer.Exit) as ended:
        solved(tmp_path, "integrated", capsys, max_outbound_doors=4)
    assert ended.value.exit_code == Exit.REFUSED
    result = orjson.loads(capsys.readouterr().out)
    assert (result["status"], result["kpis"], result["objective"]) == ("no_solution", None, None)
    assert result["infeasibility"]["clashes"][0]["message"].startswith("The warehouse of North needs 5 outbound doors")
    assert "nothing is proven of others" in result["verdict"]
    assert "Outbound" not in list(sheets_of(tmp_path, result))
    assert "max_outbound_doors" in report_of(tmp_path, result)


def test_what_costs_as_much_as_what_it_is_compared_with_is_called_so() -> None:
    kpis = {"inventory_cost": 50.0, "average_stock": 4.0, "safety_stock": 2.0, "unpooled_safety_stock": 3.0}
    for other, said in ((50.0, "as much as with"), (60.0, "$10 less than with"), (45.0, "$5 more than with")):
        verdict = inventory_verdict({"kpis": kpis | {"compared_inventory_cost": other}, "partial": False})
        assert verdict.endswith(f"That is {said} the assignment it is compared with.")


def test_the_terminal_compares_where_it_is_asked_to(tmp_path: Path, capsys: Any) -> None:
    path = book(tmp_path / "stored.xlsx")
    made = openpyxl.load_workbook(path)
    made["Inventory"].append(["compare_with", "fixed"])
    made.save(path)
    solve_storage(path, "inventory", as_json=True)
    result = orjson.loads(capsys.readouterr().out)
    assert result["kpis"]["compared_inventory_cost"] == pytest.approx(result["kpis"]["inventory_cost"])
    assert result["parameters"]["compare_with"]["value"] == "fixed"
    (tmp_path / "result.json").write_bytes(orjson.dumps(result))
    verify(tmp_path / "result.json", path, as_json=True)
    assert orjson.loads(capsys.readouterr().out)["holds"]


def test_the_tiles_of_a_network_add_up_to_its_total() -> None:
    kpis = {"transport_cost": 1.0, "facility_cost": 2.0, "warehouse_cost": 3.0, "inventory_cost": 4.0}
    said = {label for label, _, _ in storage_tiles({"kpis": kpis | {"inbound_cost": 0.0, "service_penalty_cost": 0.0}})}
    assert said == {"Transport", "Facilities", "Warehouses", "Stock"}
    asked = {
        label for label, _, _ in storage_tiles({"kpis": kpis | {"inbound_cost": 5.0, "service_penalty_cost": 6.0}})
    }
    assert asked - said == {"Inbound", "Missed service"}


def test_the_terminal_shows_every_table(tmp_path: Path, capsys: Any) -> None:
    solve_storage(book(tmp_path / "stored.xlsx"), "integrated", as_json=False)
    shown = capsys.readouterr().out
    for title in ("Cost by year", "Space needed: North", "Space planned: North", "Stock by facility"):
        assert title in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["2027", "2,100", "252", "5", "3", "5,000"] in lines
    assert ["2027", "0", "3,000", "2,000", "$48.0", "k"] in lines


@pytest.mark.parametrize("kind", ["warehouse", "inventory", "integrated"])
def test_a_downloaded_result_is_checked_again_and_a_changed_one_does_not_hold(
    tmp_path: Path, capsys: Any, kind: str
) -> None:
    result = solved(tmp_path, kind, capsys)
    path = tmp_path / "result.json"
    path.write_bytes(orjson.dumps(result))
    verify(path, tmp_path / "stored.xlsx", as_json=True)
    found = orjson.loads(capsys.readouterr().out)
    assert (found["holds"], found["status"]) == (True, result["status"])
    result["years"][1]["total_cost" if kind != "inventory" else "inventory_cost"] *= 1 - 1e-6
    path.write_bytes(orjson.dumps(result))
    with pytest.raises(typer.Exit) as ended:
        verify(path, tmp_path / "stored.xlsx", as_json=True)
    assert ended.value.exit_code == Exit.FAILED
    found = orjson.loads(capsys.readouterr().out)
    assert [check["name"] for check in found["checks"] if not check["passed"]] == ["figures: years"]
