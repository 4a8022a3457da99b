"""A worker that makes room: its own version from a metadata endpoint that is a real server, its service's from ECS."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.stub import Stubber

from networx import settings
from networx.db import pool
from networx.jobs import relay, rollout, store
from networx.jobs.context import JobContext
from networx.jobs.job import Job, JobStatus
from networx.jobs.worker import WorkerService
from networx.resilience import aws
from networx.resilience.confine import Confinement
from networx.topology import TOPOLOGY

CLUSTER = "arn:aws:ecs:us-east-1:111111111111:cluster/networx"
DEFINITION = "arn:aws:ecs:us-east-1:111111111111:task-definition/"
OLDER, OURS, NEWER = (f"{DEFINITION}optimization:{revision}" for revision in (6, 7, 8))
TASK = "arn:aws:ecs:us-east-1:111111111111:task/networx/0123"
OURSELVES = {"cluster": CLUSTER, "tasks": [TASK]}
ASKED = {"cluster": CLUSTER, "services": ["workers"]}


class Endpoint:
    """What tells a task about itself."""

    def __init__(self) -> None:
        self.status = 200
        self.said = {"Cluster": CLUSTER, "TaskARN": TASK, "Family": "optimization", "Revision": "7"}
        self.asked = 0
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.path == "/v4/some-task/task"
                endpoint.asked += 1
                self.send_response(endpoint.status)
                self.end_headers()
                self.wfile.write(json.dumps(endpoint.said).encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self.server.server_port}/v4/some-task"


def pending(stub: Stubber) -> bool:
    """Whether an answer is left that nobody asked for yet."""
    try:
        stub.assert_no_pending_responses()
    except AssertionError:
        return True
    return False


class Watcher:
    """Watches as a worker's thread does, and remembers whether it was told to drain."""

    def __init__(self) -> None:
        self.finished, self.drained = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=rollout.watch, args=(self.finished, self.drained.set))

    def looks_until(self, stub: Stubber) -> bool:
        """Whether it drained by the time that it had every answer of the stub, and looked no more or in vain."""
        self.thread.start()
        deadline = time.monotonic() + 30
        while self.thread.is_alive() and pending(stub):
            assert time.monotonic() < deadline, "it does not look"
            time.sleep(0.002)
        self.finished.set()
        self.thread.join(timeout=30)
        assert not self.thread.is_alive()
        return self.drained.is_set()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def told(machine, monkeypatch, endpoint) -> Iterator[pytest.MonkeyPatch]:
    for name, value in (machine.environment | {"ECS_CONTAINER_METADATA_URI_V4": endpoint.uri}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(rollout, "LOOK_EVERY", timedelta(milliseconds=20))
    settings.current.cache_clear()
    yield monkeypatch
    settings.current.cache_clear()


@pytest.fixture
def service(told) -> Iterator[Stubber]:
    """ECS, that was told nothing to answer yet."""
    client = boto3.client("ecs", region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any")
    told.setattr(aws, "client", {"ecs": client}.__getitem__)
    with Stubber(client) as stub:
        yield stub


@pytest.fixture
def ecs(service) -> Stubber:
    """ECS, that knows the task."""
    know_itself(service)
    return service


def deployment(status: str, version: str, running: int) -> dict:
    return {"status": status, "taskDefinition": version, "runningCount": running}


def know_itself(stub: Stubber) -> None:
    known = {"group": "service:workers", "taskDefinitionArn": OURS}
    stub.add_response("describe_tasks", {"tasks": [known]}, OURSELVES)


def answer(stub: Stubber, *deployments: dict) -> None:
    stub.add_response("describe_services", {"services": [{"deployments": list(deployments)}]}, ASKED)


def test_a_worker_hands_over_once_another_version_runs(ecs):
    answer(ecs, deployment("PRIMARY", OURS, 1))
    for _ in range(rollout.LOOKS_IN_A_ROW):
        answer(ecs, deployment("ACTIVE", OURS, 1), deployment("PRIMARY", NEWER, 1))
    assert Watcher().looks_until(ecs)
    ecs.assert_no_pending_responses()


def test_it_hands_over_to_the_version_before_it_as_well(ecs):
    for _ in range(rollout.LOOKS_IN_A_ROW):
        answer(ecs, deployment("PRIMARY", OLDER, 1), deployment("ACTIVE", OURS, 1))
    assert Watcher().looks_until(ecs)


def test_it_stays_while_its_own_version_is_the_one_to_run(ecs):
    for _ in range(4):
        answer(ecs, deployment("PRIMARY", OURS, 1), deployment("ACTIVE", OLDER, 1))
    assert not Watcher().looks_until(ecs)


def test_it_stays_while_the_other_version_does_not_start(ecs):
    for _ in range(4):
        answer(ecs, deployment("PRIMARY", NEWER, 0), deployment("ACTIVE", OURS, 1))
    assert not Watcher().looks_until(ecs)


def test_it_stays_while_the_other_version_starts_and_falls(ecs):
    for running in (1, 0, 1, 0):
        answer(ecs, deployment("PRIMARY", NEWER, running), deployment("ACTIVE", OURS, 1))
    assert not Watcher().looks_until(ecs)


def test_a_fault_of_the_service_is_passed_over(ecs):
    ecs.add_client_error("describe_services", "AccessDeniedException", expected_params=ASKED)
    ecs.add_response("describe_services", {"services": [], "failures": [{"reason": "MISSING"}]}, ASKED)
    answer(ecs, deployment("PRIMARY", NEWER, 1))
    answer(ecs, deployment("PRIMARY", NEWER, 1))
    assert Watcher().looks_until(ecs)


def test_a_task_that_the_service_does_not_know_yet_looks_again(service):
    service.add_response("describe_tasks", {"tasks": [], "failures": [{"reason": "MISSING"}]}, OURSELVES)
    know_itself(service)
    for _ in range(rollout.LOOKS_IN_A_ROW):
        answer(service, deployment("PRIMARY", NEWER, 1))
    assert Watcher().looks_until(service)


@pytest.mark.parametrize("fault", ["no task", "an error", "nobody there"])
def test_a_task_that_learns_nothing_of_itself_goes_on_working(ecs, endpoint, told, caplog, fault):
    if fault == "no task":
        del endpoint.said["TaskARN"]
    elif fault == "an error":
        endpoint.status = 500
    else:
        told.setenv("ECS_CONTAINER_METADATA_URI_V4", "http://127.0.0.1:1/v4/some-task")
        settings.current.cache_clear()
    watcher = Watcher()
    watcher.thread.start()
    deadline = time.monotonic() + 30
    while not_seen(caplog) < 3:
        assert watcher.thread.is_alive(), "it looks again"
        assert time.monotonic() < deadline, "it does not look again"
        time.sleep(0.002)
    watcher.finished.set()
    watcher.thread.join(timeout=30)
    assert not watcher.drained.is_set()


def not_seen(caplog) -> int:
    """How often a look was in vain."""
    return sum(record.message == "rollout.not_seen" for record in caplog.records)


def test_a_task_asks_about_itself_only_once(ecs, endpoint):
    for _ in range(3):
        answer(ecs, deployment("PRIMARY", OURS, 1))
    Watcher().looks_until(ecs)
    assert endpoint.asked == 1


def test_on_a_laptop_nobody_looks(told):
    told.delenv("ECS_CONTAINER_METADATA_URI_V4")
    settings.current.cache_clear()
    rollout.watch(threading.Event(), lambda: pytest.fail("there is no other version"))


@pytest.fixture
def worked(record, told) -> Job:
    """A job that lasts until it is stopped, and a drain that waits for it no longer than a moment."""
    told.setenv("NETWORX_DRAIN_SECONDS", "0.2")
    told.setenv("NETWORX_RECEIVE_WAIT_SECONDS", "1")
    settings.current.cache_clear()
    with pool.tenant(record.tenant_id) as connection:
        job = store.submit(connection, tenant_id=record.tenant_id, kind="transport", params={})
    relay.send_soon()
    return job


def test_a_long_job_does_not_hold_a_deploy_up(worked, told, endpoint):
    newer = threading.Event()
    running = threading.Event()
    looks = threading.Semaphore(0)

    class Service:
        def describe_tasks(self, **asked: object) -> dict:
            assert asked == OURSELVES
            return {"tasks": [{"group": "service:workers", "taskDefinitionArn": OURS}]}

        def describe_services(self, **asked: object) -> dict:
            assert asked == ASKED
            looks.release()
            version = NEWER if newer.is_set() else OURS
            return {"services": [{"deployments": [deployment("PRIMARY", version, 1)]}]}

    class Long:
        confinement = Confinement("tests.core.resilience.children:sleep", memory_mib=256)

        def __call__(self, context: JobContext) -> None:
            for _ in context.child.run({}, longest=timedelta(seconds=30), stop=context.stopped):
                running.set()

    real = aws.client
    told.setattr(aws, "client", lambda service: Service() if service == "ecs" else real(service))
    worker = WorkerService(TOPOLOGY.worker("optimization"), {"transport": Long()}, name="tested")
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        assert running.wait(20)
        for _ in range(2 * rollout.LOOKS_IN_A_ROW):
            assert looks.acquire(timeout=20)
        assert thread.is_alive(), "its own version is still the one to run"
        newer.set()
        thread.join(timeout=20)
        assert not thread.is_alive(), "the task ends by itself"
    finally:
        worker.drain()
        thread.join()
    with pool.system() as connection:
        released = store.get_job(connection, worked.id)
        told_of_it = [event["event"] for event in store.events(connection, worked.id)]
    assert (released.status, released.attempt) == (JobStatus.QUEUED, 0)
    assert told_of_it == ["submitted", "claimed", "released"]
