"""The way in for a person at their own machine, and for nobody else."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from networx import settings
from networx.api.app import create_app
from networx.api.people import LAPTOP_TENANT
from networx.db import pool

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def person(record, stranger) -> TestClient:
    """A browser at the machine itself, not signed in."""
    with pool.system() as connection:
        connection.execute("UPDATE tenants SET slug = %s WHERE id = %s", (LAPTOP_TENANT, record.tenant_id))
    return stranger


def sign_in(person: TestClient, **form: str):
    return person.post("/sign-in", data=form, headers=SAME_ORIGIN)


def test_one_button_signs_in_and_leads_on(person):
    assert "Continue as the local developer" in person.get("/sign-in?next=/jobs/x").text
    answer = sign_in(person, next="/jobs/x")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs/x")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert person.get("/api/jobs").status_code == 200
    assert "<nx-upload>" in person.get("/").text


@pytest.mark.parametrize(
    ("address", "secure"), [("https://networx.example.com", True), ("http://127.0.0.1:8080", False)]
)
def test_a_cookie_keeps_to_tls_where_people_reach_the_page_over_it(person, monkeypatch, address, secure):
    monkeypatch.setenv("NETWORX_PUBLIC_URL", address)
    settings.current.cache_clear()
    try:
        begun, ended = sign_in(person), person.post("/sign-out", headers=SAME_ORIGIN)
    finally:
        monkeypatch.undo()
        settings.current.cache_clear()
    # What the application itself sees is plain HTTP, as behind the load balancer.
    assert ("Secure" in begun.headers["Set-Cookie"]) is secure
    assert ended.status_code == (401 if secure else 303), "a browser does not send it without TLS"


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_it_leads_nowhere_else(person, onward):
    assert sign_in(person, next=onward).headers["Location"] == "/"


def test_signing_out_ends_the_session_for_good(person):
    sign_in(person)
    name, value = next(iter(person.cookies.items()))
    assert person.post("/sign-out", headers=SAME_ORIGIN).status_code == 303
    assert person.get("/api/jobs", cookies={name: value}).status_code == 401


@pytest.mark.parametrize("site", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {}])
def test_a_session_changes_nothing_for_another_site(person, site):
    sign_in(person)
    answer = person.post("/api/projects", json={"name": "x"}, headers=site)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert person.get("/api/projects").json()["data"] == []
    assert person.post("/api/projects", json={"name": "x"}, headers=SAME_ORIGIN).status_code == 201


def test_another_site_cannot_sign_in(person):
    assert person.post("/sign-in", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "192.168.1.20:8080", "localhost.evil.example"])
def test_a_foreign_host_name_finds_no_sign_in(person, host):
    assert person.get("/sign-in", headers={"Host": host}).status_code == 404
    assert person.post("/sign-in", headers={"Host": host, **SAME_ORIGIN}).status_code == 404


def test_a_neighbour_on_the_network_finds_no_sign_in(person):
    neighbour = TestClient(create_app(), base_url="http://127.0.0.1:8080", client=("192.168.1.20", 50000))
    assert neighbour.get("/sign-in").status_code == 404


def test_a_page_may_load_only_its_own_and_send_files_to_storage(person, record):
    sign_in(person)
    policy = person.get("/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert f"connect-src 'self' {record.environment['AWS_ENDPOINT_URL']};" in policy
