"""The command `networx` as a person and a script meet it: its answers, its exit codes, and how it ends."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema_rs
import openpyxl
import pytest
import typer

from cli import up
from cli.check import Checked, check
from networx.models.readiness import TYPES
from networx.results.schema import result_schema

from .commands import networx, networx_process
from .conftest import Start, processes_of, wait_until

# Opening A alone costs 50 + 10 x 1 + 20 x 2; opening B would cost 1,000 before the first unit.
LEAST_COST = 100.0
NO_WAY = "What is short has no way from these facilities that has capacity and is within any service level."


def workbook(path: Path, *, demand: float = 20.0, capacity: float | str = 100.0, **sheets_instead: Any) -> Path:
    """Two sites and two destinations, small enough to be solved by hand; a sheet given replaces the one of its name."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheets: dict[str, list[list[Any]]] = {
        "Facilities": [
            ["name", "capacity_units", "fixed_cost_per_year", "status"],
            ["A", capacity, 50, "candidate"],
            ["B", 100, 1000, "candidate"],
        ],
        "Destinations": [["name", "demand_units"], ["X", 10], ["Y", demand]],
        "Lanes": [
            ["origin", "destination", "cost_per_unit"],
            ["A", "X", 1],
            ["A", "Y", 2],
            ["B", "X", 1],
            ["B", "Y", 1],
        ],
        "Parameters": [["name", "value"], ["single_sourcing", "no"]],
        **sheets_instead,
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_solve_prints_the_certified_answer(tmp_path: Path) -> None:
    ran = networx_process("solve", str(workbook(tmp_path / "small network.xlsx")), "--json")
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert result["status"] == "optimal"
    assert result["objective"] == pytest.approx(LEAST_COST)
    assert result["certificate"]["valid"]
    assert [site["name"] for site in result["facilities"] if site["open"]] == ["A"]
    jsonschema_rs.validate(result_schema(), result)


def test_solve_says_it_in_words_for_a_person(tmp_path: Path) -> None:
    rates = [["mode", "basis", "rate"], ["ltl", "unit", 3]]
    ran = networx("solve", str(workbook(tmp_path / "small.xlsx", Rates=rates)))
    assert "Note: Rates: no lane in Lanes has the mode ltl, so that its rows price nothing." in ran.stderr
    assert "Proven optimal" in ran.stdout
    assert "1 of 2 facilities open" in ran.stdout
    assert "all passed" in ran.stdout


def test_solve_explains_what_cannot_be_met(tmp_path: Path) -> None:
    ran = networx("solve", str(workbook(tmp_path / "small.xlsx", demand=500)))
    assert ran.returncode == 3
    assert "No plan can meet every requirement" in ran.stdout
    assert "310" in ran.stdout  # 510 asked for, 200 to be had


def test_solve_analyses_the_capacity_of_named_sites(tmp_path: Path) -> None:
    ran = networx("solve", str(workbook(tmp_path / "small.xlsx")), "--type", "capacity", "--sites", "A", "--json")
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert (result["type"], result["status"], result["sites"]) == ("capacity", "optimal", ["A"])
    assert result["objective"] == pytest.approx(LEAST_COST)
    assert [row["utilisation"] for row in result["utilisation"]] == pytest.approx([0.3])
    jsonschema_rs.validate(result_schema(), result)
    assert result["certificate"]["valid"]


def test_solve_says_a_shortage_and_its_relief_in_words(tmp_path: Path) -> None:
    # A holds 100 of 160 units, B the rest.
    file = str(workbook(tmp_path / "small.xlsx", demand=150))
    ran = networx("solve", file, "--type", "capacity", "--sites", "A")
    assert ran.returncode == 0, ran.stderr
    said = " ".join(ran.stdout.split())
    assert "Capacity runs out in the one year planned: 60 units cannot be served." in said
    assert "The cheapest relief is to open B" in said
    assert "all passed" in said


def test_solve_says_that_nothing_relieves_the_capacity(tmp_path: Path) -> None:
    file = str(workbook(tmp_path / "small.xlsx", demand=500))
    ran = networx("solve", file, "--type", "capacity", "--sites", "A")
    assert ran.returncode == 3
    assert "does not remove the shortage" in " ".join(ran.stdout.split())


def test_solve_says_of_a_site_without_capacity_that_it_has_none(tmp_path: Path) -> None:
    file = str(workbook(tmp_path / "small.xlsx", capacity=0))
    ran = networx("solve", file, "--type", "capacity", "--sites", "A")
    assert (ran.returncode, "no capacity" in ran.stdout, "no limit" in ran.stdout) == (0, True, False), ran.stderr
    assert NO_WAY in " ".join(ran.stdout.split())


