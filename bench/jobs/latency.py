"""From submitting to starting, for jobs that do nothing and come one at a time, so that nobody waits for another."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.jobs import witness
from bench.jobs.systems import Run, System


@dataclass(frozen=True)
class Spread:
    """The middle and the worst but one in a hundred, in milliseconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        ordered = sorted(seconds)
        last = len(ordered) - 1
        return cls(1000 * ordered[last // 2], 1000 * ordered[round(last * 0.99)])


@dataclass(frozen=True)
class Delays:
    """Submit to start, and start to finish where the system says when a job was finished."""

    start: Spread
    finish: Spread | None


def measure(run: Run, system: System, jobs: int, pause: float) -> Delays:
    """Start a worker, submit with pauses, wait for the last."""
    system.prepare(run)
    for path in (run.sent, run.started, run.ended):
        path.unlink(missing_ok=True)
    with run.process(*system.worker()):
        time.sleep(4)  # every worker is up and waits by then
        run.call(*system.trickle(jobs, pause))
        deadline = time.monotonic() + 30
        while witness.count(run.started) < jobs and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
    sent, started, ended = (
        dict(witness.read(path)) if path.exists() else {} for path in (run.sent, run.started, run.ended)
    )
    if len(started) < jobs:
        raise TimeoutError(f"{len(started)} of {jobs} jobs were started; the worker said: {run.said()}")
    start = Spread.of([started[number] - at for number, at in sent.items()])
    finish = Spread.of([at - started[number] for number, at in ended.items()]) if ended else None
    return Delays(start, finish)
