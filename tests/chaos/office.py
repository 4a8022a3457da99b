"""An office outside on a port of its own, which can close and open again: it tells market figures, and suggests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from local.home import LOOPBACK, free_port
from tests.core.assistant.endpoint import completion
from tests.core.market.test_eia import answer, row


class _Clerk(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """As the EIA does."""
        day = datetime.now(UTC).date() - timedelta(days=3)
        self._say(answer(row(day.isoformat(), "3.745")))

    def do_POST(self) -> None:
        """As a model does that is asked what columns are."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say(completion('{"columns": [{"column": 0, "field": "city", "confidence": 0.5}]}'))

    def _say(self, what: dict[str, Any]) -> None:
        said = orjson.dumps(what)
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Office:
    """Answers while it is open."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None
        self.open()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Nobody listens while this lasts."""
        self.close()
        try:
            yield
        finally:
            self.open()

    def open(self) -> None:
        self._server = ThreadingHTTPServer((LOOPBACK, self.port), _Clerk)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
