"""`python -m bench.jobs`: NetWORX's jobs beside procrastinate, Celery and dramatiq, in one run on this machine.

All use the same PostgreSQL, Valkey and processor. The systems take turns, each figure is the middle of several rounds,
and its processor time stands beside it, since other work on the machine slows everybody's clock and nobody's processor.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence

from bench.jobs import ceiling, growth, latency, on_platform, servers, throughput
from bench.jobs.latency import Spread
from bench.jobs.servers import Servers
from bench.jobs.systems import Ours, Peer, Run, System
from bench.jobs.throughput import Rate
from bench.table import show

ONE = (Ours("NetWORX, memory", 1, "memory"), Peer("procrastinate", 1, "procrastinate_peer"))
SIXTEEN = (
    Ours("NetWORX, memory", 16, "memory"),
    Ours("NetWORX, emulator", 16, "emulator"),
    Peer("procrastinate", 16, "procrastinate_peer"),
    Peer("Celery, prefork, acks late", 16, "celery_peer"),
    Peer("dramatiq", 16, "dramatiq_peer"),
)
ALONE = (Ours("NetWORX, emulator", 2, "emulator"), *SIXTEEN[2:])
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.jobs", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of the throughput")
    parser.add_argument("--jobs", type=int, default=3000, help="of one round with sixteen slots; a fifth with one")
    parser.add_argument("--without-platform", action="store_true", help="skip solves, cancels and kills")
    given = parser.parse_args()
    with servers.running() as running:
        _throughput(running, ONE, given.rounds, given.jobs // 5, "one slot")
        _throughput(running, SIXTEEN, given.rounds, given.jobs, "sixteen slots")
        rate = statistics.median(ceiling.measure(running, 1000) for _ in range(3))
        print(f"\nThe emulator by itself, 16 threads: {rate:,.0f} messages received and deleted per second")
        _latency(running)
        _growth(running)
    if not given.without_platform:
        _platform()


def _throughput(running: Servers, systems: Sequence[System], rounds: int, jobs: int, title: str) -> None:
    rates: dict[System, list[Rate]] = {system: [] for system in systems}
    for _ in range(rounds):
        for system in systems:
            rates[system].append(throughput.measure(Run(running), system, jobs))
    ours = _middle([rate.per_second for rate in rates[systems[0]]])
    rows = [("", "jobs/s", "slowest", "fastest", "NetWORX is", "worker ms/job", "servers ms/job", "together")]
    for system, found in rates.items():
        speeds = [rate.per_second for rate in found]
        worker, server = _middle([rate.worker_ms for rate in found]), _middle([rate.servers_ms for rate in found])
        rows.append(
            (
                system.name,
                f"{_middle(speeds):,.0f}",
                f"{min(speeds):,.0f}",
                f"{max(speeds):,.0f}",
                f"{ours / _middle(speeds):.2f} x",
                f"{worker:.2f}",
                f"{server:.2f}",
                f"{worker + server:.2f}",
            )
        )
    show(f"No-op jobs, {title}, {jobs:,} jobs, middle of {rounds} rounds", rows)


def _latency(running: Servers) -> None:
    rows = [("", "start p50", "start p99", "finish p50", "finish p99")]
    for system in ALONE:
        delays = latency.measure(Run(running), system, jobs=100, pause=0.1)
        finish = ("", "") if delays.finish is None else _figures(delays.finish)
        rows.append((system.name, *_figures(delays.start), *finish))
    show("One job at a time, milliseconds: submit to start, start to finish", rows)


def _growth(running: Servers) -> None:
    rows = [("waiting", "ms by the clock", "ms of PostgreSQL's processor")]
    costs = growth.measure(Run(running), SIZES)
    rows += [(f"{cost.waiting:,}", f"{cost.wall_ms:.2f}", f"{cost.server_ms:.2f}") for cost in costs]
    show("Claim and completion of one job, by how many wait", rows)


def _platform() -> None:
    found = on_platform.measure(solves=30, cancels=10, kills=3)
    rows = [("", "p50", "p99")]
    rows.append(("submit to start", *_figures(found.start)))
    rows.append(("start to finish, three towns", *_figures(found.finish)))
    rows.append(("cancel in a hard solve, until its process is gone", *_figures(found.cancel)))
    rows.append((f"kill -9 of the worker to the next attempt, lease {found.lease_ms:,.0f}", *_figures(found.recovery)))
    show("On the laptop's platform, milliseconds", rows)


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def _figures(spread: Spread) -> tuple[str, str]:
    return f"{spread.p50:,.0f}", f"{spread.p99:,.0f}"


if __name__ == "__main__":
    main()
