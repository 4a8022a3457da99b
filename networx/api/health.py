"""What health means: each part asked at once, with a deadline, and held against the limits of the topology."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path
from typing import Any

from networx import __version__
from networx.db import pool
from networx.domain.phrases import counted
from networx.jobs import circuits, control, recovery
from networx.jobs.circuits import Told
from networx.jobs.control import Scope
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.breaker import State
from networx.resilience.cache import valkey
from networx.resilience.http import hosts_outside
from networx.topology import TOPOLOGY

log = Log(__name__)

SOLVER = "solver"
HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"
_WORSE = (HEALTHY, DEGRADED, UNHEALTHY)
DEADLINE_SECONDS = 3.0
_STARTED = time.monotonic()

Part = dict[str, Any]


def report() -> dict[str, Any]:
    """`{status, version, uptime_seconds, checks: {part: {status, latency_ms, ...}}, circuits: {part: state}}`.

    The worst part counts; a circuit that is not closed makes at least `degraded`.
    """
    running = {name: _executor().submit(_timed, name, check) for name, check in _CHECKS.items()}
    telling = _executor().submit(circuits.told)
    pending: list[Future[Any]] = [*running.values(), telling]
    wait(pending, timeout=DEADLINE_SECONDS)
    checks = {name: _answer_of(future) for name, future in running.items()}
    states = circuits.own() | _solver_circuit(telling) | {"host": circuits.worst(hosts_outside())}
    cautious = [DEGRADED] if circuits.worst(states) is not State.CLOSED else []
    return {
        "status": max([*(check["status"] for check in checks.values()), *cautious], key=_WORSE.index),
        "version": __version__,
        "uptime_seconds": round(time.monotonic() - _STARTED, 1),
        "checks": checks,
        "circuits": states,
    }


def _solver_circuit(telling: Future[list[Told]]) -> dict[str, State]:
    """The worst that workers tell of their solvers; nothing where nobody can be heard."""
    if not telling.done() or telling.exception() is not None:
        return {}
    told = {each.process: each.state for each in telling.result() if each.part == SOLVER}
    return {SOLVER: circuits.worst(told)}


def emit_vital_signs() -> None:
    """What is watched of this process: the memory it holds, the connections of its pools, and its circuits."""
    metrics.emit("MemoryUsage", _resident_bytes() / 1e6)
    metrics.emit("DatabaseConnections", pool.connections_in_use())
    circuits.emit(circuits.own() | hosts_outside())


@cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2 * len(_CHECKS), thread_name_prefix="health")


def _timed(name: str, check: Callable[[], Part]) -> Part:
    began = time.perf_counter()
    try:
        part = check()
    except Exception as fault:  # whatever ails a part, its health is the answer
        log.warning("health.part_failed", part=name, fault=type(fault).__name__)
        part = {"status": UNHEALTHY, "message": "It cannot be reached."}
    return {**part, "latency_ms": round((time.perf_counter() - began) * 1000, 1)} | _slowness(name, part, began)


def _slowness(name: str, part: Part, began: float) -> Part:
    limits = {"database": TOPOLOGY.limits.database_degraded, "redis": TOPOLOGY.limits.cache_degraded}
    slow = name in limits and time.perf_counter() - began > limits[name].total_seconds()
    return {"status": DEGRADED, "message": "It answers slowly."} if slow and part["status"] == HEALTHY else {}


def _answer_of(future: Future[Part]) -> Part:
    if future.done():
        return future.result()
    return {
        "status": UNHEALTHY,
        "message": f"It did not answer within {DEADLINE_SECONDS:g} s.",
        "latency_ms": DEADLINE_SECONDS * 1000,
    }


def _database() -> Part:
    with pool.at_once() as connection:
        connection.execute("SELECT 1")
    held = pool.connections_in_use()
    tight = held > TOPOLOGY.limits.web_connections_warning
    return {"status": DEGRADED if tight else HEALTHY, "connections": held}


def _redis() -> Part:
    with valkey() as client:
        client.ping()
    return {"status": HEALTHY}


def _job_queue() -> Part:
    with pool.at_once() as connection:
        queued = sum(recovery.depth(connection).values())
        pauses = control.pauses(connection)
    part: Part = {"status": HEALTHY, "queued": queued}
    if queued > TOPOLOGY.limits.queued_jobs_degraded:
        part |= {"status": DEGRADED, "message": "Many jobs wait."}
    if pauses:
        # Health is open to anyone: it names no tenant.
        ours = [pause for pause in pauses if pause.scope != Scope.TENANT]
        said = [f"the {pause.scope} {pause.name} is paused ({pause.reason})" for pause in ours]
        said += [f"{counted(len(pauses) - len(ours), 'tenant')} paused"] if len(ours) < len(pauses) else []
        part |= {"status": DEGRADED, "message": f"On purpose: {'; '.join(said)}."}
    return part


def _memory() -> Part:
    used, limit = _resident_bytes(), _limit_bytes()
    share = used / limit
    limits = TOPOLOGY.limits
    status = HEALTHY
    if share > limits.memory_unhealthy_share:
        status = UNHEALTHY
    elif share > limits.memory_degraded_share:
        status = DEGRADED
    return {"status": status, "used_mb": round(used / 1e6, 1), "limit_mb": round(limit / 1e6, 1)}


def _resident_bytes() -> int:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource  # macOS tells only the most this process ever held, in bytes

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _limit_bytes() -> int:
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    confined = Path("/sys/fs/cgroup/memory.max")
    text = confined.read_text().strip() if confined.exists() else "max"
    return min(int(text), physical) if text.isdigit() else physical


_CHECKS: dict[str, Callable[[], Part]] = {
    "database": _database,
    "redis": _redis,
    "job_queue": _job_queue,
    "memory": _memory,
}
