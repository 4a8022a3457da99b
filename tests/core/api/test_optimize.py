"""Running a scenario: checked at once, recorded once, refused by name."""

from __future__ import annotations

import pytest

RUN = "/api/optimize/run-batch"


def test_a_scenario_is_queued_and_told_at_once(client, make_scenario):
    scenario_id = make_scenario()
    answer = client.post(RUN, json={"scenario_id": scenario_id})
    data = answer.json()["data"]
    assert (answer.status_code, data["queue_id"], data["status"]) == (202, "optimization.fifo", "queued")
    assert answer.headers["Location"] == f"/api/jobs/{data['job_id']}"
    job = client.get(answer.headers["Location"]).json()["data"]
    assert (job["type"], job["scenario_id"], job["scenario_version"]) == ("transport", scenario_id, 1)
    assert client.get(f"{RUN}?job_id={data['job_id']}").json()["data"]["id"] == data["job_id"]
    assert [active["id"] for active in client.get(RUN).json()["data"]] == [data["job_id"]]


def test_its_hint_is_sent_right_after_the_answer(client, aws, make_scenario):
    client.post(RUN, json={"scenario_id": make_scenario()})
    url = aws.sqs.get_queue_url(QueueName="optimization.fifo")["QueueUrl"]
    assert len(aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"]) == 1


def test_without_a_scenario_it_says_so(client):
    for body in ({}, {"scenario_id": None}, {"scenario_id": ""}):
        answer = client.post(RUN, json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "MISSING_SCENARIO")


@pytest.mark.parametrize("scenario_id", ["0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11", "no-uuid"])
def test_an_unknown_scenario_is_404(client, scenario_id):
    answer = client.post(RUN, json={"scenario_id": scenario_id})
    assert (answer.status_code, answer.json()["code"]) == (404, "SCENARIO_NOT_FOUND")


@pytest.mark.parametrize("form", ["scenario", "model", "config", "costMatrix"])
def test_forms_that_are_not_supported_yet_are_refused_by_name(client, make_scenario, form):
    answer = client.post(RUN, json={"scenario_id": make_scenario(), form: {}})
    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_SUPPORTED")
    assert answer.json()["problems"][0]["column"] == form


def test_parameters_that_lack_something_are_refused_before_a_job_is_made(client, make_dataset, make_scenario):
    scenario_id = make_scenario({"max_facilities": "many"}, make_dataset({"single_sourcing": "no"}, years=3))
    answer = client.post(RUN, json={"scenario_id": scenario_id})
    assert (answer.status_code, answer.json()["problems"][0]["column"]) == (422, "max_facilities")
    client.patch(f"/api/scenarios/{scenario_id}", json={"parameters": {"service_level": 0.9}})
    answer = client.post(RUN, json={"scenario_id": scenario_id})
    assert {problem["column"] for problem in answer.json()["problems"]} == {"lease_years", "max_distance_miles"}
    assert client.get("/api/jobs").json()["data"] == []


def test_the_same_key_and_request_give_the_same_job(client, make_scenario):
    first, second = make_scenario(), make_scenario()
    keyed = {"Idempotency-Key": "once"}
    one = client.post(RUN, json={"scenario_id": first}, headers=keyed).json()["data"]["job_id"]
    again = client.post(RUN, json={"scenario_id": first}, headers=keyed).json()["data"]["job_id"]
    other = client.post(RUN, json={"scenario_id": second}, headers=keyed)
    assert one == again
    assert (other.status_code, other.json()["code"]) == (409, "CONFLICT")


def test_another_tenant_cannot_run_it(client, foreigner, make_scenario):
    assert foreigner.post(RUN, json={"scenario_id": make_scenario()}).status_code == 404
