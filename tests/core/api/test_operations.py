"""What an operator sees and does: the engine's standing, and pauses that lose nothing and say why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from networx.api import health
from networx.db import pool
from networx.jobs import circuits
from networx.jobs.job import JobStatus
from networx.resilience.breaker import State
from tests.core.jobs import steps

QUEUE = "/api/pauses/queue/optimization.fifo"
KIND = "/api/pauses/kind/transport"
WHY = {"reason": "The disk is being replaced."}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/status", None),
        ("GET", "/api/pauses", None),
        ("GET", QUEUE, None),
        ("PUT", QUEUE, WHY),
        ("DELETE", QUEUE, None),
    ],
)
def test_what_reaches_beyond_a_tenant_needs_an_operators_key(client, method, path, body):
    answer = client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert "scope `operator`" in answer.json()["error"]


@pytest.mark.parametrize("scope", ["queue", "kind", "tenant"])
def test_a_paused_thing_waits_says_so_and_goes_on(operator, record, scope):
    names = {"queue": "optimization.fifo", "kind": "transport", "tenant": record.slug}
    path = f"/api/pauses/{scope}/{names[scope]}"
    made = operator.put(path, json=WHY)
    assert made.status_code == 200, made.text
    pause = made.json()["data"]
    assert (pause["scope"], pause["name"], pause["reason"], pause["paused_by"]) == (
        scope, names[scope], WHY["reason"], "a key",
    )  # fmt: skip
    job = steps.submit(record.tenant_id)
    assert steps.claim() is None
    held = operator.get(f"/api/jobs/{job.id}").json()["data"]
    assert held["status"] == "queued"
    assert (held["paused"]["scope"], held["paused"]["name"], held["paused"]["reason"]) == (
        scope, names[scope], WHY["reason"],
    )  # fmt: skip
    assert "paused_by" not in held["paused"]
    assert operator.get("/api/jobs").json()["data"][0]["paused"] == held["paused"]
    told = operator.get(f"/api/jobs/{job.id}/story").json()["data"]["told"]
    assert any("is paused (The disk is being replaced)." in sentence for sentence in told)
    assert f"networx resume {scope} {names[scope]}" in told[-1]
    assert operator.delete(path).json()["data"]["resumed_by"] == "a key"
    assert operator.get(f"/api/jobs/{job.id}").json()["data"]["paused"] is None
    assert steps.claimed().id == job.id


def test_other_things_go_on(operator, record):
    operator.put("/api/pauses/kind/file-load", json=WHY)
    job = steps.submit(record.tenant_id)
    assert operator.get(f"/api/jobs/{job.id}").json()["data"]["paused"] is None
    assert steps.claimed().id == job.id


def test_what_runs_runs_on_under_a_pause(operator, record):
    job = steps.submit(record.tenant_id)
    mine = steps.claimed()
    operator.put(QUEUE, json=WHY)
    shown = operator.get(f"/api/jobs/{job.id}").json()["data"]
    assert (shown["status"], shown["paused"]) == ("running", None)
    steps.complete(mine)
    assert steps.current(job).status is JobStatus.SUCCEEDED


def test_before_a_pause_one_sees_what_it_would_hold_back(operator, record):
    steps.submit(record.tenant_id)
    steps.submit(record.tenant_id)
    steps.submit(steps.another_tenant())
    steps.claimed()
    for path, queued in ((QUEUE, 2), (KIND, 2), ("/api/pauses/kind/file-load", 0)):
        said = operator.get(path).json()["data"]
        assert (said["paused"], said["queued"], said["running"]) == (None, queued, 1 if queued else 0)
    operator.put(QUEUE, json=WHY)
    assert operator.get(QUEUE).json()["data"]["paused"]["reason"] == WHY["reason"]


def test_pausing_twice_is_one_pause_and_another_reason_is_refused(operator):
    first = operator.put(QUEUE, json=WHY).json()["data"]
    assert operator.put(QUEUE, json=WHY).json()["data"] == first
    other = operator.put(QUEUE, json={"reason": "Something else."})
    assert other.status_code == 409
    assert "paused already by a key: The disk is being replaced." in other.json()["error"]
    assert [pause["reason"] for pause in operator.get("/api/pauses").json()["data"]] == [WHY["reason"]]


def test_resuming_what_was_not_paused_is_404(operator):
    answer = operator.delete(QUEUE)
    assert (answer.status_code, answer.json()["code"]) == (404, "PAUSE_NOT_FOUND")


@pytest.mark.parametrize("path", ["queue/upload-events", "queue/none", "kind/none", "tenant/none", "planet/earth"])
def test_what_does_not_exist_cannot_be_paused(operator, path):
    assert operator.put(f"/api/pauses/{path}", json=WHY).status_code == 404
    assert operator.get(f"/api/pauses/{path}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}, {"why": "x"}])
def test_a_pause_needs_a_reason(operator, body):
    answer = operator.put(QUEUE, json=body)
    assert answer.status_code == 422
    assert "reason" in {problem["column"] for problem in answer.json()["problems"]}


def test_who_paused_and_resumed_stays_on_record(operator, record):
    operator.put(QUEUE, json=WHY)
    operator.delete(QUEUE)
    with pool.system() as connection:
        kept = connection.execute(
            "SELECT scope, name, reason, paused_by, resumed_by, resumed_at > paused_at FROM pauses"
        ).fetchall()
    assert ("queue", "optimization.fifo", WHY["reason"], "a key", "a key", True) in kept


def test_the_status_tells_of_queues_workers_and_outbox(operator, record):
    running, waiting, dead = (steps.submit(record.tenant_id, priority=0) for _ in range(3))
    assert steps.claimed("solver@here:1").id == running.id
    steps.make_older([waiting], timedelta(minutes=3))
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET status = 'dead', finished_at = now() WHERE id = %s", (dead.id,))
    said = operator.get("/api/status").json()["data"]
    (queue,) = (queue for queue in said["queues"] if queue["name"] == "optimization.fifo")
    assert (queue["queued"], queue["running"], queue["dead"], queue["paused"]) == (1, 1, 1, None)
    assert 180 <= queue["oldest_waiting_seconds"] < 240
    assert [queue["queued"] for queue in said["queues"]] == [1, 0, 0]
    assert [(worker["name"], worker["running"]) for worker in said["workers"]] == [("solver@here:1", 1)]
    assert said["outbox"]["waiting"] == 3
    assert said["outbox"]["oldest_seconds"] >= 0
    assert (said["pauses"], said["unknown_kinds"]) == ([], {})


def test_the_status_tells_of_circuits_here_and_in_workers(operator):
    circuits.tell("optimization@here:1", {"solver": State.OPEN, "database": State.CLOSED})
    said = operator.get("/api/status").json()["data"]["circuits"]
    assert {"process": "optimization@here:1", "part": "solver", "state": "open"} in said
    assert {"process": "web", "part": "database", "state": "closed"} in said
    assert [each["process"] for each in said if each["state"] != "closed"] == ["optimization@here:1"]
    circuits.tell("optimization@here:1", {"solver": State.CLOSED})
    assert {each["process"] for each in operator.get("/api/status").json()["data"]["circuits"]} == {"web"}


def test_the_status_tells_of_pauses_and_of_kinds_that_nobody_knows(operator, record):
    job = steps.submit(record.tenant_id)
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET kind = 'of-tomorrow' WHERE id = %s", (job.id,))
    operator.put(QUEUE, json=WHY)
    said = operator.get("/api/status").json()["data"]
    assert said["unknown_kinds"] == {"of-tomorrow": 1}
    assert said["queues"][0]["paused"] == WHY["reason"]
    assert [pause["name"] for pause in said["pauses"]] == ["optimization.fifo"]


def test_health_says_what_is_paused_and_names_no_tenant(operator, stranger, record):
    operator.put(QUEUE, json=WHY)
    operator.put(f"/api/pauses/tenant/{record.slug}", json={"reason": "They asked for it."})
    part = stranger.get("/api/health").json()["data"]["checks"]["job_queue"]
    assert part["status"] == health.DEGRADED
    assert part["message"] == (
        "On purpose: the queue optimization.fifo is paused (The disk is being replaced.); 1 tenant paused."
    )
    assert record.slug not in str(part)
