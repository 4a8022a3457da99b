"""A client that costs little: HTTP/1.1 over kept-alive sockets, so that what is measured is the server.

Each of `width` connections sends its next request when it has the answer to its last one.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

# A request by its number, as it goes over the wire.
Requests = Callable[[int], bytes]


@dataclass(frozen=True)
class Answers:
    """What came back: how long each took in seconds, how often which status, and how long all took together."""

    seconds: list[float]
    statuses: Counter[int]
    wall: float

    def require(self, status: int) -> None:
        """Raises RuntimeError unless every answer had this status: a refusal is quick, and would be measured."""
        if set(self.statuses) != {status}:
            raise RuntimeError(f"Answers were {dict(self.statuses)}, where each should be {status}.")


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """One request as bytes."""
    length = {"Content-Length": str(len(body))} if body or method == "POST" else {}
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in {"Host": "127.0.0.1", **(headers or {}), **length}.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(port: int, requests: Requests, count: int, width: int) -> Answers:
    """Send `count` requests over `width` connections to a server on loopback."""
    return asyncio.run(_ask(port, requests, count, width))


async def _ask(port: int, requests: Requests, count: int, width: int) -> Answers:
    numbers = iter(range(count))
    seconds: list[float] = []
    statuses: Counter[int] = Counter()
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(width)]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in numbers:
            began = time.perf_counter()
            writer.write(requests(number))
            status, _ = await answer(reader)
            seconds.append(time.perf_counter() - began)
            statuses[status] += 1

    began = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as group:
            for line in lines:
                group.create_task(talk(*line))
        wall = time.perf_counter() - began
    finally:
        for _, writer in lines:
            writer.close()
    return Answers(seconds, statuses, wall)


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next answer's status and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.find(b"content-length:")
    length = 0 if at < 0 else int(lower[at + 15 : lower.index(b"\r\n", at)])
    return int(head[9:12]), await reader.readexactly(length)
