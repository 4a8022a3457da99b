"""Scenarios of shipments, baseline and rates: their datasets, what is queued and what is refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from networx.db import pool
from networx.db.pool import Role

RUN = "/api/optimize/run-batch"


@pytest.fixture
def shipments(record) -> UUID:
    """A dataset of shipments, as far as scenarios look at it."""
    dataset_id, upload_id, sha256 = uuid4(), uuid4(), 2 * uuid4().hex
    counted = {"rows": 3, "cents": 12_345}
    account = [{"tab": "CSV", "read": counted, "kept": counted, "left_out": {}, "shipments": 2}]
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, status, dataset_id, kind) "
            "VALUES (%s, %s, 'b', %s, 'freight.csv', 1, 'loaded', %s, 'shipments')",
            (upload_id, record.tenant_id, str(upload_id), dataset_id),
        )
    with pool.tenant(record.tenant_id, Role.LOADER) as connection:
        connection.execute(
            "INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256, counts, account) "
            "VALUES (%s, %s, 'transport', %s, 'freight.csv', %s, %s, %s, %s)",
            (dataset_id, record.tenant_id, upload_id, sha256, sha256, Jsonb({"shipments": 2}), Jsonb(account)),
        )
    return dataset_id


@pytest.fixture
def create(client):
    """Asks for a scenario; the answer."""

    def asked(kind: str, datasets: dict[str, Any], **parameters: Any) -> Any:
        project = client.post("/api/projects", json={"name": "A project"}).json()["data"]["project_id"]
        body = {"project_id": project, "name": "Paid", "type": kind, "datasets": datasets, "parameters": parameters}
        return client.post("/api/scenarios", json=body)

    return asked


@pytest.mark.parametrize("kind", ["baseline", "rates"])
def test_shipments_alone_or_with_a_network_are_queued(client, create, shipments, make_dataset, kind: str):
    network = make_dataset({"single_sourcing": "no"})
    for datasets in ({"transport": str(shipments)}, {"transport": str(shipments), "network": str(network)}):
        made = create(kind, datasets)
        assert made.status_code == 201, made.text
        assert made.json()["data"]["datasets"] == {"network": None, **datasets}
        answer = client.post(RUN, json={"scenario_id": made.json()["data"]["scenario_id"]})
        assert (answer.status_code, answer.json()["data"]["queue_id"]) == (202, "capacity.fifo")
        job = client.get(answer.headers["Location"]).json()["data"]
        assert job["type"] == kind


def test_a_new_version_keeps_its_shipments(client, create, shipments):
    made = create("baseline", {"transport": str(shipments)}).json()["data"]
    revised = client.patch(f"/api/scenarios/{made['scenario_id']}", json={"name": "Paid again"}).json()["data"]
    assert (revised["version"], revised["datasets"]) == (2, {"network": None, "transport": str(shipments)})


def test_datasets_that_do_not_belong_to_the_type_are_refused(create, shipments, make_dataset):
    network = make_dataset()
    for kind, datasets, status in (
        ("baseline", {"network": str(network)}, 422),
        ("rates", {"network": str(network)}, 422),
        ("baseline", {"transport": str(network)}, 404),
        ("transport", {"transport": str(shipments)}, 422),
        ("transport", {"transport": str(shipments), "network": str(network)}, 422),
        ("transport", {"network": str(shipments)}, 404),
        ("transport", {}, 422),
    ):
        assert create(kind, datasets).status_code == status, (kind, datasets)


@pytest.mark.parametrize(
    ("kind", "with_network", "parameters", "columns"),
    [
        ("baseline", False, {"baseline_flows": "cheapest"}, ["baseline_flows"]),
        ("baseline", False, {"control_totals": "transport 5"}, ["control_totals"]),
        ("baseline", True, {"control_totals": "2025 a = 1; 2025 A = 2"}, ["control_totals"]),
        ("baseline", False, {"calibration_tolerance": 2}, ["calibration_tolerance"]),
        ("rates", False, {"control_totals": "2025 transport = 5"}, ["control_totals"]),
        ("baseline", True, {"baseline_flows": "dearest"}, ["baseline_flows"]),
        ("baseline", True, {"baseline_flows": "cheapest", "single_sourcing": None}, ["single_sourcing"]),
        ("baseline", True, {"sites": "mandatory"}, ["sites"]),
        ("rates", False, {"circuity": 0.5, "weight_breaks": "1,0"}, ["circuity", "weight_breaks"]),
        ("rates", True, {"baseline_flows": "cheapest"}, ["baseline_flows"]),
    ],
)
def test_what_is_wrong_or_missing_is_refused_before_there_is_a_job(
    client, create, shipments, make_dataset, kind, with_network: bool, parameters: dict[str, Any], columns: list[str]
):
    datasets = {"transport": str(shipments)}
    if with_network:
        datasets["network"] = str(make_dataset({"single_sourcing": "no"}))
    made = create(kind, datasets, **parameters).json()["data"]["scenario_id"]
    answer = client.post(RUN, json={"scenario_id": made})
    assert (answer.status_code, [one["column"] for one in answer.json()["problems"]]) == (422, columns)


def test_a_dataset_of_shipments_says_what_became_of_every_dollar(client, shipments):
    told = client.get(f"/api/datasets/{shipments}").json()["data"]
    assert (told["domain"], told["years"], told["parameters"]) == ("transport", None, {})
    read = {"rows": 3, "usd": 123.45}
    assert told["account"] == [{"tab": "CSV", "shipments": 2, "read": read, "kept": read, "left_out": {}}]
    listed = client.get("/api/datasets", params={"domain": "transport"}).json()["data"]
    assert [one["dataset_id"] for one in listed] == [str(shipments)]
