"""What one job costs the record while a thousand or a hundred thousand others wait."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from bench.jobs import processor
from bench.jobs.systems import Ours, Run
from networx import settings
from networx.db import pool
from networx.jobs.claims import Wish
from networx.jobs.endings import Completion, turn_over
from networx.resilience import aws

WARM_UP, MEASURED = 50, 500


@dataclass(frozen=True)
class Cost:
    """Milliseconds a job for its claim and its completion: in the middle by the clock, and the processor of the
    server's process that does it."""

    waiting: int
    wall_ms: float
    server_ms: float


def measure(run: Run, sizes: tuple[int, ...], rounds: int = 3) -> list[Cost]:
    """The middle cost at each number of waiting jobs; every other round goes from the largest to the smallest."""
    os.environ.update(run.servers.environment)
    _forget_other_servers()
    found: dict[int, list[Cost]] = {size: [] for size in sizes}
    try:
        for number in range(rounds):
            for size in sizes if number % 2 == 0 else reversed(sizes):
                found[size].append(_cost(run, size))
    finally:
        _forget_other_servers()
    return [
        Cost(size, median(cost.wall_ms for cost in costs), median(cost.server_ms for cost in costs))
        for size, costs in found.items()
    ]


def _forget_other_servers() -> None:
    """What this process may remember of a record that it spoke to before, or speaks to afterwards."""
    pool.close_pools()
    for remembered in (settings.current, aws.client, aws.secret_during):
        remembered.cache_clear()


def _cost(run: Run, waiting: int) -> Cost:
    system = Ours("NetWORX", 1, "memory")
    system.prepare(run)
    system.fill(run, waiting)
    with run.servers.master() as master:
        # So that no cleaning begins in the middle.
        master.execute("VACUUM ANALYZE networx.jobs, networx.job_events, networx.outbox")
        master.execute("CHECKPOINT")
    with pool.system() as connection:
        (backend,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    wish = Wish("optimization.fifo", ("transport",), "bench", timedelta(seconds=90))
    took: list[float] = []
    done: list[Completion] = []
    before = 0.0
    for number in range(WARM_UP + MEASURED):
        if number == WARM_UP:  # plans are kept and pages are read by then
            before = processor.seconds(backend)
        began_at = time.perf_counter()
        with pool.at_once() as connection:
            (job,) = turn_over(connection, done, wish, 1).claimed
        took.append(time.perf_counter() - began_at)
        done = [Completion(job, {"status": "done"})]
    used = processor.seconds(backend) - before
    return Cost(waiting, 1000 * median(took[WARM_UP:]), 1000 * used / MEASURED)
