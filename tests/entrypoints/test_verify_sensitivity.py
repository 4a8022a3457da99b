"""Downloaded what-if answers are checked again, each against its changed data: each planted lie is named."""

from __future__ import annotations

import contextlib
import copy
import gzip
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import numpy as np
import pytest
import typer

from cli.reading import read_workbook
from cli.solve import solve
from cli.solve_network import certificate_of
from cli.terminal import CommandFailed
from cli.verify import verify
from cli.verifying.sensitivity import recheck_sensitivity
from networx.domain.network import ServiceYears
from networx.domain.parameters import transport_parameters
from networx.domain.sensitivity import Kind, Question
from networx.errors import RefusedInput
from networx.models.sensitivity import Base, ask
from networx.models.sensitivity.changes import changed
from networx.models.transport import solve_transport
from networx.results import proof as proofs
from networx.results import sensitivity_result as results
from networx.results.proof import inside, inside_or_beside, result_bytes
from networx.results.schema import result_schema
from networx.results.sensitivity_result import (
    Asked,
    answers_of,
    answers_proof,
    sensitivity_figures,
    sensitivity_result,
)
from networx.verify.sensitivity import otherwise
from networx.verify.transport import certify_outcome
from tests.core.models.small_networks import parameters as stated_as
from tests.core.models.small_networks import two_sites
from tests.core.results.test_schema import IDENTITY
from tests.entrypoints.leaves import nowhere, places_taken
from tests.entrypoints.verified import failed, workbook

Tamper = Callable[[dict[str, Any]], None]
LANES: list[list[Any]] = [
    ["origin", "destination", "cost_per_unit", "distance_miles"],
    *(
        [site, place, cost, 50 * cost]
        for site, costs in (("North", (1.1, 4, 2)), ("South", (3, 1, 2.7)), ("Hut", (2, 2, 2)))
        for place, cost in zip(("Elm", "Oak", "Ash"), costs, strict=True)
    ),
]
PARAMETERS: list[list[Any]] = [
    ["single_sourcing", "no"],
    ["lease_years", 2],
    ["engine", "lagrangian"],
    ["baseline_flows", "cheapest"],
]
QUESTIONS = (
    *(Question(kind, "", float(move)) for kind, move in ((Kind.ONE_MORE, 1), (Kind.ONE_FEWER, -1))),
    *(Question(Kind.DEMAND, "", share) for share in (0.1, -0.1)),
    *(Question(Kind.SERVICE, "", points) for points in (1.0, -1.0)),
    *(Question(kind, "", site=site) for kind in (Kind.OPENED, Kind.CLOSED) for site in (0, 1)),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook(tmp_path_factory.mktemp("data") / "network.xlsx", parameters=PARAMETERS, Lanes=LANES)


@pytest.fixture(scope="module")
def made(data: Path) -> str:
    """All questions of the plan, as a job tells them."""
    tables = read_workbook(data)[0]
    parameters = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, parameters)
    found = ask(Base(tables, parameters, outcome), certificate_of)
    told = sensitivity_figures(tables, outcome, found)
    result = sensitivity_result(
        tables,
        parameters,
        Asked("a job", outcome, certify_outcome(tables, parameters, outcome, tables.sha256())),
        told,
        asked=len(told["answers"]),
        identity={**IDENTITY, "dataset_sha256": tables.sha256()},
        proof=inside(answers_proof(outcome, told["answers"])),
    )
    return result_bytes(result).decode()


