"""Every route asks for a scope, stated in one table; a request without it is refused before it is looked at."""

from __future__ import annotations

import re

import pytest

from networx.api.app import create_app
from networx.api.gate import is_open
from networx.api.scopes import AREAS, Area, area_of, asked_of
from networx.db import pool
from networx.db.audit import Doer
from networx.identity import tenants
from networx.identity.scopes import EVERY_SCOPE
from tests.core.api.conftest import client_of, key_with
from tests.core.api.test_gate import ROUTES, SOME_ID, all_routes

# What nobody but these may do, said once more and apart from the table.
ADMINS = ("/api/keys", "/api/users", "/api/audit", "/api/market/refresh", "/api/assistant/consent")
OPERATORS = ("/api/tenants", "/api/pauses", "/api/status", "/api/assistant/budget")
OF_EVERYBODY = ("/sign-out",)
CLOSED = [(method, path) for method, path in ROUTES if not is_open(path)]


def expected(method: str, path: str) -> str | None:
    if path in OF_EVERYBODY:
        return None
    if path.startswith(ADMINS):
        return "admin"
    if path.startswith(OPERATORS):
        return "operator"
    return "read" if method in {"GET", "HEAD"} else "write"


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_every_route_has_a_stated_scope(method, path):
    area = area_of(path)
    assert area is not None, f"{path} is served to nobody: state its area in networx.api.scopes"
    assert asked_of(method, area) == expected(method, path)


def test_a_route_of_no_stated_area_is_found_and_served_to_nobody(record):
    app = create_app()
    app.add_api_route("/api/forgotten/{thing}", lambda thing: {"thing": thing}, methods=["GET"])
    unstated = [route.path for route in all_routes(app.routes) if not is_open(route.path) and not area_of(route.path)]
    assert unstated == ["/api/forgotten/{thing}"]
    client = client_of(**{"X-API-Key": key_with(record.tenant_id, *EVERY_SCOPE)})
    client.app = app
    client._transport.app = app
    answer = client.get("/api/forgotten/x")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_every_area_has_a_route():
    paths = {path for _, path in ROUTES} | {"/openapi.json"}
    assert [area.path for area in AREAS if not any(area.holds(path) for path in paths)] == []


@pytest.mark.parametrize("path", ["/api/keysx", "/api/keyring/1", "/API/keys", "//api/keys", "/api//keys", "/x"])
def test_an_area_is_an_address_and_what_is_below_it(path):
    assert area_of(path) is None


def test_below_the_first_page_nothing_is_open():
    assert area_of("/") == Area("/")
    assert area_of("/anything") is None


@pytest.mark.parametrize("missing", EVERY_SCOPE)
def test_without_its_scope_a_route_answers_403_and_names_the_scope(record, missing):
    others = [scope for scope in EVERY_SCOPE if scope != missing]
    client = client_of(**{"X-API-Key": key_with(record.tenant_id, *others)})
    asked = [(method, path) for method, path in CLOSED if expected(method, path) == missing]
    assert asked
    for method, path in asked:
        answer = client.request(method, re.sub(r"\{\w+\}", SOME_ID, path))
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), (method, path)
        assert f"scope `{missing}`" in answer.json()["error"]


def test_a_key_without_a_scope_may_do_nothing(record):
    client = client_of(**{"X-API-Key": key_with(record.tenant_id)})
    for method, path in CLOSED:
        if expected(method, path) is not None:
            assert client.request(method, re.sub(r"\{\w+\}", SOME_ID, path)).status_code == 403, (method, path)


# --- Pages ---

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_person_without_the_scope_gets_a_page(record):
    client = client_of(**{"X-API-Key": key_with(record.tenant_id, "write")})
    for path in ("/", f"/jobs/{SOME_ID}", f"/uploads/{SOME_ID}"):
        answer = client.get(path, headers=BROWSER)
        assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8"), path
        assert "the scope `read`" in answer.text
        assert answer.headers["X-Request-Id"] in answer.text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["RateLimit-Limit"]
        assert "<script" not in answer.text, "there is nothing it could load"


def test_what_is_no_page_and_who_is_no_browser_get_json(record):
    client = client_of(**{"X-API-Key": key_with(record.tenant_id, "write")})
    assert client.get("/api/jobs", headers=BROWSER).json()["code"] == "FORBIDDEN"
    assert client.get("/", headers={"Accept": "application/json"}).json()["code"] == "FORBIDDEN"


def test_a_person_of_a_revoked_tenant_gets_a_page(record):
    client = client_of(**{"X-API-Key": key_with(record.tenant_id, "read")})
    with pool.system() as connection:
        tenants.revoke(connection, Doer("a test"), record.slug)
    answer = client.get("/", headers=BROWSER)
    assert (answer.status_code, "TENANT_REVOKED" in answer.text) == (403, True)
    assert "The access of this tenant to NetWORX has been revoked." in answer.text
