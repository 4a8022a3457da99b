"""A network in the body of run-batch: a dataset and a scenario of the tenant's own, once for the same network."""

from __future__ import annotations

import copy
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from networx import settings
from networx.api.routes.optimize import RunBatch
from networx.db import pool
from networx.ingest import datasets
from networx.ingest.inline import FIELDS
from tests.core.api.conftest import client_of, give_key

RUN = "/api/optimize/run-batch"
BODY: dict[str, Any] = {
    "scenario": {"minNodes": 1, "maxNodes": 2},
    "config": {
        "transportation": {
            "fixed_cost_per_facility": 1000,
            "mandatory_facilities": ["Reno, NV"],
            "lease_years": 7,
            "single_sourcing": "no",
            "cost_per_mile": 2.5,
        },
        "optimization": {"solver": "JSLP_SOLVER"},
    },
    "forecast": [{"year": 2026, "annual_units": 300}, {"year": 2027, "annual_units": 330}],
    "skus": [{"sku": "A", "annual_volume": 300, "units_per_case": 6, "cases_per_pallet": 42}],
    "costMatrix": {
        "rows": ["St. Louis, MO", "Reno, NV"],
        "cols": ["Seattle, WA", "Dallas, TX", "Chicago, IL"],
        "cost": [[6.2, 3.1, 2.0], [2.7, 4.6, 5.7]],
    },
    "demand": {"Seattle, WA": 100, "Dallas, TX": 200, "Chicago, IL": 0},
    "capacity": {"St. Louis, MO": 400, "Reno, NV": "unlimited"},
}
IGNORED = ["skus", "config.transportation.cost_per_mile", "config.optimization.solver"]


def body(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BODY), **changes}


def sent(client, **changes: Any) -> dict[str, Any]:
    answer = client.post(RUN, json=body(**changes))
    assert answer.status_code == 202, answer.text
    return answer.json()["data"]


def test_the_fields_of_the_request_are_those_that_are_read():
    assert set(FIELDS) | {"scenario_id", "scenario", "model"} == set(RunBatch.model_fields)


def test_a_network_becomes_a_dataset_and_a_scenario_and_is_swept(client, record, aws):
    answered = sent(client)
    assert [member["nodes"] for member in answered["members"]] == [1, 2]
    assert [field["field"] for field in answered["ignored"]] == IGNORED
    batch = client.get(f"/api/jobs/{answered['job_id']}").json()["data"]
    assert (batch["scenario_id"], batch["scenario_version"]) == (answered["scenario_id"], 1)
    assert [field["field"] for field in batch["result"]["ignored"]] == IGNORED
    dataset = client.get(f"/api/datasets/{answered['dataset_id']}").json()["data"]
    assert dataset["counts"] | {"facilities": 2, "destinations": 3, "lanes": 6, "forecast": 2} == dataset["counts"]
    assert len(dataset["warnings"]) == len(IGNORED)
    with pool.tenant(record.tenant_id) as connection:
        tables = datasets.read_network(connection, UUID(answered["dataset_id"]))
    assert tables.sha256() == dataset["sha256"]
    assert tables.facilities.name == ("St. Louis, MO", "Reno, NV")
    assert tables.facilities.status == ("candidate", "mandatory")
    assert list(tables.facilities.capacity_units) == [400, float("inf")]
    assert list(tables.lanes.cost_per_unit) == [6.2, 3.1, 2.0, 2.7, 4.6, 5.7]
    assert tables.parameters == {"single_sourcing": "no", "lease_years": "7"}
    upload = client.get(f"/api/uploads/{dataset['upload_id']}").json()["data"]
    assert (upload["status"], upload["dataset_id"]) == ("loaded", answered["dataset_id"])
    key = f"inline/{record.tenant_id}/{upload['sha256']}.json"
    kept = aws.s3.get_object(Bucket=settings.current().buckets["input"], Key=key)["Body"].read()
    assert hashlib.sha256(kept).hexdigest() == upload["sha256"] == dataset["source_sha256"]
    assert json.loads(kept) == {name: value for name, value in BODY.items() if name != "scenario"}


def test_the_same_network_is_one_dataset_and_one_scenario_however_often_it_is_sent(client):
    first, again = sent(client), sent(client, scenario={"minNodes": 2, "maxNodes": 2})
    assert (first["dataset_id"], first["scenario_id"]) == (again["dataset_id"], again["scenario_id"])
    assert first["job_id"] != again["job_id"]
    other = sent(client, demand={"Seattle, WA": 100, "Dallas, TX": 201, "Chicago, IL": 0})
    assert other["dataset_id"] != first["dataset_id"]
    assert len(client.get("/api/projects").json()["data"]) == 1
    assert len(client.get("/api/datasets").json()["data"]) == 2


