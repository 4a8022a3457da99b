"""Answers that are dear to make and never change, kept in Valkey for whoever asks next.

What is remembered is of one tenant and one kind, under an immutable name: the id of a row that no role may change or
delete, with whatever else was asked of it. A new answer has a new name, so that none can be stale, and the tenant
stands in every key, so that none can be foreign. While Valkey is away every answer is made anew.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

import redis
from redis.commands.core import Script

from networx.errors import CacheUnavailable
from networx.observability import metrics
from networx.resilience.cache import valkey

KEPT_FOR = timedelta(hours=1)
LARGEST_ANSWER_BYTES = 1024**2
# Of all answers together; the oldest make room.
MOST_BYTES = 64 * 1024**2
# How long somebody may be making an answer before another may, and how long the others wait for it.
BUILDING_SECONDS = 30
WAIT_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.02

_PREFIX = "networx:answers:"
_AGES, _SIZES = f"{_PREFIX}ages", f"{_PREFIX}sizes"
# Stands for an answer that is too large to be kept: who finds it makes the answer, and waits for nobody.
_TOO_LARGE = ""

# KEYS: the answer, the ages, the sizes. ARGV: content, seconds, most bytes, what an entry costs beside its content.
_KEEP = """
local time = redis.call('TIME')
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), KEYS[1])
local size = #ARGV[1] + tonumber(ARGV[4])
local before = tonumber(redis.call('HGET', KEYS[3], KEYS[1]) or 0)
redis.call('HSET', KEYS[3], KEYS[1], size)
local total = redis.call('HINCRBY', KEYS[3], 'total', size - before)
while total > tonumber(ARGV[3]) do
    local oldest = redis.call('ZPOPMIN', KEYS[2])[1]
    if not oldest then
        break
    end
    total = redis.call('HINCRBY', KEYS[3], 'total', -tonumber(redis.call('HGET', KEYS[3], oldest) or 0))
    redis.call('HDEL', KEYS[3], oldest)
    redis.call('DEL', oldest)
end
return total
"""
_ENTRY_BYTES = 512

# Gives a builder's place up, if it is still this builder's.
_GIVE_UP = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of answer. `shape` is raised whenever code makes the same answer differently: old ones are then unseen."""

    name: str
    shape: int = 1


def remembered(kind: Kind, tenant_id: UUID, name: str, build: Callable[[], bytes]) -> bytes:
    """The tenant's answer under an immutable `name`: from Valkey, or made by `build` (UTF-8 text, never empty).

    One caller at a time makes it, in all processes; the others wait for that. What `build` raises is passed on, and
    kept for nobody.
    """
    key, token = _key(kind, tenant_id, name), secrets.token_hex(16)
    try:
        kept, mine = _kept_or_place(key, token)
    except CacheUnavailable:
        kept, mine = None, False
    metrics.emit("CacheHitRate", float(kept is not None), Kind=kind.name)
    if kept is not None:
        return kept
    try:
        content = build()
        if mine:
            _quietly(lambda client: _store(client, key, content))
    finally:
        if mine:
            _quietly(lambda client: _give_up(client)(keys=[_building(key)], args=[token]))
    return content


def _key(kind: Kind, tenant_id: UUID, name: str) -> str:
    # A digest, because a name may hold what a client wrote.
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_PREFIX}{kind.name}:{kind.shape}:{tenant_id}:{digest}"


def _building(key: str) -> str:
    """Where it stands who makes the answer."""
    return f"{key}:building"


def _kept_or_place(key: str, token: str) -> tuple[bytes | None, bool]:
    """The answer that is kept; or None, and whether the place of its only builder is the caller's.

    Raises CacheUnavailable.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        with valkey(needed=False) as client:
            kept = client.get(key)
            mine = kept is None and bool(client.set(_building(key), token, nx=True, ex=BUILDING_SECONDS))
            if mine and (kept := client.get(key)):
                # It was finished between the look and the place taken.
                _give_up(client)(keys=[_building(key)], args=[token])
        if kept is not None and kept != _TOO_LARGE:
            return str(kept).encode(), False
        if mine or kept == _TOO_LARGE or time.monotonic() > deadline:
            return None, mine
        time.sleep(_LOOK_EVERY_SECONDS)


def _store(client: redis.Redis, key: str, content: bytes) -> None:
    fits = content if len(content) <= LARGEST_ANSWER_BYTES else _TOO_LARGE
    seconds = int(KEPT_FOR.total_seconds())
    _keep(client)(keys=[key, _AGES, _SIZES], args=[fits, seconds, MOST_BYTES, _ENTRY_BYTES])


def _quietly(act: Callable[[redis.Redis], object]) -> None:
    # The answer is made: that it cannot be kept is no reason not to give it.
    with suppress(CacheUnavailable), valkey(needed=False) as client:
        act(client)


@lru_cache(maxsize=1)
def _keep(client: redis.Redis) -> Script:
    return client.register_script(_KEEP)


@lru_cache(maxsize=1)
def _give_up(client: redis.Redis) -> Script:
    return client.register_script(_GIVE_UP)
