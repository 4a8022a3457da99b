"""What NetWORX puts around a call: `python -m bench.resilience.ours HTTP-PORT TENANT`."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from uuid import UUID

from bench.resilience.side import nothing, serve
from networx.blueprint import Circuit
from networx.db import pool
from networx.errors import TransientError
from networx.observability import logs
from networx.resilience.addresses import AddressRule
from networx.resilience.breaker import Breaker
from networx.resilience.exchange import Call
from networx.resilience.http import OutboundClient
from networx.resilience.limits import InProcess, Limit, Limiter
from networx.settings import Address


def main(port: int, tenant_id: UUID) -> None:
    logs.configure("bench", "INFO")
    limit = Limit("bench", 1_000_000_000, timedelta(hours=1))
    breaker = Breaker(Circuit("bench"), TransientError)
    limiter, alone = Limiter(), InProcess(lambda: time.monotonic_ns() // 1000)
    client = OutboundClient(AddressRule(frozenset({Address("127.0.0.1", port)})))
    url = f"http://127.0.0.1:{port}/"

    def transaction() -> None:
        with pool.tenant(tenant_id) as connection:
            connection.execute("SELECT 1").fetchone()

    def statement() -> None:
        with pool.at_once() as connection:
            connection.execute("SELECT 1").fetchone()

    def guarded() -> None:
        with breaker.guarding(OSError):
            nothing()

    serve(
        {
            "transaction": transaction,
            "statement": statement,
            "breaker": guarded,
            "limiter": lambda: limiter.take(limit, "somebody"),
            "limiter-alone": lambda: alone.take(limit, "somebody"),
            "client": lambda: client.call(Call("GET", url)).body,
        }
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), UUID(sys.argv[2]))
