"""No-op jobs per second: a queue is filled, one worker empties it, and the time from first job to last counts."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass

from bench.jobs import processor, witness
from bench.jobs.systems import Run, System


@dataclass(frozen=True)
class Rate:
    """Jobs per second of wall time, and milliseconds of processor time a job in the worker and in the servers."""

    per_second: float
    worker_ms: float
    servers_ms: float


def measure(run: Run, system: System, jobs: int, patience: float = 300) -> Rate:
    """Fill, start a worker, wait for the last job. Raises TimeoutError where jobs are missing."""
    system.prepare(run)
    system.fill(run, jobs)
    run.started.unlink(missing_ok=True)
    servers = tuple(run.servers.pids().values())
    with run.process(*system.worker()) as worker:
        _await(run, worker, 1, patience)
        before = processor.seconds(worker.pid), processor.seconds(*servers)
        _await(run, worker, jobs, patience)
        after = processor.seconds(worker.pid), processor.seconds(*servers)
    times = [at for _, at in witness.read(run.started)]
    return Rate(
        (jobs - 1) / (max(times) - min(times)),
        1000 * (after[0] - before[0]) / jobs,
        1000 * (after[1] - before[1]) / jobs,
    )


def _await(run: Run, worker: subprocess.Popen[bytes], jobs: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while witness.count(run.started) < jobs:
        if worker.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError(f"{witness.count(run.started)} of {jobs} jobs were done; the worker said: {run.said()}")
        time.sleep(0.05)
