"""The deploy's own function answers CloudFormation in every case, and with success only when the task ended well."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest

from lambdas import migration_step

TASK = "arn:aws:ecs:us-east-1:111111111111:task/networx/1"


class Cluster:
    """ECS as the step sees it: a task that stops with an exit code after it was looked at a few times."""

    def __init__(self, exit_code: int | None, looks: int = 2, startable: bool = True) -> None:
        self.started: list[dict[str, Any]] = []
        self._exit_code, self._looks, self._startable = exit_code, looks, startable

    def run_task(self, **asked: Any) -> dict[str, Any]:
        self.started.append(asked)
        if not self._startable:
            return {"tasks": [], "failures": [{"reason": "RESOURCE:MEMORY"}]}
        return {"tasks": [{"taskArn": TASK}], "failures": []}

    def describe_tasks(self, **asked: Any) -> dict[str, Any]:
        assert asked["tasks"] == [TASK]
        self._looks -= 1
        stopped = {"lastStatus": "STOPPED", "containers": [{"exitCode": self._exit_code}], "stoppedReason": "Done"}
        return {"tasks": [{"taskArn": TASK, **(stopped if self._looks <= 0 else {"lastStatus": "RUNNING"})}]}


class Context:
    def __init__(self, seconds: float) -> None:
        self._left = seconds * 1000

    def get_remaining_time_in_millis(self) -> int:
        self._left -= 10_000
        return int(self._left)


@pytest.fixture
def answers() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """CloudFormation's address, and what was put there."""
    received: list[dict[str, Any]] = []

    class CloudFormation(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests' output is theirs."""

    server = HTTPServer(("127.0.0.1", 0), CloudFormation)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/answer", received
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration_step, "POLL_SECONDS", 0)
    for name, value in {
        "CLUSTER": "networx",
        "TASK": "migrations:7",
        "SUBNETS": "subnet-1,subnet-2",
        "SECURITY_GROUP": "sg-1",
    }.items():
        monkeypatch.setenv(f"NETWORX_MIGRATIONS_{name}", value)


def step(
    answers: tuple[str, list[dict[str, Any]]],
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    request: str = "Create",
    seconds: float = 900,
) -> dict[str, Any]:
    """What CloudFormation hears."""
    monkeypatch.setattr(boto3, "client", lambda service: {"ecs": cluster}[service])
    url, received = answers
    event = {"RequestType": request, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l", "ResponseURL": url}
    migration_step.handler(event, Context(seconds))
    (answer,) = received
    assert (answer["StackId"], answer["RequestId"], answer["LogicalResourceId"]) == ("s", "r", "l")
    assert answer["PhysicalResourceId"]
    return answer


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_task_that_ends_well_lets_the_deploy_go_on(answers, monkeypatch, request_type: str) -> None:
    cluster = Cluster(exit_code=0)
    assert step(answers, cluster, monkeypatch, request_type)["Status"] == "SUCCESS"
    (started,) = cluster.started
    assert (started["cluster"], started["taskDefinition"]) == ("networx", "migrations:7")
    network = started["networkConfiguration"]["awsvpcConfiguration"]
    assert network == {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}


@pytest.mark.parametrize("exit_code", [1, 137, None])
def test_a_task_that_ends_badly_stops_the_deploy_and_says_how(answers, monkeypatch, exit_code: int | None) -> None:
    answer = step(answers, Cluster(exit_code), monkeypatch)
    assert answer["Status"] == "FAILED"
    assert f"[{exit_code}]" in answer["Reason"]


def test_a_task_that_cannot_start_stops_the_deploy(answers, monkeypatch) -> None:
    answer = step(answers, Cluster(0, startable=False), monkeypatch)
    assert answer["Status"] == "FAILED"
    assert "RESOURCE:MEMORY" in answer["Reason"]


def test_a_task_that_takes_too_long_stops_the_deploy_before_the_function_itself_is_ended(answers, monkeypatch) -> None:
    answer = step(answers, Cluster(0, looks=1_000_000), monkeypatch, seconds=120)
    assert answer["Status"] == "FAILED"
    assert "still runs" in answer["Reason"]


def test_deleting_the_stack_leaves_the_record_as_it_is(answers, monkeypatch) -> None:
    cluster = Cluster(0)
    assert step(answers, cluster, monkeypatch, "Delete")["Status"] == "SUCCESS"
    assert cluster.started == []
