"""A caller that reaches the servers of a test, and answers in the shapes of the public documentation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from networx.resilience.addresses import AddressRule
from networx.resilience.exchange import Answer, Call
from networx.resilience.http import OutboundClient, Terms
from networx.resilience.limits import InProcess
from networx.settings import Address
from tests.core.resilience.hostile import Conversation, Server, serving

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


class Host:
    """A server that answers each request by a function of its target and body."""

    def __init__(self, server: Server, client: OutboundClient) -> None:
        self.server = server
        self.address = f"http://127.0.0.1:{server.port}"
        self._client = client

    def call(self, call: Call, terms: Terms) -> Answer:
        return self._client.call(call, Terms(total=terms.total, largest_bytes=terms.largest_bytes))

    @property
    def asked(self) -> list[str]:
        return [request.split(b"\r\n", 1)[0].decode() for request in self.server.requests]

    def body(self, number: int) -> Any:
        return json.loads(self.server.requests[number].partition(b"\r\n\r\n")[2])


Said = tuple[str, Any] | Any


@pytest.fixture
def host() -> Iterator[Callable[[Callable[[str, bytes], Said]], Host]]:
    """Make a host that says what a function of target and body returns: JSON, or (status line, JSON)."""
    open_hosts: list[tuple[Any, OutboundClient]] = []

    def make(say: Callable[[str, bytes], Said]) -> Host:
        def behave(conversation: Conversation) -> None:
            while request := conversation.request():
                head, _, body = request.partition(b"\r\n\r\n")
                said = say(head.split(b" ")[1].decode(), body)
                status, content = said if isinstance(said, tuple) else ("200 OK", said)
                conversation.answer(content if isinstance(content, bytes) else json.dumps(content).encode(), status)

        server = serving(behave)
        running = server.__enter__()
        rule = AddressRule(frozenset({Address("127.0.0.1", running.port)}))
        client = OutboundClient(rule, limiter=InProcess(lambda: 0), sleep=lambda _seconds: None)
        open_hosts.append((server, client))
        return Host(running, client)

    yield make
    for server, client in open_hosts:
        client.close()
        server.__exit__(None, None, None)
