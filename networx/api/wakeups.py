"""One ear on Valkey for the whole process: wakes the event streams of a job when something about it changed.

A wake-up says only `look`. Without Valkey `listening` is false and the streams look by themselves, more often.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.asyncio import Redis, SSLConnection
from redis.asyncio.connection import Connection, ConnectionPool

from networx import settings
from networx.observability.logs import Log
from networx.resilience import aws
from networx.resilience.cache import renew_password

log = Log(__name__)

_PREFIX, _SUFFIX = "networx:jobs:", ":events"
_PAUSE_SECONDS = 1.0


class Wakeups:
    """Who waits for which job. Used from the event loop only."""

    def __init__(self) -> None:
        self.listening = False
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def of(self, job_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the job may have changed."""
        event = asyncio.Event()
        self._waiting[job_id].add(event)
        try:
            yield event
        finally:
            self._waiting[job_id].discard(event)
            if not self._waiting[job_id]:
                del self._waiting[job_id]

    def wake(self, job_id: str) -> None:
        """Set the events of everyone who waits for the job."""
        for event in self._waiting.get(job_id, ()):
            event.set()

    async def run(self) -> None:
        """Listen until cancelled; a Valkey that is away is waited for."""
        while True:
            try:
                await self._listen()
            except (redis.RedisError, OSError) as fault:
                if isinstance(fault, redis.AuthenticationError):
                    renew_password()
                if self.listening:
                    log.warning("wakeups.lost", fault=type(fault).__name__)
            self.listening = False
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _listen(self) -> None:
        async with _client() as client, client.pubsub() as subscription:
            await subscription.psubscribe(f"{_PREFIX}*{_SUFFIX}")
            self.listening = True
            async for message in subscription.listen():
                if message["type"] == "pmessage":
                    self.wake(message["channel"].removeprefix(_PREFIX).removesuffix(_SUFFIX))


def _client() -> Redis:
    configured = settings.current()
    password = aws.secret(configured.redis_secret)["password"] if configured.redis_secret else None
    pool = ConnectionPool(
        connection_class=Connection if configured.laptop else SSLConnection,
        host=configured.redis_host,
        port=configured.redis_port,
        password=password,
        socket_connect_timeout=1,
        decode_responses=True,
    )
    return Redis.from_pool(pool)
