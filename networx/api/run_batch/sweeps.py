"""Submitting a sweep: a parent that no worker runs, and a member for each number of facilities, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from networx.api.envelope import request_id
from networx.api.idempotency import Answer
from networx.api.principals import Principal
from networx.api.run_batch.checks import require_sweepable
from networx.db.pool import Connection
from networx.domain.phrases import counted
from networx.domain.sweep import Sweep, exactly
from networx.jobs import store as jobs
from networx.jobs.job import BATCH_KIND
from networx.scenarios.store import Scenario


def submit_sweep(
    connection: Connection,
    who: Principal,
    scenario: Scenario,
    sweep: Sweep,
    *,
    ignored: Sequence[Mapping[str, str]] = (),
    beside: Mapping[str, Any] | None = None,
) -> Answer:
    """Record parent and members in the caller's transaction. Raises RefusedInput for what no member could run.

    `ignored` are the fields of the request that mean nothing; `beside` is said in the answer too.
    """
    require_sweepable(connection, scenario, sweep)
    shared: dict[str, Any] = {
        "tenant_id": who.tenant_id,
        "scenario_id": scenario.id,
        "scenario_version": scenario.version,
        "actor": who.name,
    }
    asked = {"request_id": request_id.get()}
    stated = {**asked, "sweep": sweep.as_dict(), "ignored": [dict(field) for field in ignored]}
    parent = jobs.submit(connection, kind=BATCH_KIND, params=stated, **shared)
    shared |= {"kind": scenario.type, "parent_id": parent.id, "correlation_id": parent.correlation_id}
    members = [
        (nodes, jobs.submit(connection, params={**asked, "parameters": exactly(nodes)}, **shared))
        for nodes in sweep.nodes
    ]
    accepted = {
        "job_id": parent.id,
        "queue_id": members[0][1].queue,
        "status": parent.status,
        "message": f"{counted(len(members), 'run')} queued; watch them together at /api/jobs/{parent.id}.",
        "members": [{"job_id": job.id, "nodes": nodes} for nodes, job in members],
        **(beside or {}),
    }
    return Answer(202, accepted, {"Location": f"/api/jobs/{parent.id}"})
