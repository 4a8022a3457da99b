"""Requests beyond the limit are refused with 429, each caller by itself, and every answer says what is left."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from networx import settings
from networx.api import gate
from networx.api.app import create_app
from networx.api.limit_rules import API_KEY, RELAXED, RULES, STANDARD, STRICT, rule_for
from networx.db import pool
from networx.errors import DatabaseUnavailable, Forbidden
from networx.observability import metrics
from networx.resilience import cache
from networx.resilience.limits import Limit
from tests.core.api.conftest import ADDRESS, HEALTHY, client_of, give_key
from tests.core.api.test_gate import ROUTES

LIVE = "/api/health/live"


def expected(method: str, path: str) -> tuple[Limit | None, Limit | None]:
    """For a stranger and for a key, as W3 and the guide for operators state it."""
    if path == LIVE or path.startswith("/static/"):
        return None, None
    if (method, path) == ("POST", "/sign-in"):
        return STRICT, API_KEY
    return (STANDARD if path.startswith("/api/") or path == "/openapi.json" else RELAXED), API_KEY


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/openapi.json"), ("GET", "/static/app.js")])
def test_every_route_has_its_limit(method, path):
    rule = rule_for(method, path)
    assert (rule.stranger, rule.known) == expected(method, path)


def test_every_rule_is_that_of_some_route():
    asked = [*ROUTES, ("GET", "/openapi.json"), ("GET", "/static/app.js")]
    assert {rule_for(method, path) for method, path in asked} == set(RULES)


def test_the_presets_are_the_promised_ones():
    promised = {"strict": (10, 60), "standard": (100, 60), "relaxed": (1000, 60), "key": (10_000, 3600)}
    presets = (STRICT, STANDARD, RELAXED, API_KEY)
    assert {each.name: (each.most, each.period.total_seconds()) for each in presets} == promised


def test_a_path_that_begins_alike_is_not_below():
    assert rule_for("GET", "/api/health/lively").stranger == STANDARD
    assert rule_for("GET", "/statics").stranger == RELAXED


def test_of_150_requests_at_once_from_one_address_100_are_answered(record, stranger):
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: stranger.get("/api/jobs"), range(150)))
    assert Counter(answer.status_code for answer in answers) == {401: 100, 429: 50}
    refused = next(answer for answer in answers if answer.status_code == 429)
    body = refused.json()
    assert (body["success"], body["code"]) == (False, "RATE_LIMITED")
    assert body["request_id"] == refused.headers["X-Request-Id"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Limit"] == "100"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert "frame-ancestors 'none'" in refused.headers["Content-Security-Policy"]


def test_health_answers_a_hundred_times_a_minute_and_live_always(stranger, monkeypatch):
    monkeypatch.setattr("networx.api.health.report", lambda: HEALTHY)
    assert Counter(stranger.get("/api/health").status_code for _ in range(150)) == {200: 100, 429: 50}
    assert Counter(stranger.get(LIVE).status_code for _ in range(150)) == {200: 150}
    assert Counter(stranger.get("/static/app.js").status_code for _ in range(150)) == {200: 150}
    assert "RateLimit-Limit" not in stranger.get(LIVE).headers


def test_every_answer_that_passes_says_what_is_left(client):
    first, second = client.get("/api/jobs").headers, client.get("/api/nothing").headers
    assert (first["RateLimit-Limit"], first["RateLimit-Policy"]) == ("10000", "10000;w=3600")
    assert (first["RateLimit-Remaining"], second["RateLimit-Remaining"]) == ("9999", "9998")
    assert 3599 <= int(first["RateLimit-Reset"]) <= 3600
    assert "Retry-After" not in first


def test_a_key_is_counted_wherever_it_asks_from_and_however_it_is_sent(client):
    key = client.headers.pop("X-API-Key")
    client.get("/api/jobs", headers={"X-API-Key": key})
    both = {"X-API-Key": key, "Authorization": "Bearer other", "X-Forwarded-For": "198.51.100.4"}
    assert client.get("/api/jobs", headers=both).headers["RateLimit-Remaining"] == "9998"
    left = client.get("/api/jobs", headers={"Authorization": f"Bearer {key}"}).headers["RateLimit-Remaining"]
    assert left == "9997"


def test_a_hundred_keys_at_once_do_not_disturb_one_another(record):
    application = client_of()
    keys = [give_key(record.tenant_id) for _ in range(100)]

    def ask(key: str) -> list[str]:
        return [
            application.get("/api/nothing", headers={"X-API-Key": key}).headers["RateLimit-Remaining"] for _ in range(3)
        ]

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(ask, keys)) == [["9999", "9998", "9997"]] * 100


def test_one_who_tries_keys_is_counted_by_address_and_disturbs_no_key_behind_it(client):
    wrong = [client.get("/api/jobs", headers={"X-API-Key": f"guess-{at}"}).status_code for at in range(120)]
    assert Counter(wrong) == {401: 100, 429: 20}
    assert client.get("/api/jobs").status_code == 200


def test_who_is_refused_at_the_gate_is_counted_too(stranger, monkeypatch):
    def refuse(_: object) -> None:
        raise Forbidden(what="Not this way.")

    monkeypatch.setattr(gate, "admit", refuse)
    assert Counter(stranger.get("/api/jobs").status_code for _ in range(150)) == {403: 100, 429: 50}


def test_an_outage_is_not_counted_against_anybody(stranger, monkeypatch):
    """Who asks again during an outage hears that it lasts, and is not shut out when it is over."""

    def fail(_: object) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(gate, "admit", fail)
    assert Counter(stranger.get("/api/jobs").status_code for _ in range(150)) == {503: 150}


@pytest.fixture
def behind_a_balancer(monkeypatch):
    monkeypatch.setenv("NETWORX_TRUSTED_PROXIES", "1")
    settings.current.cache_clear()
    yield
    monkeypatch.undo()
    settings.current.cache_clear()


def test_a_forged_address_counts_for_nothing(behind_a_balancer, stranger):
    """The balancer appends what it sees; what the client wrote there stands before."""
    statuses = [
        stranger.get("/api/jobs", headers={"X-Forwarded-For": f"198.51.100.{at}, 203.0.113.7"}).status_code
        for at in range(150)
    ]
    assert Counter(statuses) == {401: 100, 429: 50}
    assert stranger.get("/api/jobs", headers={"X-Forwarded-For": "203.0.113.8"}).status_code == 401


def test_on_a_laptop_what_a_client_claims_is_not_looked_at(stranger):
    statuses = [
        stranger.get("/api/jobs", headers={"X-Forwarded-For": f"198.51.100.{at}"}).status_code for at in range(150)
    ]
    assert Counter(statuses) == {401: 100, 429: 50}


def test_addresses_are_counted_apart(stranger):
    neighbour = TestClient(stranger.app, base_url=ADDRESS, client=("192.0.2.7", 50000))
    for _ in range(101):
        last = stranger.get("/api/jobs")
    assert last.status_code == 429
    assert neighbour.get("/api/jobs").status_code == 401


def test_a_refusal_is_counted_under_its_route(stranger, monkeypatch):
    seen: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(metrics, "emit", lambda name, _value, **dimensions: seen.append((name, dimensions)))
    for _ in range(101):
        stranger.get("/api/jobs/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11/story")
    assert ("RateLimitRefusals", {"Endpoint": "/api/jobs/{job_id}/story"}) in seen


def test_while_valkey_is_away_requests_are_answered_at_once_and_counted_still(stranger):
    began = time.monotonic()
    assert Counter(stranger.get("/api/jobs").status_code for _ in range(150)) == {401: 100, 429: 50}
    assert time.monotonic() - began < 100, "each waited for Valkey"
    assert cache.breaker().doubted


def test_a_person_is_counted_as_a_key_is_over_all_sessions(record):
    with pool.system() as connection:
        connection.execute("UPDATE tenants SET slug = %s WHERE id = %s", ("dev", record.tenant_id))
    for left in ("9999", "9998"):
        person = client_of()
        assert person.post("/sign-in", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
        answer = person.get("/")
        assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (200, left)


def test_the_application_has_one_flat_list_of_what_it_serves():
    assert {route.path for route in create_app().state.directory.routes} == {path for _, path in ROUTES}
