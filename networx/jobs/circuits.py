"""How breakers stand: those of this process, and those that workers tell of.

A worker answers no port, so it tells by way of Valkey which of its circuits are not closed. What is not told again is
forgotten: a worker that ended tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from networx import settings
from networx.db import pool, replica
from networx.errors import CacheUnavailable
from networx.jobs import sqs
from networx.observability import metrics
from networx.resilience import cache, objects
from networx.resilience.breaker import State
from networx.resilience.cache import valkey

FORGOTTEN_AFTER_SECONDS = 30
# What the metric CircuitState shows.
LEVELS = {State.CLOSED: 0.0, State.HALF_OPEN: 0.5, State.OPEN: 1.0}

# A sorted set of "state part process", by the second of Valkey's clock at which each is forgotten.
_KEY = "networx:circuits"


class Told(NamedTuple):
    """A circuit of another process that is not closed."""

    state: State
    part: str
    process: str


def own() -> dict[str, State]:
    """The circuits that every process has, and the replica's where there is a replica."""
    breakers = [pool.breaker(), cache.breaker(), sqs.breaker(), objects.breaker()]
    if settings.current().replica is not None:
        breakers.append(replica.breaker())
    return {breaker.name: breaker.state for breaker in breakers}


def worst(states: Mapping[str, State]) -> State:
    """The state that is furthest from closed."""
    return max(states.values(), key=LEVELS.__getitem__, default=State.CLOSED)


def emit(states: Mapping[str, State]) -> None:
    """Send each state as a metric."""
    for part, state in states.items():
        metrics.emit("CircuitState", LEVELS[state], Part=part)


def tell(process: str, states: Mapping[str, State]) -> None:
    """Tell how circuits of this process stand. Without Valkey nobody hears it, which the log and the metrics do."""
    with suppress(CacheUnavailable), valkey(needed=False) as client:
        now = int(client.time()[0])
        with client.pipeline() as pipe:
            pipe.zremrangebyscore(_KEY, "-inf", now)
            for part, stands in states.items():
                for state in State:
                    member = f"{state} {part} {process}"
                    if state is stands and state is not State.CLOSED:
                        pipe.zadd(_KEY, {member: now + FORGOTTEN_AFTER_SECONDS})
                    else:
                        pipe.zrem(_KEY, member)
            pipe.execute()


def told() -> list[Told]:
    """What other processes told and have not taken back. Raises CacheUnavailable."""
    with valkey() as client:
        members = client.zrangebyscore(_KEY, f"({int(client.time()[0])}", "+inf")
    found = (str(member).split(" ", 2) for member in members)
    return [Told(State(state), part, process) for state, part, process in found]
