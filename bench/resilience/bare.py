"""The same calls with the libraries alone, in the peers' environment: `python bare.py HTTP-PORT CONNINFO VALKEY`."""

from __future__ import annotations

import sys

import httpx
import limits
import pybreaker
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from psycopg_pool import ConnectionPool

from bench.resilience.side import nothing, serve


def main(port: int, conninfo: str, valkey: str) -> None:
    in_transactions = ConnectionPool(conninfo, min_size=1, max_size=4, open=True)
    at_once = ConnectionPool(conninfo, min_size=1, max_size=4, open=True, kwargs={"autocommit": True})
    breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=60)
    limit = limits.RateLimitItemPerHour(1_000_000_000)
    together = FixedWindowRateLimiter(storage_from_string(valkey))
    alone = FixedWindowRateLimiter(MemoryStorage())
    client = httpx.Client(trust_env=False, http2=True)
    url = f"http://127.0.0.1:{port}/"

    def transaction() -> None:
        with in_transactions.connection() as connection:
            connection.execute("SELECT 1").fetchone()

    def statement() -> None:
        with at_once.connection() as connection:
            connection.execute("SELECT 1").fetchone()

    serve(
        {
            "transaction": transaction,
            "statement": statement,
            "breaker": lambda: breaker.call(nothing),
            "nothing": nothing,
            "limiter": lambda: together.hit(limit, "somebody"),
            "limiter-alone": lambda: alone.hit(limit, "somebody"),
            "client": lambda: client.get(url).content,
        }
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:4])
