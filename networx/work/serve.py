"""A worker process: `python -m networx.work.serve --worker NAME`, until SIGTERM, after which it drains."""

from __future__ import annotations

import argparse
import faulthandler
import os
import signal
import socket
import threading

from networx import settings
from networx.blueprint import Worker
from networx.db import pool
from networx.db.pool_health import PoolWatch
from networx.jobs.context import Handler
from networx.jobs.worker import WorkerService
from networx.observability import logs
from networx.topology import TOPOLOGY
from networx.work.analyse_capacity import CapacityAnalysis
from networx.work.ask_sensitivity import SensitivityAnswers
from networx.work.fit_rates import RatesFit
from networx.work.load_file import FileLoad
from networx.work.paid_baseline import PaidBaseline
from networx.work.plan_integrated import IntegratedPlan
from networx.work.plan_inventory import InventoryPlan
from networx.work.plan_warehouse import WarehousePlan
from networx.work.solve_model import ModelSolve
from networx.work.solve_transport import TransportSolve
from networx.work.study_greenfield import GreenfieldStudy

HANDLERS: dict[str, Handler] = {
    "baseline": PaidBaseline(),
    "capacity": CapacityAnalysis(),
    "file-load": FileLoad(),
    "greenfield": GreenfieldStudy(),
    "integrated": IntegratedPlan(),
    "inventory": InventoryPlan(),
    "model": ModelSolve(),
    "rates": RatesFit(),
    "sensitivity": SensitivityAnswers(),
    "transport": TransportSolve(),
    "warehouse": WarehousePlan(),
}


def handlers_of(worker: Worker) -> dict[str, Handler]:
    """The handlers of the job kinds that a worker's queue carries. A kind without one stays queued."""
    return {kind.name: HANDLERS[kind.name] for kind in TOPOLOGY.kinds_of(worker.queue) if kind.name in HANDLERS}


def main() -> None:
    parser = argparse.ArgumentParser(prog="networx.work.serve")
    parser.add_argument("--worker", required=True, choices=[worker.name for worker in TOPOLOGY.workers])
    worker = TOPOLOGY.worker(parser.parse_args().worker)
    configured = settings.current()
    logs.configure(f"worker-{worker.name}", configured.log_level)
    pool.limit_connections(TOPOLOGY.limits.worker_connections)
    name = f"{worker.name}@{socket.gethostname()}:{os.getpid()}"
    faulthandler.register(signal.SIGUSR1)  # kill -USR1 shows what every thread is doing, in the log
    service = WorkerService(worker, handlers_of(worker), name=name, circuit=TOPOLOGY.circuit_of(worker))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.drain())
    # The main thread stays free for signals; the service's own threads do the work.
    serving = threading.Thread(target=service.run, name="service")
    serving.start()
    pools = PoolWatch()
    pools.start()
    serving.join()
    pools.stop(1)
    pool.close_pools()


if __name__ == "__main__":
    main()
