"""What if, over the API: asked of a plan that is there, refused of anything else, and seen while it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from networx.db import pool
from tests.core.api.test_sweeps import end, solved
from tests.core.models.small_networks import two_sites
from tests.core.work.steps import load

RUN = "/api/optimize/run-batch"


@pytest.fixture
def run(client, record, make_scenario) -> Callable[..., str]:
    """A job of two sites that stands as it is said, with a plan unless there is none."""

    def made(status: str = "succeeded", result: dict[str, Any] | None = None) -> str:
        stated = {"single_sourcing": "no", "lease_years": 2}
        scenario_id = make_scenario(stated, load(record.tenant_id, two_sites()))
        job_id = client.post(RUN, json={"scenario_id": scenario_id}).json()["data"]["job_id"]
        if status != "queued":
            end(record, job_id, status, result or solved(490) | {"certificate": {"valid": True, "checks": []}})
        return str(job_id)

    return made


def test_a_plan_is_asked_about_by_a_job_of_its_own(client, record, run):
    base = run()
    keyed = {"Idempotency-Key": "what if"}
    asked = {"questions": ["demand", "site_closed"], "sites": ["South"], "time_limit_seconds": 60}
    answer = client.post(f"/api/jobs/{base}/sensitivity", json=asked, headers=keyed)
    assert (answer.status_code, answer.json()["data"]["queue_id"]) == (202, "optimization.fifo")
    job = client.get(answer.headers["Location"]).json()["data"]
    assert (job["type"], job["of_job_id"], job["parameters"]) == ("sensitivity", base, {"time_limit_seconds": 60})
    assert job["scenario_id"] == client.get(f"/api/jobs/{base}").json()["data"]["scenario_id"]
    again = client.post(f"/api/jobs/{base}/sensitivity", json=asked, headers=keyed)
    assert again.json()["data"] == answer.json()["data"]
    other = client.post(f"/api/jobs/{base}/sensitivity", json={}, headers=keyed)
    assert other.status_code == 409
    listed = client.get(f"/api/jobs/{base}/sensitivity").json()["data"]
    assert [(found["id"], found["result"]) for found in listed] == [(job["id"], None)]
    # While it runs its result is what it has answered, and so it stays when it is cancelled.
    so_far = {
        "status": "feasible",
        "objective": 490,
        "sensitivity": {"answers": []},
        "files": {"result_json": "a place"},
    }
    with pool.system() as connection:
        connection.execute(
            "UPDATE jobs SET status = 'running', fence = 2, worker = 'w', attempt = 1, lease_expires_at = now() "
            "WHERE id = %s",
            (job["id"],),
        )
        connection.execute(
            "INSERT INTO incumbents (job_id, tenant_id, fence, result) VALUES (%s, %s, 2, %s)",
            (job["id"], record.tenant_id, Jsonb(so_far)),
        )
    for expected in ("running", "cancelled"):
        (found,) = client.get(f"/api/jobs/{base}/sensitivity").json()["data"]
        assert (found["status"], found["result"]["sensitivity"]) == (expected, {"answers": []})
        assert "files" not in found["result"]
        client.post(f"/api/jobs/{job['id']}/cancel")


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        ({"questions": ["colour"]}, ["questions"]),
        ({"questions": []}, ["questions"]),
        ({"sites": []}, ["sites"]),
        ({"questions": ["demand"], "sites": ["North"]}, ["sites"]),
        ({"sites": ["North", "Nowhere"]}, ["sites"]),
        ({"time_limit_seconds": -1}, ["time_limit_seconds"]),
        ({"question": ["demand"]}, ["question"]),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(client, run, body, columns):
    answer = client.post(f"/api/jobs/{run()}/sensitivity", json=body)
    assert answer.status_code == 422, answer.text
    assert [problem["column"] for problem in answer.json()["problems"]] == columns


@pytest.mark.parametrize(
    ("status", "result", "said"),
    [
        ("queued", None, "it is queued"),
        ("succeeded", {"status": "infeasible", "kpis": None}, "it is succeeded"),
    ],
)
def test_a_job_without_a_plan_is_not_asked_about(client, run, status, result, said):
    answer = client.post(f"/api/jobs/{run(status, result)}/sensitivity", json={})
    (problem,) = answer.json()["problems"]
    assert (answer.status_code, problem["rule"], said in problem["message"]) == (422, "no_plan", True)


def test_a_job_of_another_type_or_of_nobody_is_not_asked_about(client, run):
    base = run()
    asked = client.post(f"/api/jobs/{base}/sensitivity", json={}).json()["data"]["job_id"]
    answer = client.post(f"/api/jobs/{asked}/sensitivity", json={})
    assert "this job is of type sensitivity" in answer.json()["problems"][0]["message"]
    for method in ("GET", "POST"):
        unknown = client.request(method, f"/api/jobs/{uuid4()}/sensitivity", json={})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "JOB_NOT_FOUND")