@pytest.fixture
def right(made: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(made)
    return result


@pytest.fixture
def told(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """The exit code and what `networx verify --json` says of a result."""

    def say(result: dict[str, Any], **options: Any) -> tuple[int, dict[str, Any]]:
        file = tmp_path / "result.json"
        file.write_bytes(result_bytes(result))
        usual = {"dataset": data, "proof": None, "exact": False, "as_json": True, "network": None}
        code = 0
        try:
            verify(file, **{**usual, **options})
        except typer.Exit as ended:
            code = ended.exit_code
        return code, json.loads(capsys.readouterr().out)

    return say


def at(result: dict[str, Any], begins: str) -> int:
    return next(
        number for number, answer in enumerate(result["sensitivity"]["answers"]) if answer["label"].startswith(begins)
    )


def answer(result: dict[str, Any], begins: str) -> dict[str, Any]:
    found: dict[str, Any] = result["sensitivity"]["answers"][at(result, begins)]
    return found


def test_right_answers_hold_each_against_its_changed_data(right, told):
    jsonschema_rs.validate(result_schema(), right)
    labels = {answer["label"] for answer in right["sensitivity"]["answers"]}

    code, said = told(right)

    assert (code, failed(said), said["differs"]) == (0, set(), [])
    assert {
        "North closed, though mandatory",
        "Hut open",
        "Demand +10 %",
        "One more facility (3 in each year)",
    } <= labels
    names = {line["name"] for line in said["checks"]}
    for label in ("Hut open", "Demand +10 %", "One more facility (3 in each year)"):
        assert f"{label}: demand is met" in names
    assert said["believed"] == ["which questions were asked, and why others were not"]


def _cheaper(result: dict[str, Any]) -> None:
    one = answer(result, "Demand +10")
    one["objective"] -= 1
    one["delta"] -= 1


def _delta(result: dict[str, Any]) -> None:
    answer(result, "Hut open")["delta"] += 1


def _range(result: dict[str, Any]) -> None:
    answer(result, "Hut open")["lowest"] += 1


def _bound(result: dict[str, Any]) -> None:
    one = answer(result, "Demand -10")
    one["bound"] *= 1.01


def _base_plan(result: dict[str, Any]) -> None:
    result["proof"]["base"]["plan"]["flow_units"][0] += 1


def _base_cost(result: dict[str, Any]) -> None:
    result["objective"] -= 1


def _other_plan(result: dict[str, Any]) -> None:
    """The base plan passed off as that of more demand: it serves too few."""
    result["proof"]["answers"][at(result, "Demand +10")] = copy.deepcopy(result["proof"]["base"])


def _other_question(result: dict[str, Any]) -> None:
    """The answer to less demand, told as that to more."""
    answer(result, "Demand -10")["label"] = "Demand +20 %"


def _other_change(result: dict[str, Any]) -> None:
    answer(result, "Demand +10")["change"] = 0.05


def _other_site(result: dict[str, Any]) -> None:
    one = answer(result, "Hut open")
    one["site"], one["label"] = "South", "South open"


def _moved(result: dict[str, Any]) -> None:
    answer(result, "Hut open")["opened"] = []


def _no_plan_after_all(result: dict[str, Any]) -> None:
    one = answer(result, "Hut open")
    one["infeasibility"] = copy.deepcopy(answer(result, "North closed")["infeasibility"])
    one["status"] = "infeasible"
    for name in ("objective", "bound", "gap", "delta", "lowest", "highest"):
        one[name] = None
    one["why"] = [clash["message"] for clash in one["infeasibility"]["clashes"]]
    result["proof"]["answers"][at(result, "Hut open")] = None


def _twice(result: dict[str, Any]) -> None:
    result["sensitivity"]["answers"].append(copy.deepcopy(result["sensitivity"]["answers"][0]))
    result["proof"]["answers"].append(copy.deepcopy(result["proof"]["answers"][0]))


def _count(result: dict[str, Any]) -> None:
    result["kpis"]["questions_proven"] -= 1


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (_cheaper, "Demand +10 %: cost"),
        (_delta, "figures: sensitivity"),
        (_range, "figures: sensitivity"),
        (_bound, "Demand -10 %: gap follows from cost and bound"),
        (_base_plan, "base plan: cost"),
        (_base_cost, "base plan: cost"),
        (_other_plan, "Demand +10 %: demand is met"),
        (_other_question, "Demand +20 %: is what was asked"),
        (_other_change, "Demand +10 %: is what was asked"),
        (_other_site, "South open: mandatory facilities are open"),
        (_moved, "figures: sensitivity"),
        (_no_plan_after_all, "Hut open: "),
        (_twice, "each question is answered once"),
        (_count, "figures: kpis"),
    ],
)
def test_each_planted_lie_is_named(right, told, tamper: Tamper, named: str):
    tamper(right)

    code, said = told(right)

    assert code == 1
    assert any(name.startswith(named) for name in failed(said)), failed(said)


