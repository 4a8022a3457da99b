"""The application behind a real server on loopback, in a thread, with the clocks that the web process has."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from local.home import free_port
from networx.api.connections import Connection
from networx.resilience.limits import Limit, Limiter, Verdict

START_SECONDS = 30


class Generous(Limiter):
    """Counts like the other, towards limits that no test reaches."""

    def take(self, limit: Limit, whose: str) -> Verdict:
        return super().take(replace(limit, name=f"{limit.name}-generous", most=10**6), whose)


@dataclass(frozen=True)
class Served:
    url: str
    port: int


@contextmanager
def served(app: ASGIApp, **options: Any) -> Iterator[Served]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, server_header=False, http=Connection, **options
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server takes too long to start"
        time.sleep(0.01)
    try:
        yield Served(f"http://127.0.0.1:{port}", port)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
