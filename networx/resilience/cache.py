"""The connection to Valkey: one pool per process, and the breaker before it. What it holds can be rebuilt: every caller
survives its absence.

The password is asked for at each new connection, so that a token that was rotated is in use before this process ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import redis
from botocore.exceptions import BotoCoreError, ClientError
from redis.credentials import CredentialProvider

from networx import settings
from networx.errors import CacheUnavailable
from networx.observability.logs import Log
from networx.resilience import aws
from networx.resilience.breaker import Breaker
from networx.topology import TOPOLOGY

log = Log(__name__)

# While every password is wrong, Secrets Manager is not asked for each connection that is tried.
RENEWED_EVERY_SECONDS = 1.0
_renewed_at = float("-inf")

# What speaking to Valkey raises when it is away: its own faults, and those of asking for its password.
FAULTS = (redis.RedisError, BotoCoreError, ClientError, OSError)


class StoredPassword(CredentialProvider):
    """What Secrets Manager has under a name."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def get_credentials(self) -> tuple[str]:
        return (aws.secret(self._secret)["password"],)


def renew_password() -> bool:
    """After a refusal: have the secret read anew by whoever connects next. False when that was done just now."""
    global _renewed_at
    now = time.monotonic()
    if now - _renewed_at < RENEWED_EVERY_SECONDS:
        return False
    _renewed_at = now
    aws.secret_during.cache_clear()
    log.warning("cache.password_renewed")
    return True


class _Renewing:
    """A connection that is refused for its password tries once more with what the secret holds by now."""

    def connect_check_health(self, *args: Any, **named: Any) -> None:
        connect: Any = super()
        try:
            connect.connect_check_health(*args, **named)
        except redis.AuthenticationError:
            if not renew_password():
                raise
            connect.connect_check_health(*args, **named)


class _Plain(_Renewing, redis.Connection):
    """For the laptop's Valkey, on loopback: it alone speaks without TLS."""


class _Encrypted(_Renewing, redis.SSLConnection):
    """For every other."""


@cache
def cache_client() -> redis.Redis:
    """The process's Valkey client. Waits for a free connection instead of failing beyond the pool's size."""
    configured = settings.current()
    pool = redis.BlockingConnectionPool(  # type: ignore[no-untyped-call]  # the library's own gap
        connection_class=_Plain if configured.laptop else _Encrypted,
        host=configured.redis_host,
        port=configured.redis_port,
        credential_provider=StoredPassword(configured.redis_secret) if configured.redis_secret else None,
        max_connections=50,
        timeout=2,
        socket_connect_timeout=1,
        socket_timeout=2,
        health_check_interval=15,
        decode_responses=True,
    )
    return redis.Redis(connection_pool=pool)


@contextmanager
def valkey(*, needed: bool = True) -> Iterator[redis.Redis]:
    """The client, for a command or a few and nothing else. Raises CacheUnavailable.

    Whoever can do without says so, and is not the one to wait for a Valkey that failed and has not answered since.
    """
    if not needed and breaker().doubted:
        raise CacheUnavailable
    try:
        with breaker().guarding(*FAULTS, unless=_answered):
            yield cache_client()
    except FAULTS as fault:
        log.warning("cache.not_reached", fault=type(fault).__name__)
        raise CacheUnavailable from fault


def _answered(fault: Exception) -> bool:
    return isinstance(fault, redis.ResponseError)


@cache
def breaker() -> Breaker:
    """This process's breaker for Valkey."""

    def probe() -> None:
        cache_client().ping()

    return Breaker(TOPOLOGY.circuit("cache"), CacheUnavailable, probe=probe, doubting=True)
