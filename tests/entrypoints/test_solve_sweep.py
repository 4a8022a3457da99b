"""`networx solve FILE --nodes`: a sweep with no service running."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer

from cli import solve_numbers
from cli.scenario_type import ScenarioType
from cli.solve import solve
from cli.terminal import CommandFailed, Exit
from cli.verify import verify
from networx.errors import RefusedInput
from tests.core.results.test_schema import faults
from tests.core.results.test_storage import book, solved
from tests.entrypoints.test_command_line import workbook


@pytest.fixture
def one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer for two facilities does not pass its check."""
    real = solve_numbers.certificate_of

    def certificate_of(tables: Any, parameters: Any, *rest: Any) -> Any:
        found = real(tables, parameters, *rest)
        return replace(found, valid=parameters.max_facilities != 2)

    monkeypatch.setattr(solve_numbers, "certificate_of", certificate_of)


def ended(*words: Any, **options: Any) -> int:
    with pytest.raises(typer.Exit) as ending:
        solve(*words, **options)
    return int(ending.value.exit_code)


def test_every_number_is_solved_and_the_best_is_proven(tmp_path: Path, capsys: Any) -> None:
    """A alone costs 100, with B 1,080."""
    file = workbook(tmp_path / "small.xlsx", capacity=32)
    assert ended(file, nodes="1:2", as_json=True) == Exit.DONE
    result = json.loads(capsys.readouterr().out)
    assert faults(result) == []
    assert [(row["nodes"], row["status"], row["cost"], row["certified"]) for row in result["frontier"]] == [
        (1, "optimal", pytest.approx(100), True),
        (2, "optimal", pytest.approx(1080), True),
    ]
    assert (result["best"]["nodes"], result["proven"], result["best"]["job_id"]) == (1, True, None)


@pytest.mark.usefixtures("one_fails")
def test_a_number_that_fails_stays_in_the_frontier(tmp_path: Path, capsys: Any) -> None:
    assert ended(workbook(tmp_path / "small.xlsx", capacity=32), nodes="1:2") == Exit.FAILED
    said = " ".join(capsys.readouterr().out.split())
    assert "Best found: 2 facilities may still be cheaper; how much is not known." in said
    assert "2 failed" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"nodes": "1:3"}, "3 is above what may open"),
        ({"nodes": "1:2", "criterion": "savings"}, "state baseline_flows"),
        ({"nodes": "1:2", "criterion": "service_level"}, "max_distance_miles"),
    ],
)
def test_a_sweep_that_the_data_cannot_have_is_refused(tmp_path: Path, options: dict[str, str], said: str) -> None:
    with pytest.raises(RefusedInput, match=said):
        solve(workbook(tmp_path / "small.xlsx", capacity=32), **options)


def test_what_opens_no_facilities_is_not_swept(tmp_path: Path) -> None:
    file = workbook(tmp_path / "small.xlsx", capacity=32)
    for options in ({"kind": ScenarioType.WAREHOUSE}, {"sensitivity": True}):
        with pytest.raises(CommandFailed):
            solve(file, nodes="1:2", **options)


def test_a_whole_network_is_swept_with_its_warehouses_and_stock(tmp_path: Path, capsys: Any) -> None:
    """By the fixed rows North alone serves all: alone it is the whole network that was planned without a number."""
    planned = solved(tmp_path, "integrated", capsys)
    assert ended(book(tmp_path / "same.xlsx"), ScenarioType.INTEGRATED, nodes="1:2", as_json=True) == Exit.DONE
    one, two = json.loads(capsys.readouterr().out)["frontier"]
    assert one["cost"] == pytest.approx(planned["objective"])
    assert two["cost"] > one["cost"]
    assert (one["certified"], two["certified"]) == (True, True)


def test_a_sweep_is_written_as_a_folder_that_is_checked_again(tmp_path: Path, capsys: Any) -> None:
    file, folder = workbook(tmp_path / "small.xlsx", capacity=32), tmp_path / "out" / "sweep"
    assert ended(file, nodes="1:2", output=folder, as_json=True) == Exit.DONE
    printed = json.loads(capsys.readouterr().out)
    assert json.loads((folder / "result.json").read_text()) == printed
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names == {"result.json", "result.xlsx", "report.html", "1/result.json", "2/result.json"}
    sheets = openpyxl.load_workbook(folder / "result.xlsx")
    assert [row[0] for row in sheets["Costs by number"].values] == ["Facilities open", 1, 2]
    assert "Best: 1 facility open" in (folder / "report.html").read_text()

    verify(folder / "result.json", file, proof=None, exact=False, as_json=True)
    assert "2 open: the bound" in capsys.readouterr().out
    run = json.loads((folder / "2" / "result.json").read_text())
    run["objective"] -= 1
    (folder / "2" / "result.json").write_text(json.dumps(run))
    with pytest.raises(typer.Exit) as refused:
        verify(folder / "result.json", file, proof=None, exact=False, as_json=True)
    assert refused.value.exit_code == Exit.FAILED


@pytest.mark.usefixtures("one_fails")
def test_a_number_that_fails_is_named_with_its_reason_in_every_file(tmp_path: Path, capsys: Any) -> None:
    file, folder = workbook(tmp_path / "small.xlsx", capacity=32), tmp_path / "sweep"
    assert ended(file, nodes="1:2", output=folder) == Exit.FAILED
    assert not (folder / "2").exists()
    (said,) = list(openpyxl.load_workbook(folder / "result.xlsx")["Numbers without a plan"].values)[1:]
    assert said[:2] == (2, "failed")
    assert "failed its independent check" in said[2]
    assert said[2] in (folder / "report.html").read_text()
    verify(folder / "result.json", file, proof=None, exact=False, as_json=True)
    assert "2 open: that it failed and left no result" in capsys.readouterr().out


def test_a_whole_network_is_written_and_checked_again_too(tmp_path: Path, capsys: Any) -> None:
    file, folder = book(tmp_path / "same.xlsx"), tmp_path / "sweep"
    assert ended(file, ScenarioType.INTEGRATED, nodes="1:2", output=folder) == Exit.DONE
    headings = next(openpyxl.load_workbook(folder / "result.xlsx")["Costs by number"].values)
    assert {"Warehouses", "Stock"} <= set(headings)
    capsys.readouterr()
    verify(folder / "result.json", file, proof=None, exact=False, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert any(line.startswith("2 open: the network's plan and cost") for line in said["recomputed"])


def test_a_folder_that_is_there_is_left_alone_and_one_plan_has_none(tmp_path: Path) -> None:
    file = workbook(tmp_path / "small.xlsx", capacity=32)
    with pytest.raises(CommandFailed, match="is there already; name another folder"):
        solve(file, nodes="1:2", output=tmp_path)
    with pytest.raises(CommandFailed, match="--output belongs to --nodes"):
        solve(file, output=tmp_path / "new")
    assert not (tmp_path / "new").exists()
