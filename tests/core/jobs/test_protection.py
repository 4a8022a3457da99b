"""The protection of a working task, asked of an agent that is a real server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from networx import settings
from networx.jobs import protection

PROTECT = {"ProtectionEnabled": True, "ExpiresInMinutes": 15}
RELEASE = {"ProtectionEnabled": False}


class Agent:
    """What a task's agent is: it remembers what it was asked and answers as it is told to."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.status = 200
        self.answer = '{"protection": {"ProtectionEnabled": true}}'
        agent = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                assert self.path == "/api/task/task-protection/v1/state"
                assert self.headers["Content-Type"] == "application/json"
                agent.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(agent.status)
                self.end_headers()
                self.wfile.write(agent.answer.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self.server.server_port}/api/task"

    def heard(self, *wanted: dict) -> None:
        """Wait until the agent was asked exactly this, in this order."""
        deadline = time.monotonic() + 30
        while self.asked != list(wanted):
            assert time.monotonic() < deadline, self.asked
            time.sleep(0.005)


@pytest.fixture
def agent() -> Iterator[Agent]:
    made = Agent()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def told(machine, monkeypatch) -> Iterator[pytest.MonkeyPatch]:
    for name, value in (machine.environment | {"NETWORX_HEARTBEAT_SECONDS": "0.2"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(protection, "LOOK_EVERY", timedelta(milliseconds=5))
    settings.current.cache_clear()
    yield monkeypatch
    settings.current.cache_clear()


@contextmanager
def keeping(busy: threading.Event) -> Iterator[threading.Thread]:
    finished = threading.Event()
    thread = threading.Thread(target=protection.keep, args=(finished, busy.is_set))
    thread.start()
    try:
        yield thread
    finally:
        finished.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_a_task_is_protected_while_it_works_and_released_when_it_is_idle(told, agent):
    told.setenv("ECS_AGENT_URI", agent.uri)
    busy = threading.Event()
    with keeping(busy):
        time.sleep(0.05)
        assert agent.asked == []
        busy.set()
        agent.heard(PROTECT)
        agent.heard(PROTECT, PROTECT)  # renewed with the next heartbeat
        busy.clear()
        agent.heard(PROTECT, PROTECT, RELEASE)
    assert agent.asked == [PROTECT, PROTECT, RELEASE]


def test_a_task_that_ends_while_it_works_is_released(told, agent):
    told.setenv("ECS_AGENT_URI", agent.uri)
    busy = threading.Event()
    busy.set()
    with keeping(busy):
        agent.heard(PROTECT)
    assert agent.asked == [PROTECT, RELEASE]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, '{"failure": {"Reason": "DEPLOYMENT_BLOCKED"}}'),
        (500, '{"error": {"Code": "ServerException"}}'),
        (200, "no JSON"),
    ],
)
def test_a_refusal_is_logged_and_asked_again(told, agent, caplog, status, answer):
    told.setenv("ECS_AGENT_URI", agent.uri)
    agent.status, agent.answer = status, answer
    busy = threading.Event()
    busy.set()
    with keeping(busy):
        agent.heard(PROTECT, PROTECT)
        assert {record.message for record in caplog.records} == {"task.protection_failed"}


def test_an_agent_that_is_gone_stops_nothing(told, agent, caplog):
    told.setenv("ECS_AGENT_URI", "http://127.0.0.1:1/api")
    busy = threading.Event()
    busy.set()
    with keeping(busy) as thread:
        while not caplog.records:
            time.sleep(0.005)
        assert thread.is_alive()
    assert "task.protection_failed" in caplog.text


def test_without_an_agent_nothing_is_asked(told):
    told.delenv("ECS_AGENT_URI", raising=False)
    settings.current.cache_clear()
    busy = threading.Event()
    busy.set()
    protection.keep(threading.Event(), busy.is_set)
