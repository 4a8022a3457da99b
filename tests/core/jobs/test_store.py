"""Every move of a job, as the record makes it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from networx.db import pool
from networx.db.keyset import Page
from networx.errors import NotFound
from networx.jobs import claims, endings, recovery, store
from networx.jobs.job import HIGH, LEGAL_MOVES, LOW, Job, JobStatus

LEASE = timedelta(seconds=90)
QUEUE = "optimization.fifo"
KINDS = ["transport"]
RESULT = {"status": "optimal"}
ERROR = {"code": "CHILD_LOST", "message": "gone"}

Submit = Callable[..., Job]


@pytest.fixture
def submit(record) -> Submit:
    def submitted(**changes) -> Job:
        arguments = {"tenant_id": record.tenant_id, "kind": "transport", "params": {}, **changes}
        with pool.tenant(arguments["tenant_id"]) as connection:
            return store.submit(connection, **arguments)

    return submitted


def claim(worker: str = "w1", **changes) -> Job | None:
    with pool.system() as connection:
        return claims.claim(connection, **{"queue": QUEUE, "kinds": KINDS, "worker": worker, "lease": LEASE, **changes})


def claimed(worker: str = "w1", **changes) -> Job:
    job = claim(worker, **changes)
    assert job is not None
    return job


def current(job: Job) -> Job:
    with pool.system() as connection:
        return store.get_job(connection, job.id)


def expire_lease(job: Job) -> None:
    with pool.system() as connection:
        connection.execute(
            """UPDATE jobs SET lease_expires_at = clock_timestamp() - interval '1 second',
                   heartbeat_at = clock_timestamp() - interval '1 hour' WHERE id = %s""",
            (job.id,),
        )


def outbox(job: Job) -> list[tuple[str, int]]:
    with pool.system() as connection:
        return connection.execute("SELECT topic, fence FROM outbox WHERE job_id = %s ORDER BY id", (job.id,)).fetchall()


def told(job: Job) -> list[str]:
    with pool.system() as connection:
        return [event["event"] for event in store.events(connection, job.id)]


def test_a_submission_writes_job_hint_and_event_as_one(submit):
    job = submit()
    assert job.status is JobStatus.QUEUED
    assert outbox(job) == [("job.ready", job.fence)]
    assert told(job) == ["submitted"]


def test_a_claim_burns_an_attempt_and_raises_the_fence(submit):
    job = submit()
    mine = claimed()
    assert (mine.id, mine.status, mine.attempt, mine.fence) == (job.id, JobStatus.RUNNING, 1, job.fence + 1)
    assert claim("w2") is None


def test_parallel_claims_never_share_a_job(submit):
    jobs = {submit().id for _ in range(12)}
    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(lambda n: claim(f"w{n}", tenant_cap=100), range(16)))
    ids = [job.id for job in taken if job is not None]
    assert len(ids) == len(set(ids))
    rest = [claim(tenant_cap=100) for _ in range(12 - len(ids))]
    assert {*ids, *(job.id for job in rest if job is not None)} == jobs


def test_a_claim_takes_high_before_normal_before_low(submit):
    low, normal, high = submit(priority=LOW), submit(), submit(priority=HIGH)
    assert [claimed().id for _ in range(3)] == [high.id, normal.id, low.id]


def test_a_low_job_that_waited_long_goes_before_a_fresh_high_one(submit):
    low, _ = submit(priority=LOW), submit(priority=HIGH)
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET run_at = run_at - interval '1 hour' WHERE id = %s", (low.id,))
    assert claimed().id == low.id


def test_a_tenant_at_its_cap_lets_another_go_first(submit):
    with pool.system() as connection:
        found = connection.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'other') RETURNING id", (f"t-{uuid4().hex[:8]}",)
        ).fetchone()
    assert found is not None
    other: UUID = found[0]
    for _ in range(3):
        submit()
    theirs = submit(tenant_id=other)
    claimed(tenant_cap=1)
    assert claimed(tenant_cap=1).id == theirs.id
    assert claim(tenant_cap=1) is None


def test_an_unknown_kind_stays_queued(submit):
    job = submit()
    assert claim(kinds=["another"]) is None
    assert current(job).status is JobStatus.QUEUED


def test_a_token_without_an_eligible_job_arms_the_next_one(submit):
    job = submit()
    with pool.system() as connection:
        connection.execute("DELETE FROM outbox")
        claims.defer(connection, QUEUE)
    assert outbox(job) == [("job.ready", job.fence + 1)]


def test_an_expired_lease_is_taken_over_and_the_first_owner_is_fenced_out(submit):
    submit()
    first = claimed("w1")
    expire_lease(first)
    second = claimed("w2")
    assert second.fence > first.fence
    with pool.system() as connection:
        assert not claims.heartbeat(connection, first, lease=LEASE)
        assert not endings.complete(connection, first, RESULT)
        assert not endings.end(connection, first, JobStatus.FAILED, ERROR)
        assert not endings.retry(connection, first, timedelta(0), ERROR)
        assert not endings.release(connection, first, "drain")
        assert not claims.store_incumbent(connection, first, RESULT)
        assert endings.complete(connection, second, RESULT)
    assert current(first).status is JobStatus.SUCCEEDED


def test_completing_publishes_result_and_event_once(submit):
    submit()
    job = claimed()
    with pool.system() as connection:
        assert endings.complete(connection, job, RESULT)
    with pool.system() as connection:
        # The COMMIT was in doubt and the call is made again: it finds its own result.
        assert endings.complete(connection, job, RESULT)
        assert store.get_result(connection, job.id) == RESULT
    assert told(job) == ["submitted", "claimed", "finished"]


def test_a_retry_waits_and_a_release_burns_no_attempt(submit):
    submit()
    job = claimed()
    with pool.system() as connection:
        assert endings.retry(connection, job, timedelta(hours=1), ERROR)
    assert claim() is None
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET run_at = clock_timestamp()")
    again = claimed()
    assert again.attempt == 2
    with pool.system() as connection:
        assert endings.release(connection, again, "drain")
    assert current(again).attempt == 1
    assert outbox(again)[-1] == ("job.ready", again.fence + 1)


def test_a_dead_job_goes_to_its_dead_letter_queue(submit):
    submit()
    job = claimed()
    with pool.system() as connection:
        assert endings.end(connection, job, JobStatus.DEAD, ERROR)
    assert outbox(job)[-1] == ("job.dead", job.fence)
    assert current(job).error == ERROR


def test_cancelling_keeps_the_best_verified_answer(submit, record):
    submit()
    job = claimed()
    with pool.system() as connection:
        assert claims.store_incumbent(connection, job, {"objective": 2.0})
        assert claims.store_incumbent(connection, job, {"objective": 1.0})
    with pool.tenant(record.tenant_id) as connection:
        cancelled = store.cancel(connection, job.id, "a person")
        assert store.get_result(connection, job.id) == {"objective": 1.0}
    assert (cancelled.status, cancelled.partial) == (JobStatus.CANCELLED, True)
    with pool.system() as connection:
        assert not endings.complete(connection, job, RESULT)
        assert claims.lost(connection, {job.id: job.fence}) == {job.id}


def test_cancelling_what_has_ended_changes_nothing(submit, record):
    submit()
    job = claimed()
    with pool.system() as connection:
        endings.complete(connection, job, RESULT)
    with pool.tenant(record.tenant_id) as connection:
        assert store.cancel(connection, job.id, "a person").status is JobStatus.SUCCEEDED
    assert told(job)[-1] == "finished"


def test_cancelling_an_unknown_job_is_not_found(record):
    with pool.tenant(record.tenant_id) as connection, pytest.raises(NotFound):
        store.cancel(connection, uuid4(), "a person")


def test_another_tenants_job_is_not_found(submit):
    job = submit()
    with pool.tenant(uuid4()) as connection, pytest.raises(NotFound):
        store.cancel(connection, job.id, "a stranger")
    assert current(job).status is JobStatus.QUEUED


def recover() -> recovery.Recovery:
    with pool.system() as connection:
        return recovery.recover(connection, stale_after=timedelta(minutes=10), lost_after=timedelta(minutes=5))


def test_a_stale_job_is_recovered_and_then_dead(submit):
    submit()
    job = claimed()
    assert recover().recovered == ()
    expire_lease(job)
    assert recover().recovered == (job.id,)
    assert current(job).status is JobStatus.QUEUED
    again = claimed()
    expire_lease(again)
    recover()
    assert current(job).status is JobStatus.DEAD
    assert outbox(job)[-1][0] == "job.dead"


def test_a_lost_hint_is_sent_again_under_a_new_fence(submit):
    job = submit()
    with pool.system() as connection:
        connection.execute("DELETE FROM outbox")
        connection.execute("UPDATE jobs SET dispatched_at = clock_timestamp() - interval '1 hour'")
    assert recover().resent == (job.id,)
    assert outbox(job) == [("job.ready", job.fence + 1)]


def test_a_platform_that_starts_anew_hands_everything_back(submit):
    running, waiting = submit(), submit()
    mine = claimed()
    with pool.system() as connection:
        connection.execute("DELETE FROM outbox")
        assert recovery.restart(connection) == 2
    assert (current(running).status, current(running).attempt) == (JobStatus.QUEUED, 0)
    assert len(outbox(running)) == len(outbox(waiting)) == 1
    with pool.system() as connection:
        assert not endings.complete(connection, mine, RESULT)


def test_the_newest_jobs_are_listed_by_status(submit):
    first, second = submit(), submit()
    claimed()
    with pool.system() as connection:
        assert [job.id for job in store.list_jobs(connection)] == [second.id, first.id]
        assert [job.id for job in store.list_jobs(connection, statuses=[JobStatus.RUNNING])] == [first.id]
        assert [job.id for job in store.list_jobs(connection, before=second.created_at)] == [first.id]


def test_terminal_states_lead_nowhere_but_back_by_a_redrive():
    for status in JobStatus:
        if status.terminal:
            assert LEGAL_MOVES[status] <= {JobStatus.QUEUED}


@pytest.mark.parametrize("sort", list(store.ORDERS))
def test_a_page_among_many_jobs_of_one_instant_is_read_from_the_index(record, sort):
    with pool.system() as connection:
        connection.execute(
            """INSERT INTO jobs (tenant_id, kind, queue, max_attempts)
               SELECT %s, 'transport', 'optimization.fifo', 3 FROM generate_series(1, 5000)""",
            (record.tenant_id,),
        )
    with pool.tenant(record.tenant_id) as connection:
        middle = store.list_jobs(connection, page=Page(store.ORDERS[sort], 2500))[-1]
        page = Page(store.ORDERS[sort], 51, store.ORDERS[sort].place_of(middle))
        told, arguments = page.where({"parents": "parent_id IS NULL"}, {"parents": True})
        # Nobody has counted these rows for the planner; it sorts where it must, and nowhere else.
        for way in ("enable_sort", "enable_incremental_sort", "enable_seqscan", "enable_bitmapscan"):
            connection.execute(f"SET LOCAL {way} = off")
        plan = connection.execute(f"EXPLAIN SELECT id FROM jobs_seen {told}", arguments).fetchall()
    lines = [row[0] for row in plan]
    assert any("jobs_listed" in line for line in lines), lines
    assert not any("Sort" in line for line in lines), lines


def test_a_claim_for_several_is_full_though_others_hold_some_of_the_front(submit):
    for _ in range(30):
        submit()
    for held in (0, 1, 5, 7, 9):
        with pool.system() as other, pool.system() as mine:
            assert len(claim_many(other, held)) == held
            assert len(claim_many(mine, 5)) == 5
            for connection in (other, mine):
                connection.rollback()


def claim_many(connection, most: int) -> list[Job]:
    return claims.claim_many(connection, most=most, queue=QUEUE, kinds=KINDS, worker="w", lease=LEASE, tenant_cap=100)
