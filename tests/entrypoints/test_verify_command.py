"""A downloaded result is checked again against its data: right ones hold, and each planted lie is named."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit
from cli.verify import verify
from networx.domain.business_parameters import BusinessParameters
from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.parameters import transport_parameters
from networx.errors import RefusedInput
from networx.models.baseline import price_today
from networx.models.transport import solve_transport
from networx.results import proof as proofs
from networx.results.baseline import Compared, with_baseline
from networx.results.kpis import transport_result
from networx.results.proof import inside, result_bytes, transport_proof
from networx.verify.baseline import certify_today
from networx.verify.transport.exact import check_exactly
from tests.entrypoints.verified import PARAMETERS, failed, solved, told, workbook

Tamper = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook(tmp_path_factory.mktemp("data") / "network.xlsx")


@pytest.fixture(scope="module")
def right(data: Path) -> dict[str, Any]:
    return solved(read_workbook(data)[0])


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
