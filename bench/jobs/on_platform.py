"""The laptop's platform as a client meets it: small solves, a cancel in the middle of a hard one, a worker killed."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.jobs import processor
from bench.jobs.latency import Spread
from local.platform import Platform, running
from networx.db.bootstrap import DATABASE
from networx.db.pool import Role
from tests.acceptance.client import Client
from tests.acceptance.workbooks import hard, three_towns, workbook

# Short enough that a run takes minutes; what is measured is what comes on top of the lease.
LEASES = {"LEASE": 3.0, "HEARTBEAT": 0.5, "SELF_FENCE": 2.0, "CANCEL_POLL": 0.5}


@dataclass(frozen=True)
class Platforms:
    """Milliseconds each; `recovery` is from the kill of a worker to the start of the job's next attempt."""

    start: Spread
    finish: Spread
    cancel: Spread
    recovery: Spread
    lease_ms: float


def measure(*, solves: int, cancels: int, kills: int) -> Platforms:
    """Bring a platform up, ask it, and take it down."""
    told = {**os.environ, **{f"NETWORX_{name}_SECONDS": str(value) for name, value in LEASES.items()}}
    with running(environment=told) as platform, Client(platform.url, platform.dev_key) as client:
        small = _dataset(client, "small.xlsx", workbook(three_towns()))
        large = _dataset(client, "hard.xlsx", workbook(hard()))
        with _record(platform) as record:
            start, finish = _solves(client, record, small, solves)
            cancel = [_cancelled(platform, client, _in_the_middle(client, large)) for _ in range(cancels)]
            recovery = [_recovered(platform, client, record, _in_the_middle(client, large)) for _ in range(kills)]
    return Platforms(start, finish, Spread.of(cancel), Spread.of(recovery), LEASES["LEASE"] * 1000)


def _dataset(client: Client, name: str, content: bytes) -> str:
    return str(client.upload_settled(client.upload_by_parts(name, content))["dataset_id"])


def _record(platform: Platform) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host="127.0.0.1",
        port=platform.ports.postgres,
        dbname=DATABASE,
        user=Role.SYSTEM.value,
        password=platform.home.secret(Role.SYSTEM.value),
        autocommit=True,
    )


def _solves(client: Client, record: psycopg.Connection[Any], dataset: str, count: int) -> tuple[Spread, Spread]:
    scenario = client.new_scenario(dataset)["scenario_id"]
    jobs = []
    for _ in range(count):
        jobs.append(client.run(scenario))
        client.job_ended(jobs[-1])
        time.sleep(0.3)  # the next child is ready by then
    times = record.execute(
        "SELECT claimed_at - created_at, finished_at - claimed_at FROM networx.jobs WHERE id = ANY(%s)", (jobs,)
    ).fetchall()
    return (
        Spread.of([start.total_seconds() for start, _ in times]),
        Spread.of([finish.total_seconds() for _, finish in times]),
    )


def _in_the_middle(client: Client, dataset: str) -> str:
    """A hard job that has a plan and a bound."""
    job_id = client.run(client.new_scenario(dataset)["scenario_id"])
    deadline = time.monotonic() + 90
    while (client.job(job_id)["progress"] or {}).get("gap") is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the hard job has no plan: {client.job(job_id)}")
        time.sleep(0.1)
    return job_id


def _cancelled(platform: Platform, client: Client, job_id: str) -> float:
    """Seconds from the request until the solver's process is gone."""
    child = processor.busiest(platform.process("worker-optimization").pid)
    began_at = time.monotonic()
    client.post(f"/api/jobs/{job_id}/cancel")
    while _alive(child):
        time.sleep(0.002)
    return time.monotonic() - began_at


def _recovered(platform: Platform, client: Client, record: psycopg.Connection[Any], job_id: str) -> float:
    """Seconds from the kill of the worker until another attempt has begun; the platform starts a new worker."""
    before = record.execute("SELECT clock_timestamp(), attempt FROM networx.jobs WHERE id = %s", (job_id,)).fetchone()
    assert before is not None
    os.kill(platform.process("worker-optimization").pid, signal.SIGKILL)
    deadline = time.monotonic() + 120
    while True:
        row = record.execute("SELECT claimed_at, attempt FROM networx.jobs WHERE id = %s", (job_id,)).fetchone()
        assert row is not None
        if row[1] > before[1]:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"the job was not taken up again: {client.job(job_id)}")
        time.sleep(0.05)
    client.post(f"/api/jobs/{job_id}/cancel")
    client.job_ended(job_id)
    return float((row[0] - before[0]).total_seconds())


def _alive(process: int) -> bool:
    try:
        return (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
