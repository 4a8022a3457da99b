"""The connection to Valkey: one pool per process. What it holds can be rebuilt: every caller survives its absence."""

from __future__ import annotations

from functools import cache

import redis

from networx import settings
from networx.resilience import aws


@cache
def cache_client() -> redis.Redis:
    """The process's Valkey client. Waits for a free connection instead of failing beyond the pool's size."""
    configured = settings.current()
    password = aws.secret(configured.redis_secret)["password"] if configured.redis_secret else None
    pool = redis.BlockingConnectionPool(  # type: ignore[no-untyped-call]  # the library's own gap
        # Only the laptop's Valkey, on loopback, speaks without TLS.
        connection_class=redis.Connection if configured.laptop else redis.SSLConnection,
        host=configured.redis_host,
        port=configured.redis_port,
        password=password,
        max_connections=50,
        timeout=2,
        socket_connect_timeout=1,
        socket_timeout=2,
        health_check_interval=15,
        decode_responses=True,
    )
    return redis.Redis(connection_pool=pool)
