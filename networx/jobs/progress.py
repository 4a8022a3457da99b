"""The hot copy of a job's progress in Valkey, and the wake-ups that go with it.

All of it can be rebuilt from the record: every function here survives Valkey's absence, and leaves the caller to the
record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Any
from uuid import UUID

import orjson

from networx.errors import CacheUnavailable
from networx.resilience.cache import valkey
from networx.topology import TOPOLOGY

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
    told = None if progress is None else orjson.dumps(dict(progress))
    with suppress(CacheUnavailable), valkey(needed=False) as client, client.pipeline(transaction=False) as pipe:
        if told is not None:
            pipe.set(key(job_id), told, ex=_LIFE_SECONDS)
        pipe.publish(channel(job_id), "look")
        pipe.execute()


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
    with suppress(CacheUnavailable), valkey(needed=False) as client, client.pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.publish(channel(job_id), "look")
        pipe.execute()


def read(job_id: UUID) -> dict[str, Any] | None:
    """The newest progress, or None where Valkey does not have it."""
    try:
        with valkey(needed=False) as client:
            stored = client.get(key(job_id))
    except CacheUnavailable:
        return None
    if not isinstance(stored, str):
        return None
    progress: dict[str, Any] = orjson.loads(stored)
    return progress
