"""Graceful degradation: with one part away the web still answers, says which part it is, and leaves it alone.

Nothing of the platform is harmed: a process of the check's own is told a wrong address (`networx.readiness.away`). The
whole table stands in docs/operations/degradation.md; here is what a process can show without writing anything.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from networx.readiness.away import CACHE, DATABASE, PARTS, QUEUE
from networx.readiness.check import Place, Unprotected
from networx.resilience.breaker import CIRCUIT_OPEN, State

CHILD = (sys.executable, "-m", "networx.readiness.away")
_CHILD_SECONDS = 300
_DO = "docs/operations/degradation.md says what is meant; networx/api/faults.py and networx/resilience/ hold it."


def degradation(place: Place) -> str:
    """Database, cache and queue away, one at a time."""
    with ThreadPoolExecutor(len(PARTS)) as threads:
        told = dict(zip(PARTS, threads.map(lambda part: _observed(part, place.key), PARTS), strict=True))
    faults = [fault for part in PARTS for fault in faults_of(part, told[part])]
    if faults:
        raise Unprotected("; ".join(faults), _DO)
    return "without database 503 and live, without cache counted alone, without queue still served; circuits opened"


def faults_of(part: str, told: dict[str, Any]) -> Iterator[str]:
    """What of a process's answers is not as it should be with this part away."""
    live, listed = told["answers"]["/api/health/live"], told["answers"]["/api/jobs"]
    if live["status"] != 200:
        yield f"Without {part} the process no longer counts as live ({live['status']}), and would be started again"
    if part == DATABASE:
        if (listed["status"], listed["code"]) != (503, CIRCUIT_OPEN):
            yield f"Without database a list is answered {listed['status']} {listed['code']}, not 503 {CIRCUIT_OPEN}"
        elif not listed["retry_after"]:
            yield "Without database a refusal does not say when to come back"
    elif listed["status"] != 200:
        yield f"Without {part} a list is answered {listed['status']} {listed['code']}"
    if part == CACHE and not listed["remaining"]:
        yield "Without cache requests are no longer counted"
    if part in (DATABASE, QUEUE) and told["circuits"].get(part) not in (State.OPEN, State.HALF_OPEN):
        yield f"The circuit of the {part} did not open while it was away"


def _observed(part: str, key: str) -> dict[str, Any]:
    ran = subprocess.run(
        [*CHILD, part], input=f"{key}\n", capture_output=True, text=True, timeout=_CHILD_SECONDS, check=False
    )
    if ran.returncode != 0:
        last = (ran.stderr.strip().splitlines() or ["no word"])[-1]
        raise Unprotected(f"Without {part} a web process ended with code {ran.returncode}: {last}", _DO)
    told: dict[str, Any] = orjson.loads(ran.stdout.strip().splitlines()[-1])
    return told
