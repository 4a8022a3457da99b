"""A process of the product under test: `python -m tests.chaos.worker ROLE ...`, ended by SIGTERM.

`serve` is a worker of the product's own WorkerService with handlers of this suite; `relay`, `monitor` and `letters`
(the consumer of dead letters) are the product's. What is bent for a case is bent here, before the product is imported:
bugs planted, the wall clock moved, a point at which the process kills itself.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.chaos import bends, planted
from tests.chaos.clocks import CIRCUIT_SECONDS, VISIBILITY_SECONDS

# What the queues' double is started with.
VISIBILITY = timedelta(seconds=VISIBILITY_SECONDS)
RELAY_LEASE = timedelta(seconds=1)
READY = "process.ready"  # from here on SIGTERM is heard
CONNECT_SECONDS = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.chaos.worker")
    parser.add_argument("role", choices=ROLES)
    parser.add_argument("--name", required=True)
    parser.add_argument("--witness", type=Path, required=True)
    parser.add_argument("--gates", type=Path, required=True)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--worker", default="optimization", help="the worker of the topology whose queue is served")
    parser.add_argument("--kinds", default="transport", help="the job kinds it knows, separated by commas")
    parser.add_argument("--confined", action="store_true", help="the handlers work in a child")
    parser.add_argument(
        "--every", type=float, default=0.5, help="seconds between two ticks of a monitor; 0 is one tick"
    )
    parser.add_argument("--planted", choices=planted.PLANTED)
    parser.add_argument("--clock", type=float, default=0.0, help="seconds that the wall clock is off")
    parser.add_argument("--dies", choices=bends.POINTS, help="the point at which the process kills itself")
    given = parser.parse_args()
    if given.planted:
        planted.plant(given.planted)
    if given.clock:
        bends.move_clock(given.clock)
    run(given)


def run(given: argparse.Namespace) -> None:
    """Be the process, until SIGTERM."""
    from networx import settings
    from networx.db import pool
    from networx.jobs import relay
    from networx.observability import logs

    logs.configure(given.name, settings.current().log_level)
    faulthandler.register(signal.SIGUSR1)
    # Two clocks that are no settings, made short like the others.
    relay.LEASE = RELAY_LEASE
    pool._TIMEOUT_SECONDS = CONNECT_SECONDS
    if given.dies:
        bends.die_at(given.dies)
    stop = threading.Event()
    work, end = ROLES[given.role](given, stop)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end())
    # The main thread stays free for signals.
    logs.Log(__name__).info(READY)
    faults: list[BaseException] = []

    def watched() -> None:
        try:
            work()
        except BaseException as fault:
            faults.append(fault)
            raise

    working = threading.Thread(target=watched, name=given.role)
    working.start()
    working.join()
    pool.close_pools()
    sys.exit(bool(faults))


Role = tuple[Callable[[], None], Callable[[], None]]


def _serve(given: argparse.Namespace, _: threading.Event) -> Role:
    from networx.jobs.sqs import SqsQueue
    from networx.jobs.worker import WorkerService
    from networx.topology import TOPOLOGY
    from tests.chaos.doubles import Stepwise
    from tests.chaos.witness import Witness

    handler = Stepwise(Witness(given.witness), given.gates, confined=given.confined)
    worker = replace(TOPOLOGY.worker(given.worker), laptop_slots=given.slots)

    def open_queue(name: str, *, dead_letters: bool = False) -> SqsQueue:
        queue = SqsQueue(name, dead_letters=dead_letters)
        queue.queue = replace(queue.queue, visibility_timeout=VISIBILITY)
        return queue

    kinds = [kind for kind in given.kinds.split(",") if kind]
    name = f"{given.name}:{os.getpid()}"
    circuit = TOPOLOGY.circuit_of(worker)
    service = WorkerService(
        worker,
        dict.fromkeys(kinds, handler),
        name=name,
        open_queue=open_queue,
        circuit=None if circuit is None else replace(circuit, pause=timedelta(seconds=CIRCUIT_SECONDS)),
    )
    return service.run, service.drain


def _relay(_: argparse.Namespace, stop: threading.Event) -> Role:
    from networx.jobs import relay

    return lambda: relay.run(stop), stop.set


def _monitor(given: argparse.Namespace, stop: threading.Event) -> Role:
    from networx.work import watch_jobs

    return _ticking(watch_jobs.tick, given.every, stop)


def _letters(given: argparse.Namespace, stop: threading.Event) -> Role:
    from networx.work import consume_dead_letters

    return _ticking(consume_dead_letters.tick, given.every, stop)


def _ticking(tick: Callable[[], object], every: float, stop: threading.Event) -> Role:
    from networx.errors import TransientError
    from networx.observability.logs import Log

    def work() -> None:
        while True:
            try:
                tick()
                if not every:
                    return
            except TransientError as fault:
                # As in the cloud, where the function fails and the schedule calls it again.
                Log(__name__).warning("tick.failed", code=fault.code)
            if stop.wait(every or 0.5):
                return

    return work, stop.set


ROLES = {"serve": _serve, "relay": _relay, "monitor": _monitor, "letters": _letters}


if __name__ == "__main__":
    main()
