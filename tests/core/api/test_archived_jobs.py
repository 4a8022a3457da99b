"""Jobs that left the record answer as they did, where they were: only the list of jobs is without them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from networx.db import pool
from networx.jobs import store
from networx.jobs.job import BATCH_KIND
from networx.resilience.cache import cache_client
from networx.topology import TOPOLOGY
from networx.work.archive_jobs import archive_jobs
from tests.core.jobs import steps

SWEEP = {"minNodes": 3, "maxNodes": 4, "step": 1, "criterion": "total_cost"}


def age_and_archive(*job_ids: UUID) -> None:
    with pool.system() as connection:
        connection.execute(
            "UPDATE jobs SET finished_at = finished_at - %s WHERE id = ANY(%s)",
            (TOPOLOGY.limits.jobs_kept_for, list(job_ids)),
        )
        connection.execute(
            "UPDATE jobs SET finished_at = finished_at - interval '1 hour' WHERE finished_at IS NOT NULL"
        )
    archive_jobs()
    cache_client().flushdb()


def solved(tenant_id: UUID, aws: Any, **changes: Any) -> UUID:
    job = steps.submit(tenant_id, **changes)
    mine = steps.claimed()
    assert mine.id == job.id
    place = f"results/{tenant_id}/{job.id}/{mine.fence}/result.json"
    aws.s3.put_object(Bucket="networx-results", Key=place, Body=b'{"status": "optimal", "sites": []}')
    result = {"status": "optimal", "objective": 12.5, "bound": 12.5, "gap": 0.0, "files": {"result_json": place}}
    with pool.system() as connection:
        assert steps.endings.complete(connection, mine, result)
    return job.id


def answers(client: TestClient, job_id: UUID) -> dict[str, Any]:
    """What a client can read of a job."""
    paths = ("", "/history", "/history?limit=2", "/history?sort=-id", "/story", "/result")
    return {path: client.get(f"/api/jobs/{job_id}{path}").json().get("data") for path in paths}


def shown(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "archived_at"}


def test_an_archived_job_answers_as_it_did_and_says_when_it_was_archived(client, record, aws):
    job_id = solved(record.tenant_id, aws)
    with pool.system() as connection:
        connection.execute(
            "UPDATE jobs SET finished_at = now() - %s WHERE id = %s",
            (TOPOLOGY.limits.jobs_kept_for + timedelta(hours=1), job_id),
        )
    before = answers(client, job_id)
    archive_jobs()
    cache_client().flushdb()
    after = answers(client, job_id)
    assert shown(after[""]) == shown(before[""])
    assert (before[""]["archived_at"], after[""]["result"]["objective"]) == (None, 12.5)
    assert after[""]["archived_at"] is not None
    for path in ("/history", "/history?limit=2", "/result"):
        assert after[path] == before[path] != [], path
    assert after["/story"]["attempts"] == before["/story"]["attempts"]
    assert after["/story"]["told"] == before["/story"]["told"]
    assert client.get("/api/jobs").json()["data"] == []
    assert client.get(f"/api/jobs/{job_id}/events").text.count("event: job") == 1


def test_a_history_in_the_archive_has_pages(client, record, aws):
    job_id = solved(record.tenant_id, aws)
    age_and_archive(job_id)
    whole = client.get(f"/api/jobs/{job_id}/history").json()["data"]
    assert len(whole) >= 3
    walked, cursor = [], ""
    while True:
        page = client.get(f"/api/jobs/{job_id}/history?limit=1{cursor}").json()
        walked += page["data"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert walked == whole


def test_archived_jobs_have_a_list_of_their_own_and_are_their_tenants(client, foreigner, record, aws):
    jobs = [solved(record.tenant_id, aws) for _ in range(3)]
    age_and_archive(*jobs)
    first = client.get("/api/jobs/archived?limit=2").json()
    rest = client.get(f"/api/jobs/archived?limit=2&cursor={first['next']}").json()
    listed = [*first["data"], *rest["data"]]
    assert [job["id"] for job in listed] == [str(job_id) for job_id in reversed(jobs)]
    assert {(job["type"], job["status"]) for job in listed} == {("transport", "succeeded")}
    assert foreigner.get("/api/jobs/archived").json()["data"] == []
    refused = foreigner.get(f"/api/jobs/{jobs[0]}")
    assert (refused.status_code, refused.json()["code"]) == (404, "JOB_NOT_FOUND")


def test_an_archived_job_is_neither_cancelled_nor_redriven(client, record, aws):
    job_id = solved(record.tenant_id, aws)
    age_and_archive(job_id)
    cancelled = client.post(f"/api/jobs/{job_id}/cancel").json()
    assert cancelled["cancelled"] is False
    assert "had ended already" in cancelled["note"]
    redriven = client.post(f"/api/jobs/{job_id}/redrive")
    assert (redriven.status_code, redriven.json()["code"]) == (409, "CONFLICT")
    assert "archived" in redriven.json()["error"]


def test_a_sweep_in_the_archive_tells_its_frontier(client, record, aws):
    with pool.tenant(record.tenant_id) as connection:
        batch = store.submit(connection, tenant_id=record.tenant_id, kind=BATCH_KIND, params={"sweep": SWEEP})
    members = [
        solved(record.tenant_id, aws, parent_id=batch.id, params={"parameters": {"max_facilities": nodes}})
        for nodes in (3, 4)
    ]
    before = client.get(f"/api/jobs/{batch.id}/result").json()["data"]
    age_and_archive(*members)
    assert client.get(f"/api/jobs/{batch.id}/result").json()["data"] == before
    told = client.get(f"/api/jobs/{batch.id}").json()["data"]
    assert told["member_counts"] == {"succeeded": 2}
    assert told["members"] == [str(member) for member in members]
    assert [job["id"] for job in client.get("/api/jobs/archived").json()["data"]] == [str(batch.id)]


def test_an_archive_whose_file_is_gone_is_a_job_that_is_not_there(client, record, aws):
    job_id = solved(record.tenant_id, aws)
    age_and_archive(job_id)
    for found in aws.s3.list_objects_v2(Bucket="networx-results", Prefix=f"archive/{record.tenant_id}/")["Contents"]:
        aws.s3.delete_object(Bucket="networx-results", Key=found["Key"])
    answer = client.get(f"/api/jobs/{job_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "JOB_NOT_FOUND")
    assert "archive/" not in answer.text


@pytest.mark.parametrize("path", ["/api/jobs/archived?limit=0", "/api/jobs/archived?sort=size"])
def test_what_the_list_cannot_answer_is_refused(client, record, path):
    assert client.get(path).status_code == 422
