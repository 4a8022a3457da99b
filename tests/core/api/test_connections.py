"""What no test client sends: heads that never end or are no HTTP, told over a real connection."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from networx.api import connections
from networx.api.app import create_app
from networx.api.headers import ALWAYS
from tests.core.api.served import Served, served

PATIENCE_SECONDS = 30
PIECE_BYTES = 60_000


@pytest.fixture
def hurried(monkeypatch) -> None:
    """Asked for before `line`: a head has little time."""
    monkeypatch.setattr(connections, "HEAD_TIME", timedelta(seconds=0.5))


@pytest.fixture
def running(configured) -> Iterator[Served]:
    with served(create_app()) as platform:
        yield platform


@pytest.fixture
def line(running) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_SECONDS) as opened:
        yield opened


def all_of(line: socket.socket) -> bytes:
    """What comes until the other side ends it."""
    received = b""
    while chunk := line.recv(65536):
        received += chunk
    return received


def answer_to(line: socket.socket, request: bytes) -> tuple[int, dict[str, str], bytes]:
    # What is left unread when the other side ends the connection would take its answer along.
    for begin in range(0, len(request), PIECE_BYTES):
        line.sendall(request[begin : begin + PIECE_BYTES])
        time.sleep(0.05)
    head, _, body = all_of(line).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), {name.lower(): value for name, value in (one.split(": ", 1) for one in lines)}, body


def test_a_head_that_comes_a_byte_at_a_time_is_not_waited_for(hurried, line):
    def dribble() -> None:
        began = time.monotonic()
        for byte in b"GET /api/health/live HTTP/1.1\r\nX-Slow: " + b"x" * 10_000:
            assert time.monotonic() - began < PATIENCE_SECONDS, "the connection is still open"
            line.sendall(bytes([byte]))
            time.sleep(0.05)

    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        dribble()


def test_who_begins_a_head_and_falls_silent_is_left(hurried, line):
    line.sendall(b"GET /api/health/live HTTP/1.1\r\n")
    assert all_of(line) == b""


def test_who_connects_and_says_nothing_is_left(configured):
    with (
        served(create_app(), timeout_keep_alive=1) as running,
        socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_SECONDS) as line,
    ):
        assert all_of(line) == b""


def test_a_connection_is_kept_between_requests(hurried, line):
    for _ in range(3):
        line.sendall(b"GET /api/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while b"request_id" not in received:
            received += line.recv(65536)
        assert received.startswith(b"HTTP/1.1 200")
        # Longer than a head may take: nothing is owed between two requests.
        time.sleep(0.8)


def test_a_head_in_two_pieces_is_a_head(line):
    line.sendall(b"GET /api/health/live HTTP/1.1\r\nHost")
    time.sleep(0.1)
    status, _, _ = answer_to(line, b": x\r\nConnection: close\r\n\r\n")
    assert status == 200


@pytest.mark.parametrize(
    "request_of_none",
    [
        b"\x16\x03\x01 TLS?\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\nb\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 66_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 66_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET\r\n\r\n",
    ],
    ids=["no HTTP", "a control character", "a huge header", "a huge address", "two lengths", "no length", "no version"],
)
def test_what_is_no_request_is_400_in_the_envelope(line, request_of_none):
    status, headers, body = answer_to(line, request_of_none)
    said = json.loads(body)
    assert (status, said["success"], said["code"]) == (400, False, "BAD_REQUEST")
    assert said["request_id"] == headers["x-request-id"]
    assert headers["connection"] == "close"
    for name, value in ALWAYS:
        assert headers[name.decode()] == value.decode()


def test_a_long_address_that_fits_is_404_or_401_and_no_fault(line):
    status, _, body = answer_to(
        line, b"GET /api/" + b"x" * 30_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert (status, json.loads(body)["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("header", ["X-Request-Id", "Idempotency-Key", "X-API-Key", "X-Forwarded-For"])
def test_a_line_break_in_a_header_ends_the_header_and_nothing_comes_back(line, header):
    injected = (
        f"GET /api/jobs HTTP/1.1\r\nHost: x\r\n{header}: mine-0001\r\nSet-Cookie: a=b\r\nConnection: close\r\n\r\n"
    )
    status, headers, _ = answer_to(line, injected.encode())
    assert status == 401
    assert "set-cookie" not in headers
