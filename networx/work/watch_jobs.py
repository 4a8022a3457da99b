"""One tick of the stale-job monitor: recover lost jobs, and send lost hints again."""

from __future__ import annotations

from networx import settings
from networx.db import pool
from networx.jobs import recovery, relay
from networx.observability import metrics
from networx.observability.logs import Log

log = Log(__name__)


def tick() -> dict[str, int]:
    """Recover stale jobs and lost hints. Safe beside other monitors."""
    leases = settings.current().leases
    with pool.system() as connection:
        mended = recovery.recover(connection, stale_after=leases.stale_after, lost_after=leases.lost_hint_after)
    relay.send_soon()
    metrics.emit("StaleJobsRecovered", len(mended.recovered))
    for job_id in mended.recovered:
        log.warning("job.recovered", jobId=job_id)
    return {"recovered": len(mended.recovered), "resent": len(mended.resent)}
