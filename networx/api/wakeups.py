"""One ear on Valkey for the whole process: wakes the event streams of a job when something about it changed.

A wake-up says only `look`, and the streams of one job that are woken together look once. Without Valkey `listening` is
false and the streams look by themselves, more often.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import redis
from redis.asyncio import Redis, SSLConnection
from redis.asyncio.connection import Connection, ConnectionPool
from starlette.concurrency import run_in_threadpool

from networx import settings
from networx.observability.logs import Log
from networx.resilience import aws
from networx.resilience.cache import renew_password

log = Log(__name__)

_PREFIX, _SUFFIX = "networx:jobs:", ":events"
_PAUSE_SECONDS = 1.0
# How old a look may be that a stream shares of its own accord, without having been woken since.
_SHARED_FOR_SECONDS = 0.5

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class _Look:
    began_at: float
    found: asyncio.Task[Any]


class Wakeups:
    """Who waits for which job. Used from the event loop only."""

    def __init__(self) -> None:
        self.listening = False
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._woken_at: dict[str, float] = {}
        # By tenant and job: what one tenant's look found is nobody else's.
        self._looks: dict[tuple[UUID, str], _Look] = {}

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
                self._woken_at.pop(job_id, None)

    def wake(self, job_id: str) -> None:
        """Set the events of everyone who waits for the job."""
        if job_id not in self._waiting:
            return
        self._woken_at[job_id] = _now()
        for event in self._waiting[job_id]:
            event.set()

    async def look(self, tenant_id: UUID, job_id: UUID, view: Callable[[], Seen]) -> Seen:
        """What `view` shows of a tenant's job, no older than the last wake-up: one look for all who ask together.

        Raises what `view` raises.
        """
        key = (tenant_id, str(job_id))
        newer_than = max(self._woken_at.get(key[1], float("-inf")), _now() - _SHARED_FOR_SECONDS)
        look = self._looks.get(key)
        if look is None or look.began_at <= newer_than:
            # A task of its own, so that a stream whose reader leaves takes the look from nobody.
            look = _Look(_now(), asyncio.create_task(run_in_threadpool(view)))
            self._looks[key] = look
            look.found.add_done_callback(lambda _: self._forget_later(key, look))
        seen: Seen = await asyncio.shield(look.found)
        return seen

    def _forget_later(self, key: tuple[UUID, str], look: _Look) -> None:
        if not look.found.cancelled():
            look.found.exception()  # whoever still waits raises it; that nobody does is no fault

        def forget() -> None:
            if self._looks.get(key) is look:
                del self._looks[key]

        asyncio.get_running_loop().call_later(_SHARED_FOR_SECONDS, forget)

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


def _now() -> float:
    return asyncio.get_running_loop().time()


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
