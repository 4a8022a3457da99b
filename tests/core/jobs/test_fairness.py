"""Whose turn it is: priority with age, tenants side by side, pauses, and a price that does not grow with the queue."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from networx.db import pool
from networx.db.bootstrap import DATABASE
from networx.errors import Conflict, NotFound, RefusedInput
from networx.jobs import claims, control
from networx.jobs.control import Scope
from networx.jobs.job import HIGH, LOW
from tests.core.jobs.steps import (
    LEASE,
    QUEUE,
    another_tenant,
    claim,
    claimed,
    complete,
    current,
    hints,
    make_older,
    slug_of,
    spend_hints,
    submit,
)


def served(number: int, **changes) -> list:
    """The tenants of the next jobs, each done before the next is taken, as one slot would."""
    tenants = []
    for _ in range(number):
        job = claimed(**changes)
        tenants.append(job.tenant_id)
        complete(job)
    return tenants


def test_a_high_job_waits_for_one_running_job_however_long_the_queue_of_another_tenant_is(record):
    crowd = [submit(record.tenant_id) for _ in range(40)]
    make_older(crowd, timedelta(hours=5))
    complete(claimed())
    urgent = submit(another_tenant(), priority=HIGH)
    assert claimed().id == urgent.id


def test_tenants_take_turns_in_one_slot(record):
    other = another_tenant()
    crowd = [submit(record.tenant_id) for _ in range(10)]
    make_older(crowd, timedelta(minutes=5))
    for _ in range(3):
        submit(other)
    assert served(6) == [record.tenant_id, other] * 3


def test_the_tenant_that_runs_least_comes_first(record):
    other = another_tenant()
    crowd = [submit(record.tenant_id) for _ in range(4)]
    make_older(crowd, timedelta(minutes=5))
    first, second = submit(other), submit(other)
    # Theirs ran last, but ours has two running when the third slot asks.
    assert claimed().tenant_id == record.tenant_id
    assert claimed().id == first.id
    assert claimed().tenant_id == record.tenant_id
    assert claimed().id == second.id


def test_a_low_job_is_reached_though_fresh_high_ones_keep_coming(record):
    other = another_tenant()
    old = submit(record.tenant_id, priority=LOW)
    make_older([old], timedelta(minutes=21))
    for _ in range(3):
        submit(other, priority=HIGH)
    assert record.tenant_id in served(2)


def test_a_slot_kept_for_high_takes_nothing_else(record):
    ordinary = submit(record.tenant_id)
    make_older([ordinary], timedelta(days=1))
    assert claim(lowest=HIGH) is None
    urgent = submit(record.tenant_id, priority=HIGH)
    assert claimed(lowest=HIGH).id == urgent.id


@pytest.mark.parametrize("scope", list(Scope))
def test_what_is_paused_waits_and_goes_on_when_resumed(record, scope):
    name = {Scope.QUEUE: QUEUE, Scope.KIND: "transport", Scope.TENANT: slug_of(record.tenant_id)}[scope]
    job = submit(record.tenant_id)
    with pool.system() as connection:
        control.pause(connection, scope, name, "ops", "a bad release")
        assert [(pause.name, pause.paused_by, pause.reason) for pause in control.pauses(connection)] == [
            (name, "ops", "a bad release")
        ]
    assert claim() is None
    spend_hints()
    with pool.system() as connection:
        ended = control.resume(connection, scope, name, "ops")
        assert ended is not None
        assert ended.resumed_by == "ops"
        assert control.pauses(connection) == []
    assert hints(job) == [("job.ready", job.fence + 1)]
    assert claimed().id == job.id


def test_a_paused_tenant_does_not_hold_up_another(record):
    with pool.system() as connection:
        control.pause(connection, Scope.TENANT, slug_of(record.tenant_id), "ops", "asked to wait")
    submit(record.tenant_id)
    theirs = submit(another_tenant())
    assert claimed().id == theirs.id
    with pool.system() as connection:
        control.resume(connection, Scope.TENANT, slug_of(record.tenant_id), "ops")


def test_an_abandoned_job_of_a_paused_kind_is_not_taken_over(record):
    submit(record.tenant_id)
    job = claimed()
    with pool.system() as connection:
        control.pause(connection, Scope.KIND, "transport", "ops", "it kills workers")
        connection.execute(
            "UPDATE jobs SET lease_expires_at = clock_timestamp() - interval '1 s' WHERE id = %s", (job.id,)
        )
    assert claim("w2") is None
    with pool.system() as connection:
        control.resume(connection, Scope.KIND, "transport", "ops")
    assert claimed("w2").id == job.id


def test_a_second_pause_and_an_unknown_name_are_refused(record):
    with pool.system() as connection:
        control.pause(connection, Scope.QUEUE, QUEUE, "ops", "first")
    try:
        with pool.system() as connection, pytest.raises(Conflict):
            control.pause(connection, Scope.QUEUE, QUEUE, "ops", "second")
    finally:
        with pool.system() as connection:
            control.resume(connection, Scope.QUEUE, QUEUE, "ops")
    for scope in Scope:
        with pool.system() as connection, pytest.raises(NotFound):
            control.pause(connection, scope, "no-such-thing", "ops", "why not")
    with pool.system() as connection, pytest.raises(RefusedInput):
        control.pause(connection, Scope.QUEUE, QUEUE, "ops", "  ")
    with pool.system() as connection:
        assert control.resume(connection, Scope.QUEUE, QUEUE, "ops") is None


def test_a_spent_token_arms_one_job_of_a_group_and_no_more(record):
    jobs = [submit(record.tenant_id) for _ in range(5)]
    spend_hints()
    with pool.system() as connection:
        claims.defer(connection, QUEUE)
        claims.defer(connection, QUEUE)
    assert [len(hints(job)) for job in jobs] == [1, 0, 0, 0, 0]


_MANY = """
INSERT INTO jobs (tenant_id, kind, queue, max_attempts, fence, run_at, status, finished_at)
SELECT %s, 'transport', 'optimization.fifo', 2, 1, now() - interval '1 hour', status,
    CASE WHEN status = 'cancelled' THEN now() END
FROM (SELECT %s::text AS status) AS stated, generate_series(1, %s)
"""


@pytest.mark.parametrize("known", ["an empty queue", "the queue as it is"])
def test_a_claim_looks_at_no_more_rows_when_more_jobs_wait(record, postgres, known):
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("SET search_path = networx")
        if known == "an empty queue":
            # What the planner knows may be a minute old: here that all jobs have ended.
            master.execute(_MANY, (record.tenant_id, "cancelled", 5_000))
            master.execute("ANALYZE jobs")
            master.execute("DELETE FROM jobs")
        master.execute(_MANY, (record.tenant_id, "queued", 5_000))
        if known == "the queue as it is":
            master.execute("ANALYZE jobs")
    # Counted by the server and not timed: the rows that this very transaction fetched.
    with pool.system() as connection:
        assert claims.claim(connection, queue=QUEUE, kinds=["transport"], worker="w1", lease=LEASE) is not None
        assert 0 < _rows_fetched(connection) < 200
    with pool.system() as connection:
        claims.defer(connection, QUEUE)
        assert 0 < _rows_fetched(connection) < 200


def _rows_fetched(connection) -> int:
    found = connection.execute(
        "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables "
        "WHERE relname = 'jobs'"
    ).fetchone()
    assert found is not None
    return int(found[0])


def test_current_shows_when_the_job_was_taken(record):
    submit(record.tenant_id)
    job = claimed()
    assert current(job).claimed_at is not None
