"""The record itself keeps the moves of a job lawful, whichever statement asks."""

from __future__ import annotations

from itertools import product

import psycopg
import pytest

from networx.db import pool
from networx.jobs import endings, store
from networx.jobs.job import LEGAL_MOVES, Job, JobStatus
from tests.core.jobs.steps import claimed, complete, submit

_TO = """
UPDATE jobs SET status = %(to)s, fence = fence + 1,
    finished_at = CASE WHEN %(ended)s THEN clock_timestamp() END,
    lease_expires_at = CASE WHEN %(to)s = 'running' THEN clock_timestamp() + interval '90 seconds' END
WHERE id = %(id)s
"""


def move(job: Job, to: JobStatus) -> None:
    with pool.system() as connection:
        connection.execute(_TO, {"id": job.id, "to": to.value, "ended": to.terminal})


def standing_at(status: JobStatus, tenant_id) -> Job:
    job = submit(tenant_id)
    if status is not JobStatus.QUEUED:
        move(job, JobStatus.RUNNING)
    if status.terminal:
        move(job, status)
    return job


def test_the_records_table_is_the_codes_table(record):
    with pool.system() as connection:
        kept = set(connection.execute("SELECT from_status, to_status FROM job_moves").fetchall())
    assert kept == {(before.value, after.value) for before, moves in LEGAL_MOVES.items() for after in moves}


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in product(JobStatus, JobStatus) if pair[0] is not pair[1]]
)
def test_a_move_is_made_if_it_is_lawful_and_refused_if_not(record, before, after):
    job = standing_at(before, record.tenant_id)
    if after in LEGAL_MOVES[before]:
        move(job, after)
    else:
        with pytest.raises(psycopg.errors.CheckViolation, match=f"may not move from {before} to {after}"):
            move(job, after)


def test_a_fence_never_falls(record):
    submit(record.tenant_id)
    job = claimed()
    with pool.system() as connection, pytest.raises(psycopg.errors.CheckViolation, match="may not fall"):
        connection.execute("UPDATE jobs SET fence = fence - 1 WHERE id = %s", (job.id,))


@pytest.mark.parametrize(
    "change",
    [
        "worker = 'w2'",
        "status = 'queued', lease_expires_at = NULL",
        "status = 'queued', lease_expires_at = NULL, worker = NULL",
    ],
)
def test_a_job_never_changes_hands_under_the_same_fence(record, change):
    submit(record.tenant_id)
    job = claimed("w1")
    with pool.system() as connection, pytest.raises(psycopg.errors.CheckViolation, match="same fence"):
        connection.execute(f"UPDATE jobs SET {change} WHERE id = %s", (job.id,))


CHANGED, DELETED = "UPDATE job_events SET actor = 'nobody'", "DELETE FROM job_events"
OTHERS = [pool.Role.APP, pool.Role.LOADER, pool.Role.REPORT]


@pytest.mark.parametrize(
    ("role", "statement"),
    [(pool.Role.SYSTEM, CHANGED), *((role, statement) for role in OTHERS for statement in (CHANGED, DELETED))],
)
def test_events_are_only_ever_added(record, role, statement):
    submit(record.tenant_id)
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        with pool.tenant(record.tenant_id, role) as connection:
            connection.execute(statement)


def test_events_of_a_job_that_is_not_archived_stay_whoever_deletes_them(record):
    job = submit(record.tenant_id)
    with pool.system() as connection:
        assert connection.execute(DELETED).rowcount == 0
        assert store.events(connection, job.id)


def test_an_event_says_what_the_attempt_used(record):
    submit(record.tenant_id)
    job = claimed()
    with pool.system() as connection:
        endings.complete(connection, job, {"status": "optimal"}, facts={"seconds": 1.5, "peak_mib": 120.0})
        assert store.events(connection, job.id)[-1]["facts"] == {"seconds": 1.5, "peak_mib": 120.0}


def test_a_completed_job_cannot_be_claimed_by_hand(record):
    submit(record.tenant_id)
    job = claimed()
    complete(job)
    with pytest.raises(psycopg.errors.CheckViolation):
        move(job, JobStatus.RUNNING)
