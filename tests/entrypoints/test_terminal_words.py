"""What the terminal says of what was asked wrongly, or of data with nothing in it, in words of its own options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

import cli.__main__ as entry
from cli.options import told_by_option
from cli.reading import read_workbook
from cli.run import not_loaded
from cli.scenario_type import ScenarioType, _kind
from cli.solve import solve
from cli.terminal import CommandFailed, Exit
from networx.errors import Problem, RefusedInput
from tests.entrypoints.test_command_line import workbook

FEW_CELLS = Problem(sheet="Lanes", row=2, column="origin", value="Q", rule="known", message="There is no Q.")
OF_NO_CELL = Problem(sheet=None, row=None, column=None, value=None, rule="demand", message="None is demand.")

NOBODY = [["name", "demand_units"], ["X", 0], ["Y", 0]]


def refused(*words: Any, **options: Any) -> list[str]:
    with pytest.raises(RefusedInput) as found:
        solve(*words, **options)
    return [str(problem) for problem in found.value.problems]


@pytest.mark.parametrize(
    ("problems", "tabled"), [([OF_NO_CELL], False), ([FEW_CELLS], True), ([OF_NO_CELL, OF_NO_CELL], True)]
)
def test_a_refusal_that_is_of_no_cell_is_told_once(
    problems: list[Problem], tabled: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise RefusedInput(problems)

    monkeypatch.setattr(entry, "app", refuse)
    with pytest.raises(SystemExit) as ended:
        entry.main()
    said = capsys.readouterr().err
    assert ended.value.code == Exit.REFUSED
    assert ("What is wrong" in said) is tabled
    assert tabled or said.count(OF_NO_CELL.message) == 1


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("greenfield", "networx greenfield FILE --sites 1-10"),
        ("sensitivity", "--sensitivity"),
        ("model", "known by its name"),
        ("plan", "write transport, capacity, warehouse, inventory, integrated or baseline"),
    ],
)
def test_what_is_no_type_here_says_where_it_is_found(word: str, said: str) -> None:
    with pytest.raises(typer.BadParameter, match=said):
        _kind(word)
    assert {_kind(kind.value) for kind in ScenarioType} == set(ScenarioType)


def test_all_that_stock_lacks_is_named_at_once(tmp_path: Path) -> None:
    said = refused(workbook(tmp_path / "small.xlsx"), kind=ScenarioType.INVENTORY)
    for name in ("assignment", "service_level", "lead_time_days", "holding_cost_per_unit_per_year"):
        assert any(f"column {name}: {name} is missing" in line for line in said), said


def test_faults_of_options_are_told_by_their_names(tmp_path: Path) -> None:
    file = workbook(tmp_path / "small.xlsx")
    (nodes,) = refused(file, nodes="1:3")
    assert nodes == "--nodes: 3 is above what may open: 2 facilities are not forbidden."
    (criterion,) = refused(file, nodes="1:2", criterion="speed")
    assert criterion.startswith("--criterion: must be total_cost")
    (asked,) = refused(file, sensitivity=True, sites="Nowhere")
    assert asked.startswith("--sites: Nowhere is no facility of this workbook")
    (tested,) = refused(file, kind=ScenarioType.CAPACITY, sites="Nowhere")
    assert tested.startswith('--sites: "Nowhere" is no facility of this network')
    # Where the sheet has to state it, it is the sheet's column.
    assert refused(file, kind=ScenarioType.CAPACITY)[0].startswith("Parameters, column sites")


def test_faults_that_a_platform_found_are_told_so_too() -> None:
    problem = Problem("maxNodes 3 is above what may open.", "range", column="scenario.maxNodes", value="3").as_dict()
    with pytest.raises(CommandFailed) as failed, told_by_option():
        raise CommandFailed("scenario.maxNodes: ...", Exit.REFUSED, [problem], 1)
    assert str(failed.value) == "--nodes: 3 is above what may open."
    assert (failed.value.code, failed.value.problem_count) == (Exit.REFUSED, 1)
    with pytest.raises(CommandFailed, match="as it was"), told_by_option():
        raise CommandFailed("as it was")


def test_a_network_without_any_demand_says_so(tmp_path: Path) -> None:
    nothing = workbook(tmp_path / "nothing.xlsx", Destinations=NOBODY, Forecast=[["year", "annual_units"]])
    by_year = workbook(
        tmp_path / "by year.xlsx",
        Destinations=NOBODY,
        Forecast=[["year", "annual_units"]],
        Demand=[["destination", "year", "demand_units"], ["X", 2026, 5], ["Y", 2026, 0]],
    )
    said = "All demand is 0: there is nothing to serve"
    assert [line for line in read_workbook(nothing)[1].warnings if line.startswith(said)]
    assert not [line for line in read_workbook(by_year)[1].warnings if line.startswith(said)]


def test_a_file_that_waits_says_where_to_decide() -> None:
    upload = {"upload_id": "0198", "status": "needs_decision", "reason": "3 rows cannot be read.", "problem_count": 0}
    said = str(not_loaded(upload, []))
    assert "3 rows cannot be read." in said
    assert "/uploads/0198" in said
