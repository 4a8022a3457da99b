"""`networx greenfield`: from a sheet of destinations to candidates that wait for their costs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from cli.__main__ import main
from cli.greenfield import asked_counts
from cli.reading import read_workbook
from cli.terminal import CommandFailed
from networx.errors import RefusedInput

TOWNS = {"Chicago": "60601", "Boston": "02110", "Denver": "80202", "Miami": "33128"}


@pytest.fixture
def demand(tmp_path: Path) -> Path:
    path = tmp_path / "demand.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Destinations")
        page.write_row(0, 0, ["name", "zip", "demand_units"])
        for row, (name, zip5) in enumerate(TOWNS.items(), 1):
            page.write_row(row, 0, [name, zip5, 100.0 * row])
        page = book.add_worksheet("Parameters")
        page.write_row(0, 0, ["name", "value"])
        page.write_row(1, 0, ["circuity", "1.2"])
        page.write_row(2, 0, ["max_facilities", "3"])
        page = book.add_worksheet("Lanes")
        page.write_row(0, 0, ["origin", "destination", "cost_per_unit"])
        page.write_row(1, 0, ["Nobody", "Chicago", 1.0])
    return path


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["networx", *words])
    with pytest.raises(SystemExit) as ending:
        main()
    return int(ending.value.code or 0)


def result_of(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_the_frontier_is_proven_and_says_what_was_not_read(
    demand: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert ended(monkeypatch, "greenfield", str(demand), "--sites", "1-4", "--candidates", "own", "--json") == 0
    printed = capsys.readouterr()
    assert "not known" not in printed.err
    result = json.loads(printed.out)
    assert [row["count"] for row in result["frontier"]] == [1, 2, 3, 4]
    assert all(row["certificate"]["valid"] and row["status"] == "optimal" for row in result["frontier"])
    assert result["frontier"][3]["weighted_distance_miles"] == 0
    assert {place["zip"] for place in result["frontier"][3]["places"]} == set(TOWNS.values())
    assert result["frontier"][0]["places"][0]["destinations"] == list(TOWNS)
    assert result["circuity"] == 1.2
    assert "The sheet Lanes was not read." in result["notes"]
    assert any("max_facilities" in note for note in result["notes"])


def test_the_workbook_waits_for_the_costs_and_is_whole_with_them(
    demand: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "candidates.xlsx"
    words = ("greenfield", str(demand), "--sites", "1-2", "--candidates", "own", "--workbook", str(out))
    assert ended(monkeypatch, *words, "--take", "2", "--json") == 0
    chosen = [place["zip"] for place in result_of(capsys)["frontier"][1]["places"]]
    with pytest.raises(RefusedInput) as refused:
        read_workbook(out)
    missing = {(problem.sheet, problem.row, problem.column) for problem in refused.value.problems}
    assert missing == {
        ("Facilities", row, column) for row in (2, 3) for column in ("capacity_units", "fixed_cost_per_year")
    }
    tables, _ = read_workbook(out, demand_alone=True)
    assert tables.destinations.zip == tuple(TOWNS.values())
    assert tables.parameters == {"circuity": "1.2", "max_facilities": "3"}
    assert len(chosen) == 2
    assert ended(monkeypatch, *words) == 2  # never over a file that is there


@pytest.mark.parametrize("sites", ["0", "5-3", "1:4", "many", "-2"])
def test_what_is_no_range_is_wrong_use(sites: str):
    with pytest.raises(CommandFailed, match="is no range"):
        asked_counts(sites)


def test_a_workbook_without_destinations_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "nothing.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Facilities").write_row(0, 0, ["name"])
    assert ended(monkeypatch, "greenfield", str(path), "--sites", "2") == 3
    assert "The sheet Destinations is missing" in capsys.readouterr().err
