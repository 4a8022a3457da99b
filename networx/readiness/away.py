"""`python -m networx.readiness.away PART`: the web application in a process that is told a wrong address for one part.

The platform goes on undisturbed: nothing here is written, sent or swept. What the application answered goes to standard
output as the last line, in JSON. The API key comes on standard input.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from networx.errors import QueueUnavailable
from networx.topology import TOPOLOGY

DATABASE, CACHE, QUEUE = PARTS = ("database", "cache", "queue")
# The platform's own processes go first.
_YIELDS = 5
ADDRESSES = ("/api/health/live", "/api/jobs")


def misled(environment: Mapping[str, str], part: str) -> dict[str, str]:
    """The variables that lead to a port of this machine where nobody listens."""
    nowhere = f"127.0.0.1:{_closed_port()}"
    match part:
        case "database":
            return {"DATABASE_URL": f"postgresql://{nowhere}{urlsplit(environment['DATABASE_URL']).path}"}
        case "cache":
            # No password to fetch first either.
            return {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": nowhere.rpartition(":")[2]}
        case _:
            return {"AWS_ENDPOINT_URL_SQS": f"http://{nowhere}"}


async def observe(part: str, key: str) -> dict[str, Any]:
    """What each address answers: its status, code and limit headers; and how the circuits stand afterwards."""
    from networx.api.app import create_app

    # Without its lifespan: no relay sweeps, nobody is woken.
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers={"X-API-Key": key}
    ) as client:
        await _WEAR_OUT[part](client)
        answers = {path: _told(await client.get(path)) for path in ADDRESSES}
        health = (await client.get("/api/health")).json().get("data", {})
        return {"answers": answers, "circuits": health.get("circuits", {})}


def _told(answer: httpx.Response) -> dict[str, Any]:
    return {
        "status": answer.status_code,
        "code": answer.json().get("code"),
        "retry_after": answer.headers.get("retry-after"),
        "remaining": answer.headers.get("ratelimit-remaining"),
    }


async def _ask_until_refused(client: httpx.AsyncClient) -> None:
    # Side by side, since each waits for a connection of its own.
    await asyncio.gather(*(client.get("/api/jobs") for _ in range(TOPOLOGY.circuit("database").failures)))


async def _call_until_refused(_: httpx.AsyncClient) -> None:
    from networx.jobs.sqs import SqsQueue

    queue = SqsQueue(TOPOLOGY.job_queues()[0].name)

    def call() -> None:
        with suppress(QueueUnavailable):
            queue.receive(1, timedelta(0))

    await asyncio.gather(*(asyncio.to_thread(call) for _ in range(TOPOLOGY.circuit("queue").failures)))


async def _leave_alone(_: httpx.AsyncClient) -> None:
    """It is found out by the requests themselves."""


_WEAR_OUT: dict[str, Callable[[httpx.AsyncClient], Awaitable[None]]] = {
    DATABASE: _ask_until_refused,
    CACHE: _leave_alone,
    QUEUE: _call_until_refused,
}


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Mislead this process, observe, tell."""
    os.nice(_YIELDS)
    part = sys.argv[1]
    os.environ.update(misled(os.environ, part))
    told = asyncio.run(observe(part, sys.stdin.readline().strip()))
    sys.stdout.write("\n" + orjson.dumps(told).decode() + "\n")


if __name__ == "__main__":
    main()
