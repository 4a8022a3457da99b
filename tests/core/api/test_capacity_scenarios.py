"""Scenarios of type capacity: queued on their own queue, and refused where they do not say what is analysed."""

from __future__ import annotations

import pytest

from networx.domain.phrases import listed
from networx.scenarios.store import TYPES

RUN = "/api/optimize/run-batch"


def test_an_analysis_is_queued_for_the_capacity_worker(client, make_dataset, make_scenario):
    dataset = make_dataset({"single_sourcing": "no"}, years=3)
    scenario_id = make_scenario({"sites": "mandatory"}, dataset, kind="capacity")
    answer = client.post(RUN, json={"scenario_id": scenario_id})
    assert (answer.status_code, answer.json()["data"]["queue_id"]) == (202, "capacity.fifo")
    job = client.get(answer.headers["Location"]).json()["data"]
    assert (job["type"], job["scenario_id"]) == ("capacity", scenario_id)


def test_the_sites_may_stand_in_the_workbook(client, make_dataset, make_scenario):
    dataset = make_dataset({"single_sourcing": "no", "sites": "Reno; Erie"})
    assert client.post(RUN, json={"scenario_id": make_scenario({}, dataset, kind="capacity")}).status_code == 202
    # A transport scenario of the same workbook passes over them.
    assert client.post(RUN, json={"scenario_id": make_scenario({}, dataset)}).status_code == 202


@pytest.mark.parametrize(
    ("kind", "parameters", "column"),
    [
        ("capacity", {}, "sites"),
        ("capacity", {"sites": "job 12"}, "sites"),
        ("capacity", {"sites": 7.5, "speed": 1}, "speed"),
        ("capacity", {"sites": "mandatory", "single_sourcing": True}, "single_sourcing"),
        ("transport", {"sites": "mandatory"}, "sites"),
    ],
)
def test_what_is_missing_wrong_or_foreign_is_refused_by_name(
    client, make_dataset, make_scenario, kind: str, parameters: dict[str, object], column: str
):
    scenario_id = make_scenario(parameters, make_dataset({"single_sourcing": "no"}), kind=kind)
    answer = client.post(RUN, json={"scenario_id": scenario_id})
    assert (answer.status_code, [one["column"] for one in answer.json()["problems"]]) == (422, [column])
    assert client.get("/api/jobs").json()["data"] == []


def test_a_type_that_does_not_exist_is_refused(client, make_dataset):
    project = client.post("/api/projects", json={"name": "P"}).json()["data"]
    body = {"name": "S", "type": "weather", "datasets": {"network": str(make_dataset())}, **project}
    body = {name: body[name] for name in ("project_id", "name", "type", "datasets")}
    answer = client.post("/api/scenarios", json=body)
    assert (answer.status_code, answer.json()["problems"][0]["column"]) == (422, "type")
    assert listed(TYPES) in answer.json()["problems"][0]["message"]


def test_an_analysis_has_no_number_of_facilities_to_sweep(client, make_dataset, make_scenario):
    scenario_id = make_scenario({"sites": "mandatory"}, make_dataset({"single_sourcing": "no"}), kind="capacity")
    sweep = {"minNodes": 1, "maxNodes": 2, "step": 1, "criterion": "total_cost"}
    answer = client.post(RUN, json={"scenario_id": scenario_id, "scenario": sweep})
    assert (answer.status_code, answer.json()["problems"][0]["column"]) == (422, "scenario")
