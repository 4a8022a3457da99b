"""The protection of a working task, asked of an agent that is a real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from networx import settings
from networx.jobs import protection

PROTECT = {"ProtectionEnabled": True, "ExpiresInMinutes": 15}
RELEASE = {"ProtectionEnabled": False}
LOOK, HEARTBEAT = protection.LOOK_EVERY.total_seconds(), 0.2


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
    for name, value in (machine.environment | {"NETWORX_HEARTBEAT_SECONDS": str(HEARTBEAT)}).items():
        monkeypatch.setenv(name, value)
    settings.current.cache_clear()
    yield monkeypatch
    settings.current.cache_clear()


class Between:
    """The time between two looks, in which the test does one thing after the other; then the task ends."""

    def __init__(self, *does: Callable[[], object]) -> None:
        self._does = iter(does)
        self.rests: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.rests.append(seconds)
        do = next(self._does, None)
        if do is not None:
            do()
        return do is None


def nothing() -> None:
    pass


def test_a_task_is_protected_while_it_works_and_released_when_it_is_idle(told, agent):
    told.setenv("ECS_AGENT_URI", agent.uri)
    busy = threading.Event()
    idle = []
    between = Between(nothing, lambda: idle.extend(agent.asked), busy.set, nothing, busy.clear, nothing)
    protection.keep(between, busy.is_set)
    assert idle == []
    assert agent.asked == [PROTECT, PROTECT, RELEASE]
    assert between.rests == [0, LOOK, LOOK, HEARTBEAT, HEARTBEAT, LOOK, LOOK]


def test_a_task_that_ends_while_it_works_is_released(told, agent):
    told.setenv("ECS_AGENT_URI", agent.uri)
    protection.keep(Between(nothing), lambda: True)
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
    protection.keep(Between(nothing, nothing), lambda: True)
    assert agent.asked == [PROTECT, PROTECT]
    assert {record.message for record in caplog.records} == {"task.protection_failed"}


def test_an_agent_that_is_gone_stops_nothing(told, agent, caplog):
    told.setenv("ECS_AGENT_URI", "http://127.0.0.1:1/api")
    between = Between(nothing, nothing)
    protection.keep(between, lambda: True)
    assert between.rests == [0, HEARTBEAT, HEARTBEAT]
    assert [record.message for record in caplog.records] == ["task.protection_failed"] * 2


def test_without_an_agent_nothing_is_asked(told):
    told.delenv("ECS_AGENT_URI", raising=False)
    settings.current.cache_clear()
    busy = threading.Event()
    busy.set()
    protection.keep(threading.Event(), busy.is_set)
