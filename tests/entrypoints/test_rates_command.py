"""`networx rates fit`: from a file of shipments to a sheet that a person accepts, and to prices of a network."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from cli.__main__ import main
from cli.reading import read_workbook
from networx.domain.parameters import transport_parameters
from networx.errors import RefusedInput
from networx.models.transport import solve_transport
from tests.core.models.test_transport_plans import assert_certified

ZIPS = ("60601", "07102", "80202", "33128", "75201", "98101", "30303", "64106")


@pytest.fixture
def shipments(tmp_path: Path) -> Path:
    """80 by ltl of 600 to 900 lb at $50 + $0.50 a mile, 10 by tl, one without a weight, one to a ZIP that is none."""
    rng = np.random.default_rng(5)
    path = tmp_path / "shipments.csv"
    header = ["order_id", "tracking_number", "ship_date", "origin_zip", "dest_zip", "origin", "destination", "mode"]
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow([*header, "weight_lb", "miles", "net_charge"])
        for row in range(92):
            start, end = rng.choice(ZIPS, 2, replace=False)
            miles, pounds = round(float(rng.uniform(50, 1_500)), 1), int(rng.integers(600, 900))
            mode, weight = ("ltl" if row < 80 or row > 89 else "tl"), "" if row == 90 else pounds
            end, stated = ("00001", "") if row == 91 else (end, miles)
            charge = round(50 + 0.5 * miles, 2)
            day = f"2025-{1 + row % 6:02d}-15"
            write.writerow([f"A{row}", f"T{row}", day, start, end, "", "", mode, weight, stated, charge])
    return path


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """One way of 1,000 miles by ltl that waits for a price; ten units of 70 lb are a shipment."""
    path = tmp_path / "network.xlsx"
    sheets: dict[str, list[list[Any]]] = {
        "Facilities": [
            ["name", "zip", "capacity_units", "fixed_cost_per_year", "status"],
            ["North", "60601", 500, 100, "candidate"],
        ],
        "Destinations": [["name", "zip", "demand_units"], ["Elm", "80202", 200]],
        "Lanes": [
            ["origin", "destination", "cost_per_unit", "distance_miles", "mode"], ["North", "Elm", None, 1000, "LTL"]
        ],
        "Parameters": [
            ["name", "value"], ["circuity", "1.2"], ["single_sourcing", "no"],
            ["pounds_per_unit", "70"], ["units_per_shipment", "10"],
        ],
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    return path


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["networx", *words])
    with pytest.raises(SystemExit) as ending:
        main()
    return int(ending.value.code or 0)


def moved(fitted: Path, network: Path, by: str | None) -> Path:
    """The network's workbook with the sheet FittedRates, accepted by a person or by nobody."""
    book, rows = openpyxl.load_workbook(network), list(openpyxl.load_workbook(fitted)["FittedRates"].values)
    page = book.create_sheet("FittedRates")
    for row in rows:
        page.append(row)
    for line in range(2, len(rows) + 1):
        page.cell(line, rows[0].index("accepted_by") + 1, by)
        page.cell(line, rows[0].index("accepted_on") + 1, by and "2026-11-22")
    path = network.with_name("with fits.xlsx")
    book.save(path)
    return path


def test_from_shipments_to_prices_that_a_person_accepted(
    shipments: Path,
    network: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    fitted = tmp_path / "fitted.xlsx"
    with pytest.raises(RefusedInput, match="neither Rates nor FittedRates has the lane's mode"):
        read_workbook(network)

    assert ended(monkeypatch, "rates", "fit", str(shipments), "--network", str(network), "-o", str(fitted)) == 0

    said = " ".join(capsys.readouterr().err.split())
    assert "Left out: 1 shipment, no weight above 0." in said
    assert "Left out: 1 shipment, no distance: a ZIP is missing or has no known place." in said
    assert "ltl, 500 to 1,000 lb: 80 shipments, half of them off by 0.0 % at most" in said
    assert "tl, 500 to 1,000 lb: 10 shipments, not fitted: fewer than 30 shipments." in said
    notes = [row[0] for row in openpyxl.load_workbook(fitted)["Notes"].values]
    assert notes[0] == "Fitted by networx to 80 shipments of shipments.csv."
    with pytest.raises(RefusedInput, match="accepted_by is empty"):
        read_workbook(moved(fitted, network, None))
    tables, _ = read_workbook(moved(fitted, network, "Ana Diaz"))
    given = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, given)
    # 20 shipments of 50 + 0.5 x 1,000 dollars, and North's 100.
    assert outcome.objective == pytest.approx(100 + 20 * 550, rel=1e-4)
    assert_certified(tables, given, outcome)


def test_what_cannot_be_fitted_ends_with_the_reasons(
    shipments: Path,
    network: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    fitted = tmp_path / "fitted.xlsx"
    words = ("rates", "fit", str(shipments), "--network", str(network), "-o", str(fitted))

    assert ended(monkeypatch, *words, "--fewest", "100") == 3

    assert "ltl, 500 to 1,000 lb: 80 shipments, not fitted: fewer than 100 shipments." in capsys.readouterr().err
    assert not fitted.exists()
    assert ended(monkeypatch, *words, "--breaks", "500,100") == 2
    assert "each above the one before" in capsys.readouterr().err
    fitted.touch()
    assert ended(monkeypatch, *words) == 2