@pytest.fixture(scope="module")
def beside_a_plan(data: Path) -> str:
    """A transport result with the same questions, as `networx solve --sensitivity --json` prints it."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        solve(data, sensitivity=True, as_json=True)
    return printed.getvalue()


def test_answers_beside_a_plan_are_checked_as_those_of_a_job(beside_a_plan, told):
    result = json.loads(beside_a_plan)
    jsonschema_rs.validate(result_schema(), result)

    code, said = told(result)

    assert (code, failed(said)) == (0, set())
    assert "Demand +10 %: its plan and cost, against the changed data" in said["recomputed"]
    assert "Demand +10 %: demand is met" in {line["name"] for line in said["checks"]}
    assert said["believed"] == ["which questions were asked, and why others were not"]


def test_a_person_reads_a_line_for_each_answer_that_holds_and_every_check_that_fails(
    beside_a_plan, data, tmp_path, capsys
):
    result = json.loads(beside_a_plan)

    def read() -> str:
        (tmp_path / "result.json").write_bytes(result_bytes(result))
        with contextlib.suppress(typer.Exit):
            verify(tmp_path / "result.json", data, proof=None, exact=False, as_json=False)
        return " ".join(capsys.readouterr().out.split())

    said = read()
    assert re.search(r"Demand \+10 %: all \d+ checks yes", said), said
    assert "Demand +10 %: demand is met" not in said
    assert "Capacities hold" in said  # of the plan itself, each
    _cheaper(result)
    assert "Demand +10 %: cost" in read()


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (_cheaper, "Demand +10 %: cost"),
        (_delta, "figures: sensitivity"),
        (_other_site, "South open: mandatory facilities are open"),
        (_twice, "each question is answered once"),
    ],
)
def test_each_lie_about_an_answer_beside_a_plan_is_named(beside_a_plan, told, tamper: Tamper, named: str):
    result = json.loads(beside_a_plan)
    tamper(result)
    code, said = told(result)
    assert code == 1
    assert any(name.startswith(named) for name in failed(said)), failed(said)


def test_answers_beside_a_plan_without_their_plans_are_a_word(beside_a_plan, told):
    result = json.loads(beside_a_plan)
    result["proof"]["answers"].pop()
    with pytest.raises(RefusedInput, match="lacks what every result has"):
        told(result)
    del result["proof"]["answers"]  # as earlier versions wrote them
    code, said = told(result)
    assert (code, failed(said)) == (0, set())
    assert "Hut open: the whole answer, whose plan or proof is not in the result" in said["believed"]


def test_earlier_versions_left_no_plans_to_check(right, told):
    del right["proof"]
    with pytest.raises(CommandFailed, match="does not hold what it is proven by"):
        told(right)


def test_an_answer_whose_plan_was_not_kept_is_a_word_and_its_figures_still_fit(right, told):
    number = at(right, "Hut open")
    right["proof"]["answers"][number] = None

    code, said = told(right)

    assert (code, failed(said)) == (0, set())
    assert "Hut open: the whole answer, whose plan or proof is not in the result" in said["believed"]
    _delta(right)
    assert failed(told(right)[1]) == {"figures: sensitivity"}


def test_questions_that_nobody_can_ask_are_refused(right, told):
    answer(right, "Hut open")["site"] = "Nowhere"
    with pytest.raises(RefusedInput, match="asks of Nowhere, which the data has not"):
        told(right)
    answer(right, "Hut open")["site"] = None
    assert "Hut open: can be asked" in failed(told(right)[1])
    answer(right, "Hut open")["kind"] = "weather"
    with pytest.raises(RefusedInput, match="weather is no question"):
        told(right)


def test_options_that_mean_nothing_here_are_wrong_use(right, told, data):
    with pytest.raises(CommandFailed, match="--exact is for transport"):
        told(right, exact=True)
    with pytest.raises(CommandFailed, match="--network belongs to results of type baseline"):
        told(right, network=data)


def test_large_plans_lie_beside_the_result(right, told, tmp_path, monkeypatch):
    monkeypatch.setattr(proofs, "INLINE_NUMBERS", 10)
    right["proof"], apart = inside_or_beside(right["proof"], tmp_path)
    assert apart

    assert told(right)[0] == 0
    packed = tmp_path / "proof.json.gz"
    stated = json.loads(gzip.decompress(packed.read_bytes()))
    stated["base"]["plan"]["flow_units"][0] += 1
    packed.write_bytes(gzip.compress(json.dumps(stated).encode()))
    with pytest.raises(CommandFailed, match="its SHA-256 is another"):
        told(right)


def test_plans_beyond_the_limit_are_left_out(right, data, monkeypatch):
    tables = read_workbook(data)[0]
    base = solve_transport(tables, transport_parameters(tables.parameters))
    rows = answers_of(right)
    monkeypatch.setattr(results, "PROOF_NUMBERS", proofs.numbers_in(right["proof"]["base"]))

    left = answers_proof(base, rows)

    assert not any(left["answers"])
    assert [row["proof"] for row in rows] == right["proof"]["answers"]


def test_the_changed_problem_is_the_one_that_was_asked():
    """Made twice by different code: of every kind, with forced years, years of their own and stated levels."""
    tables = two_sites(facility_years=[(0, 2026, np.nan, np.nan), (1, 2027, np.nan, np.nan)])
    by_year = replace(tables.facility_years, status=("mandatory", "forbidden"))
    levels = ServiceYears(year=np.array([2027]), service_level=np.array([0.9]))
    tables = replace(tables, facility_years=by_year, service_years=levels)
    one_open = np.array([[True, False]] * 2)
    for status in (("mandatory", "candidate"), ("candidate", "forbidden"), ("candidate", "candidate")):
        for forced in ((np.nan, 2026.0), (np.nan, np.nan)):
            sites = replace(tables.facilities, status=status, forced_from_year=np.array(forced))
            stated = replace(tables, facilities=sites)
            given = stated_as(service_level=0.85, max_facilities=2)
            for question in QUESTIONS:
                asked = changed(stated, given, question, 1)
                again = otherwise(stated, given, one_open, question)
                assert again.tables.sha256() == asked.tables.sha256(), question
                assert (again.parameters, again.direction) == (asked.parameters, asked.direction), question


def test_no_figure_is_changed_unnoticed(right, data):
    assert places_taken(right, recheck_sensitivity, nowhere(), data, None) == set()
