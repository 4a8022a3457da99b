"""A downloaded result is checked again against its data: right ones hold, and each planted lie is named."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import orjson
import pytest
import typer

from cli.network_result import network_result
from cli.reading import read_workbook
from cli.solve_network import SolvedNetwork, certificate_of
from cli.terminal import CommandFailed, Exit
from cli.verify import verify
from cli.verifying.capacity import recheck_capacity
from cli.verifying.figures import figure_checks
from cli.verifying.model import recheck_model
from cli.verifying.sentences import say_the_same
from cli.verifying.transport import recheck_transport
from networx.domain.business_parameters import BusinessParameters
from networx.domain.json_model_reading import read_json_model
from networx.domain.model_answer import Question
from networx.domain.network import NetworkTables
from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.parameters import business_parameters, capacity_parameters, transport_parameters
from networx.errors import RefusedInput
from networx.models.baseline import price_today
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.models.generic import solve_data, solve_json
from networx.models.transport import solve_transport
from networx.results import proof as proofs
from networx.results.baseline import Compared, with_baseline
from networx.results.capacity import capacity_result
from networx.results.kpis import transport_result
from networx.results.model_result import model_result
from networx.results.proof import capacity_proof, inside, inside_or_beside, result_bytes, transport_proof
from networx.solver.files import read_file
from networx.verify.baseline import certify_today
from networx.verify.capacity import certify_capacity
from networx.verify.transport import certify_outcome
from networx.verify.transport.exact import check_exactly
from networx.work.certify_model import Statement, certified
from tests.entrypoints.leaves import nowhere, places_taken

PARAMETERS = [["single_sourcing", "no"], ["lease_years", 5], ["engine", "lagrangian"]]
Tamper = Callable[[dict[str, Any]], None]
SITES = ("North", "South", "Hut")


def workbook(path: Path, *, parameters: list[list[Any]] = PARAMETERS, **sheets: list[list[Any]]) -> Path:
    """North, South and Hut serve Elm, Oak and Ash over two years; North alone is too small."""
    stated = {
        "Facilities": [
            ["name", "capacity_units", "fixed_cost_per_year", "status"],
            ["North", 80, 100.1, "mandatory"],
            ["South", 60, 50, "candidate"],
            ["Hut", 30, 90, "candidate"],
        ],
        "Destinations": [["name", "demand_units"], ["Elm", 40], ["Oak", 30], ["Ash", 30]],
        "Forecast": [["year", "annual_units"], [2026, 100], [2027, 100]],
        "Lanes": [
            ["origin", "destination", "cost_per_unit"],
            *(
                [site, place, cost]
                for site, costs in (("North", (1.1, 4, 2)), ("South", (3, 1, 2.7)), ("Hut", (2, 2, 2)))
                for place, cost in zip(("Elm", "Oak", "Ash"), costs, strict=True)
            ),
        ],
        "Parameters": [["name", "value"], *parameters],
        **sheets,
    }
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for name, rows in stated.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def solved(tables: NetworkTables, folder: Path | None = None) -> dict[str, Any]:
    """As `networx solve` makes it, or as a platform does, which lays a large proof beside it in `folder`."""
    parameters = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, parameters)
    assert outcome.plan is not None
    assert outcome.objective is not None
    certificate = certify_outcome(tables, parameters, outcome, tables.sha256())
    proof = transport_proof(outcome)
    member = inside(proof) if folder is None else inside_or_beside(proof, folder)[0]
    identity = {"dataset_sha256": tables.sha256()}
    return transport_result(tables, parameters, outcome, certificate, identity=identity, proof=member)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook(tmp_path_factory.mktemp("data") / "network.xlsx")


@pytest.fixture(scope="module")
def right(data: Path) -> dict[str, Any]:
    return solved(read_workbook(data)[0])


def told(result: dict[str, Any], data: Path, folder: Path, capsys: Any, **options: Any) -> tuple[int, dict[str, Any]]:
    """The exit code and what `networx verify --json` says."""
    file = folder / "result.json"
    file.write_bytes(result_bytes(result))
    code = 0
    try:
        verify(file, data, **{"proof": None, "exact": False, "as_json": True, **options})
    except typer.Exit as ended:
        code = ended.exit_code
    return code, json.loads(capsys.readouterr().out)


def failed(said: dict[str, Any]) -> set[str]:
    return {line["name"] for line in said["checks"] if not line["passed"]}


def test_a_right_result_holds_and_says_what_was_recomputed(right, data, tmp_path, capsys):
    assert right["bound_source"] == "recomputed"

    code, said = told(right, data, tmp_path, capsys, exact=True)

    assert (code, said["holds"], failed(said)) == (0, True, set())
    assert any(line.startswith(f"the bound {right['bound']!r}") for line in said["recomputed"])
    assert (said["believed"], said["differs"]) == ([], [])
    assert {line["name"] for line in said["checks"]} >= {"exactly: cost", "exactly: demand is met", "figures: years"}


def test_a_person_is_told_the_same(right, data, tmp_path, capsys):
    told(right, data, tmp_path, capsys, as_json=True)
    verify(tmp_path / "result.json", data, proof=None, exact=False, as_json=False)

    said = " ".join(capsys.readouterr().out.split())
    assert "The result holds (proven optimal)" in said
    assert "Taken on somebody's word: - nothing" in said


def test_a_bound_without_a_proof_is_said_to_be_the_solvers_word(tmp_path, capsys):
    data = workbook(tmp_path / "network.xlsx", parameters=[*PARAMETERS[:2], ["engine", "highs"]])

    code, said = told(solved(read_workbook(data)[0]), data, tmp_path, capsys)

    assert code == 0
    assert [line for line in said["believed"] if "the solver's own word" in line]


def test_tiers_and_suppliers_are_recomputed_too(tmp_path, capsys):
    data = workbook(
        tmp_path / "network.xlsx",
        parameters=[*PARAMETERS[:1], ["lease_years", 1]],
        Forecast=[["year", "annual_units"], [2026, 100], [2027, 180]],
        Expansions=[
            ["facility", "tier", "capacity_units", "fixed_cost_per_year", "one_time_cost"],
            ["North", 1, 30.5, 7.1, 5],
        ],
        Suppliers=[["name", "latitude", "longitude", "supply_units", "cost_per_unit"], ["Mill", 40, -90, 200, 0.3]],
        Lanes=[
            ["origin", "destination", "cost_per_unit"],
            *([site, place, 1.1] for site in ("North", "South", "Hut") for place in ("Elm", "Oak", "Ash")),
            *(["Mill", site, 0.7] for site in ("North", "South", "Hut")),
        ],
    )
    result = solved(read_workbook(data)[0])

    code, said = told(result, data, tmp_path, capsys, exact=True)

    assert (code, failed(said)) == (0, set())
    # With its tier North alone holds the 100 units of 2026, and it stays; Mill's units cost 1 each to come in.
    assert result["kpis"]["expansion_cost"] == pytest.approx(5 + 2 * 7.1)
    assert result["kpis"]["inbound_cost"] == pytest.approx(280)
    assert {line["name"] for line in said["checks"]} >= {"exactly: supply holds", "figures: suppliers"}
    result["suppliers"][0]["inbound_cost"] *= 1.01
    assert failed(told(result, data, tmp_path, capsys)[1]) == {"figures: suppliers"}
    result["proof"]["plan"]["inbound_units"][0] *= 1.01
    assert "what comes in goes out" in failed(told(result, data, tmp_path, capsys)[1])


def _objective(result: dict[str, Any]) -> None:
    """Everything that goes with the cost moves along: only the data contradicts it."""
    result["objective"] *= 1 + 1e-4
    result["bound"] *= 1 + 1e-4


def _unserved(result: dict[str, Any]) -> None:
    result["proof"]["plan"]["flow_units"][0] = 0.0


def _closed(result: dict[str, Any]) -> None:
    used = result["proof"]["plan"]["flow_facility"][0]
    result["proof"]["plan"]["opened"][result["proof"]["plan"]["flow_year"][0]][used] = False


def _bound(result: dict[str, Any]) -> None:
    result["bound"] = result["objective"] * (1 + 1e-6)
    result["gap"] = 1e-6


def _proof(result: dict[str, Any]) -> None:
    result["proof"]["bound"] = None


def _weak_proof(result: dict[str, Any]) -> None:
    result["proof"]["bound"]["pays"] = [[0.0] * len(row) for row in result["proof"]["bound"]["pays"]]


def _kpi(result: dict[str, Any]) -> None:
    result["kpis"]["transport_cost"] *= 0.99


def _year(result: dict[str, Any]) -> None:
    result["years"].pop()


def _gap(result: dict[str, Any]) -> None:
    result["gap"] = 0.5


@pytest.mark.parametrize(
    ("tamper", "names"),
    [
        (_objective, {"cost", "bound is recomputed"}),
        (_unserved, {"demand is met", "cost"}),
        (_closed, {"flows leave open facilities", "mandatory facilities are open", "leases are kept", "cost"}),
        (_bound, {"bound is not above the cost", "bound is recomputed"}),
        (_proof, {"bound is recomputed"}),
        (_weak_proof, {"bound is recomputed"}),
        (_kpi, {"figures: kpis"}),
        (_year, {"figures: years"}),
        (_gap, {"gap follows from cost and bound"}),
    ],
)
def test_a_planted_lie_is_refused_by_name(right, data, tmp_path, capsys, tamper: Tamper, names):
    lie = copy.deepcopy(right)
    tamper(lie)

    code, said = told(lie, data, tmp_path, capsys)

    assert (code, said["holds"]) == (Exit.FAILED, False)
    assert failed(said) == names


def test_the_exact_sums_tell_a_wrong_cost_from_a_right_one(right, data):
    tables = read_workbook(data)[0]
    plan, _ = proofs.read_transport_proof(right["proof"])
    parameters = transport_parameters(tables.parameters)

    found = check_exactly(tables, parameters, plan, right["objective"])
    lie = check_exactly(tables, parameters, plan, right["objective"] * (1 + 1e-8))

    assert all(line.passed for line in found.checks)
    assert [line.name for line in lie.checks if not line.passed] == ["exactly: cost"]
    # Prices, units and fixed costs of the workbook are tenths at the finest: 100.1 a year, 1.1 and 2.7 a unit.
    assert (found.cost * 100).denominator == 1 or float(found.cost) == pytest.approx(right["objective"], rel=1e-12)


def test_other_data_are_refused_by_their_digest(right, tmp_path, capsys):
    other = workbook(tmp_path / "other.xlsx", Destinations=[["name", "demand_units"], ["Elm", 41], ["Oak", 30]])
    with pytest.raises((CommandFailed, RefusedInput)):
        told(right, other, tmp_path, capsys)

    other = workbook(tmp_path / "other.xlsx", Forecast=[["year", "annual_units"], [2026, 100], [2027, 151]])
    with pytest.raises(CommandFailed, match="answers other data") as refused:
        told(right, other, tmp_path, capsys)
    assert refused.value.code is Exit.REFUSED


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"schema": "another"}', '{"schema": "networx.result/1", "type": "weather"}']
)
def test_what_is_no_result_with_a_plan_is_refused(text, data, tmp_path):
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(CommandFailed) as refused:
        verify(tmp_path / "result.json", data, proof=None, exact=False, as_json=True)
    assert refused.value.code is Exit.REFUSED


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('"status": "optimal"', '"status": "optimal", "status": "optimal"'),
        ('"objective": ', '"objective": NaN, "was": '),
        ('"objective": ', '"objective": 1e999, "was": '),
        ('"objective": ', '"objective": ' + "[" * 5_000 + "]" * 5_000 + ', "was": '),
        ('"proof": {', '"proof": {{'),
    ],
)
def test_a_file_that_readers_take_differently_is_refused(right, data, tmp_path, written: str, instead: str):
    text = result_bytes(right).decode()
    assert text.count(written) >= 1
    for content in (text.replace(written, instead, 1), text[: len(text) // 2]):
        (tmp_path / "result.json").write_text(content)
        with pytest.raises(CommandFailed, match="no JSON") as refused:
            verify(tmp_path / "result.json", data, proof=None, exact=False, as_json=True)
        assert refused.value.code is Exit.REFUSED


@pytest.mark.parametrize("value", [2**31, 2**32, 1e30, 0.5, -7, "0", None, [], {}, True])
@pytest.mark.parametrize("place", ["flow_facility", "flow_units", "opened", "years"])
def test_a_plan_of_odd_values_is_refused_and_never_read_as_another(right, data, tmp_path, capsys, place: str, value):
    odd = copy.deepcopy(right)
    at = odd["proof"]["plan"][place]
    (at[0] if place == "opened" else at)[1 if place == "opened" else 0] = value
    if odd == right:
        return
    with contextlib.suppress(CommandFailed, RefusedInput):
        assert told(odd, data, tmp_path, capsys)[0] == Exit.FAILED


def test_what_a_result_says_of_its_own_check_is_compared(right, data, tmp_path, capsys):
    for lie in ({"valid": False}, {"objective": 1.0}, {"gap": 0.5}, {"bound_source": "solver"}):
        said = told({**right, "certificate": {**right["certificate"], **lie}}, data, tmp_path, capsys)[1]
        assert failed(said) & {"figures: certificate", "figures: the bound is as its certificate says"}, lie
    worse = copy.deepcopy(right)
    worse["certificate"]["checks"][0]["worst"] = 5.0
    assert failed(told(worse, data, tmp_path, capsys)[1]) == {"figures: certificate"}


def test_what_nobody_recomputes_is_said_to_be_a_word(right, data, tmp_path, capsys):
    more = copy.deepcopy(right)
    more["kpis"]["saved_for_sure"] = 1e6
    more["promised"] = "half the cost"
    more["certificate"]["checks"].append({**right["certificate"]["checks"][0], "name": "audited"})

    code, said = told(more, data, tmp_path, capsys)

    assert (code, said["believed"]) == (
        0,
        ["the check 'audited', kpis.saved_for_sure, promised: nothing here recomputes it"],
    )


def test_a_contradiction_is_not_said_to_be_solved(tmp_path, capsys):
    data = workbook(tmp_path / "network.xlsx", Forecast=[["year", "annual_units"], [2026, 100], [2027, 250]])
    tables = read_workbook(data)[0]
    parameters = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, parameters)
    result = transport_result(tables, parameters, outcome, None, identity={"dataset_sha256": tables.sha256()})
    for member, lie in (("status", "optimal"), ("objective", 5.0), ("kpis", {"total_cost": 5.0}), ("years", [{}])):
        assert failed(told({**result, member: lie}, data, tmp_path, capsys)[1]) == {f"figures: {member}"}


def test_a_result_without_its_proof_says_what_to_do(right, data, tmp_path, capsys):
    with pytest.raises(CommandFailed, match="does not hold what it is proven by"):
        told({**right, "proof": None}, data, tmp_path, capsys)
    with pytest.raises(RefusedInput, match="lacks what every result has"):
        told({name: value for name, value in right.items() if name != "parameters"}, data, tmp_path, capsys)


def test_a_large_proof_is_a_file_beside_named_by_its_digest(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(proofs, "INLINE_NUMBERS", 5)
    monkeypatch.setattr(proofs, "_PIECE_NUMBERS", 4)
    result = solved(read_workbook(data)[0], tmp_path)
    assert result["proof"].keys() == {"file", "sha256", "bytes"}

    assert told(result, data, tmp_path, capsys)[0] == 0

    kept = tmp_path / "proof.json.gz"
    elsewhere = kept.rename(tmp_path / "elsewhere.gz")
    with pytest.raises(CommandFailed, match=r"download proof\.json\.gz"):
        told(result, data, tmp_path, capsys)
    assert told(result, data, tmp_path, capsys, proof=elsewhere)[0] == 0
    elsewhere.write_bytes(elsewhere.read_bytes() + b"\0")
    with pytest.raises(CommandFailed, match="SHA-256 is another"):
        told(result, data, tmp_path, capsys, proof=elsewhere)


def test_savings_and_the_baseline_that_they_come_from_are_checked_too(data, tmp_path, capsys):
    tables = read_workbook(data)[0]
    parameters, asked = transport_parameters(tables.parameters), BusinessParameters("cheapest", discount_rate=0.1)
    there = replace(tables, facilities=replace(tables.facilities, existing=("yes", None, "yes")))
    outcome, baseline = solve_transport(there, parameters), price_today(there, parameters, "cheapest")
    certificate = certify_today(there, parameters, baseline, there.sha256())
    network = transport_result(
        there,
        parameters,
        outcome,
        None,
        identity={"dataset_sha256": there.sha256()},
        proof=inside(transport_proof(outcome, baseline)),
    )
    result = with_baseline(network, there, parameters, Compared(asked, baseline, certificate))
    site = ["name", "capacity_units", "fixed_cost_per_year", "status", "existing"]
    rows = [
        ["North", 80, 100.1, "mandatory", "yes"],
        ["South", 60, 50, "candidate"],
        ["Hut", 30, 90, "candidate", "yes"],
    ]
    book = workbook(tmp_path / "today.xlsx", Facilities=[site, *rows])

    code, said = told(result, book, tmp_path, capsys)
    assert (code, failed(said)) == (0, set())
    assert {line["name"] for line in said["checks"]} >= {"baseline: cost", "figures: savings"}

    dearer = copy.deepcopy(result)
    dearer["proof"]["baseline"]["objective"] += 1
    assert "baseline: cost" in failed(told(dearer, book, tmp_path, capsys)[1])
    larger = copy.deepcopy(result)
    larger["savings"]["total"] += 1
    assert failed(told(larger, book, tmp_path, capsys)[1]) == {"figures: savings"}


def test_a_scenario_that_overrides_the_sheet_is_told(data, tmp_path, capsys):
    tables = read_workbook(data)[0]
    tables.parameters["max_facilities"] = "2"
    result = solved(tables)
    for claim in (result, result["certificate"]):
        claim["dataset_sha256"] = read_workbook(data)[0].sha256()

    code, said = told(result, data, tmp_path, capsys)

    assert (code, said["differs"]) == (0, ["max_facilities 2, which the sheet does not state"])


def test_an_infeasible_result_is_checked_by_its_sums(tmp_path, capsys):
    data = workbook(tmp_path / "network.xlsx", Forecast=[["year", "annual_units"], [2026, 100], [2027, 250]])
    tables = read_workbook(data)[0]
    parameters = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, parameters)
    identity = {"dataset_sha256": tables.sha256()}
    result = transport_result(tables, parameters, outcome, None, identity=identity)
    assert result["status"] == "infeasible"

    assert told(result, data, tmp_path, capsys)[0] == 0

    assert any("what is said of it" in line for line in told(result, data, tmp_path, capsys)[1]["recomputed"])
    cure = result["infeasibility"]["clashes"][0]["cure"]
    result["infeasibility"]["clashes"][0]["cure"] = cure.replace("capacity", "max_facilities")
    assert failed(told(result, data, tmp_path, capsys)[1]) == {"figures: infeasibility"}
    result["infeasibility"]["clashes"][0]["cure"] = cure

    result["infeasibility"]["clashes"][0]["short_by"] *= 2
    assert told(result, data, tmp_path, capsys)[0] == Exit.FAILED


def test_a_dataset_may_come_from_a_tenants_export(right, data, tmp_path, capsys):
    tables = read_workbook(data)[0]
    folder = tmp_path / "export" / "rows"
    folder.mkdir(parents=True)
    names = {"id": "one", "sha256": tables.sha256()}
    (folder / "datasets.jsonl").write_bytes(orjson.dumps(names))
    for table, columns in DIGEST_COLUMNS.items():
        if table == "parameters":
            rows = [list(row) for row in tables.parameters.items()]
        else:
            stored = [getattr(getattr(tables, table), name) for name, _ in columns]
            rows = [[_stored(cell) for cell in row] for row in zip(*stored, strict=True)]
        lines = [
            orjson.dumps({"dataset_id": "one", "position": at, **dict(zip([n for n, _ in columns], row, strict=True))})
            for at, row in reversed(list(enumerate(rows)))
        ]
        lines.append(orjson.dumps({"dataset_id": "another", "position": 0}))
        (folder / f"network_{table}.jsonl").write_bytes(b"\n".join(lines))

    assert told(right, tmp_path / "export", tmp_path, capsys)[0] == 0

    (folder / "datasets.jsonl").write_bytes(orjson.dumps({**names, "sha256": "0" * 64}))
    with pytest.raises(CommandFailed, match="has no dataset with the content"):
        told(right, tmp_path / "export", tmp_path, capsys)


def _stored(cell: Any) -> Any:
    """As a row of PostgreSQL says it in JSON."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, float):
        return None if np.isnan(cell) else "Infinity" if np.isinf(cell) else cell
    return cell


