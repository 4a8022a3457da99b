"""Redriving what ended badly, and batches: a parent is what its members make it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from networx.db import pool
from networx.jobs import claims, control, endings, recovery, store
from networx.jobs.job import Job, JobStatus
from tests.core.jobs.steps import QUEUE, claim, claimed, complete, current, hints, submit, told

ERROR = {"code": "CHILD_LOST", "message": "gone"}


def ended(job: Job, status: JobStatus, error: dict[str, str] = ERROR) -> Job:
    with pool.system() as connection:
        assert endings.end(connection, job, status, error)
    return current(job)


def redrive(*jobs: Job) -> control.Redriven:
    with pool.system() as connection:
        return control.redrive(connection, [job.id for job in jobs], "ops")


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.DEAD])
def test_a_job_that_ended_badly_is_queued_again_with_all_its_attempts(record, status):
    submit(record.tenant_id)
    job = ended(claimed(), status)
    assert redrive(job) == control.Redriven((job.id,), {})
    again = current(job)
    assert (again.status, again.attempt, again.error, again.finished_at) == (JobStatus.QUEUED, 0, None, None)
    assert again.fence > job.fence
    # The letter to the dead-letter queue, if it was not sent yet, is taken back; the new hint has a new fence.
    assert hints(again)[-1] == ("job.ready", again.fence)
    assert "job.dead" not in [topic for topic, _ in hints(again)]
    assert told(job)[-1] == "redriven"
    complete(claimed())


def test_what_runs_waits_or_succeeded_is_refused_with_its_state(record):
    running, queued = submit(record.tenant_id), submit(record.tenant_id)
    assert claimed().id == running.id
    done = submit(record.tenant_id, priority=0)
    complete(claimed())
    cancelled = submit(record.tenant_id)
    with pool.tenant(record.tenant_id) as connection:
        store.cancel(connection, cancelled.id, "a person")
    assert redrive(running, queued, done, cancelled) == control.Redriven(
        (),
        {
            running.id: JobStatus.RUNNING,
            queued.id: JobStatus.QUEUED,
            done.id: JobStatus.SUCCEEDED,
            cancelled.id: JobStatus.CANCELLED,
        },
    )
    assert [current(job).fence for job in (queued, done)] == [queued.fence, done.fence + 1]


def test_an_unknown_id_is_neither_moved_nor_refused(record):
    with pool.system() as connection:
        assert control.redrive(connection, [uuid4()], "ops") == control.Redriven((), {})


def test_a_filter_finds_what_a_redrive_would_move(record):
    submit(record.tenant_id)
    lost = ended(claimed(), JobStatus.DEAD)
    submit(record.tenant_id)
    broken = ended(claimed(), JobStatus.FAILED, {"code": "LIMIT_EXCEEDED", "message": "too big"})
    submit(record.tenant_id)

    def found(**filters) -> list:
        with pool.system() as connection:
            return [job.id for job in control.redrivable(connection, tenant_id=record.tenant_id, **filters)]

    assert found() == [lost.id, broken.id]
    assert found(error_code="CHILD_LOST") == [lost.id]
    assert found(queue=QUEUE, kind="transport", limit=1) == [lost.id]
    assert found(kind="file-load") == []
    assert found(since=broken.finished_at) == [broken.id]


def test_two_redrives_at_once_move_a_job_once(record):
    submit(record.tenant_id)
    job = ended(claimed(), JobStatus.DEAD)
    assert redrive(job).moved == (job.id,)
    assert redrive(job) == control.Redriven((), {job.id: JobStatus.QUEUED})


# --- Batches ---


def batch(record, size: int) -> tuple[Job, list[Job]]:
    parent = submit(record.tenant_id, kind="batch")
    return parent, [submit(record.tenant_id, parent_id=parent.id) for _ in range(size)]


def test_a_batch_stands_in_no_queue_and_is_never_claimed(record):
    parent, _ = batch(record, 0)
    assert parent.queue is None
    assert hints(parent) == []
    assert claim(kinds=["transport", "batch"]) is None
    with pool.system() as connection:
        assert recovery.recover(connection, stale_after=timedelta(0), lost_after=timedelta(0)).resent == ()
        recovery.restart(connection)
    assert hints(parent) == []


def test_a_batch_goes_as_its_members_go(record):
    parent, members = batch(record, 2)
    assert current(parent).status is JobStatus.QUEUED
    with pool.tenant(record.tenant_id) as connection:
        assert list(store.members(connection, [parent.id])[parent.id]) == [member.id for member in members]
    first = claimed()
    seen = current(parent)
    assert (seen.status, seen.progress) == (JobStatus.RUNNING, {"stage": "0 of 2 done", "percent": 0.0})
    complete(first)
    assert (current(parent).status, current(parent).finished_at) == (JobStatus.RUNNING, None)
    complete(claimed())
    seen = current(parent)
    assert (seen.status, seen.progress) == (JobStatus.SUCCEEDED, {"stage": "2 of 2 done", "percent": 100.0})
    assert seen.finished_at is not None
    with pool.system() as connection:
        assert parent.id in [job.id for job in store.list_jobs(connection, statuses=[JobStatus.SUCCEEDED])]


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.DEAD])
def test_a_member_that_failed_never_hides(record, status):
    parent, _ = batch(record, 3)
    ended(claimed(), status)
    running = current(parent)
    assert (running.status, running.error["code"]) == (JobStatus.RUNNING, "MEMBERS_FAILED")
    complete(claimed())
    complete(claimed())
    seen = current(parent)
    assert seen.status is JobStatus.FAILED
    assert seen.error == {"code": "MEMBERS_FAILED", "message": "1 of 3 members failed."}


def test_redriving_a_batch_queues_the_members_that_failed(record):
    parent, _ = batch(record, 2)
    lost = ended(claimed(), JobStatus.DEAD)
    complete(claimed())
    assert redrive(parent) == control.Redriven((lost.id,), {})
    assert current(parent).status is JobStatus.RUNNING
    complete(claimed())
    assert current(parent).status is JobStatus.SUCCEEDED


def test_cancelling_a_batch_calls_off_what_has_not_ended(record):
    parent, members = batch(record, 3)
    done, running = claimed(), claimed()
    complete(done)
    with pool.tenant(record.tenant_id) as connection:
        seen = store.cancel(connection, parent.id, "a person")
    assert seen.status is JobStatus.CANCELLED
    assert [current(member).status for member in members] == [
        JobStatus.SUCCEEDED,
        JobStatus.CANCELLED,
        JobStatus.CANCELLED,
    ]
    with pool.system() as connection:
        assert claims.lost(connection, {running.id: running.fence}) == {running.id}


def test_a_batch_that_has_ended_stays_as_it_ended(record):
    parent, _ = batch(record, 1)
    complete(claimed())
    with pool.tenant(record.tenant_id) as connection:
        assert store.cancel(connection, parent.id, "a person").status is JobStatus.SUCCEEDED
