"""Jobs: listed, watched, cancelled, and their files handed out."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from networx.api.app import create_app
from networx.api.routes import job_events
from networx.db import pool
from networx.jobs import claims, endings, progress
from networx.jobs.job import JobStatus
from tests.core.jobs import steps

FILES = {
    "result_json": ("result.json", b'{"status":"optimal"}'),
    "result_xlsx": ("result.xlsx", b"PK workbook"),
    "report_html": ("report.html", b"<h1>report</h1>"),
}


@pytest.fixture
def job_id(client, make_scenario) -> str:
    return client.post("/api/optimize/run-batch", json={"scenario_id": make_scenario()}).json()["data"]["job_id"]


def claim():
    with pool.system() as connection:
        return claims.claim(
            connection, queue="optimization.fifo", kinds=["transport"], worker="w", lease=timedelta(seconds=90)
        )


def finish(record, aws, job_id: str) -> None:
    job = claim()
    assert str(job.id) == job_id
    folder = f"results/{record.tenant_id}/{job_id}/{job.fence}"
    keys = {}
    for name, (file, content) in FILES.items():
        keys[name] = f"{folder}/{file}"
        aws.s3.put_object(Bucket=record.environment["NETWORX_RESULTS_BUCKET"], Key=keys[name], Body=content)
    with pool.system() as connection:
        assert endings.complete(connection, job, {"status": "optimal", "objective": 5.0, "files": keys})


def test_jobs_are_listed_by_status_in_either_clients_words(client, job_id):
    def ids(query: str) -> list[str]:
        return [job["id"] for job in client.get(f"/api/jobs?{query}").json()["data"]]

    assert ids("status=queued") == ids("status=pending") == ids("status=completed&status=pending") == [job_id]
    assert ids("status=completed") == []


def test_a_cancelled_job_stays_cancelled(client, job_id):
    answer = client.post(f"/api/jobs/{job_id}/cancel")
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "cancelled")
    assert client.post(f"/api/jobs/{job_id}/cancel").json()["data"]["status"] == "cancelled"
    history = client.get(f"/api/jobs/{job_id}/history").json()["data"]
    assert [event["event"] for event in history] == ["submitted", "cancelled"]


def test_a_cancel_says_what_became_of_the_job(client, aws, record, job_id):
    first = client.post(f"/api/jobs/{job_id}/cancel").json()
    assert (first["cancelled"], first["data"]["status"]) == (True, "cancelled")
    assert first["note"] == "The job is cancelled. No checked answer had been found yet."
    again = client.post(f"/api/jobs/{job_id}/cancel").json()
    assert (again["cancelled"], again["data"]) == (False, first["data"])
    assert again["note"] == "The job had ended already: it was cancelled. There was nothing to cancel."


@pytest.mark.parametrize(
    ("status", "said"),
    [(JobStatus.SUCCEEDED, "it succeeded"), (JobStatus.FAILED, "it failed"), (JobStatus.DEAD, "it is dead")],
)
def test_a_cancel_of_a_job_that_has_ended_says_so_and_changes_nothing(client, record, status, said):
    job = steps.submit(record.tenant_id)
    mine = steps.claimed()
    if status is JobStatus.SUCCEEDED:
        steps.complete(mine)
    else:
        with pool.system() as connection:
            assert endings.end(connection, mine, status, {"code": "CHILD_LOST", "message": "gone"})
    answer = client.post(f"/api/jobs/{job.id}/cancel")
    told = answer.json()
    assert (answer.status_code, told["cancelled"], told["data"]["status"]) == (200, False, status.value)
    assert f"had ended already: {said}" in told["note"]
    assert steps.current(job).status is status


def test_a_cancel_that_keeps_the_best_says_so(client, record):
    job = steps.submit(record.tenant_id)
    with pool.system() as connection:
        assert claims.store_incumbent(connection, steps.claimed(), {"status": "feasible"})
    told = client.post(f"/api/jobs/{job.id}/cancel").json()
    assert (told["data"]["partial"], told["data"]["result"]) == (True, {"status": "feasible"})
    assert told["note"] == "The job is cancelled. The best checked answer so far was kept."


def batch(record, size: int) -> tuple[str, list[str]]:
    parent = steps.submit(record.tenant_id, kind="batch")
    return str(parent.id), [str(steps.submit(record.tenant_id, parent_id=parent.id).id) for _ in range(size)]


def test_a_batch_shows_its_members_and_names_those_that_failed(client, record):
    parent, members = batch(record, 3)
    shown = client.get(f"/api/jobs/{parent}").json()["data"]
    assert (shown["type"], shown["status"], shown["members"]) == ("batch", "queued", members)
    assert (shown["member_counts"], shown["failed_members"]) == ({"queued": 3}, [])
    mine = steps.claimed()
    with pool.system() as connection:
        assert endings.end(connection, mine, JobStatus.FAILED, {"code": "CHILD_LOST", "message": "gone"})
    for _ in range(2):
        steps.complete(steps.claimed())
    shown = client.get(f"/api/jobs/{parent}").json()["data"]
    assert (shown["status"], shown["error"]["message"]) == ("failed", "1 of 3 members failed.")
    assert (shown["member_counts"], shown["failed_members"]) == ({"failed": 1, "succeeded": 2}, [str(mine.id)])
    assert client.get("/api/jobs").json()["data"][0]["failed_members"] == [str(mine.id)]
    assert client.get(f"/api/jobs/{mine.id}").json()["data"]["parent_id"] == parent


def test_a_list_shows_a_batch_once_and_its_members_when_asked(client, record, job_id):
    parent, members = batch(record, 2)
    assert [job["id"] for job in client.get("/api/jobs").json()["data"]] == [parent, job_id]
    listed = client.get(f"/api/jobs?parent_id={parent}").json()["data"]
    assert [job["id"] for job in listed] == list(reversed(members))
    assert [job["id"] for job in client.get("/api/optimize/run-batch").json()["data"]] == [parent, job_id]
    assert [job["id"] for job in client.get("/api/jobs?type=batch").json()["data"]] == [parent]
    assert [job["id"] for job in client.get("/api/jobs?type=transport").json()["data"]] == [job_id]
    queued = client.get("/api/jobs?type=transport&status=queued").json()["data"]
    assert {job["id"] for job in queued} == {*members, job_id}
    assert client.get("/api/jobs?type=none").json()["data"] == []


def test_cancelling_a_batch_cancels_what_has_not_ended(client, record):
    parent, _ = batch(record, 3)
    steps.complete(steps.claimed())
    told = client.post(f"/api/jobs/{parent}/cancel").json()
    assert (told["cancelled"], told["data"]["status"]) == (True, "cancelled")
    assert told["data"]["member_counts"] == {"succeeded": 1, "cancelled": 2}
    assert told["note"] == "The batch is cancelled, with every member that had not ended."
    assert client.post(f"/api/jobs/{parent}/cancel").json()["cancelled"] is False


def test_the_stream_of_a_batch_follows_its_members(client, record):
    parent, _ = batch(record, 1)
    steps.complete(steps.claimed())
    (shown,) = events_of(client, parent)
    assert (shown["status"], shown["progress"]["percent"]) == ("succeeded", 100.0)


def test_a_finished_job_hands_out_its_files(client, aws, record, job_id):
    assert client.get(f"/api/jobs/{job_id}/result").json()["code"] == "RESULT_NOT_FOUND"
    finish(record, aws, job_id)
    shown = client.get(f"/api/jobs/{job_id}").json()["data"]
    assert (shown["status"], shown["result"]) == ("succeeded", {"status": "optimal", "objective": 5.0})
    full = client.get(f"/api/jobs/{job_id}/result")
    assert full.json()["data"] == {"status": "optimal"}
    assert full.json()["request_id"] == full.headers["X-Request-Id"]
    assert client.get(f"/api/jobs/{job_id}/result.xlsx").content == b"PK workbook"
    report = client.get(f"/api/jobs/{job_id}/report.html")
    assert report.content == b"<h1>report</h1>"
    assert report.headers["Content-Security-Policy"].startswith("sandbox;")
    assert client.get(f"/api/jobs/{job_id}/assignments").status_code == 404


def test_another_tenant_finds_no_job(client, foreigner, aws, record, job_id):
    finish(record, aws, job_id)
    for path in ("", "/history", "/events", "/result", "/result.xlsx", "/report.html", "/assignments"):
        assert foreigner.get(f"/api/jobs/{job_id}{path}").status_code == 404, path
    assert foreigner.post(f"/api/jobs/{job_id}/cancel").status_code == 404
    assert foreigner.get("/api/jobs").json()["data"] == []


def events_of(client, job_id: str) -> list[dict]:
    with client.stream("GET", f"/api/jobs/{job_id}/events") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        return [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line.startswith("data: ")]


def test_the_stream_of_an_ended_job_says_so_and_ends(client, job_id):
    client.post(f"/api/jobs/{job_id}/cancel")
    assert [job["status"] for job in events_of(client, job_id)] == ["cancelled"]


@pytest.mark.parametrize("listening", [False, True], ids=["by looking", "by wake-ups"])
def test_the_stream_follows_a_job_to_its_end(record, aws, client, job_id, listening, monkeypatch):
    seen_on_the_way = threading.Event()
    honest = job_events._look

    def look(*asked):
        shown = honest(*asked)
        if (shown.job["progress"] or {}).get("percent") == 40.0:
            seen_on_the_way.set()
        return shown

    def work() -> None:
        deadline = time.monotonic() + 30
        while not client.app.state.streams._watched and time.monotonic() < deadline:
            time.sleep(0.01)
        job = claim()
        progress.publish(job.id, {"stage": "searching", "percent": 40.0})
        seen_on_the_way.wait(60)
        with pool.system() as connection:
            endings.complete(connection, job, {"status": "optimal"})
        progress.publish(job.id)

    monkeypatch.setattr(job_events, "_look", look)
    worker = threading.Thread(target=work)
    worker.start()
    if listening:
        with client:  # the lifespan runs what listens to Valkey
            seen = events_of(client, job_id)
    else:
        seen = events_of(client, job_id)
    worker.join()
    assert seen[0]["status"] == "queued"
    assert seen[-1]["status"] == "succeeded"
    assert seen[-1]["result"] == {"status": "optimal"}
    assert any(job["progress"] and job["progress"]["percent"] == 40.0 for job in seen if job["status"] == "running")


def test_unknown_jobs_are_404(client):
    assert client.get(f"/api/jobs/{uuid4()}/events").status_code == 404
    assert UUID(client.get("/api/jobs").json()["request_id"])
    assert create_app().state.wakeups.listening is False
