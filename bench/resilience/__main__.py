"""`python -m bench.resilience`: what a call costs with NetWORX's protection around it, and with the library alone.

Both sides are processes of their own with the same servers, and take turns round by round; each figure is the middle of
the rounds. Processor time counts: other work on the machine slows everybody's clock and nobody's processor.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.jobs import servers
from bench.jobs.servers import Servers
from bench.table import show
from local.home import free_port

CHECKOUT = Path(__file__).parents[2]
PEERS = CHECKOUT / ".venv" / "bench" / "bin" / "python"
# Case: what it is, and how many calls a round has for each that is asked for.
CASES = {
    "transaction": ("a transaction of a tenant / psycopg_pool", 1),
    "statement": ("one statement at once / psycopg_pool", 1),
    "breaker": ("breaker / pybreaker", 50),
    "limiter": ("limiter over Valkey / limits", 1),
    "limiter-alone": ("limiter in the process / limits", 50),
    "client": ("outbound client / httpx", 1),
}


@dataclass(frozen=True)
class Side:
    """A process that runs cases."""

    process: subprocess.Popen[str]

    def run(self, case: str, times: int) -> tuple[float, float]:
        """Microseconds of its processor and of the clock for one call."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{case} {times}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"The process for {case} ended: {self.process.wait()}")
        told = json.loads(line)
        return told["cpu"] / times * 1e6, told["wall"] / times * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.resilience", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=2000, help="of one round; of what asks no server 50 times as many")
    parser.add_argument("--peers", default=str(PEERS), help="the Python that has the libraries")
    given = parser.parse_args()
    with servers.running() as running, ExitStack() as held:
        port = held.enter_context(answering())
        tenant_id = a_tenant(running)
        ours = held.enter_context(side(running, sys.executable, "bench.resilience.ours", str(port), tenant_id))
        conninfo = f"{running.postgres} dbname=networx".replace("dbname=postgres ", "")
        bare = held.enter_context(
            side(running, given.peers, "bench.resilience.bare", str(port), conninfo, running.valkey)
        )
        _compare(ours, bare, given.rounds, given.calls)


def _compare(ours: Side, bare: Side, rounds: int, calls: int) -> None:
    rows = [("", "NetWORX us", "library us", "times", "more us", "by the clock", "library")]
    for case, (title, many) in CASES.items():
        for each in (ours, bare):
            each.run(case, calls // 10)
        mine, theirs = [], []
        for _ in range(rounds):
            mine.append(ours.run(case, calls * many))
            theirs.append(bare.run(case, calls * many))
        (our_cpu, our_wall), (cpu, wall) = _middle(mine), _middle(theirs)
        figures = (f"{our_cpu:,.1f}", f"{cpu:,.1f}", f"{our_cpu / cpu:.2f} x", f"{our_cpu - cpu:+,.1f}")
        rows.append((title, *figures, f"{our_wall:,.1f}", f"{wall:,.1f}"))
    empty = statistics.median(bare.run("nothing", calls * 50)[0] for _ in range(rounds))
    show(f"A call, microseconds of the client's processor, middle of {rounds} rounds of {calls:,} calls", rows)
    print(f"\nA call of nothing at all, in the same loop: {empty:.2f} us")


def _middle(found: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(cpu for cpu, _ in found), statistics.median(wall for _, wall in found)


@contextmanager
def side(running: Servers, python: str, module: str, *arguments: str) -> Iterator[Side]:
    """A side, over these servers, by this Python."""
    environment = {**running.environment, "PYTHONPATH": str(CHECKOUT)}
    with (
        (running.home.logs / f"{module}.log").open("w") as log,
        subprocess.Popen(
            [python, "-m", module, *arguments],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield Side(process)
        finally:
            process.terminate()


@contextmanager
def answering() -> Iterator[int]:
    """The local server; its port."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "bench.resilience.answering", str(port)], cwd=CHECKOUT, env=dict(os.environ)
    ) as server:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield port
        finally:
            server.terminate()


def a_tenant(running: Servers) -> str:
    """A new tenant; its id."""
    with running.master() as master:
        row = master.execute(
            "INSERT INTO networx.tenants (slug, name) VALUES ('bench', 'Bench') RETURNING id"
        ).fetchone()
    assert row is not None
    return str(row[0])


if __name__ == "__main__":
    try:
        main()
    except psycopg.OperationalError as fault:
        sys.exit(f"PostgreSQL: {fault}")
