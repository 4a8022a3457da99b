"""Who was let in before is let in provisionally, and hears and does nothing before record and limit have said yes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
import redis
from fastapi.testclient import TestClient

from networx.api import limit_rules, principals
from networx.api.app import create_app
from networx.api.limits import digest_of
from networx.api.principals import Principal
from networx.api.provisional import Known, Provisional
from networx.db import pool
from networx.db.audit import Doer
from networx.errors import CacheUnavailable
from networx.identity import keys, tenants
from networx.identity.api_key import read_key
from networx.jobs import relay
from networx.resilience import limits
from networx.resilience.cache import cache_client
from tests.core.api.conftest import client_of, key_with

RUN = "/api/optimize/run-batch"
DOER = Doer("a test")


@pytest.fixture
def body(client, make_scenario) -> dict[str, str]:
    return {"scenario_id": make_scenario()}


@pytest.fixture
def known(client, body) -> TestClient:
    """A client whose key this process has let in before."""
    assert client.get("/api/jobs").status_code == 200
    assert client.app.state.known.get(digest(client)) is not None
    return client


def digest(client: TestClient) -> str:
    return digest_of(client.headers["X-API-Key"])


def revoke(client: TestClient) -> None:
    key = read_key(client.headers["X-API-Key"])
    assert key is not None
    with pool.system() as connection:
        keys.revoke(connection, DOER, key.id)


def number_of_jobs(record) -> int:
    (found,) = pool.read(record.tenant_id, ("SELECT count(*) AS number FROM jobs", {}))
    return int(found.rows()[0]["number"])


def said_to(client: TestClient, principal: Principal) -> set[tuple[int, str]]:
    """What a client hears at every kind of endpoint, each time as one that was let in a moment ago."""
    some_id = str(uuid4())
    heard = set()
    for method, path, sent in (
        ("GET", "/api/jobs", {}),
        ("GET", f"/api/jobs/{some_id}", {}),
        ("GET", "/api/jobs/no-id", {}),
        ("GET", "/api/jobs?limit=nothing", {}),
        ("POST", RUN, {"json": {"scenario_id": some_id}}),
        ("POST", RUN, {"json": {"scenario_id": some_id}, "headers": {"Idempotency-Key": "once"}}),
        ("POST", RUN, {"json": {"nonsense": 1}}),
        ("POST", RUN, {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        ("POST", RUN, {"content": b"[" * 1000, "headers": {"Content-Type": "application/json"}}),
        ("DELETE", "/api/jobs", {}),
        ("POST", "/api/projects", {"json": {"name": "A project"}}),
        ("GET", "/openapi.json", {}),
    ):
        client.app.state.known.remember(digest(client), principal)
        answer = client.request(method, path, **sent)
        heard.add((answer.status_code, answer.json()["code"]))
    return heard


@pytest.fixture
def principal(known) -> Principal:
    """Whom the known key stands for."""
    found: Principal = known.app.state.known.get(digest(known))
    return found


def test_a_revoked_key_hears_so_wherever_it_asks_and_does_nothing(known, principal, body, record):
    revoke(known)
    assert said_to(known, principal) == {(401, "KEY_REVOKED")}
    known.app.state.known.remember(digest(known), principal)
    refused = known.post(RUN, json=body, headers={"Idempotency-Key": "again"})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert number_of_jobs(record) == 0
    (kept,) = pool.read(record.tenant_id, ("SELECT count(*) AS number FROM idempotency_keys", {}))
    assert kept.rows() == [{"number": 0}]


def test_a_key_of_a_revoked_tenant_opens_nothing_and_opens_again_with_the_tenant(known, principal, record):
    with pool.system() as connection:
        tenants.revoke(connection, DOER, record.slug)
    assert said_to(known, principal) == {(403, "TENANT_REVOKED")}
    with pool.system() as connection:
        tenants.restore(connection, DOER, record.slug)
    assert known.get("/api/jobs").status_code == 200


def test_a_key_that_was_rotated_without_overlap_ends_in_every_process(record):
    old = key_with(record.tenant_id, "read")
    processes = [client_of(**{"X-API-Key": old}) for _ in range(3)]
    assert [process.get("/api/jobs").status_code for process in processes] == [200] * 3
    with pool.system() as connection:
        shown = read_key(old)
        assert shown is not None
        own_scopes = frozenset({"read"})
        _, new = keys.rotate(connection, DOER, shown.id, overlap=timedelta(0), own_scopes=own_scopes)
    assert [process.get("/api/jobs").json()["code"] for process in processes] == ["KEY_EXPIRED"] * 3
    assert client_of(**{"X-API-Key": new.text}).get("/api/jobs").status_code == 200


@pytest.mark.parametrize("state", ["emptied", "away", "broken"])
def test_a_revoked_key_is_refused_whatever_became_of_valkey(known, monkeypatch, state):
    if state == "emptied":
        cache_client().flushdb()
        cache_client().script_flush()
    elif state == "broken":
        # Every connection at hand is one whose server has gone.
        for connection in limits._kept(cache_client()):
            connection.disconnect()
    else:

        def away(*_: object) -> None:
            raise redis.ConnectionError

        def unavailable(*_: object) -> None:
            raise CacheUnavailable

        monkeypatch.setattr(limits, "_kept", away)
        monkeypatch.setattr(limits.Limiter, "_take_in_valkey", unavailable)
    assert known.get("/api/jobs").status_code == 200
    revoke(known)
    assert known.get("/api/jobs").json()["code"] == "KEY_REVOKED"
    assert known.get("/api/jobs").json()["code"] == "KEY_REVOKED"


def test_a_look_that_failed_is_not_repeated_on_a_connection_that_is_anothers(known, monkeypatch):
    looks = []

    def failing(*_: object) -> None:
        looks.append(1)
        raise LookupError

    with monkeypatch.context() as broken:
        broken.setattr(keys, "tell", failing)
        assert known.get("/api/jobs/no-id").status_code == 500
        assert known.get(f"/api/jobs/{uuid4()}").status_code == 500
    # The first was let in provisionally; then the key was forgotten.
    assert len(looks) == 2
    assert known.get("/api/jobs").status_code == 200


def test_a_connection_that_is_lost_before_the_key_is_asked_about_is_an_absent_database(known, monkeypatch):
    def lost(connection: pool.Connection, _: object) -> None:
        connection.pgconn.finish()
        raise psycopg.OperationalError("the connection is closed")

    with monkeypatch.context() as broken:
        broken.setattr(principals, "Message", lost)
        answer = known.get(f"/api/jobs/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert known.get("/api/jobs").status_code == 200


def test_a_key_that_stands_for_another_is_asked_about_anew_and_does_its_work_once(known, body, record):
    principal = known.app.state.known.get(digest(known))
    known.app.state.known.forget(digest(known))
    known.app.state.known.remember(digest(known), replace(principal, name="as it was called once", tenant_id=uuid4()))
    assert known.post(RUN, json=body).status_code == 202
    assert number_of_jobs(record) == 1
    assert known.app.state.known.get(digest(known)) == principal


def test_a_key_that_asks_too_often_is_refused_before_anything_is_done(known, body, record, monkeypatch):
    rule = replace(limit_rules.RULES[3], known=replace(limit_rules.API_KEY, most=3, name="three"))
    monkeypatch.setattr(limit_rules, "RULES", (*limit_rules.RULES[:3], rule, *limit_rules.RULES[4:]))
    answers = [known.post(RUN, json=body) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202] * 3 + [429] * 2
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert number_of_jobs(record) == 3
    # From then on the record and Valkey are waited for before anything else.
    assert known.app.state.known.get(digest(known)) is None


def test_what_may_not_be_asked_for_is_refused_as_ever(record):
    reader = client_of(**{"X-API-Key": key_with(record.tenant_id, "read")})
    assert reader.get("/api/jobs").status_code == 200
    assert reader.post(RUN, json={"scenario_id": str(uuid4())}).json()["code"] == "FORBIDDEN"
    revoke(reader)
    assert reader.post(RUN, json={"scenario_id": str(uuid4())}).json()["code"] == "KEY_REVOKED"


def test_a_long_body_is_read_for_nobody_who_was_not_let_in_for_certain(known, monkeypatch):
    monkeypatch.setattr(Provisional, "begin", lambda *_: pytest.fail("let in provisionally"))
    sent = {"content": b" " * 100_000, "headers": {"Content-Type": "application/json"}}
    assert known.post(RUN, **sent).status_code == 422
    assert known.post(RUN, content=iter([b"{}"]), headers={"Content-Type": "application/json"}).status_code == 400


def test_every_endpoint_that_does_not_say_that_it_reads_first_waits_at_the_door(known, monkeypatch):
    began = threading.Event()
    settle = Provisional.settle

    def watched(self: Provisional) -> None:
        assert not began.is_set()
        settle(self)

    def create(*_: object) -> None:
        began.set()
        raise LookupError

    monkeypatch.setattr(Provisional, "settle", watched)
    monkeypatch.setattr("networx.scenarios.store.create_project", create)
    answer = known.post("/api/projects", json={"name": "A project"})
    assert (answer.status_code, began.is_set()) == (500, True)


def test_exactly_these_read_first():
    app = create_app()
    reading = {route.path for route in app.state.directory.routes if getattr(route.endpoint, "reads_first", False)}
    assert reading == {"/api/jobs", "/api/jobs/{job_id}", RUN}


def test_the_process_remembers_no_more_keys_than_it_may(known):
    principal = known.app.state.known.get(digest(known))
    few = Known(most=3)
    for number in range(10):
        few.remember(str(number), principal)
    assert [few.get(str(number)) for number in range(10)] == [None] * 7 + [principal] * 3


@pytest.fixture
def one_connection_a_role(monkeypatch) -> Iterator[None]:
    pool.close_pools()
    monkeypatch.setattr(pool, "_maximum", 1)
    yield
    pool.close_pools()


@pytest.mark.usefixtures("one_connection_a_role")
@pytest.mark.parametrize(
    ("asked", "status"),
    [("a job", 200), ("no job", 404), ("a list", 200), ("a submission", 202), ("a repetition", 202)],
)
def test_nobody_waits_for_a_second_connection_of_the_role_that_a_key_is_asked_as(
    known, body, monkeypatch, asked, status
):
    def ask() -> None:
        with pool.at_once() as connection:
            connection.execute("SELECT 1")

    monkeypatch.setattr(relay, "send_beside", ask)
    once = {"json": body, "headers": {"Idempotency-Key": "once"}}
    job = known.post(RUN, **once).json()["data"]["job_id"]
    path, sent = {
        "a job": (f"/api/jobs/{job}", {}),
        "no job": (f"/api/jobs/{uuid4()}", {}),
        "a list": ("/api/jobs", {}),
        "a submission": (RUN, {"json": body}),
        "a repetition": (RUN, once),
    }[asked]
    answer = known.request("POST" if path == RUN else "GET", path, **sent)
    assert answer.status_code == status, answer.text
