"""Redriving: one job, a list, a filter, everybody's; previewed; refused with the state; and never another tenant's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from networx.db import pool
from networx.jobs import endings, store
from networx.jobs.job import Job, JobStatus
from tests.core.jobs import steps

SEVERAL = "/api/jobs/redrive"
LOST = {"code": "WORKER_LOST", "message": "The worker was lost."}
GONE = {"code": "CHILD_LOST", "message": "gone"}


def ended(tenant_id, status: JobStatus = JobStatus.DEAD, error: dict[str, str] = LOST, **named) -> Job:
    submitted = steps.submit(tenant_id, priority=0, **named)
    file = submitted.kind == "file-load"
    mine = steps.claimed(**({"queue": "file-processing.fifo", "kinds": ["file-load"]} if file else {}))
    assert mine.id == submitted.id
    with pool.system() as connection:
        assert endings.end(connection, mine, status, error)
    return steps.current(mine)


def redrive(client, **body):
    return client.post(SEVERAL, json={"preview": False, **body})


def preview(client, **body) -> dict:
    answer = client.post(SEVERAL, json={"preview": True, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.DEAD])
def test_a_job_that_ended_badly_is_queued_again(client, record, aws, status):
    job = ended(record.tenant_id, status)
    answer = client.post(f"/api/jobs/{job.id}/redrive")
    assert answer.status_code == 202, answer.text
    shown = answer.json()["data"]
    assert (shown["id"], shown["status"], shown["attempt"], shown["error"]) == (str(job.id), "queued", 0, None)
    last = client.get(f"/api/jobs/{job.id}/history").json()["data"][-1]
    assert (last["event"], last["actor"]) == ("redriven", "a key")
    assert steps.claimed().id == job.id


def test_its_hint_is_sent_at_once_and_not_taken_for_an_earlier_one(client, record, aws):
    """Within five minutes of the first: a hint of the same job is another message to the queue only by its fence."""
    url = aws.sqs.get_queue_url(QueueName="optimization.fifo")["QueueUrl"]
    job = ended(record.tenant_id)
    assert client.post(f"/api/jobs/{job.id}/redrive").status_code == 202
    (message,) = aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)["Messages"]
    assert str(job.id) in message["Body"]
    aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    with pool.system() as connection:
        assert endings.end(connection, steps.claimed(), JobStatus.DEAD, LOST)
    assert client.post(f"/api/jobs/{job.id}/redrive").status_code == 202
    assert len(aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2).get("Messages", [])) == 1


def test_a_job_that_runs_waits_or_succeeded_is_refused_with_its_state(client, record):
    job = steps.submit(record.tenant_id)

    def refused() -> str:
        answer = client.post(f"/api/jobs/{job.id}/redrive")
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
        return answer.json()["error"]

    assert "The job is queued" in refused()
    mine = steps.claimed()
    assert "The job is running" in refused()
    steps.complete(mine)
    assert "The job is succeeded" in refused()
    assert steps.current(job).status is JobStatus.SUCCEEDED


def test_what_was_cancelled_stays_cancelled(client, record):
    job = steps.submit(record.tenant_id)
    client.post(f"/api/jobs/{job.id}/cancel")
    assert client.post(f"/api/jobs/{job.id}/redrive").status_code == 409


def test_a_second_redrive_finds_the_job_queued(client, record):
    job = ended(record.tenant_id)
    assert client.post(f"/api/jobs/{job.id}/redrive").status_code == 202
    assert client.post(f"/api/jobs/{job.id}/redrive").status_code == 409
    assert redrive(client, job_ids=[str(job.id)]).json()["data"]["refused"] == {str(job.id): "queued"}


def test_a_preview_lists_what_would_move_and_moves_nothing(client, record):
    dead, failed = ended(record.tenant_id), ended(record.tenant_id, JobStatus.FAILED, GONE)
    steps.submit(record.tenant_id)
    said = preview(client)
    assert (said["count"], said["more"], said["refused"], said["unknown"]) == (2, False, {}, [])
    assert [(job["id"], job["status"]) for job in said["jobs"]] == [(str(dead.id), "dead"), (str(failed.id), "failed")]
    assert {steps.current(job).status for job in (dead, failed)} == {JobStatus.DEAD, JobStatus.FAILED}


def test_a_filter_moves_what_it_says_and_nothing_else(client, record):
    lost, gone = ended(record.tenant_id), ended(record.tenant_id, error=GONE)
    file = ended(record.tenant_id, error=GONE, kind="file-load")
    since = datetime.now(UTC)
    late = ended(record.tenant_id, error=GONE)
    assert preview(client, error_code="WORKER_LOST")["jobs"][0]["id"] == str(lost.id)
    assert preview(client, type="file-load")["count"] == 1
    assert preview(client, queue="optimization.fifo")["count"] == 3
    assert preview(client, type="file-load", error_code="WORKER_LOST")["count"] == 0
    done = redrive(client, error_code="CHILD_LOST", since=since.isoformat()).json()["data"]
    assert (done["moved"], done["refused"], done["more"]) == ([str(late.id)], {}, False)
    assert steps.current(late).status is JobStatus.QUEUED
    assert {steps.current(job).status for job in (lost, gone, file)} == {JobStatus.DEAD}
    assert len(redrive(client).json()["data"]["moved"]) == 3


def test_named_jobs_move_and_the_others_are_told_with_their_states(client, record):
    dead = ended(record.tenant_id)
    running = steps.submit(record.tenant_id)
    assert steps.claimed().id == running.id
    unknown = uuid4()
    named = [str(dead.id), str(running.id), str(unknown)]
    for said in (preview(client, job_ids=named), redrive(client, job_ids=named).json()["data"]):
        assert said["refused"] == {str(running.id): "running"}
        assert said["unknown"] == [str(unknown)]
    assert said["moved"] == [str(dead.id)]


def test_a_batch_that_is_named_stands_for_its_members(client, record):
    parent = steps.submit(record.tenant_id, kind="batch")
    dead = ended(record.tenant_id, parent_id=parent.id)
    whole = steps.submit(record.tenant_id, kind="batch")
    said = preview(client, job_ids=[str(parent.id), str(whole.id)])
    assert ([job["id"] for job in said["jobs"]], said["refused"]) == ([str(dead.id)], {str(whole.id): "queued"})
    answer = client.post(f"/api/jobs/{parent.id}/redrive")
    assert (answer.status_code, answer.json()["data"]["member_counts"]) == (202, {"queued": 1})
    assert client.post(f"/api/jobs/{parent.id}/redrive").status_code == 409


def test_another_tenants_jobs_are_out_of_reach(client, foreigner, record):
    job = ended(record.tenant_id)
    assert foreigner.post(f"/api/jobs/{job.id}/redrive").status_code == 404
    assert preview(foreigner)["count"] == 0
    assert redrive(foreigner).json()["data"]["moved"] == []
    assert redrive(foreigner, job_ids=[str(job.id)]).json()["data"]["unknown"] == [str(job.id)]
    assert steps.current(job).status is JobStatus.DEAD


def test_everybodys_jobs_move_for_an_operator_only(client, operator, record):
    ours = ended(record.tenant_id)
    theirs = ended(steps.another_tenant())
    refused = redrive(client, all_tenants=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert "scope `operator`" in refused.json()["error"]
    assert preview(operator)["count"] == 1
    assert set(redrive(operator, all_tenants=True).json()["data"]["moved"]) == {str(ours.id), str(theirs.id)}


@pytest.mark.parametrize(
    ("body", "column"),
    [
        ({}, "preview"),
        ({"preview": "perhaps"}, "preview"),
        ({"preview": True, "everything": True}, "everything"),
        ({"preview": True, "job_ids": []}, "job_ids"),
        ({"preview": True, "job_ids": ["x"]}, "job_ids.0"),
        ({"preview": True, "since": "yesterday"}, "since"),
        ({"preview": True, "since": "2026-11-22T10:00:00"}, "since"),
        ({"preview": True, "job_ids": [str(uuid4())], "type": "transport"}, "job_ids"),
    ],
)
def test_a_request_that_could_mean_two_things_is_refused(client, body, column):
    answer = client.post(SEVERAL, json=body)
    assert (answer.status_code, answer.json()["problems"][0]["column"]) == (422, column)


def test_a_redriven_jobs_letter_that_was_not_sent_yet_is_taken_back(client, record):
    job = ended(record.tenant_id)
    with pool.system() as connection:
        connection.execute("UPDATE outbox SET not_before = now() + %s", (timedelta(hours=1),))
    assert client.post(f"/api/jobs/{job.id}/redrive").status_code == 202
    assert "job.dead" not in [topic for topic, _ in steps.hints(job)]


def test_the_record_of_a_redrive_names_the_key_that_asked_for_it(client, record):
    job = ended(record.tenant_id)
    redrive(client, job_ids=[str(job.id)])
    with pool.system() as connection:
        assert store.events(connection, job.id)[-1]["actor"] == "a key"
