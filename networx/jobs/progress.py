"""The hot copy of a job's progress in Valkey, and the wake-ups that go with it.

All of it can be rebuilt from the record: every function here survives Valkey's absence, says so in the log once a
call, and leaves the caller to the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from typing import Any
from uuid import UUID

import orjson
import redis

from networx.observability.logs import Log
from networx.resilience.cache import cache_client
from networx.topology import TOPOLOGY

log = Log(__name__)
_TOGETHER = 100  # announcements in one journey
_LIFE_SECONDS = int(TOPOLOGY.limits.hot_copy_for.total_seconds())


def key(job_id: UUID) -> str:
    """The key of a job's hot copy."""
    return f"networx:jobs:{job_id}"


def channel(job_id: UUID) -> str:
    """The channel on which a change of the job is announced; a message says only `look`."""
    return f"networx:jobs:{job_id}:events"


def publish(job_id: UUID, progress: Mapping[str, Any] | None = None) -> None:
    """Store the progress (if given) for 24 h and wake whoever watches the job."""
    try:
        with cache_client().pipeline(transaction=False) as pipe:
            if progress is not None:
                pipe.set(key(job_id), orjson.dumps(dict(progress)), ex=_LIFE_SECONDS)
            pipe.publish(channel(job_id), "look")
            pipe.execute()
    except redis.RedisError as fault:
        log.warning("progress.not_published", fault=type(fault).__name__)


class Herald:
    """Announces ended jobs, from a thread of its own: no slot waits for Valkey, and what comes together goes so."""

    def __init__(self) -> None:
        self._ended: SimpleQueue[UUID | None] = SimpleQueue()

    def tell(self, job_id: UUID) -> None:
        """Wake whoever watches this job, as soon as may be."""
        self._ended.put(job_id)

    def close(self) -> None:
        """Let `run` end when everything was announced."""
        self._ended.put(None)

    def run(self) -> None:
        """Announce what is told, until closed."""
        told: UUID | None
        while (told := self._ended.get()) is not None:
            ended = [told]
            while len(ended) < _TOGETHER and not self._ended.empty():
                told = self._ended.get()
                if told is None:
                    _announce(ended)
                    return
                ended.append(told)
            _announce(ended)


def _announce(job_ids: Sequence[UUID]) -> None:
    try:
        with cache_client().pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.publish(channel(job_id), "look")
            pipe.execute()
    except redis.RedisError as fault:
        log.warning("progress.not_published", fault=type(fault).__name__)


def read(job_id: UUID) -> dict[str, Any] | None:
    """The newest progress, or None where Valkey does not have it."""
    try:
        stored = cache_client().get(key(job_id))
    except redis.RedisError as fault:
        log.warning("progress.not_read", fault=type(fault).__name__)
        return None
    if not isinstance(stored, str):
        return None
    progress: dict[str, Any] = orjson.loads(stored)
    return progress
