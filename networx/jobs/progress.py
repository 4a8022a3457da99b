"""The hot copy of a job's progress in Valkey, and the wake-ups that go with it.

All of it can be rebuilt from the record: every function here survives Valkey's absence, says so in the log once a
call, and leaves the caller to the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
import redis

from networx.observability.logs import Log
from networx.resilience.cache import cache_client
from networx.topology import TOPOLOGY

log = Log(__name__)
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
