"""Bodies without end, in bytes or in time: the application stops listening, and says so."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from networx.api import body_limit
from networx.api.app import create_app
from networx.api.body_limit import BodyLimit
from networx.topology import TOPOLOGY
from tests.core.api.conftest import give_key

GIGABYTE = 1024**3
CHUNK = 256 * 1024


class Sender:
    """An ASGI client that sends chunk after chunk, counts them, and keeps the answer."""

    def __init__(self, total_bytes: int, pause_seconds: float = 0) -> None:
        self.left, self.sent, self.pause_seconds = total_bytes, 0, pause_seconds
        self.status, self.body, self.headers = 0, b"", {}

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(self.pause_seconds)
        chunk = min(CHUNK, self.left)
        self.left, self.sent = self.left - chunk, self.sent + chunk
        return {"type": "http.request", "body": b" " * chunk, "more_body": self.left > 0}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")

    def code(self) -> str:
        return orjson.loads(self.body)["code"]


def post(application: Any, sender: Sender, path: str, **headers: str) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(application(scope, sender.receive, sender.send))


@pytest.mark.parametrize(
    ("path", "kind", "limit"),
    [
        ("/api/projects", "application/json", TOPOLOGY.limits.body_bytes),
        ("/api/optimize/run-batch", "application/json", TOPOLOGY.limits.body_bytes),
        ("/api/optimize/run-batch", "text/plain", TOPOLOGY.limits.body_bytes),
        ("/api/uploads/presign", "application/json", TOPOLOGY.limits.body_bytes),
    ],
)
def test_of_a_gigabyte_no_more_is_read_than_the_limit(record, path, kind, limit):
    sender = Sender(GIGABYTE)
    post(create_app(), sender, path, x_api_key=give_key(record.tenant_id), content_type=kind)
    assert (sender.status, sender.code()) == (413, "BODY_TOO_LARGE")
    assert sender.sent <= limit + CHUNK


@pytest.mark.parametrize(("path", "code"), [("/api/projects", "BODY_TOO_LARGE"), ("/api/uploads", "FILE_TOO_LARGE")])
def test_a_declared_gigabyte_is_refused_unread(record, path, code):
    sender = Sender(GIGABYTE)
    post(create_app(), sender, path, x_api_key=give_key(record.tenant_id), content_length=str(GIGABYTE))
    assert (sender.status, sender.code(), sender.sent) == (413, code, 0)


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize(
    ("clock", "pause_seconds"), [("SILENCE", 60), ("BODY_TIME", 0.05)], ids=["a client that falls silent", "a slow one"]
)
def test_a_body_that_does_not_arrive_is_given_up(record, monkeypatch, clock, pause_seconds, kind):
    monkeypatch.setattr(body_limit, clock, timedelta(seconds=0.3))
    sender = Sender(GIGABYTE, pause_seconds)
    post(create_app(), sender, "/api/projects", x_api_key=give_key(record.tenant_id), content_type=kind)
    assert (sender.status, sender.code()) == (408, "REQUEST_TIMEOUT")
    assert sender.headers["connection"] == "close"
    assert sender.sent < 10 * CHUNK


def test_an_upload_may_take_its_time(monkeypatch):
    monkeypatch.setattr(body_limit, "BODY_TIME", timedelta(seconds=0.1))

    async def application(scope: Any, receive: Any, send: Any) -> None:
        size = len(await Request(scope, receive).body())
        await Response(str(size))(scope, receive, send)

    sender = Sender(4 * CHUNK, pause_seconds=0.1)
    post(BodyLimit(application), sender, "/api/uploads")
    assert (sender.status, sender.body) == (200, str(4 * CHUNK).encode())


def test_a_stream_outlasts_every_limit_of_a_body(monkeypatch):
    monkeypatch.setattr(body_limit, "SILENCE", timedelta(seconds=0.1))
    monkeypatch.setattr(body_limit, "BODY_TIME", timedelta(seconds=0.1))

    async def chunks() -> Any:
        for _ in range(5):
            await asyncio.sleep(0.1)
            yield b"x"

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await StreamingResponse(chunks())(scope, receive, send)

    class Reader(Sender):
        async def receive(self) -> dict[str, Any]:
            if self.sent:
                await asyncio.sleep(60)
            self.sent = 1
            return {"type": "http.request", "body": b"", "more_body": False}

    reader = Reader(0)
    post(BodyLimit(application), reader, "/api/jobs/x/events")
    assert reader.body == b"xxxxx"