def test_a_capacity_result_holds_and_a_changed_one_does_not(tmp_path, capsys):
    data = workbook(tmp_path / "network.xlsx", parameters=[["single_sourcing", "no"], ["sites", "mandatory"]])
    tables = read_workbook(data)[0]
    parameters, own = capacity_parameters(tables.parameters)
    sites = chosen_sites(tables, parameters, None)
    outcome = analyse_capacity(tables, parameters, own, sites)
    certificate = certify_capacity(tables, parameters, sites, outcome, tables.sha256())
    result = capacity_result(
        tables,
        parameters,
        outcome,
        certificate,
        asked="mandatory",
        identity={"dataset_sha256": tables.sha256()},
        proof=inside(capacity_proof(outcome)),
    )
    assert result["relief"] is not None

    code, said = told(result, data, tmp_path, capsys)
    assert (code, failed(said)) == (0, set())
    assert [line for line in said["believed"] if "the solver's own word" in line]

    assert places_taken(result, recheck_capacity, nowhere(), data, None) == set()
    verdict, opened = result["verdict"], result["relief"]["changes"][0]["facility"]
    assert opened in verdict
    result["verdict"] = verdict.replace(opened, next(site for site in result["sites"] if site != opened))
    assert failed(told(result, data, tmp_path, capsys)[1]) == {"figures: verdict"}
    result["verdict"] = verdict

    result["proof"]["outcome"]["base"][1]["short"] *= 1 + 1e-4
    assert told(result, data, tmp_path, capsys)[0] == Exit.FAILED


