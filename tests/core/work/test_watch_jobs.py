"""One tick of the monitor over a real record: lost jobs put back, lost hints sent again."""

from __future__ import annotations

from datetime import timedelta

from networx import settings
from networx.db import pool
from networx.jobs import claims, endings, relay, store
from networx.jobs.job import Job, JobStatus
from networx.jobs.sqs import SqsQueue
from networx.topology import TOPOLOGY
from networx.work.watch_jobs import tick

QUEUE = "optimization.fifo"


def submitted(record) -> Job:
    with pool.tenant(record.tenant_id) as connection:
        return store.submit(connection, tenant_id=record.tenant_id, kind="transport", params={})


def claimed(silent_for: timedelta) -> Job:
    with pool.system() as connection:
        job = claims.claim(connection, queue=QUEUE, kinds=["transport"], worker="lost", lease=timedelta(seconds=90))
        assert job is not None
        connection.execute("UPDATE jobs SET heartbeat_at = now() - %s WHERE id = %s", (silent_for, job.id))
    return job


def now(job: Job) -> Job:
    with pool.system() as connection:
        return store.get_job(connection, job.id)


def received() -> int:
    """How many hints wait; they are taken off the queue."""
    queue = SqsQueue(QUEUE)
    messages = queue.receive(10, timedelta(seconds=1))
    for message in messages:
        queue.delete(message)
    return len(messages)


def test_a_job_silent_for_ten_minutes_is_put_back_and_its_hint_sent(record, emitted):
    submitted(record)
    relay.send_due()
    assert received() == 1
    lost = claimed(TOPOLOGY.leases.stale_after + timedelta(seconds=1))
    assert tick() == {"recovered": 1, "resent": 0}
    assert (now(lost).status, now(lost).fence) == (JobStatus.QUEUED, lost.fence + 1)
    assert emitted[("StaleJobsRecovered",)] == 1
    assert received() == 1
    # The worker that comes back late can publish nothing.
    with pool.system() as connection:
        assert not endings.complete(connection, lost, {"status": "optimal"})


def test_a_job_that_is_heard_of_is_left_alone(record, emitted):
    submitted(record)
    alive = claimed(TOPOLOGY.leases.stale_after - timedelta(seconds=30))
    assert tick() == {"recovered": 0, "resent": 0}
    assert now(alive) == alive
    assert emitted[("StaleJobsRecovered",)] == 0


def test_a_hint_that_was_lost_is_sent_again(record, emitted):
    job = submitted(record)
    relay.send_due()
    assert received() == 1  # and never heard of again
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET dispatched_at = now() - %s", (TOPOLOGY.leases.lost_hint_after * 1.1,))
    assert tick() == {"recovered": 0, "resent": 1}
    assert now(job).fence == job.fence + 1
    with pool.system() as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_the_clocks_are_those_of_the_settings(record, emitted, monkeypatch):
    monkeypatch.setenv("NETWORX_STALE_AFTER_SECONDS", "5")
    settings.current.cache_clear()
    try:
        submitted(record)
        claimed(timedelta(seconds=6))
        assert tick()["recovered"] == 1
    finally:
        monkeypatch.undo()
        settings.current.cache_clear()


def test_a_job_of_a_kind_that_nobody_knows_waits_and_is_reported(record, emitted, caplog):
    tick()
    assert emitted[("JobsOfUnknownKind",)] == 0
    job = submitted(record)
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET kind = 'of-tomorrow' WHERE id = %s", (job.id,))
    tick()
    assert emitted[("JobsOfUnknownKind",)] == 1
    (report,) = [report for report in caplog.records if report.message == "job.kind_unknown"]
    assert report.fields == {"kind": "of-tomorrow", "waiting": 1}
    assert now(job).status is JobStatus.QUEUED


def test_a_job_lost_in_its_last_attempt_is_dead_once_its_lease_is_over(record, emitted):
    submitted(record)
    lost = claimed(timedelta(0))
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET attempt = max_attempts WHERE id = %s", (lost.id,))
    assert tick() == {"recovered": 0, "resent": 0}
    assert now(lost).status is JobStatus.RUNNING
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET lease_expires_at = now() WHERE id = %s", (lost.id,))
    assert tick() == {"recovered": 1, "resent": 0}
    assert (now(lost).status, now(lost).error["code"]) == (JobStatus.DEAD, "WORKER_LOST")
    assert emitted[("JobFailures", "transport", "WORKER_LOST")] == 1
    assert len(SqsQueue(QUEUE, dead_letters=True).receive(10, timedelta(seconds=1))) == 1
    # The worker that comes back late can publish nothing.
    with pool.system() as connection:
        assert not endings.complete(connection, lost, {"status": "optimal"})
