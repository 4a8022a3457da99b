"""A submission under a key makes one job, however often and however at once it comes, and whatever dies on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from networx.db import pool
from networx.errors import Conflict
from networx.jobs import idempotency, store
from networx.jobs.idempotency import Remembered

from . import steps


class Crash(Exception):
    """Stands for a process that ends there and then: its transaction is gone."""


def submit(tenant_id: UUID, *, key: str = "k", request: str = "a", dies: bool = False) -> tuple[str, bool]:
    """The job's id, and whether it was made here."""
    with pool.tenant(tenant_id) as connection:
        earlier = idempotency.take(connection, tenant_id=tenant_id, key=key, request_sha256=request)
        if earlier is not None:
            return earlier.content["job_id"], False
        job = store.submit(connection, tenant_id=tenant_id, kind="transport", params={})
        if dies:
            raise Crash
        answer = Remembered(202, {"job_id": str(job.id)})
        idempotency.remember(connection, tenant_id=tenant_id, key=key, answer=answer)
        return str(job.id), True


def jobs_of(tenant_id: UUID) -> list[str]:
    with pool.tenant(tenant_id) as connection:
        return [str(job.id) for job in store.list_jobs(connection)]


def test_fifty_parallel_submissions_with_one_key_make_one_job(record):
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: submit(record.tenant_id), range(50)))
    assert {job_id for job_id, _ in answers} == set(jobs_of(record.tenant_id))
    assert sum(made for _, made in answers) == 1


def test_what_died_after_creating_created_nothing_and_left_its_key_free(record):
    with pytest.raises(Crash):
        submit(record.tenant_id, dies=True)
    assert jobs_of(record.tenant_id) == []
    job_id, made = submit(record.tenant_id)
    assert made
    assert jobs_of(record.tenant_id) == [job_id]


def test_whoever_waited_for_one_that_died_creates(record):
    with ThreadPoolExecutor(8) as threads:
        tries = [threads.submit(submit, record.tenant_id, dies=number < 4) for number in range(8)]
        ended = [each.result() for each in tries if each.exception() is None]
    assert len(jobs_of(record.tenant_id)) == 1
    assert sum(made for _, made in ended) == 1


def test_the_same_key_for_another_request_is_a_conflict(record):
    submit(record.tenant_id, request="a")
    with pytest.raises(Conflict, match="another request"):
        submit(record.tenant_id, request="b")
    assert len(jobs_of(record.tenant_id)) == 1


def test_each_tenant_has_keys_of_its_own(record):
    other = steps.another_tenant()
    assert submit(record.tenant_id)[0] != submit(other)[0]
    with pool.tenant(other) as connection:
        assert connection.execute("SELECT count(*) FROM idempotency_keys").fetchone() == (1,)
