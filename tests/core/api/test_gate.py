"""The application is closed by default, and what it says to strangers says nothing."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from networx.api.app import create_app
from networx.api.gate import is_open
from networx.db import pool

SOME_ID = "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"


def all_routes(routes: list[BaseRoute]) -> list[APIRoute]:
    """The framework keeps included routers as branches of a tree."""
    found: list[APIRoute] = []
    for route in routes:
        if isinstance(route, APIRoute):
            found.append(route)
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", [])
        found += all_routes(list(inner))
    return found


ROUTES = [(method, route.path) for route in all_routes(create_app().routes) for method in sorted(route.methods)]
OPEN = {"/api/health", "/api/health/live", "/sign-in", "/favicon.ico"}


def test_the_walk_finds_the_routes():
    assert ("POST", "/api/optimize/run-batch") in ROUTES
    assert ("GET", "/jobs/{job_id}") in ROUTES


def test_what_is_open_is_exactly_this():
    assert {path for _, path in ROUTES if is_open(path)} == OPEN


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[1] not in OPEN])
def test_every_route_without_a_key_is_401(stranger, method, path):
    answer = stranger.request(method, re.sub(r"\{\w+\}", SOME_ID, path))
    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHENTICATED"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/openapi.json", "/api/nothing", "/static", "/api/health/live/more"])
def test_what_is_no_route_is_closed_too(stranger, path):
    assert stranger.get(path).status_code == 401


def test_a_person_is_led_to_the_sign_in(stranger):
    answer = stranger.get(f"/jobs/{SOME_ID}", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next=/jobs/{SOME_ID}")


def test_every_answer_carries_a_request_id_and_safe_headers(stranger):
    answer = stranger.get("/api/jobs")
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_callers_request_id_is_kept_if_it_is_one(stranger):
    assert stranger.get("/api/jobs", headers={"X-Request-Id": "mine-0001"}).headers["X-Request-Id"] == "mine-0001"
    assert stranger.get("/api/jobs", headers={"X-Request-Id": "no good"}).headers["X-Request-Id"] != "no good"


def test_a_key_opens_either_way(client):
    key = client.headers.pop("X-API-Key")
    assert client.get("/api/jobs").status_code == 401
    assert client.get("/api/jobs", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert client.get("/api/jobs", headers={"X-API-Key": key}).status_code == 200
    assert client.get("/api/jobs", headers={"X-API-Key": key + "x"}).status_code == 401
    assert client.get("/api/jobs", headers={"X-API-Key": ""}).status_code == 401


def test_a_revoked_or_expired_key_opens_nothing(client):
    for column in ("revoked_at", "expires_at"):
        with pool.system() as connection:
            connection.execute(f"UPDATE api_keys SET {column} = now() - interval '1 second'")
        assert client.get("/api/jobs").status_code == 401
        with pool.system() as connection:
            connection.execute(f"UPDATE api_keys SET {column} = NULL")
    assert client.get("/api/jobs").status_code == 200
