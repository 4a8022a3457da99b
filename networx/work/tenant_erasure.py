"""A tenant erased for good: every row, every version of every object, everything the cache holds, then the proof.

First the tenant is closed and its jobs are cancelled, so that nothing new is made; then the objects go, then all rows
in one transaction, together with the line of the audit that says so. A worker that was fenced out a moment ago may
still store a file, so that the objects are looked for again in the end. Begun anew, it goes on where it stopped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from networx.db import audit, pool
from networx.db.audit import Doer
from networx.errors import Conflict
from networx.identity import tenants
from networx.identity.tenants import Tenant
from networx.jobs import progress, store
from networx.observability.logs import Log
from networx.resilience import aws, versions
from networx.topology import TOPOLOGY
from networx.work import tenant_data
from networx.work.tenant_data import KEPT_TABLES, Counts

log = Log(__name__)

# A worker asks twice a second whether its jobs are its own still, and kills their children then.
_WORKERS_NOTICE_SECONDS = 4 * TOPOLOGY.leases.cancel_poll.total_seconds()
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed, and what is `left`: nothing, but for the tables that are kept on purpose."""

    tenant: Tenant
    cancelled: int
    removed: Counts
    left: Counts


def preview(slug: str) -> tuple[Tenant, Counts]:
    """What an erasure would remove. Raises NotFound."""
    with pool.system() as connection:
        tenant = tenants.get(connection, slug)
    return tenant, tenant_data.count(tenant)


def erase(slug: str, doer: Doer) -> Erased:
    """Remove all there is of a tenant. Audited.

    Raises NotFound, Conflict where something is left in the end, and the faults of database, store and cache.
    """
    with pool.system() as connection:
        tenant = tenants.revoke(connection, doer, slug)
    cancelled = _cancel_jobs(tenant, doer)
    if cancelled:
        time.sleep(_WORKERS_NOTICE_SECONDS)
    with tenant_data.entered(tenant.id, read_only=True) as owner:
        names = tenant_data.names_in_the_cache(owner, tenant)
    removed_objects: dict[str, int] = {}
    _remove_objects(tenant, removed_objects)
    rows = _remove_rows(tenant, doer)
    cached = tenant_data.forget_cached(tenant_data.cached_keys(names))
    _remove_objects(tenant, removed_objects)
    left = tenant_data.count(tenant)
    if not left.nothing:
        raise Conflict(what=f"Something of {slug} is there again: {left}. Erase it once more.")
    log.info("tenant.erased", tenant=str(tenant.id), rows=sum(rows.values()))
    return Erased(tenant, cancelled, Counts(rows, removed_objects, cached), left)


def _cancel_jobs(tenant: Tenant, doer: Doer) -> int:
    """Cancel what waits or runs, batches before their members; how many were."""
    with pool.system() as connection:
        waiting: list[UUID] = [
            row[0]
            for row in connection.execute(
                """SELECT id FROM jobs WHERE tenant_id = %s AND status IN ('queued', 'running')
                   ORDER BY parent_id NULLS FIRST, id""",
                (tenant.id,),
            ).fetchall()
        ]
    for job_id in waiting:
        with pool.system() as connection:
            store.cancel(connection, job_id, doer.name)
        progress.publish(job_id)
    return len(waiting)


def _remove_objects(tenant: Tenant, removed: dict[str, int]) -> None:
    tenant_data.abort_uploads_in_parts(tenant)
    for bucket in TOPOLOGY.buckets:
        gone = versions.remove(aws.client("s3"), tenant_data.stored_objects(tenant, (bucket.name,)))
        removed[bucket.name] = removed.get(bucket.name, 0) + gone


def _remove_rows(tenant: Tenant, doer: Doer) -> dict[str, int]:
    """All rows in one transaction, those first that refer to others; how many by table."""
    for attempt in range(1, _TRIES + 1):
        try:
            return _remove_rows_at_once(tenant, doer)
        except (psycopg.errors.ForeignKeyViolation, psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            # A worker that was cancelled has just written, or not let go yet.
            if attempt == _TRIES:
                raise
            time.sleep(_WORKERS_NOTICE_SECONDS)
    raise AssertionError("unreachable")


def _remove_rows_at_once(tenant: Tenant, doer: Doer) -> dict[str, int]:
    removed = {}
    with tenant_data.entered(tenant.id) as owner:
        for table in tenant_data.tables(owner):
            if table.name not in KEPT_TABLES:
                removed[table.name] = owner.execute(
                    sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name))
                ).rowcount
        facts = {"rows": {name: number for name, number in removed.items() if number}}
        audit.write(owner, doer, "tenant.erased", tenant.slug, tenant_id=tenant.id, facts=facts)
    return removed
