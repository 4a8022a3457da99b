"""A downloaded greenfield result is checked again against its destinations: each planted lie is named."""

from __future__ import annotations

import contextlib
import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import typer
import xlsxwriter

from cli.greenfield import greenfield
from cli.terminal import CommandFailed
from cli.verify import verify
from cli.verifying.greenfield import recheck_greenfield
from networx.domain.greenfield import CandidateRule
from networx.errors import RefusedInput
from networx.results import greenfield as results
from networx.results.proof import numbers_in, result_bytes
from networx.results.schema import result_schema
from tests.entrypoints.leaves import nowhere, places_taken

TOWNS = {"Chicago": "60601", "Boston": "02110", "Denver": "80202", "Miami": "33128", "Seattle": "98101"}
Tamper = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def demand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "demand.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Destinations")
        page.write_row(0, 0, ["name", "zip", "demand_units"])
        for row, (name, zip5) in enumerate(TOWNS.items(), 1):
            page.write_row(row, 0, [name, zip5, 100.0 * row])
        page = book.add_worksheet("Parameters")
        for row, cells in enumerate([("name", "value"), ("circuity", "1.2"), ("cost_per_unit_mile", "0.5")]):
            page.write_row(row, 0, cells)
        page.write_row(3, 0, ["max_facilities", "3"])
    return path


@pytest.fixture(scope="module")
def found(demand: Path) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        greenfield(demand, "1-3", CandidateRule.OWN, None, None, as_json=True)
    return printed.getvalue()


@pytest.fixture
def right(found: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(found)
    return result


@pytest.fixture
def told(demand: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """The exit code and what `networx verify --json` says of a result."""

    def ask(result: dict[str, Any], **options: Any) -> tuple[int, dict[str, Any]]:
        file = tmp_path / "result.json"
        file.write_bytes(result_bytes(result))
        code = 0
        try:
            verify(file, demand, **{"proof": None, "exact": False, "as_json": True, **options})
        except typer.Exit as ended:
            code = ended.exit_code
        return code, json.loads(capsys.readouterr().out)

    return ask


def failed(said: dict[str, Any]) -> set[str]:
    return {line["name"] for line in said["checks"] if not line["passed"]}


def test_a_right_result_holds_and_every_bound_is_recomputed(right, told):
    jsonschema_rs.validate(result_schema(), right)

    code, said = told(right)

    assert (code, failed(said), said["believed"], said["differs"]) == (0, set(), [], [])
    assert said["recomputed"][-1] == "the bounds of 3 numbers, from the proofs in the result"
    assert {line["name"] for line in said["checks"]} >= {"2 places: bound is recomputed", "figures: frontier"}


def test_what_was_asked_otherwise_than_the_sheet_is_told(right, told):
    right["parameters"]["circuity"]["value"] = 1.3
    assert "circuity 1.3, which the sheet says is 1.2" in told(right)[1]["differs"]


def _other_place(result: dict[str, Any]) -> None:
    result["frontier"][1]["places"][0]["zip"] = "99501"


def _no_place(result: dict[str, Any]) -> None:
    result["frontier"][1]["places"][0]["zip"] = "00000"


def _moved(result: dict[str, Any]) -> None:
    one, other = result["frontier"][1]["places"]
    one["destinations"], other["destinations"] = other["destinations"], one["destinations"]


def _unserved(result: dict[str, Any]) -> None:
    result["frontier"][2]["places"][0]["destinations"].pop()


def _nearer(result: dict[str, Any]) -> None:
    row = result["frontier"][0]
    row["unit_miles"] *= 1 - 1e-6
    row["bound"] = row["unit_miles"]


def _worse_place(result: dict[str, Any]) -> None:
    row, better = result["frontier"][0], result["frontier"][0]["places"][0]
    worse = next(zip5 for zip5 in TOWNS.values() if zip5 != better["zip"])
    row["places"] = [{**results.place_of(worse), "destinations": better["destinations"]}]


def _higher_bound(result: dict[str, Any]) -> None:
    row = result["frontier"][1]
    row["unit_miles"] = row["unit_miles"] * 1.01
    row["bound"], row["gap"] = row["unit_miles"], 0.0


def _cheaper(result: dict[str, Any]) -> None:
    result["frontier"][0]["transport_cost"] *= 1 - 1e-6


def _average(result: dict[str, Any]) -> None:
    result["frontier"][0]["weighted_distance_miles"] *= 1.01


def _proven(result: dict[str, Any]) -> None:
    del result["frontier"][2], result["proof"]["bounds"][2]


def _twice(result: dict[str, Any]) -> None:
    result["frontier"][2] = copy.deepcopy(result["frontier"][1])
    result["proof"]["bounds"][2] = result["proof"]["bounds"][1]


def _demand(result: dict[str, Any]) -> None:
    result["demand_units"] += 1


def _elsewhere(result: dict[str, Any]) -> None:
    result["destinations"][0]["latitude"] += 0.01


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (_other_place, "2 places: places are candidates"),
        (_no_place, "2 places: places are candidates"),
        (_moved, "2 places: unit miles"),
        (_unserved, "3 places: every destination with demand has a place"),
        (_nearer, "1 place: unit miles"),
        (_worse_place, "1 place: unit miles"),
        (_higher_bound, "2 places: bound is recomputed"),
        (_cheaper, "figures: frontier"),
        (_average, "figures: frontier"),
        (_proven, "figures: status"),
        (_twice, "numbers are those asked"),
        (_demand, "figures: demand_units"),
        (_elsewhere, "figures: destinations"),
    ],
)
def test_each_planted_lie_is_named(right, told, tamper: Tamper, named: str):
    tamper(right)

    code, said = told(right)

    assert code == 1
    assert named in failed(said)


def test_the_proof_of_another_problem_proves_nothing(right, told):
    bounds = right["proof"]["bounds"]
    bounds[0], bounds[2] = bounds[2], bounds[0]
    assert {"1 place: bound is recomputed", "3 places: bound is recomputed"} & failed(told(right)[1])
    bounds[1]["kind"] = "years"
    with pytest.raises(RefusedInput, match="proof cannot be read"):
        told(right)


def test_results_of_earlier_versions_have_no_proof_and_their_bounds_are_a_word(right, told):
    del right["proof"]

    code, said = told(right)

    assert (code, failed(said)) == (0, set())
    assert len(said["believed"]) == 3
    assert all("its proof is not in the result" in line for line in said["believed"])


def test_a_proof_too_many_for_a_result_is_left_out_of_it(right, told, monkeypatch):
    lengths = [numbers_in(bound) for bound in right["proof"]["bounds"]]
    monkeypatch.setattr(results, "PROOF_NUMBERS", lengths[0] + lengths[1])
    rows = results.answers_of(right)

    left = results._proof(rows)

    assert left is not None
    assert [bound is not None for bound in left["bounds"]] == [True, True, False]
    assert len(told({**right, "proof": left})[1]["believed"]) == 1


def test_options_that_mean_nothing_here_are_wrong_use(right, told, demand):
    for options in ({"exact": True}, {"proof": demand}):
        with pytest.raises(CommandFailed, match="greenfield result"):
            told(right, **options)


def test_other_destinations_are_refused(right, told):
    right["dataset_sha256"] = "0" * 64
    with pytest.raises(CommandFailed, match="answers other data"):
        told(right)


def test_no_figure_is_changed_unnoticed(right, demand):
    assert places_taken(right, recheck_greenfield, nowhere(), demand, None) == set()
