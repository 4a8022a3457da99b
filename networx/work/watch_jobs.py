"""One tick of the stale-job monitor: recover, send again, and say how long the queues are."""

from __future__ import annotations

from networx import settings
from networx.db import pool
from networx.jobs import recovery, relay
from networx.observability import metrics
from networx.observability.logs import Log
from networx.topology import TOPOLOGY

log = Log(__name__)


def tick() -> dict[str, int]:
    """Recover stale jobs and lost hints, and emit the depths. Safe beside other monitors."""
    leases = settings.current().leases
    with pool.system() as connection:
        mended = recovery.recover(connection, stale_after=leases.stale_after, lost_after=leases.lost_hint_after)
        depths = recovery.depth(connection)
    relay.send_soon()
    metrics.emit("StaleJobsRecovered", len(mended.recovered))
    for queue in TOPOLOGY.job_queues():
        metrics.emit("JobQueueDepth", depths.get(queue.name, 0), QueueName=queue.name)
    for job_id in mended.recovered:
        log.warning("job.recovered", jobId=job_id)
    return {"recovered": len(mended.recovered), "resent": len(mended.resent)}
