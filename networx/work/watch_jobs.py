"""One tick of the stale-job monitor: recover or end lost jobs, send lost hints again, report what no worker knows."""

from __future__ import annotations

from networx import settings
from networx.db import pool
from networx.jobs import abandoned, recovery, relay
from networx.observability import metrics
from networx.observability.logs import Log

log = Log(__name__)


def tick() -> dict[str, int]:
    """Recover stale jobs and lost hints, and end what was lost in its last attempt. Safe beside other monitors."""
    leases = settings.current().leases
    with pool.system() as connection:
        buried = abandoned.bury(connection, actor="stale-job-monitor")
        mended = recovery.recover(connection, stale_after=leases.stale_after, lost_after=leases.lost_hint_after)
        unknown = recovery.unknown_kinds(connection)
    relay.send_soon()
    abandoned.report(buried)
    metrics.emit("StaleJobsRecovered", len(mended.recovered) + len(buried))
    metrics.emit("JobsOfUnknownKind", sum(unknown.values()))
    for kind, waiting in unknown.items():
        log.error("job.kind_unknown", kind=kind, waiting=waiting)
    for job_id in mended.recovered:
        log.warning("job.recovered", jobId=job_id)
    return {"recovered": len(mended.recovered) + len(buried), "resent": len(mended.resent)}
