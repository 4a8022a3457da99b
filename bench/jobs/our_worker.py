"""A worker of NetWORX whose jobs do nothing: `python -m bench.jobs.our_worker SLOTS memory|emulator`, until SIGTERM.

The real WorkerService with the real record; only the handler, the number of slots and, with `memory`, the queue are
the benchmark's. Before it begins it sends what stands in the outbox, and prints `ready`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import replace

from bench.jobs.witness import Witness
from networx import settings
from networx.db import pool
from networx.jobs import relay
from networx.jobs.context import JobContext
from networx.jobs.memory_queue import MemoryQueues
from networx.jobs.queue import OpenQueue
from networx.jobs.sqs import SqsQueue
from networx.jobs.worker import WorkerService
from networx.observability import logs
from networx.topology import TOPOLOGY


class Nothing:
    """A handler that completes at once, and then says when."""

    confinement = None

    def __init__(self) -> None:
        self._started = Witness(os.environ["BENCH_STARTED"])
        self._ended = Witness(os.environ["BENCH_ENDED"])

    def __call__(self, context: JobContext) -> None:
        number = int(context.job.params["number"])
        self._started.mark(number)
        context.complete({"status": "done"})
        self._ended.mark(number)


def main(slots: int, queue: str) -> None:
    logs.configure("worker-bench", settings.current().log_level)
    pool.limit_connections(TOPOLOGY.limits.worker_connections)
    open_queue: OpenQueue = MemoryQueues() if queue == "memory" else SqsQueue
    while relay.send_due(open_queue=open_queue):
        pass
    worker = replace(TOPOLOGY.worker("optimization"), laptop_slots=slots)
    service = WorkerService(worker, {"transport": Nothing()}, name=f"bench:{os.getpid()}", open_queue=open_queue)
    signal.signal(signal.SIGTERM, lambda *_: service.drain())
    serving = threading.Thread(target=service.run)
    print("ready", file=sys.stderr, flush=True)
    serving.start()
    serving.join()
    pool.close_pools()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
