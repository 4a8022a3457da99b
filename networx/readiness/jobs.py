"""Jobs that lost their worker, and workers that lost their job: tried on jobs that the record never comes to hold.

Tenant and jobs of a check are made in a transaction that is rolled back. Nobody else sees them, no message tells of
them, and nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg

from networx import settings
from networx.db import pool
from networx.db.pool import Connection
from networx.jobs import claims, endings, recovery, store
from networx.jobs.job import Job, JobStatus
from networx.readiness.check import Place, Unprotected
from networx.topology import TOPOLOGY

_KIND = TOPOLOGY.kinds[0]
_OWNER, _OLDER = 7, 6  # fences: the owner's, and one of a worker that was replaced

_TENANT = "INSERT INTO tenants (slug, name) VALUES (%s, 'A check of readiness, never committed') RETURNING id"
# Older than any other, so that a monitor's turn, which takes the oldest two hundred, is sure to come to it.
_JOB = """
INSERT INTO jobs (tenant_id, kind, queue, status, fence, attempt, max_attempts, worker, started_at, heartbeat_at,
                  lease_expires_at)
VALUES (%(tenant)s, %(kind)s, %(queue)s, 'running', %(fence)s, %(attempt)s, 2, 'readiness', now(),
        clock_timestamp() - %(silent)s, clock_timestamp() - %(silent)s + interval '90 seconds') RETURNING id
"""
_YEARS = timedelta(days=3_650)


@contextmanager
def never_committed() -> Iterator[tuple[Connection, UUID]]:
    """A transaction that sees what it writes and leaves nothing, and a tenant in it."""
    with pool.system() as connection, connection.transaction(force_rollback=True):
        found = connection.execute(_TENANT, (f"readiness-{uuid4().hex}",)).fetchone()
        assert found is not None
        yield connection, found[0]


def stale_recovery(_: Place) -> str:
    """A job without heartbeat is found and put back, one without a try left ends dead, one that beats is left alone."""
    do = "networx/jobs/recovery.py puts jobs back; docs/runbook/stale-jobs.md."
    leases = settings.current().leases
    with never_committed() as (connection, tenant_id):
        lost = _running(connection, tenant_id, silent=_YEARS)
        spent = _running(connection, tenant_id, silent=_YEARS, attempt=2)
        alive = _running(connection, tenant_id, silent=timedelta(0))
        recovery.recover(connection, stale_after=leases.stale_after, lost_after=leases.lost_hint_after)
        found = {job.id: store.get_job(connection, job.id) for job in (lost, spent, alive)}
        expected = {lost.id: JobStatus.QUEUED, spent.id: JobStatus.DEAD, alive.id: JobStatus.RUNNING}
        for job_id, status in expected.items():
            if found[job_id].status is not status:
                raise Unprotected(f"A job that had to be {status} after a recovery was {found[job_id].status}", do)
        if found[lost.id].fence <= lost.fence:
            raise Unprotected("A recovered job kept its fence: its old worker could publish", do)
        told = connection.execute(
            "SELECT topic, job_id FROM outbox WHERE job_id = ANY(%s)", (list(expected),)
        ).fetchall()
    if sorted(told) != sorted([("job.ready", lost.id), ("job.dead", spent.id)]):
        raise Unprotected("Recovery sent no message for a job that it moved", do)
    return "one without heartbeat put back, one dead, one that beats left alone"


def fencing(_: Place) -> str:
    """A worker that lost its job can neither beat, end nor publish it; its owner can; unlawful moves are refused."""
    do = "Stop the workers: an answer may be published twice. The migrations hold fence and lawful moves."
    with never_committed() as (connection, tenant_id):
        owner = _running(connection, tenant_id, silent=timedelta(0))
        older = replace(owner, fence=_OLDER)
        error = {"code": "READINESS", "message": "An old worker's word."}
        deeds = {
            "beat": claims.heartbeat(connection, older, lease=timedelta(seconds=90)),
            "publish": endings.complete(connection, older, {"status": "optimal"}),
            "end": endings.end(connection, older, JobStatus.FAILED, error),
            "put back": endings.retry(connection, older, timedelta(0), error),
        }
        done = [deed for deed, took in deeds.items() if took]
        if done:
            raise Unprotected(f"A worker with an old fence could {', '.join(done)} its job", do)
        _require_refused(connection, "fence = fence - 1", owner.id, do)
        if not endings.complete(connection, owner, {"status": "optimal"}):
            raise Unprotected("The owner of a job could not publish it", do)
        _require_refused(connection, "status = 'queued', finished_at = NULL", owner.id, do)
    return f"{len(deeds)} deeds of an old worker refused, the owner's accepted, unlawful moves refused"


def _running(connection: Connection, tenant_id: UUID, *, silent: timedelta, attempt: int = 1) -> Job:
    stated = {"tenant": tenant_id, "kind": _KIND.name, "queue": _KIND.queue, "fence": _OWNER, "attempt": attempt}
    found = connection.execute(_JOB, {**stated, "silent": silent}).fetchone()
    assert found is not None
    return store.get_job(connection, found[0])


def _require_refused(connection: Connection, change: str, job_id: UUID, do: str) -> None:
    try:
        with connection.transaction():
            connection.execute(f"UPDATE jobs SET {change} WHERE id = %s", (job_id,))
    except psycopg.errors.CheckViolation:
        return
    raise Unprotected(f"The record took an unlawful change: {change}", do)
