"""Shipments in the terminal: checked and summed up with no service running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from cli.check import check
from cli.solve import solve
from cli.terminal import CommandFailed
from networx.errors import RefusedInput

EXAMPLES = Path(__file__).parents[2] / "examples"
SHIPMENTS, NETWORK = str(EXAMPLES / "shipments.csv"), str(EXAMPLES / "us_network.xlsx")


def ran(command: Any, *arguments: str) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, arguments)


def test_shipments_with_bad_rows_are_summed_up_without_them_where_that_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    good = "order_id,ship_date,origin_zip,dest_zip,mode,net_charge\nA,2026-01-03,60601,10001,tl,10.01\n"
    file.write_text(f"{good}B,some day,60601,10001,tl,5\n")
    assert isinstance(ran(solve, str(file), "--type", "baseline").exception, RefusedInput)
    done = ran(solve, str(file), "--type", "baseline", "--without-bad-rows", "--json")
    result = json.loads(done.stdout)
    assert result["objective"] == 10.01
    assert result["account"][0]["left_out"] == {"bad": {"rows": 1, "cents": 500}}
    assert "CSV: 1 row left out, for a cell that cannot be read, as a person decided, $5.00." in result["notes"]
    told = ran(check, str(file)).stdout
    assert "waits for a decision. 1 row with a cell that cannot be read: $5.00" in " ".join(told.split())
    assert isinstance(ran(solve, NETWORK, "--without-bad-rows").exception, CommandFailed)
    made = tmp_path / "rows.xlsx"
    assert "row by row, stands in" in ran(check, str(file), "--bad-rows", str(made)).stdout
    assert list(openpyxl.load_workbook(made)["Bad rows"].values)[1][3:5] == ("B", "some day")
    assert isinstance(ran(check, str(file), "--bad-rows", str(tmp_path / "no" / "x.xlsx")).exception, CommandFailed)
    assert isinstance(ran(check, NETWORK, "--bad-rows", str(made)).exception, CommandFailed)


def test_shipments_are_summed_up_alone_and_beside_a_network() -> None:
    alone = ran(solve, SHIPMENTS, "--type", "baseline", "--json")
    assert alone.exit_code == 0, alone.output
    result = json.loads(alone.stdout)
    assert (result["objective"], result["certificate"]["valid"], result["network"]) == (561_749.98, True, None)
    beside = ran(solve, SHIPMENTS, "--type", "baseline", "--network", NETWORK, "--json")
    placed = json.loads(beside.stdout)
    assert placed["objective"] == result["objective"]
    assert {row["origin_kind"] for row in placed["paid"]["by_origin"]} == {"facility"}
    said = ran(solve, SHIPMENTS, "--type", "baseline")
    assert "Checked independently" in said.stdout
    assert "Cannot be cheaper" not in said.stdout
    # Sums that a person adds up again: the year in whole dollars, the account to the cent.
    assert "$561,750" in said.stdout
    assert "$561,749.98" in said.stdout


def test_shipments_alone_are_held_against_the_books() -> None:
    stated = (SHIPMENTS, "--type", "baseline", "--control-total", "2025 transport = $570,000")
    said = " ".join(ran(solve, *stated).stdout.split())
    assert "Calibrated: for transport in 2025, $8,250.02 (1.4 %) less was paid than the books say" in said
    assert "Paid beside control totals" in said
    told = json.loads(ran(solve, *stated, "--control-total", "2025 rent=5", "--tolerance", "0.01", "--json").stdout)
    assert (told["calibration"], told["tolerance"]) == ("uncalibrated", 0.01)
    assert told["parameters"]["control_totals"]["value"] == "2025 transport = 570000.0; 2025 rent = 5.0"


def test_a_check_says_what_is_read_kept_and_left_out() -> None:
    said = ran(check, SHIPMENTS)
    assert said.exit_code == 0, said.output
    assert "can be run as a baseline scenario" in said.stdout
    for figure in ("$1,123,829.02", "$561,749.98", "$164.53", "$561,914.51"):
        assert figure in said.stdout
    other = ran(check, SHIPMENTS, "--type", "transport", "--json")
    assert (other.exit_code, json.loads(other.stdout)["usable"]) == (3, False)


def test_a_check_of_a_network_says_where_a_baseline_comes_from() -> None:
    said = ran(check, NETWORK, "--type", "baseline")
    assert said.exit_code == 3
    assert "A baseline is of shipments" in said.stdout


@pytest.mark.parametrize(
    ("arguments", "fault", "said"),
    [
        ((SHIPMENTS,), RefusedInput, "holds shipments and no network"),
        ((NETWORK, "--type", "baseline"), RefusedInput, "The file is a network"),
        ((NETWORK, "--network", NETWORK), CommandFailed, "--network belongs to --type baseline"),
        ((NETWORK, "--tolerance", "0.1"), CommandFailed, "--tolerance belongs to --type baseline"),
        ((SHIPMENTS, "--type", "baseline", "--control-total", "x"), RefusedInput, "--control-total: has 'x': write"),
        ((SHIPMENTS, "--type", "baseline", "--tolerance", "2"), RefusedInput, "--tolerance: must be a share"),
        ((SHIPMENTS, "--type", "baseline", "--network", SHIPMENTS), RefusedInput, "holds shipments and no network"),
    ],
)
def test_files_and_options_that_do_not_belong_together_are_refused(
    arguments: tuple[str, ...], fault: type[Exception], said: str
) -> None:
    ended = ran(solve, *arguments)
    assert isinstance(ended.exception, fault), ended.output
    assert said in str(ended.exception)