def test_a_scenario_that_was_revised_since_is_not_what_the_body_says(client):
    first = sent(client)
    revised = client.patch(f"/api/scenarios/{first['scenario_id']}", json={"parameters": {"max_facilities": 1}})
    assert revised.json()["data"]["version"] == 2
    again = sent(client)
    assert (again["scenario_id"], again["scenario_version"]) == (first["scenario_id"], 1)


def test_the_same_network_at_the_same_moment_is_one_dataset(record):
    key = give_key(record.tenant_id)

    def send(_number: int) -> dict[str, Any]:
        return sent(client_of(**{"X-API-Key": key}))

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))
    assert len({answer["dataset_id"] for answer in answers}) == 1
    assert len({answer["scenario_id"] for answer in answers}) == 1
    assert len({answer["job_id"] for answer in answers}) == 4


def test_the_same_key_and_body_give_the_same_batch(client):
    keyed = {"Idempotency-Key": "inline"}
    first = client.post(RUN, json=body(), headers=keyed)
    again = client.post(RUN, json=dict(reversed(list(body().items()))), headers=keyed)
    assert first.json()["data"] == again.json()["data"]
    other = client.post(RUN, json=body(scenario={"minNodes": 2, "maxNodes": 2}), headers=keyed)
    assert other.status_code == 409


def test_two_tenants_have_each_their_own(client, foreigner):
    ours, theirs = sent(client), sent(foreigner)
    assert ours["dataset_id"] != theirs["dataset_id"]
    assert client.get(f"/api/datasets/{theirs['dataset_id']}").status_code == 404
    assert client.get(f"/api/jobs/{theirs['job_id']}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"scenario": None}, {"scenario.minNodes", "scenario.maxNodes"}),
        ({"scenario": {"minNodes": 1, "maxNodes": 3}}, {"scenario.maxNodes"}),
        ({"scenario": {"minNodes": 1, "maxNodes": 2, "criterion": "service_level"}}, {"scenario.criterion"}),
        ({"demand": {"Seattle, WA": 1}}, {"demand.Dallas, TX", "demand.Chicago, IL"}),
        ({"capacity": None}, {"capacity.St. Louis, MO", "capacity.Reno, NV"}),
        ({"costMatrix": None}, {"costMatrix"}),
        ({"config": {**BODY["config"], "warehouse": {"DOH": 10}}}, {"config.warehouse"}),
        (
            {"config": {"transportation": {**BODY["config"]["transportation"], "required_facilities": 2}}},
            {"scenario.minNodes"},
        ),
        (
            {"config": {"transportation": {**BODY["config"]["transportation"], "max_facilities": 1}}},
            {"scenario.maxNodes"},
        ),
    ],
)
def test_what_is_missing_or_cannot_be_honoured_is_refused_and_nothing_is_kept(client, record, aws, changes, places):
    answer = client.post(RUN, json=body(**changes))
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
    assert {problem["column"] for problem in answer.json()["problems"]} == places
    for listed in ("/api/datasets", "/api/projects", "/api/jobs", "/api/uploads"):
        assert client.get(listed).json()["data"] == []
    bucket = settings.current().buckets["input"]
    assert aws.s3.list_objects_v2(Bucket=bucket, Prefix=f"inline/{record.tenant_id}/").get("KeyCount", 0) == 0


def test_a_network_of_the_largest_size_is_taken_in(client):
    rows, cols = [f"site {number}" for number in range(100)], [f"place {number}" for number in range(1000)]
    answered = sent(
        client,
        costMatrix={"rows": rows, "cols": cols, "cost": [[1.5] * 1000] * 100},
        demand=dict.fromkeys(cols, 10),
        capacity=dict.fromkeys(rows, "unlimited"),
        config={"transportation": {"fixed_cost_per_facility": 5, "single_sourcing": "no", "lease_years": 2}},
        skus=None,
    )
    assert client.get(f"/api/datasets/{answered['dataset_id']}").json()["data"]["counts"]["lanes"] == 100_000


def test_the_web_may_add_networks_of_its_tenant_and_change_none(record, client):
    sent(client)
    with pool.tenant(record.tenant_id) as connection:
        granted = connection.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = 'networx_app' AND table_name LIKE ANY (ARRAY['datasets', 'network\\_%'])"
        ).fetchall()
    assert {privilege for _, privilege in granted} == {"SELECT", "INSERT"}
