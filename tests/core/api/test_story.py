"""The story of a job for a person: what it was, its course, its verdict, and what to do next."""

from __future__ import annotations

import pytest

from networx import errors
from networx.api.advice import ADVICE
from networx.db import pool
from networx.jobs import endings
from networx.jobs.job import JobStatus
from tests.core.api.test_faults import leaves
from tests.core.jobs import steps

# What no job can end with: answers to requests, and what a monitor says of its own.
OF_NO_JOB = {
    *{"UNAUTHENTICATED", "FORBIDDEN", "BACKUPS_UNSEEN", "SECRETS_UNAVAILABLE", "SIGN_IN_UNAVAILABLE"},
    *{"MARKET_DATA_UNAVAILABLE", "OUTBOUND_UNAVAILABLE", "OUTBOUND_REFUSED"},
}


def story(client, job_id) -> dict:
    answer = client.get(f"/api/jobs/{job_id}/story")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.fixture
def run(client, make_scenario):
    return client.post("/api/optimize/run-batch", json={"scenario_id": make_scenario()}).json()["data"]["job_id"]


def test_a_solved_job_tells_its_file_its_attempt_and_its_verdict(client, run):
    mine = steps.claimed("solver@here:1")
    result = {"status": "optimal", "objective": 1_234_567.0, "bound": 1_234_567.0, "gap": 0.0, "certificate": None}
    with pool.system() as connection:
        assert endings.complete(connection, mine, result, facts={"seconds": 12.34, "peak_mib": 310.4})
    said = story(client, run)
    (attempt,) = said["attempts"]
    assert (attempt["worker"], attempt["seconds"], attempt["peak_mib"]) == ("solver@here:1", 12.34, 310.4)
    assert (said["data"]["filename"], said["priority"], said["next_steps"]) == ("network.xlsx", "normal", [])
    told = "\n".join(said["told"])
    for words in (
        "Transport job", "scenario A scenario (version 1)", "Its file is network.xlsx", "Submitted by a key",
        "solver@here:1 took it up after waiting", "After 12.3 s, at most 310 MiB of memory, it finished",
        "Verdict: it succeeded", "Proven optimal: this plan costs $1.23 M",
    ):  # fmt: skip
        assert words in told, told


def test_a_dead_job_tells_why_and_what_to_do(client, record):
    job = steps.submit(record.tenant_id)
    lost = {"code": "WORKER_LOST", "message": "The worker was lost."}
    with pool.system() as connection:
        assert endings.end(connection, steps.claimed(), JobStatus.DEAD, lost, facts={"seconds": 61.0})
    said = story(client, job.id)
    told = "\n".join(said["told"])
    assert "After 1 min 1 s, it failed, and no try was left (WORKER_LOST: The worker was lost)." in told
    assert "Verdict: it is dead" in told
    assert "The last error: The worker was lost. (WORKER_LOST)" in told
    assert said["next_steps"] == [f"What to do: {ADVICE['WORKER_LOST']}", f"To redrive it: networx redrive {job.id}"]
    assert said["data"] is None


def test_a_job_that_was_handed_back_and_resumed_says_so(client, record):
    job = steps.submit(record.tenant_id)
    mine = steps.claimed("w1")
    with pool.system() as connection:
        assert endings.release(connection, mine, "the worker drained")
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET run_at = now() - interval '1 second' WHERE id = %s", (job.id,))
    again = steps.claimed("w2")
    with pool.system() as connection:
        connection.execute(
            """INSERT INTO job_events (tenant_id, job_id, event, actor, from_status, to_status, fence, attempt, reason)
               VALUES (%s, %s, 'resumed', 'w2', 'running', 'running', %s, 1, 'from the plan of $5')""",
            (record.tenant_id, job.id, again.fence),
        )
    said = story(client, job.id)
    assert [attempt["outcome"] for attempt in said["attempts"]] == ["released", None]
    told = "\n".join(said["told"])
    assert "its worker handed it back unfinished, which costs no try (the worker drained)" in told
    assert "It did not start from nothing: from the plan of $5." in told
    assert "It is running" in told


def test_a_cancelled_job_tells_who_called_it_off(client, run):
    client.post(f"/api/jobs/{run}/cancel")
    said = story(client, run)
    assert [act["event"] for act in said["acts"]] == ["submitted", "cancelled"]
    assert "Verdict: it was cancelled" in "\n".join(said["told"])
    assert said["next_steps"] == []


def test_a_batch_names_the_members_that_failed(client, record):
    parent = steps.submit(record.tenant_id, kind="batch")
    for _ in range(2):
        steps.submit(record.tenant_id, parent_id=parent.id)
    mine = steps.claimed()
    with pool.system() as connection:
        assert endings.end(connection, mine, JobStatus.FAILED, {"code": "CHILD_LOST", "message": "gone"})
    said = story(client, parent.id)
    told = "\n".join(said["told"])
    assert "Its 2 members:" in told
    assert f"These failed: {mine.id}." in told
    assert said["next_steps"][-1] == f"To redrive them: networx redrive {parent.id}"


def test_the_story_is_told_in_the_order_in_which_it_happened(client, record):
    job = steps.submit(record.tenant_id)
    with pool.system() as connection:
        endings.end(connection, steps.claimed("w1"), JobStatus.DEAD, {"code": "CHILD_LOST", "message": "gone"})
    client.post(f"/api/jobs/{job.id}/redrive")
    steps.claimed("w2")
    told = story(client, job.id)["told"]
    assert [sentence.split()[0] for sentence in told[1:5]] == ["Submitted", "Attempt", "Redriven", "Attempt"]
    assert "w2 took it up" in told[4]


@pytest.mark.parametrize("upload", ["nonsense", 7, None, "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"])
def test_a_job_whose_file_nobody_knows_has_its_story_all_the_same(client, record, upload):
    job = steps.submit(record.tenant_id, kind="file-load", params={"upload_id": upload})
    said = story(client, job.id)
    assert said["data"] is None
    assert said["told"][0].startswith("File load job")


def test_another_tenant_is_told_no_story(foreigner, run):
    assert foreigner.get(f"/api/jobs/{run}/story").status_code == 404


def test_there_is_advice_for_every_error_of_the_tree():
    codes = {kind.code for kind in leaves(errors.NetworxError) if kind.__module__ == errors.__name__}
    assert codes - OF_NO_JOB <= set(ADVICE)
