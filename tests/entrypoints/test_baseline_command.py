"""Shipments in the terminal: checked and summed up with no service running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
        ((SHIPMENTS, "--type", "baseline", "--network", SHIPMENTS), RefusedInput, "holds shipments and no network"),
    ],
)
def test_files_and_options_that_do_not_belong_together_are_refused(
    arguments: tuple[str, ...], fault: type[Exception], said: str
) -> None:
    ended = ran(solve, *arguments)
    assert isinstance(ended.exception, fault), ended.output
    assert said in str(ended.exception)