def test_solve_says_of_a_site_too_far_away_that_the_service_level_holds_back(tmp_path: Path) -> None:
    """A has room for all 30, and may serve a fifth of them from 300 miles; B is no nearer."""
    lanes = [["origin", "destination", "cost_per_unit", "distance_miles"]]
    lanes += [[site, place, 1, 300] for site in "AB" for place in "XY"]
    asked = [["name", "value"], ["single_sourcing", "no"], ["service_level", 0.8], ["max_distance_miles", 50]]
    file = str(workbook(tmp_path / "small.xlsx", Lanes=lanes, Parameters=asked))
    ran = networx("solve", file, "--type", "capacity", "--sites", "A")
    assert ran.returncode == 3
    said = " ".join(ran.stdout.split())
    assert NO_WAY in said
    assert "within 50 miles, or lower service_level to 0." in said


def test_a_sweep_without_a_plan_says_why(tmp_path: Path) -> None:
    ran = networx("solve", str(workbook(tmp_path / "small.xlsx", demand=500)), "--nodes", "2:2")
    assert ran.returncode == 3
    said = " ".join(ran.stderr.split())
    assert "2 open: infeasible, checked. Demand of 510 units is above the 200 units" in said
    assert "What would work: Add 310 units of capacity" in said


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["--type", "capacity"], "sites is missing", 3),
        (["--type", "capacity", "--sites", "C"], "is no facility of this network", 3),
        (["--type", "capacity", "--sites", "job 0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"], "a platform only", 2),
        (["--sites", "A"], "--sites belongs to --type capacity", 2),
        (["--type", "weather"], "Invalid value for '--type'", 2),
        (["--type", "inventory"], "assignment is missing", 3),
    ],
)
def test_solve_guesses_nothing_about_the_sites(tmp_path: Path, arguments: list[str], said: str, code: int) -> None:
    ran = networx("solve", str(workbook(tmp_path / "small.xlsx")), *arguments)
    assert ran.returncode == code
    assert said in " ".join(ran.stderr.split())


def test_check_names_the_bad_cell(tmp_path: Path) -> None:
    ran = networx_process("check", str(workbook(tmp_path / "small.xlsx", capacity="plenty")), "--json")
    assert ran.returncode == 3
    problem = json.loads(ran.stdout)["problems"][0]
    assert (problem["sheet"], problem["row"], problem["column"]) == ("Facilities", 2, "capacity_units")


def test_check_recognises_a_good_workbook(tmp_path: Path) -> None:
    ran = networx("check", str(workbook(tmp_path / "small.xlsx")))
    assert ran.returncode == 0, ran.stderr
    assert "can be run as a transport scenario" in ran.stdout


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ({"Lanes": [["origin", "destination", "cost_per_unit"]]}, "nothing prices a delivery"),
        ({"Parameters": [["name", "value"]]}, "single_sourcing is missing: state yes or no"),
        (
            {
                "Parameters": [
                    ["name", "value"], ["single_sourcing", "no"], ["service_level", 0.9], ["max_distance_miles", 100]
                ]
            },
            "which the lane from A to X lacks (3 other lanes also)",
        ),
        ({"demand": 500}, "310 units short"),
    ],
)  # fmt: skip
def test_check_says_what_stands_in_the_way_where_solve_would_refuse(
    tmp_path: Path, instead: dict[str, Any], said: str
) -> None:
    file = str(workbook(tmp_path / "small.xlsx", **instead))
    ran = networx("check", file)
    assert ran.returncode == 3, ran.stdout
    assert said in " ".join(ran.stdout.split())
    assert "can be run" not in ran.stdout
    assert networx("solve", file).returncode == 3


def test_check_names_at_once_all_that_is_missing(tmp_path: Path) -> None:
    nothing = {"Lanes": [["origin", "destination", "cost_per_unit"]], "Parameters": [["name", "value"]]}
    ran = networx("check", str(workbook(tmp_path / "small.xlsx", **nothing)), "--json")
    assert ran.returncode == 3
    assert [problem["rule"] for problem in json.loads(ran.stdout)["problems"]] == ["required", "missing_lanes"]


def test_check_says_for_each_type_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = workbook(tmp_path / "small.xlsx", Warehouse=[["name", "value"], ["operating_days", 250]])
    check(file, as_json=True)
    types = json.loads(capsys.readouterr().out)["types"]
    assert set(types) == set(TYPES) == {kind.value for kind in Checked}
    assert [name for name, standing in types.items() if standing["usable"]] == ["transport"]
    assert "days_on_hand" in [problem["column"] for problem in types["warehouse"]["problems"]]
    with pytest.raises(typer.Exit) as ended:
        check(file, Checked.WAREHOUSE)
    said = " ".join(capsys.readouterr().out.split())
    assert (ended.value.exit_code, "days_on_hand is missing" in said, "can be run" in said) == (3, True, False)


