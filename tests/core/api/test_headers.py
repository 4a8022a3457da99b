"""Every answer, whoever gives it and whatever it says, keeps a browser safe."""

from __future__ import annotations

import re

import pytest

from networx.api import health
from networx.api.headers import ALWAYS, DATA_POLICY, REPORT_POLICY, page_policy
from networx.topology import TOPOLOGY
from tests.core.api.conftest import HEALTHY
from tests.core.api.test_gate import ROUTES, SOME_ID


def require_safe(answer) -> None:
    for name, value in ALWAYS:
        assert answer.headers[name.decode()] == value.decode(), name
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Request-Id"]
    assert "server" not in answer.headers


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_answers_a_stranger_with_safe_headers(stranger, monkeypatch, method, path):
    monkeypatch.setattr(health, "report", lambda: HEALTHY)
    require_safe(stranger.request(method, re.sub(r"\{\w+\}", SOME_ID, path), headers={"Accept": "text/html"}))


def test_so_does_every_refusal(client, monkeypatch):
    too_long = {"Content-Length": str(TOPOLOGY.limits.body_bytes + 1)}
    monkeypatch.setattr("networx.api.routes.projects.store.list_projects", None)
    answers = {
        404: client.get("/api/nothing"),
        405: client.put("/api/jobs"),
        413: client.post("/api/projects", content=b"", headers=too_long),
        422: client.post("/api/projects", json={}),
        500: client.get("/api/projects"),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    for answer in answers.values():
        require_safe(answer)
        assert answer.json()["success"] is False
        assert answer.headers["Cache-Control"] == "no-store"


def test_so_do_files_and_what_is_limited(stranger):
    require_safe(stranger.get("/static/app.js"))
    for _ in range(101):
        last = stranger.get("/api/jobs")
    assert last.status_code == 429
    require_safe(last)


@pytest.mark.parametrize("policy", [page_policy(None), page_policy("https://bucket.example.com"), DATA_POLICY])
def test_no_policy_lets_a_page_run_what_is_not_ours(policy):
    assert "unsafe" not in policy
    assert "*" not in policy
    scripts = re.search(r"script-src ([^;]+)", policy)
    assert scripts is None or scripts[1] == "'self'"


def test_a_report_may_show_itself_and_run_nothing():
    assert REPORT_POLICY.startswith("sandbox;")
    assert "script-src" not in REPORT_POLICY
    assert "default-src 'none'" in REPORT_POLICY


def test_a_header_that_a_client_writes_comes_back_in_no_answer(stranger):
    for value in ("a\r\nSet-Cookie: x=1", "<script>", "x" * 65, "ab cd efgh"):
        answer = stranger.get("/api/jobs", headers={"X-Request-Id": value.replace("\r\n", "%0d%0a")})
        assert "set-cookie" not in answer.headers
        assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-Id"])
