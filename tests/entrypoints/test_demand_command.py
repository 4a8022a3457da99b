"""`networx demand`: from a file of shipments to sheets that a network's workbook takes as they are."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cli.__main__ import main
from cli.reading import read_workbook

HEADER = ["order_id", "tracking_number", "ship_date", "origin_zip", "dest_zip", "origin", "destination", "mode"]
# Two to ZIP3 606 and one to 021 by ltl, a parcel whose credit is more than its charge; what is no demand.
ROWS = [
    ["60601", "60601", "North", "", "ltl", "outbound", 3, "100.00"],
    ["60601", "60699", "North", "", "ltl", "", 4, "50.10"],
    ["02139", "02139", "", "", "ltl", "outbound", 0.25, "10.00"],
    ["60601", "02139", "North", "", "parcel", "outbound", 2, "-5.00"],
    ["60601", "02139", "North", "", "ltl", "inbound", 7, "70.00"],
    ["60601", "", "North", "Riga", "air", "outbound", 8, "80.00"],
    ["60601", "02139", "North", "", "ltl", "outbound", "", "90.00"],
]


@pytest.fixture
def shipments(tmp_path: Path) -> Path:
    path = tmp_path / "shipments.csv"
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow([*HEADER, "direction", "units", "net_charge"])
        for at, (start, end, origin, destination, mode, way, units, charge) in enumerate(ROWS):
            day = f"2025-0{at + 1}-15"
            write.writerow([f"A{at}", f"T{at}", day, start, end, origin, destination, mode, way, units, charge])
    return path


def ended(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["networx", *map(str, words)])
    with pytest.raises(SystemExit) as ending:
        main()
    return int(ending.value.code or 0)


def with_facilities(made: Path, names: tuple[str, ...]) -> Path:
    """The workbook as it was written, with what a person adds to it."""
    book = openpyxl.load_workbook(made)
    page = book.create_sheet("Facilities")
    page.append(["name", "capacity_units", "fixed_cost_per_year", "status"])
    for name in names:
        page.append([name, "unlimited", 0, "candidate"])
    page = book.create_sheet("Parameters")
    for row in (["name", "value"], ["single_sourcing", "no"]):
        page.append(row)
    path = made.with_name("network.xlsx")
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("by", "places", "lanes"),
    [
        (
            "zip3",
            {"021": (None, 2.25), "606": (None, 7.0)},
            {("02139", "021", "ltl"): 40.0, ("North", "606", "ltl"): 150.1 / 7},
        ),
        (
            "zip5",
            {"02139": ("02139", 2.25), "60601": ("60601", 3.0), "60699": (None, 4.0)},
            {("02139", "02139", "ltl"): 40.0, ("North", "60601", "ltl"): 100 / 3, ("North", "60699", "ltl"): 12.525},
        ),
    ],
)  # fmt: skip
def test_the_sheets_are_read_back_as_the_same_demand_and_lanes(
    shipments: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    by: str,
    places: dict[str, tuple[str | None, float]],
    lanes: dict[tuple[str, str, str], float],
):
    target = tmp_path / "demand.xlsx"
    assert ended(monkeypatch, "demand", shipments, "--by", by, "-o", target) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "of 4 shipments of shipments.csv, shipped from 2025-01-15 to 2025-04-15." in said
    assert "nothing is multiplied to a year" in said
    assert "No direction is stated by 1 shipment, 4 units, $50.10: they count as deliveries" in said
    assert "1 lane left out of Lanes, on which credits are more than charges: 1 shipment, 2 units, -$5.00." in said
    assert "Shipments of the dataset: 7 shipments, 24.25 units, $395.10." in said

    network = with_facilities(target, ("North", "02139"))
    tables, summary = read_workbook(network)
    found = tables.destinations
    assert {
        name: (code, units) for name, code, units in zip(found.name, found.zip, found.demand_units, strict=True)
    } == places
    read = {
        (tables.facilities.name[start], found.name[end], mode): cost
        for start, end, mode, cost in zip(
            tables.lanes.facility, tables.lanes.destination, tables.lanes.mode, tables.lanes.cost_per_unit, strict=True
        )
    }
    assert read == {key: pytest.approx(cost, rel=1e-14) for key, cost in lanes.items()}
    assert {"The sheet Sources is documentation and was not read."} < set(summary.warnings)
    assert ended(monkeypatch, "check", network) == 0

    book = openpyxl.load_workbook(target)
    behind = {row[:3]: row[3:6] for row in list(book["Sources"].values)[1:]}
    assert behind["North", "021" if by == "zip3" else "02139", "parcel"] == (1, 2, -5)
    assert sum(paid for _, _, paid in behind.values()) == pytest.approx(155.10)
    account: dict[Any, Any] = {row[0]: row[1:4] for row in book["Notes"].values}
    assert account["Shipments of the dataset"] == (7, 24.25, 395.10)
    assert account["Demand"] == (4, 9.25, 155.10)
    left_out = [figures for what, figures in account.items() if str(what).startswith("Left out")]
    assert left_out == [(1, 7, 70), (1, 8, 80), (1, 0, 90)]


def test_destinations_may_be_the_names_in_the_file(
    shipments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    target = tmp_path / "demand.xlsx"
    assert ended(monkeypatch, "demand", shipments, "--by", "name", "-o", target) == 0
    assert "Left out, no name of a destination: 5 shipments, 9.25 units, $245.10." in " ".join(
        capsys.readouterr().err.split()
    )
    tables, _ = read_workbook(with_facilities(target, ("North",)))
    assert (tables.destinations.name, tables.destinations.demand_units.tolist()) == (("Riga",), [8])
    assert tables.lanes.cost_per_unit.tolist() == [10]


def test_what_cannot_be_made_is_said(
    shipments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    target = tmp_path / "demand.xlsx"
    assert ended(monkeypatch, "demand", shipments, "-o", target, "--year", 2024) == 3
    assert capsys.readouterr().err.count("None of the shipments is demand.") == 1  # and no table with one row of it
    assert ended(monkeypatch, "demand", shipments, "-o", target, "--months", 2) == 3
    assert "more than 2 months have" in capsys.readouterr().err
    assert not target.exists()
    assert ended(monkeypatch, "demand", shipments, "-o", target, "--by", "state") == 2
    target.touch()
    assert ended(monkeypatch, "demand", shipments, "-o", target) == 2