BLENDING = {
    "optimize": "cost",
    "opType": "min",
    "constraints": {"demand": {"min": 4}, "x": {"max": 1.5}},
    "variables": {"x": {"cost": 2, "demand": 1, "x": 1}, "y": {"cost": 3.1, "demand": 1}},
}
CLASH = "min\n obj: x\nst\n c1: x >= 4\n c2: x <= 3\nend\n"


def model_told(path: Path) -> dict[str, Any]:
    """The result of a model's file, as its solve makes it."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if path.suffix == ".json":
        model = read_json_model(json.loads(path.read_bytes()))
        statement = Statement(model, sha256)
        answers = [certified(statement, *answer) for answer in solve_json(model)]
    else:
        data = read_file(path)
        statement = Statement(data, sha256)
        answers = [certified(statement, Question(), solve_data(data))]
    return model_result(statement.names, answers, model=statement.model, identity={"model_sha256": sha256})


def test_the_answer_to_a_model_holds_and_a_changed_one_does_not(tmp_path, capsys):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(BLENDING, indent=2))
    result = model_told(path)
    assert result["bound_source"] == "recomputed"

    code, said = told(result, path, tmp_path, capsys)
    assert (code, failed(said), said["believed"]) == (0, set(), [])

    assert places_taken(result, recheck_model, nowhere(), path, None) == set()
    for lie, names in (
        ({"objective": result["objective"] * (1 + 1e-4)}, {"objective", "bound is recomputed", "optimal is proven"}),
        ({"solution": {**result["solution"], "y": 2.4}}, {"requirements hold", "objective", "bound is recomputed"}),
        ({"bound": result["bound"] * (1 - 1e-6)}, {"bound is recomputed", "optimal is proven"}),
        ({"proof": {"answers": [{**result["proof"]["answers"][0], "multipliers": None}]}}, {"bound is recomputed"}),
    ):
        code, said = told({**result, **lie}, path, tmp_path, capsys)
        assert (code, failed(said)) == (Exit.FAILED, names)

    path.write_text(json.dumps({**BLENDING, "optimize": "demand"}))
    with pytest.raises(CommandFailed, match="answers other data"):
        told(result, path, tmp_path, capsys)


def test_each_of_several_goals_is_checked_with_the_point_between(tmp_path, capsys):
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**BLENDING, "optimize": {"cost": "min", "y": "max"}, "opType": None}))
    stated = json.loads(path.read_text())
    stated["variables"]["y"]["y"] = 1
    stated["constraints"]["y"] = {"max": 9}
    del stated["opType"]
    path.write_text(json.dumps(stated))
    result = model_told(path)
    assert len(result["objectives"]) == 2

    code, said = told(result, path, tmp_path, capsys)
    assert (code, failed(said)) == (0, set())
    assert {line["name"].split(": ")[0] for line in said["checks"]} >= {"cost", "y", "midpoint"}

    assert places_taken(result, recheck_model, nowhere(), path, None) == set()
    other = copy.deepcopy(result)
    other["proof"]["answers"][0]["question"]["objective"] = ["y", False]
    assert "the question is the model's" in failed(told(other, path, tmp_path, capsys)[1])
    moved = copy.deepcopy(result)
    moved["proof"]["answers"][2]["question"]["pins"][0][1] += 1e-6
    assert "the point between has each goal at its mean" in failed(told(moved, path, tmp_path, capsys)[1])
    result["objectives"][1]["objective"] += 1
    code, said = told(result, path, tmp_path, capsys)
    assert code == Exit.FAILED
    assert "y: objective" in failed(said)


def test_that_a_model_has_no_answer_is_proven_again_from_its_multipliers(tmp_path, capsys):
    path = tmp_path / "model.lp"
    path.write_text(CLASH)
    result = model_told(path)
    assert result["evidence"] == "farkas"

    code, said = told(result, path, tmp_path, capsys)
    assert (code, failed(said)) == (0, set())
    assert said["recomputed"] == ["that the requirements contradict one another, in exact fractions"]

    result["proof"]["answers"][0]["multipliers"] = [1.0, 1.0]
    code, said = told(result, path, tmp_path, capsys)
    assert (code, failed(said)) == (Exit.FAILED, {"multipliers contradict"})


def test_a_sentence_may_be_put_otherwise_but_its_figures_stay():
    again = {"savings": {"why": "Elm, 40 units, has no lane from 2 of the sites.", "note": None, "name": "Elm 1"}}

    def holds(**shown: Any) -> bool:
        (found,) = figure_checks({"savings": {**again["savings"], **shown}}, again, ["savings"], {"Elm", "Oak"})
        return found.passed

    assert holds()
    assert holds(why="There is no lane to Elm (40 units) from 2 sites.")
    assert not holds(why="There is no lane to Elm (41 units) from 2 sites.")
    assert not holds(why="There is no lane to Oak (40 units) from 2 sites.")
    assert not holds(why="There is a lane to Elm (40 units) from 2 sites.")
    assert not holds(why="There is no lane to Elm (40 units) from 2 mandatory sites.")
    assert not holds(why="There is no lane to Elm (40 units) from 2 sites: see max_facilities.")
    assert not holds(why=None)
    assert not say_the_same("Open Elm, 3 more units.", "Close Elm, 3 more units.", ())
    assert not say_the_same("It costs $3 more.", "It costs $3 less.", ())
    assert not holds(note="A note.")
    assert not holds(name="Oak 1")


def test_no_figure_of_a_plan_is_changed_unnoticed(tmp_path):
    """With a baseline, savings and a business case, tiers, suppliers, and a service level at a price."""
    data = workbook(
        tmp_path / "network.xlsx",
        parameters=[
            *(["single_sourcing", "no"], ["lease_years", 1], ["baseline_flows", "cheapest"], ["discount_rate", 0.1]),
            *(["service_level", 0.9], ["max_distance_miles", 90], ["service_penalty_per_unit", 0.5]),
        ],
        Facilities=[
            ["name", "capacity_units", "fixed_cost_per_year", "status", "existing", "opening_cost"],
            ["North", 80, 100.1, "mandatory", "yes", 5],
            ["South", 60, 50, "candidate", "no", 7],
            ["Hut", 30, 90, "candidate", "yes", None],
        ],
        Expansions=[["facility", "tier", "capacity_units", "fixed_cost_per_year"], ["North", 1, 30.5, 7.1]],
        Suppliers=[["name", "latitude", "longitude", "supply_units", "cost_per_unit"], ["Mill", 40, -90, 200, 0.3]],
        Lanes=[
            ["origin", "destination", "cost_per_unit", "distance_miles"],
            *([site, place, 1.1, 50 + 40 * (site == "Hut")] for site in SITES for place in ("Elm", "Oak", "Ash")),
            *(["Mill", site, 0.7, None] for site in SITES),
        ],
        OneTimeCosts=[["year", "line", "amount"], [2026, "moving", 12.5]],
        ControlTotals=[["year", "line", "amount"], [2026, "total", 400]],
    )
    tables = read_workbook(data)[0]
    parameters, asked = transport_parameters(tables.parameters), business_parameters(tables.parameters)
    outcome, baseline = solve_transport(tables, parameters), price_today(tables, parameters, "cheapest")
    solved_network = SolvedNetwork(outcome, certificate_of(tables, parameters, outcome), False, baseline)
    result = network_result(tables, parameters, asked, solved_network, {"dataset_sha256": tables.sha256()})
    assert result["savings"]["known"]

    assert places_taken(result, recheck_transport, nowhere(), data, None) == set()


def test_no_figure_of_a_contradiction_is_changed_unnoticed(tmp_path):
    data = workbook(tmp_path / "network.xlsx", Forecast=[["year", "annual_units"], [2026, 100], [2027, 250]])
    tables = read_workbook(data)[0]
    parameters = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, parameters)
    solved_network = SolvedNetwork(outcome, certificate_of(tables, parameters, outcome), False)
    identity = {"dataset_sha256": tables.sha256()}
    result = network_result(tables, parameters, BusinessParameters(), solved_network, identity)

    assert places_taken(result, recheck_transport, nowhere(), data, None) == set()
