"""Readiness of the web: only our own process counts, whoever else answers on its port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from local.home import free_port
from local.services import _serves


class Stranger(BaseHTTPRequestHandler):
    answer = b'{"success": true, "data": {"status": "healthy", "pid": 4711}}'

    def do_GET(self) -> None:  # the base class's name
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_our_own_process_serves(port):
    assert _serves(port, 4711)


def test_another_platforms_web_on_the_same_port_is_not_ours(port):
    assert not _serves(port, 4712)


def test_a_foreign_program_is_not_ours(port, monkeypatch):
    monkeypatch.setattr(Stranger, "answer", b"<html>something else</html>")
    assert not _serves(port, 4711)


def test_nobody_listening_is_not_ready():
    assert not _serves(free_port(), 4711)


def test_a_free_port_is_none_that_the_system_lends_to_a_client() -> None:
    # Between choosing a port and listening on it, any program's outgoing connection could be given it.
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        lent = {server.getsockname()[1], client.getsockname()[1]}
    chosen = [free_port() for _ in range(50)]
    assert max(chosen) < min(lent)
    assert len(set(chosen)) > 40
