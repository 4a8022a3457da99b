"""Results are what their published schema says, and have no member that it does not name."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from networx.domain.json_model_reading import read_json_model
from networx.domain.parameters import CapacityParameters, SitesAsked
from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.models.generic import solve_json
from networx.results.capacity import capacity_result
from networx.results.frontier import Member
from networx.results.model_result import model_result
from networx.results.proof import capacity_proof, inside, transport_proof
from networx.results.schema import result_schema
from networx.results.sweep_result import sweep_result
from networx.verify.capacity import certify_capacity
from networx.work.certify_model import Statement, certified
from tests.core.models.small_networks import growing, parameters
from tests.core.results.test_storage import solved

IDENTITY = {"dataset_file": "n.xlsx", "dataset_sha256": "0" * 64, "solved_at": "2026-03-01T12:00:00Z"}


def strict(schema: Any) -> Any:
    """The same, taking no member that is not named: what a reader may pass over, we may not forget to publish."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(part) for name, part in schema.items()}
    return made | {"additionalProperties": False} if "properties" in made and "type" in made else made


PUBLISHED = jsonschema_rs.validator_for(result_schema())
STRICT = jsonschema_rs.validator_for(strict(result_schema()))


def faults(result: dict[str, Any], validator: Any = STRICT) -> list[str]:
    as_sent = orjson.loads(orjson.dumps(result))
    return [f"{error.instance_path}: {error.message}"[:300] for error in validator.iter_errors(as_sent)]


def model(stated: dict[str, Any]) -> dict[str, Any]:
    read = read_json_model(stated)
    statement = Statement(read, "0" * 64)
    answers = [certified(statement, *answer) for answer in solve_json(read)]
    identity = {"model_sha256": "0" * 64, "model_format": "json", "read_by": "NetWORX"}
    return model_result(statement.names, answers, model=read, identity=identity)


MIXED = {
    "optimize": "z",
    "opType": "max",
    "constraints": {"a": {"max": 4}},
    "variables": {"x": {"a": 1, "z": 2}, "y": {"a": 2, "z": 1, "w": 1}},
}


def test_a_plan_with_its_proof(result: dict[str, Any], outcome: Any) -> None:
    assert faults({**IDENTITY, **result, "proof": inside(transport_proof(outcome))}) == []
    assert faults({**IDENTITY, **result, "proof": {"file": "proof.json.gz", "sha256": "0" * 64, "bytes": 5}}) == []


def test_no_plan(infeasible_result: dict[str, Any]) -> None:
    assert faults({**IDENTITY, **infeasible_result}) == []


@pytest.mark.parametrize("short", [False, True])
def test_a_capacity_analysis_with_and_without_relief(short: bool) -> None:
    tables, asked = growing() if short else growing(forecast=[(2026, 100)]), parameters()
    sites = chosen_sites(tables, asked, None)
    outcome = analyse_capacity(tables, asked, CapacityParameters(SitesAsked()), sites)
    certificate = certify_capacity(tables, asked, sites, outcome, tables.sha256())
    proof = inside(capacity_proof(outcome))
    told = capacity_result(tables, asked, outcome, certificate, asked="mandatory", identity=IDENTITY, proof=proof)
    assert (told["relief"] is not None) is short
    assert faults(told) == []


@pytest.mark.parametrize(
    "stated",
    [
        MIXED,
        {**MIXED, "optimize": {"z": "max", "w": "max"}},
        {**MIXED, "constraints": {"a": {"max": 4}, "w": {"min": 9, "weight": 2, "priority": 2}}},
        {**MIXED, "constraints": {"a": {"max": -1}}},
        {**MIXED, "constraints": {}},
        {**MIXED, "ints": {"x": 1}},
    ],
)
def test_models(stated: dict[str, Any]) -> None:
    assert faults(model(stated)) == []


def test_a_sweep_before_and_after_its_runs(result: dict[str, Any]) -> None:
    waiting = Member("one", 1, "queued", False)
    done = Member("two", 2, "succeeded", True, ResultStatus.OPTIMAL, 9.0, 9.0, 0.0, result["kpis"], certified=True)
    ignored = [{"field": "skus", "why": "no warehouse"}]
    assert faults(sweep_result(Sweep(1, 2), [waiting])) == []
    assert faults(sweep_result(Sweep(1, 2), [waiting, done], ignored=ignored)) == []


def test_what_is_missing_or_of_another_kind_is_named(result: dict[str, Any]) -> None:
    whole = {**IDENTITY, **result}
    without = copy.deepcopy(whole)
    del without["years"][0]["units"]
    for lie in (without, {**whole, "objective": "much"}, {**whole, "type": "other"}):
        assert faults(lie, PUBLISHED) != []
    assert faults({**IDENTITY, **result, "of_a_later_version": 1}, PUBLISHED) == []
    assert faults({**IDENTITY, **result, "of_a_later_version": 1}) != []


@pytest.mark.parametrize("kind", ["warehouse", "inventory", "integrated"])
def test_plans_of_space_and_stock(tmp_path: Path, capsys: Any, kind: str) -> None:
    assert faults(solved(tmp_path, kind, capsys)) == []
