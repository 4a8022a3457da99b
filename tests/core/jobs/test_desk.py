"""The desk of a worker: completions and claims in one commit, several slots together, and no slot hurt by another."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from psycopg.pq import TransactionStatus

from networx.db import pool
from networx.errors import DatabaseUnavailable
from networx.jobs import claims, desk, endings
from networx.jobs.desk import Desk, Errand
from networx.jobs.endings import Completion
from networx.jobs.job import HIGH, LOW, Job, JobStatus
from tests.core.jobs import steps
from tests.core.jobs.steps import KINDS, QUEUE, another_tenant, complete, current, told

LEASE = timedelta(seconds=90)
RESULT = {"status": "done"}


@pytest.fixture
def front(record) -> Desk:
    return Desk(queue=QUEUE, kinds=KINDS, worker="w1", lease=LEASE)


@pytest.fixture
def submit(record) -> Callable[..., Job]:
    return partial(steps.submit, record.tenant_id)


@pytest.fixture
def turns(monkeypatch) -> list[tuple[int, int]]:
    """What each transaction was asked for: how many completions and how many jobs."""
    asked: list[tuple[int, int]] = []
    honest = endings.turn_over

    def turn_over(connection, done: Sequence[Completion], wish, most: int):
        asked.append((len(done), most))
        return honest(connection, done, wish, most)

    monkeypatch.setattr(endings, "turn_over", turn_over)
    return asked


def together(errands: Sequence[Errand], front: Desk) -> list[BaseException | None]:
    """Bring errands from a thread each, all at once; what went wrong with each."""
    faults: dict[int, BaseException] = {}
    gate = threading.Barrier(len(errands))

    def bring(number: int, errand: Errand) -> None:
        gate.wait()
        try:
            front.run(errand)
        except Exception as fault:
            faults[number] = fault

    threads = [threading.Thread(target=bring, args=pair) for pair in enumerate(errands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    return [faults.get(number) for number in range(len(errands))]


def claimed(front: Desk) -> Job:
    job = front.run(Errand(wants=LOW)).job
    assert job is not None
    return job


def armed() -> int:
    with pool.system() as connection:
        row = connection.execute("SELECT count(*) FROM outbox").fetchone()
    assert row is not None
    return int(row[0])


def test_a_completion_and_the_next_job_are_one_transaction(front, submit, turns):
    first, second = submit(), submit()
    job = claimed(front)
    errand = front.run(Errand(Completion(job, RESULT, {"seconds": 1.0}), wants=LOW))
    assert errand.published
    assert {job.id, errand.job.id} == {first.id, second.id}
    assert current(job).status is JobStatus.SUCCEEDED
    assert current(errand.job).status is JobStatus.RUNNING
    assert told(job) == ["submitted", "claimed", "finished"]
    assert turns == [(0, 1), (1, 1)]


def test_a_job_that_is_no_longer_the_slots_is_not_published_and_the_next_is_given_all_the_same(front, submit):
    submit()
    submit()
    job = claimed(front)
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET fence = fence + 1, worker = 'another' WHERE id = %s", (job.id,))
    errand = front.run(Errand(Completion(job, RESULT), wants=LOW))
    assert not errand.published
    assert errand.job is not None
    assert current(job).status is JobStatus.RUNNING


def test_what_a_commit_in_doubt_published_counts_as_published(front, submit):
    submit()
    job = claimed(front)
    assert front.run(Errand(Completion(job, RESULT))).published
    assert front.run(Errand(Completion(job, RESULT))).published
    assert told(job).count("finished") == 1


def test_the_errands_of_many_slots_go_together(front, submit, turns, monkeypatch):
    jobs = [submit() for _ in range(12)]
    running = [claimed(front) for _ in range(6)]
    del turns[:]
    honest = endings.turn_over

    def until_all_came(connection, done: Sequence[Completion], wish, most: int):
        deadline = time.monotonic() + 30
        while len(done) + sum(count for count, _ in turns) + len(front._waiting) < len(running):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return honest(connection, done, wish, most)

    monkeypatch.setattr(desk, "LANES", 1)
    monkeypatch.setattr(endings, "turn_over", until_all_came)
    errands = [Errand(Completion(job, RESULT), wants=LOW) for job in running]
    assert together(errands, front) == [None] * 6
    assert all(errand.published for errand in errands)
    assert {errand.job.id for errand in errands} | {job.id for job in running} == {job.id for job in jobs}
    assert len(turns) <= 2
    assert sum(done for done, _ in turns) == 6


def test_no_job_is_given_twice(front, submit):
    jobs = {submit().id for _ in range(40)}
    given: list[UUID] = []
    for _ in range(20):
        errands = [Errand(wants=LOW) for _ in range(8)]
        assert together(errands, front) == [None] * 8
        # One may come back without: a claim looks no further than a few jobs that others hold at the same instant.
        for job in (errand.job for errand in errands if errand.job is not None):
            given.append(job.id)
            complete(job)  # so that the tenant is not at its cap
        if len(given) == len(jobs):
            break
    assert sorted(given) == sorted(jobs)


def test_a_result_that_is_not_fit_for_the_record_fails_its_own_slot_only(front, submit):
    for _ in range(3):
        submit()
    jobs = [claimed(front) for _ in range(3)]
    errands = [
        Errand(Completion(jobs[0], RESULT)),
        Errand(Completion(jobs[1], {"text": "\x00"})),
        Errand(Completion(jobs[2], RESULT)),
    ]
    faults = together(errands, front)
    assert [fault is None for fault in faults] == [True, False, True]
    assert [current(job).status for job in jobs] == [JobStatus.SUCCEEDED, JobStatus.RUNNING, JobStatus.SUCCEEDED]


def test_an_outage_is_told_to_every_slot_and_gives_nothing(front, submit, monkeypatch):
    submit()

    def away(*_: object) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(endings, "turn_over", away)
        errands = [Errand(wants=LOW) for _ in range(4)]
        assert [type(fault) for fault in together(errands, front)] == [DatabaseUnavailable] * 4
        assert [errand.job for errand in errands] == [None] * 4
    assert claimed(front)


def test_a_fault_after_the_commit_takes_no_job_back(front, submit, monkeypatch):
    submit()

    def away(*_: object) -> bool:
        raise DatabaseUnavailable

    monkeypatch.setattr(claims, "defer", away)
    errands = [Errand(wants=LOW), Errand(wants=LOW)]
    assert together(errands, front) == [None, None]
    assert [errand.job is not None for errand in errands].count(True) == 1


def test_a_token_spent_in_vain_arms_another_for_what_waits(front, submit):
    job = submit()
    with pool.system() as connection:
        connection.execute("DELETE FROM outbox")
        connection.execute("UPDATE jobs SET run_at = now() + interval '1 hour' WHERE id = %s", (job.id,))
    assert front.run(Errand(wants=LOW, token=False)).job is None
    assert armed() == 0
    assert front.run(Errand(wants=LOW)).job is None
    assert armed() == 1


def test_a_slot_kept_for_high_is_given_nothing_else(front, submit):
    submit()
    urgent = submit(priority=HIGH)
    errands = [Errand(wants=HIGH), Errand(wants=HIGH)]
    assert together(errands, front) == [None, None]
    assert [errand.job.id for errand in errands if errand.job] == [urgent.id]


def many(tenant_cap: int, most: int) -> list[Job]:
    with pool.system() as connection:
        return claims.claim_many(
            connection, most=most, queue=QUEUE, kinds=KINDS, worker="w1", lease=LEASE, tenant_cap=tenant_cap
        )


def test_a_call_for_many_lets_the_tenants_take_turns(record, submit):
    other = another_tenant()
    for _ in range(6):
        submit()
    theirs = {steps.submit(other).id for _ in range(2)}
    assert theirs <= {job.id for job in many(tenant_cap=8, most=4)}


def test_a_call_for_many_keeps_the_cap(record, submit):
    other = another_tenant()
    for _ in range(6):
        submit()
        steps.submit(other)
    taken = Counter(job.tenant_id for job in many(tenant_cap=2, most=10))
    assert taken == {record.tenant_id: 2, other: 2}
    assert many(tenant_cap=2, most=10) == []


def test_a_connection_that_was_lent_for_one_statement_makes_transactions_again(record):
    with pool.at_once() as connection:
        connection.execute("SELECT 1")
        assert connection.info.transaction_status is TransactionStatus.IDLE
    with pool.system() as connection:
        connection.execute("SELECT 1")
        assert connection.info.transaction_status is TransactionStatus.INTRANS
