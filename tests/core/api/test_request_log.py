"""What each answer leaves in the metrics, whoever gave it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from networx.api.request_log import STREAMS, RequestLog
from networx.observability import metrics


def answered(status: int, path: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """What is emitted when the route of a path answers so."""
    seen: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(metrics, "emit", lambda name, _value, **dimensions: seen.append((name, dimensions)))

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = Route(path, endpoint=lambda _request: Response())
        await Response(status_code=status)(scope, receive, send)

    async def send(_message: Any) -> None:
        return

    scope = {"type": "http", "method": "POST", "headers": []}
    asyncio.run(RequestLog(application)(scope, send, send))
    return seen


def test_an_answer_tells_its_latency_by_endpoint(monkeypatch):
    assert answered(200, "/api/jobs", monkeypatch) == [("ApiLatency", {"Endpoint": "/api/jobs"})]


def test_too_many_requests_are_counted_by_endpoint(monkeypatch):
    assert answered(429, "/api/jobs", monkeypatch) == [
        ("RateLimitRefusals", {"Endpoint": "/api/jobs"}),
        ("ApiLatency", {"Endpoint": "/api/jobs"}),
    ]


@pytest.mark.parametrize("stream", sorted(STREAMS))
def test_a_stream_that_is_refused_is_counted_although_a_stream_has_no_latency(monkeypatch, stream):
    assert answered(429, stream, monkeypatch) == [("RateLimitRefusals", {"Endpoint": stream})]
    assert answered(200, stream, monkeypatch) == []
