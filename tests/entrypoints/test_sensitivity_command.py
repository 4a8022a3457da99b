"""`networx solve --sensitivity` as a person and a script meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer

from cli.scenario_type import ScenarioType
from cli.solve import solve
from cli.terminal import CommandFailed, Exit
from local.home import CHECKOUT
from networx.errors import RefusedInput
from tests.core.results.test_schema import faults
from tests.entrypoints.commands import networx
from tests.entrypoints.test_command_line import workbook

EXAMPLE = CHECKOUT / "examples" / "us_network.xlsx"
SECONDS = 12  # far more than most plans within 5 % of the best take; the others answer with a range


def test_the_table_says_what_each_change_costs(tmp_path: Path, capsys: Any) -> None:
    """A alone costs 50 + 10 + 2 x 20 = 100, B alone 1,000 + 30; both 1,050 + 30. A holds 32 units, so not 33.

    A tenth less is 5 dollars less on A's lanes; a tenth more needs B, whose lanes then cost 33.
    """
    solve(workbook(tmp_path / "small.xlsx", capacity=32), sensitivity=True)
    said = " ".join(capsys.readouterr().out.split())

    for words in (
        "Best cost",
        "A closed +$930 Proven optimal B A",
        "B open +$930 Proven optimal B A",
        "Demand +10 % +$933 Proven optimal B A",
        "One more facility (2 in +$980 Proven optimal B",
        "Demand -10 % -$5 Proven optimal",
        "Not asked, the base plan has 1 facility: One facility fewer.",
        "each solved by itself, each plan checked.",
    ):
        assert words in said, said
    assert said.index("Demand -10 %") < said.index("A closed") < said.index("B open")


def test_what_has_no_plan_says_why(tmp_path: Path, capsys: Any) -> None:
    """A alone holds 30 units; B holds 20, so that closing A leaves 10 without a source."""
    file = workbook(
        tmp_path / "small.xlsx",
        Facilities=[
            ["name", "capacity_units", "fixed_cost_per_year", "status"],
            ["A", 32, 50, "candidate"],
            ["B", 20, 1000, "candidate"],
        ],
    )
    solve(file, sensitivity=True, sites="A")
    said = " ".join(capsys.readouterr().out.split())

    assert "A closed no plan" in said
    assert "- A closed: " in said


def test_the_example_is_answered_within_its_limit_and_as_the_schema_says(tmp_path: Path, capsys: Any) -> None:
    book = openpyxl.load_workbook(EXAMPLE)
    rows = book["Parameters"]
    stated = {row[0].value: row[1] for row in rows.iter_rows(min_row=2)}
    stated["time_limit_seconds"].value, stated["gap"].value = SECONDS, 0.05
    book.save(tmp_path / "us.xlsx")

    solve(tmp_path / "us.xlsx", sensitivity=True, sites="Seattle, WA; Memphis, TN", as_json=True)

    result = json.loads(capsys.readouterr().out)
    assert faults(result) == []
    found = result["sensitivity"]
    assert found["time_limit_seconds"] == SECONDS
    told = {one["label"] for one in [*found["answers"], *found["not_asked"]]}
    assert len(told) == 8
    assert {"Demand +10 %", "Service level -1 point", "Seattle, WA open"} <= told
    for answer in found["answers"]:
        assert not answer["failed"]
        assert answer["certificate"] is None or answer["certificate"]["valid"]
        if answer["delta"] is not None:
            assert answer["lowest"] <= answer["delta"] <= answer["highest"]


@pytest.mark.parametrize("sites", ["A; Nowhere", "a"])
def test_names_that_are_none_are_refused_with_the_names_there_are(tmp_path: Path, sites: str) -> None:
    file = workbook(tmp_path / "small.xlsx")
    with pytest.raises(RefusedInput, match=r"is no facility of this workbook; write names .*A; B"):
        solve(file, sensitivity=True, sites=sites)
    with pytest.raises(CommandFailed, match="names no facility"):
        solve(file, sensitivity=True, sites=" ; ")


def test_the_command_refuses_a_wrong_name_in_words(tmp_path: Path) -> None:
    ran = networx("solve", str(workbook(tmp_path / "small.xlsx")), "--sensitivity", "--sites", "Nowhere")

    assert ran.returncode == 3
    assert "Nowhere is no facility of this workbook" in " ".join(ran.stderr.split())


def test_it_is_asked_of_a_transport_plan_alone(tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(CommandFailed, match="transport plan alone"):
        solve(workbook(tmp_path / "small.xlsx"), kind=ScenarioType.CAPACITY, sensitivity=True)
    with pytest.raises(typer.Exit) as ended:
        solve(workbook(tmp_path / "large.xlsx", demand=500), sensitivity=True)
    assert ended.value.exit_code == Exit.REFUSED
    assert "No sensitivity: there is no plan to ask it of." in capsys.readouterr().out