def test_check_of_demand_alone_says_that_a_greenfield_study_can_be_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demand = {"Destinations": [["name", "zip", "demand_units"], ["X", "10001", 10]], "Facilities": [["name"]]}
    file = workbook(tmp_path / "small.xlsx", **demand)
    with pytest.raises(typer.Exit):
        check(file)
    check(file, Checked.GREENFIELD)
    assert "can be run as a greenfield study" in capsys.readouterr().out


def test_what_is_no_workbook_is_refused() -> None:
    assert networx("check", "README.md").returncode in (2, 3)
    assert networx("solve", "pyproject.toml").returncode == 3


@pytest.mark.parametrize("arguments", [["solve"], ["solve", "nothing-here.xlsx"], ["dance"], ["jobs", "--limit", "0"]])
def test_wrong_use_ends_with_two(arguments: list[str]) -> None:
    assert networx(*arguments).returncode == 2


def test_without_a_platform_status_says_how_to_start_one(tmp_path: Path) -> None:
    ran = networx("status", home=tmp_path)
    assert ran.returncode == 1
    assert "networx up" in ran.stderr


def test_down_without_a_platform_is_fine(tmp_path: Path) -> None:
    assert networx("down", home=tmp_path).returncode == 0


@pytest.mark.platform
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_whole_platform_ends_in_time_and_leaves_nothing(start: Start, how: signal.Signals) -> None:
    platform = start(whole=True)
    assert {"web", "worker-file", "worker-optimization"} <= set(platform.state()["processes"])
    platform.stop(how)
    assert wait_until(lambda: not processes_of(platform.home), 20), processes_of(platform.home)


def test_told_to_stop_as_it_comes_up_it_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def told_at_once() -> Iterator[None]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(up, "platform", told_at_once)
    up.up()


@pytest.mark.platform
def test_down_stops_a_platform_that_another_command_started(start: Start) -> None:
    platform = start(whole=True)
    assert networx_process("down", home=platform.home).returncode == 0
    assert platform.process.wait(60) == 0
    assert not processes_of(platform.home)


WORKSHOP = {
    "optimize": "profit",
    "opType": "max",
    "constraints": {"wood": {"max": 300}, "labour": {"max": 110}},
    "variables": {
        "table": {"wood": 30, "labour": 5, "profit": 1200},
        "chair": {"wood": 20, "labour": 10, "profit": 1600},
    },
    "ints": {"table": 1, "chair": 1},
}


@pytest.mark.parametrize(
    ("name", "text", "code", "status", "objective"),
    [
        ("workshop.json", json.dumps(WORKSHOP), 0, "optimal", 19_200),
        ("small.lp", "max\n obj: 3 x + 2 y\nst\n c1: x + y <= 4\nbounds\n x <= 3\nend\n", 0, "optimal", 11),
        ("clash.lp", "max\n obj: x\nst\n c1: x <= 4\n c2: x >= 6\nend\n", 3, "infeasible", None),
        ("endless.json", '{"optimize": "z", "opType": "max", "variables": {"x": {"z": 1}}}', 1, "unbounded", None),
        (
            "small.mps",
            "ROWS\n N c\n G r\nCOLUMNS\n x c 2 r 1\nRHS\n rhs r 5\nENDATA\n",
            0,
            "optimal",
            10,
        ),
    ],
)
def test_solve_takes_a_model_of_ones_own(
    tmp_path: Path, name: str, text: str, code: int, status: str, objective: float | None
) -> None:
    (tmp_path / name).write_text(text)
    ran = networx("solve", str(tmp_path / name), "--json")
    assert ran.returncode == code, ran.stderr
    result = json.loads(ran.stdout)
    assert (result["status"], result["objective"]) == (status, objective)
    assert result["certificate"]["valid"]


def test_solve_says_in_words_what_clashes_in_a_model(tmp_path: Path) -> None:
    model = {**WORKSHOP, "constraints": {"wood": {"max": 30, "min": 40}}}
    (tmp_path / "clash.json").write_text(json.dumps(model))
    ran = networx("solve", str(tmp_path / "clash.json"))
    assert ran.returncode == 3
    assert "No answer can meet every requirement" in ran.stdout
    assert '"wood" must be at most 30' in ran.stdout


def test_solve_refuses_a_model_by_what_is_wrong_in_it(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(json.dumps({**WORKSHOP, "ints": {"tabel": 1}}))
    ran = networx("solve", str(tmp_path / "wrong.json"))
    assert ran.returncode == 3
    assert 'did you mean "table"' in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--nodes", "3"], ["--nodes", "a:b"], ["--nodes", "1:2:3:4"], ["--nodes=-1:2"], ["--criterion", "total_cost"]],
)
def test_a_sweep_that_is_none_is_wrong_use(tmp_path: Path, arguments: list[str]) -> None:
    ran = networx("run", str(workbook(tmp_path / "small.xlsx")), *arguments, home=tmp_path)
    assert ran.returncode == 2, ran.stderr
