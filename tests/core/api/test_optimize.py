"""Running a scenario: checked at once, recorded once, refused by name."""

from __future__ import annotations

import hashlib
import json

import pytest

from networx import settings
from networx.db import pool

RUN = "/api/optimize/run-batch"
MODEL = {
    "optimize": "profit",
    "opType": "max",
    "constraints": {"wood": {"max": 300}},
    "variables": {"table": {"wood": 30, "profit": 1200}},
}
LP = "max\n obj: 3 x\nst\n c1: x <= 4\nend\n"


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


@pytest.mark.parametrize("field", ["scenarios", "batch", "min_nodes"])
def test_fields_that_nobody_knows_are_refused_by_name(client, make_scenario, field):
    answer = client.post(RUN, json={"scenario_id": make_scenario(), field: {}})
    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_SUPPORTED")
    assert answer.json()["problems"][0]["column"] == field


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


def params_of(record, job_id):
    with pool.tenant(record.tenant_id) as connection:
        return connection.execute("SELECT params FROM jobs WHERE id = %s", (job_id,)).fetchone()[0]


@pytest.mark.parametrize(
    ("model", "kind", "content"),
    [(MODEL, "json", json.dumps(MODEL).encode()), ({"lp": LP}, "lp", LP.encode())],
    ids=["JSON", "LP"],
)
def test_a_model_is_kept_in_storage_and_its_job_says_where(client, record, aws, model, kind, content):
    answer = client.post(RUN, json={"model": model})
    data = answer.json()["data"]
    assert (answer.status_code, data["queue_id"], data["status"]) == (202, "optimization.fifo", "queued")
    job = client.get(answer.headers["Location"]).json()["data"]
    assert (job["type"], job["scenario_id"]) == ("model", None)
    stored = params_of(record, data["job_id"])["model"]
    sha256 = hashlib.sha256(content).hexdigest()
    assert (stored["sha256"], stored["format"]) == (sha256, kind)
    assert stored["key"].startswith(f"models/{record.tenant_id}/{sha256}/")
    found = aws.s3.get_object(
        Bucket=settings.current().buckets["input"], Key=stored["key"], VersionId=stored["version"]
    )
    assert found["Body"].read() == content


def test_a_model_may_belong_to_a_scenario_of_the_tenant(client, foreigner, make_scenario):
    scenario_id = make_scenario()
    answer = client.post(RUN, json={"scenario_id": scenario_id, "model": MODEL})
    job = client.get(answer.headers["Location"]).json()["data"]
    assert (job["type"], job["scenario_id"], job["scenario_version"]) == ("model", scenario_id, 1)
    theirs = foreigner.post(RUN, json={"scenario_id": scenario_id, "model": MODEL})
    assert (theirs.status_code, theirs.json()["code"]) == (404, "SCENARIO_NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"model": {}}', "variables"),
        ('{"model": []}', "model"),
        ('{"model": "max: x"}', "model"),
        ('{"model": {"variables": {"x": {"a": 1e999}}}}', "variables.x.a"),
        ('{"model": {"variables": {"x": {"a": "1"}}}}', "variables.x.a"),
        ('{"model": {"variables": {"\\ud800": {}}}}', "variables.?"),
        ('{"model": {"mps": 3}}', "model.mps"),
        ('{"model": {"variables": {"x": {}}, "note": "\\ud800"}}', "model.json"),
        ('{"model": {"lp": "\\ud800"}}', "model.lp"),
    ],
)
def test_a_model_that_cannot_be_used_is_refused_by_its_place_before_a_job_is_made(client, body, place):
    answer = client.post(RUN, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_MODEL")
    assert place in {problem["column"] for problem in answer.json()["problems"]}
    assert client.get("/api/jobs").json()["data"] == []


@pytest.mark.parametrize("body", ['{"model": {"variables": {"x": {"a": NaN}}}}', '{"model": {"note": Infinity}}'])
def test_a_model_with_numbers_that_json_has_not_is_refused_as_a_body(client, body):
    answer = client.post(RUN, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
    assert "NaN" in answer.json()["error"]
    assert client.get("/api/jobs").json()["data"] == []


def test_a_file_that_is_none_is_refused_by_its_line(client):
    answer = client.post(RUN, json={"model": {"mps": "ROWS\n N c\nCOLUMNS\n x c abc\nENDATA\n"}})
    assert (answer.status_code, answer.json()["problems"][0]["row"]) == (422, 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n  variables: {"x": {"a": 1}}\n}', "expected a string key (line 2, column 3)"),
        ('{"variables": {"x": {"a": NaN}}}', "NaN (line 1, column 27)"),
        ('{"variables": {"x": {}}, "variables": {}}', '"variables" is stated twice'),
        ('{"variables": {"x": {"a": "1"}}}', "variables.x.a must be a number; send it without quotes"),
        ('{"model": {"variables": {"x": {"a": 1}}}}', "a whole request: leave only what stands in its model"),
        ("", "no JSON"),
        (3, "model.json must be the text"),
    ],
)
def test_the_text_of_a_model_in_json_is_refused_by_what_is_wrong_and_where(client, text, said):
    answer = client.post(RUN, json={"model": {"json": text}})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_MODEL")
    assert said in answer.json()["error"]
    assert client.get("/api/jobs").json()["data"] == []


def test_a_model_is_the_same_as_an_object_and_as_its_text(client, record):
    keys = set()
    for stated in (MODEL, {"json": json.dumps(MODEL, indent=4)}):
        job = client.post(RUN, json={"model": stated}).json()["data"]["job_id"]
        kept = params_of(record, job)["model"]
        keys.add((kept["sha256"], kept["format"]))
    assert len(keys) == 1


def test_the_same_key_and_model_give_the_same_job(client):
    keyed = {"Idempotency-Key": "a-model"}
    first = client.post(RUN, json={"model": MODEL}, headers=keyed).json()["data"]["job_id"]
    assert client.post(RUN, json={"model": MODEL}, headers=keyed).json()["data"]["job_id"] == first
    assert client.post(RUN, json={"model": {**MODEL, "opType": "min"}}, headers=keyed).status_code == 409
