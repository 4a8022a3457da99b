"""What tests of the record do again and again: submit as a tenant, claim as a worker, and look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from networx.db import pool
from networx.jobs import claims, endings, store
from networx.jobs.job import Job

LEASE = timedelta(seconds=90)
QUEUE = "optimization.fifo"
KINDS = ["transport"]


def submit(tenant_id: UUID, **changes) -> Job:
    arguments = {"tenant_id": tenant_id, "kind": "transport", "params": {}, **changes}
    with pool.tenant(tenant_id) as connection:
        return store.submit(connection, **arguments)


def claim(worker: str = "w1", **changes) -> Job | None:
    with pool.system() as connection:
        return claims.claim(connection, **{"queue": QUEUE, "kinds": KINDS, "worker": worker, "lease": LEASE, **changes})


def claimed(worker: str = "w1", **changes) -> Job:
    job = claim(worker, **changes)
    assert job is not None
    return job


def complete(job: Job, result: dict[str, str] | None = None) -> None:
    with pool.system() as connection:
        assert endings.complete(connection, job, result or {"status": "optimal"})


def current(job: Job | UUID) -> Job:
    with pool.system() as connection:
        return store.get_job(connection, job if isinstance(job, UUID) else job.id)


def another_tenant() -> UUID:
    with pool.system() as connection:
        found = connection.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'another') RETURNING id", (f"t-{uuid4().hex[:8]}",)
        ).fetchone()
    assert found is not None
    made: UUID = found[0]
    return made


def slug_of(tenant_id: UUID) -> str:
    with pool.system() as connection:
        found = connection.execute("SELECT slug FROM tenants WHERE id = %s", (tenant_id,)).fetchone()
    assert found is not None
    return str(found[0])


def make_older(jobs: Sequence[Job], by: timedelta) -> None:
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET run_at = run_at - %s WHERE id = ANY(%s)", (by, [job.id for job in jobs]))


def hints(job: Job) -> list[tuple[str, int]]:
    with pool.system() as connection:
        return connection.execute("SELECT topic, fence FROM outbox WHERE job_id = %s ORDER BY id", (job.id,)).fetchall()


def spend_hints() -> None:
    with pool.system() as connection:
        connection.execute("DELETE FROM outbox")


def told(job: Job) -> list[str]:
    with pool.system() as connection:
        return [event["event"] for event in store.events(connection, job.id)]
