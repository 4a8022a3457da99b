"""One endpoint asked of both sides in turns: requests per second, delays, and the processor time each request costs.

The processor time is that of the web process alone, user and system, with all that it does beside answering: what a
request leaves to a thread of the process is in it too.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from bench.api import load
from bench.api.sides import Side, Sides
from bench.jobs import processor
from bench.jobs.latency import Spread


@dataclass(frozen=True)
class Endpoint:
    """What is asked, and with which status it is answered."""

    name: str
    status: int
    request: Callable[[Side, int], bytes]


@dataclass
class Figures:
    """Of each round: requests per second, milliseconds of delay, milliseconds of the web process's processor."""

    per_second: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def middle(self, figure: str) -> float:
        return float(statistics.median(getattr(self, figure)))


def _read(path: str) -> Callable[[Side, int], bytes]:
    return lambda side, number: load.request("GET", path.format(job_id=side.job_id), side.headers(number))


def _submit(side: Side, number: int, **more: str) -> bytes:
    headers = {"Content-Type": "application/json", **side.headers(number), **more}
    body = f'{{"scenario_id": "{side.scenario_id}"}}'.encode()
    return load.request("POST", "/api/optimize/run-batch", headers, body)


def _submit_once(side: Side, number: int) -> bytes:
    return _submit(side, number, **{"Idempotency-Key": uuid4().hex})


ENDPOINTS = (
    Endpoint("health/live", 200, _read("/api/health/live")),
    Endpoint("health", 200, _read("/api/health")),
    Endpoint("submit", 202, _submit),
    Endpoint("submit, Idempotency-Key", 202, _submit_once),
    Endpoint("job", 200, _read("/api/jobs/{job_id}")),
    Endpoint("list of 50 jobs", 200, _read("/api/jobs?limit=50")),
)


def measure(sides: Sides, endpoint: Endpoint, *, width: int, count: int, rounds: int) -> tuple[Figures, Figures]:
    """Ours and the peer's. Raises RuntimeError where an answer has another status than the endpoint's."""
    found = {sides.ours: Figures(), sides.bare: Figures()}
    for side in found:
        _ask(side, endpoint, max(width, count // 10), width)
    for number in range(rounds):
        for side, figures in found.items() if number % 2 == 0 else reversed(found.items()):
            before = processor.seconds(side.pid)
            answers = _ask(side, endpoint, count, width)
            figures.cpu_ms.append(1000 * (processor.seconds(side.pid) - before) / count)
            spread = Spread.of(answers.seconds)
            figures.p50.append(spread.p50)
            figures.p99.append(spread.p99)
            figures.per_second.append(count / answers.wall)
    return found[sides.ours], found[sides.bare]


def _ask(side: Side, endpoint: Endpoint, count: int, width: int) -> load.Answers:
    answers = load.ask(side.port, lambda number: endpoint.request(side, number), count, width)
    answers.require(endpoint.status)
    return answers
