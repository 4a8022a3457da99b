"""One connection to the web process: uvicorn's, with an end to the wait for a request's head, and our words for what is
no HTTP.

The body's clocks stand in body_limit.py. Without one for the head, whoever sends a byte a minute holds a connection for
nothing, before any of our code has heard of it.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from networx.api.envelope import request_id
from networx.api.faults import answer_of_status
from networx.api.headers import ALWAYS, DATA_POLICY, POLICY

# From its first byte to its last. Above what a load balancer takes to pass on a head that it has.
HEAD_TIME = timedelta(seconds=20)


class Connection(H11Protocol):
    """The protocol that `serve` gives to uvicorn."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Who connects and says nothing waits as long as who has said all.
        self._head = self.loop.call_later(self.timeout_keep_alive, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        waited = self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._head_is_here()
        elif waited:
            self._head_is_here()
            self._head = self.loop.call_later(HEAD_TIME.total_seconds(), self._give_up)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # the server's words are for its log
        """In the envelope, as every refusal is."""
        this_id = str(uuid4())
        request_id.set(this_id)
        answer = answer_of_status(400, {"Connection": "close", "X-Request-Id": this_id})
        headers = [*answer.raw_headers, *ALWAYS, (POLICY, DATA_POLICY.encode())]
        parts = (h11.Response(status_code=400, headers=headers), h11.Data(data=bytes(answer.body)), h11.EndOfMessage())
        for part in parts:
            self.transport.write(self.conn.send(part) or b"")
        self.transport.close()

    def _head_is_here(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self.transport.close()
