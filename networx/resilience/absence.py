"""Remembers for a while that a server did not answer, so that not every caller waits to find that out."""

from __future__ import annotations

import time
from collections.abc import Callable

import redis
from botocore.exceptions import BotoCoreError, ClientError

ASKED_AGAIN_AFTER_SECONDS = 5.0
# What speaking to Valkey raises when it is away: its own faults, and those of asking for its password.
AWAY = (redis.RedisError, BotoCoreError, ClientError, OSError)


class Absence:
    """Used from many threads; at worst a few callers ask in vain at the same instant."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: float | None = None

    @property
    def lasts(self) -> bool:
        """Whether the server failed so lately that it is not asked."""
        return self._until is not None and self._clock() < self._until

    def begin(self) -> bool:
        """The server did not answer. True when it had answered before."""
        new = self._until is None
        self._until = self._clock() + ASKED_AGAIN_AFTER_SECONDS
        return new

    def end(self) -> bool:
        """The server answered. True when it had been away."""
        was_away = self._until is not None
        self._until = None
        return was_away
