"""The circuit breakers: each driven through its states with the topology's numbers, and how the platform's stand."""

from __future__ import annotations

from networx.blueprint import Circuit
from networx.errors import DatabaseUnavailable, TransientError
from networx.readiness.check import Place, Unprotected
from networx.readiness.web import asked, browser
from networx.resilience.breaker import Breaker, State
from networx.topology import TOPOLOGY

_DO = "networx/resilience/breaker.py; docs/decisions/0016-breakers.md says how it is meant."


class _Away(Exception):
    """What a part that is away raises."""


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def breakers(place: Place) -> str:
    """Every circuit opens, lets one caller try, and closes; none of the platform's is open."""
    for circuit in TOPOLOGY.circuits:
        _drive(circuit)
    standing = _standing(place)
    away = {part: state for part, state in standing.items() if state != State.CLOSED}
    if away:
        raise Unprotected(
            f"Of the platform's circuits not closed: {', '.join(f'{part} ({state})' for part, state in away.items())}",
            "A part is away: `networx status`, then docs/runbook/README.md.",
        )
    return f"{len(TOPOLOGY.circuits)} opened, tried once and closed again; the platform's {len(standing)} are closed"


def _drive(circuit: Circuit) -> None:
    clock = _Clock()
    breaker = Breaker(circuit, DatabaseUnavailable, clock=clock)
    for failures in range(circuit.failures):
        _require(breaker, State.CLOSED, f"after {failures} of {circuit.failures} failures")
        _fail(breaker)
    for moment in (0.0, circuit.pause.total_seconds() - 0.001):
        clock.now = moment
        _require(breaker, State.OPEN, f"{moment:g} s after {circuit.failures} failures")
        if _lets_through(breaker):
            raise Unprotected(f"The breaker {circuit.name} let a caller through while it was open", _DO)
    clock.now = circuit.pause.total_seconds()
    _require(breaker, State.HALF_OPEN, "after its pause")
    _fail(breaker)
    _require(breaker, State.OPEN, "after a trial that failed")
    clock.now *= 2
    with breaker.guarding(_Away):
        if _lets_through(breaker):
            raise Unprotected(f"The breaker {circuit.name} let a second caller through while one tried", _DO)
    _require(breaker, State.CLOSED, "after a trial that succeeded")


def _fail(breaker: Breaker) -> None:
    try:
        with breaker.guarding(_Away):
            raise _Away
    except _Away:
        return
    except TransientError as refused:
        raise Unprotected(f"The breaker {breaker.name} refused a caller that it had to let through", _DO) from refused


def _lets_through(breaker: Breaker) -> bool:
    try:
        with breaker.guarding(_Away):
            return True
    except DatabaseUnavailable:
        return False


def _require(breaker: Breaker, state: State, when: str) -> None:
    if breaker.state is not state:
        raise Unprotected(f"The breaker {breaker.name} was {breaker.state} {when}, {state} is meant", _DO)


def _standing(place: Place) -> dict[str, str]:
    with browser(place.url) as client:
        told: dict[str, str] = asked(client, "/api/health", **{"X-API-Key": place.key}).json()["data"]["circuits"]
    return told
