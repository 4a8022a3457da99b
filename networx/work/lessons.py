"""What the members of a sweep teach one another, while they run in turn and in parallel.

Each member that a location engine solved leaves its lesson (what customers paid, and its sites) under the parent; one
that begins takes that of the nearest number of facilities that has ended with one. Nothing rests on it: a lesson that
is late, lost, damaged or wrong costs time and no more, since engines evaluate anew whatever they are told. The files
lie beside the checkpoints, under `tmp/`, which the buckets' lifecycle empties after a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from networx.db import pool
from networx.errors import NotFound, ObjectStoreUnavailable
from networx.jobs.batches import member_results
from networx.jobs.context import JobContext
from networx.jobs.job import Job, JobStatus
from networx.observability.logs import Log
from networx.resilience import objects

log = Log(__name__)

MOST_ASKED = 2  # of the neighbours, the nearest first


def bring_nearest(context: JobContext, target: Path) -> Path | None:
    """The lesson of the nearest member of this job's sweep that left one, brought to `target`.

    None where there is none, or the file store is away. Raises DatabaseUnavailable.
    """
    job = context.job
    nodes = nodes_of(job.params.get("parameters", {}))
    if job.parent_id is None or nodes is None:
        return None
    with pool.tenant(job.tenant_id) as connection:
        members = member_results(connection, job.parent_id)
    ended = {nodes_of(member.parameters) for member in members if member.status is JobStatus.SUCCEEDED}
    others = sorted((other for other in ended if other is not None and other != nodes), key=lambda n: abs(n - nodes))
    for other in others[:MOST_ASKED]:
        try:
            objects.get_result(_key(job, other), target)
        except NotFound:
            continue
        except ObjectStoreUnavailable:
            log.warning("lesson.not_fetched")
            return None
        log.info("lesson.taken", nodes=nodes, fromNodes=other)
        return target
    return None


def leave(context: JobContext, path: Path) -> None:
    """Keep this member's lesson at `path` for the others; not where the job is no member, or the file store is away."""
    job = context.job
    nodes = nodes_of(job.params.get("parameters", {}))
    if job.parent_id is None or nodes is None:
        return
    try:
        objects.put_result(path, _key(job, nodes), "application/octet-stream")
    except ObjectStoreUnavailable:
        log.warning("lesson.not_stored")


def nodes_of(parameters: Mapping[str, Any]) -> int | None:
    """The number of facilities of a member of a sweep; None where it has no one number."""
    least, most = parameters.get("min_facilities"), parameters.get("max_facilities")
    return least if isinstance(least, int) and least == most else None


def _key(job: Job, nodes: int) -> str:
    return f"tmp/checkpoints/{job.tenant_id}/{job.parent_id}/lesson-{nodes}.npz"
