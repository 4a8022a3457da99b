"""The processes of NetWORX itself: the web, and one worker process for every worker that has kinds of job to do."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.request import urlopen

import orjson

from local.environment import Ports
from local.home import CHECKOUT, LOOPBACK
from local.processes import Program
from networx.topology import TOPOLOGY

# All start at once, and on a busy machine each takes many times its usual few seconds.
LONGEST_START_SECONDS = 90.0


@dataclass(frozen=True)
class Service:
    """One process, run as a module of this checkout. The one that serves the web port says so."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    serves_web: bool = False


def all_services() -> tuple[Service, ...]:
    """Web and workers, as the topology has them."""
    workers = (worker for worker in TOPOLOGY.workers if TOPOLOGY.kinds_of(worker.queue))
    return (
        Service("web", "networx.api.serve", serves_web=True),
        *(Service(f"worker-{worker.name}", "networx.work.serve", ("--worker", worker.name)) for worker in workers),
    )


def program_of(service: Service, environment: Mapping[str, str], ports: Ports) -> Program:
    """How a service is started. The web is up when it answers; a worker says nothing, it takes jobs."""
    return Program(
        name=service.name,
        arguments=(sys.executable, "-m", service.module, *service.arguments),
        environment={**environment, "PYTHONUNBUFFERED": "1"},
        folder=CHECKOUT,
        ready=(lambda pid: _serves(ports.web, pid)) if service.serves_web else (lambda _pid: True),
        start_seconds=LONGEST_START_SECONDS,
    )


def _serves(port: int, pid: int) -> bool:
    # The port was free when it was chosen; whoever took it since must not be taken for our web.
    try:
        with urlopen(f"http://{LOOPBACK}:{port}/api/health/live", timeout=2) as answer:
            return bool(orjson.loads(answer.read())["data"]["pid"] == pid)
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        return False
