"""A job whose work ended because the record was away: no fault of its own, so it goes back with its attempt."""

from __future__ import annotations

import random

from networx.db import pool
from networx.errors import DatabaseUnavailable
from networx.jobs import endings
from networx.jobs.context import OUTAGE_PAUSE_SECONDS, JobContext
from networx.jobs.retry import backoff
from networx.observability.logs import Log
from networx.topology import TOPOLOGY

log = Log(__name__)

REASON = "the database was away"
# A job that takes the database down itself must come to an end. With the growing pauses so many take a quarter of an
# hour.
MOST_TIMES = 10


def handed_back(context: JobContext, fault: DatabaseUnavailable) -> bool:
    """Put the job back into its queue without burning its attempt; False when that was done too often already.

    Waits for the database as long as the worker may hold its job, then raises DatabaseUnavailable.
    """
    job = context.job
    log.warning("job.met_outage", fault=fault)
    while True:
        try:
            with pool.system() as connection:
                before = endings.times_released(connection, job, REASON)
                if before >= MOST_TIMES:
                    return False
                lot = random.random()  # noqa: S311  # no secret
                delay = backoff(before + 1, TOPOLOGY.kind(job.kind), lot=lot)
                released = endings.release(connection, job, REASON, delay=delay, facts=context.facts())
            log.info("job.handed_back", released=released, times=before + 1)
            return True
        except DatabaseUnavailable:
            if context.stopped():
                raise
            context.wait(OUTAGE_PAUSE_SECONDS)
