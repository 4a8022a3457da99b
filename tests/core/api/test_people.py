"""People through the load balancer: its word is believed when it is its own, ours and not over; and nothing else is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi.testclient import TestClient

from networx import settings
from networx.api import balancer_claims, balancer_keys
from networx.api.balancer_claims import HEADER
from networx.api.people import person_behind
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.identity import tenants, users
from networx.settings import SignIn
from tests.core.api.balancers import (
    CLIENT,
    ISSUER,
    SIGNER,
    Balancer,
    KeyServer,
    pem_of,
    person,
    signed_with_text,
    unsigned,
)
from tests.core.api.conftest import client_of, key_with

DOER = Doer("a test")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
PASSED_ON = "203.0.113.7"


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    with KeyServer().serving() as server:
        yield server


@pytest.fixture
def balancer(key_server: KeyServer, record, monkeypatch: pytest.MonkeyPatch) -> Iterator[Balancer]:
    """This process as a deployed web behind a load balancer that signs people in."""
    deployed = replace(
        settings.current(),
        # Valkey and Postgres are reached as on a laptop; what is asked of people is a stage's.
        public_url="https://networx.example.com",
        sign_in=SignIn(ISSUER, CLIENT, SIGNER, key_server.address),
    )
    monkeypatch.setattr(settings, "current", lambda: deployed)
    balancer_keys.keys_at.cache_clear()
    yield Balancer(key_server)
    balancer_keys.keys_at.cache_clear()


@pytest.fixture
def ann(record) -> users.User:
    with pool.system() as connection:
        return users.create(
            connection,
            DOER,
            tenant_id=record.tenant_id,
            email="Ann@Example.com",
            subject=None,
            scopes=["read", "write"],
        )


def browser() -> TestClient:
    client = client_of()
    client.base_url = "https://networx.example.com"
    return client


def ask(token: str, client: TestClient | None = None, **headers: str):
    return (client or browser()).get("/api/jobs", headers={HEADER: token, **headers})


def said(answer) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def test_who_signed_in_is_let_in_with_the_scopes_of_the_user(balancer, ann):
    client = browser()
    assert said(ask(balancer.token(), client)) == (200, None)
    assert client.get("/api/keys", headers={HEADER: balancer.token()}).status_code == 403
    made = client.post("/api/projects", json={"name": "x"}, headers={HEADER: balancer.token(), **SAME_ORIGIN})
    assert made.status_code == 201


def test_who_is_no_user_hears_403_and_whom_to_ask(balancer, ann):
    answer = ask(balancer.token(person("subject-2", "bob@example.com")))
    assert said(answer) == (403, "USER_UNKNOWN")
    assert "bob@example.com" in answer.json()["error"]
    assert "Set-Cookie" not in answer.headers


def test_no_header_is_nobody(balancer, ann):
    assert said(browser().get("/api/jobs")) == (401, "UNAUTHENTICATED")


# --- What is forged ---


def _exchanged(balancer: Balancer) -> str:
    header, _, signature = balancer.token().split(".")
    return ".".join((header, balancer.token(person("another")).split(".")[1], signature))


FORGERIES = {
    "another signer": (lambda b: b.token(signer=SIGNER.replace("app/networx", "app/evil")), "SIGN_IN_REFUSED"),
    "no signer": (lambda b: b.token(signer=None), "SIGN_IN_REFUSED"),
    "another client": (lambda b: b.token(client="another"), "SIGN_IN_REFUSED"),
    "another issuer": (lambda b: b.token(iss="https://evil.example"), "SIGN_IN_REFUSED"),
    "another issuer of the claims": (
        lambda b: b.token({**person(), "iss": "https://evil.example"}),
        "SIGN_IN_REFUSED",
    ),
    "signed by another key": (lambda b: b.token(by=ec.generate_private_key(ec.SECP256R1())), "SIGN_IN_REFUSED"),
    "a key nobody knows": (lambda b: b.token(kid=str(uuid4())), "SIGN_IN_REFUSED"),
    "no key": (lambda b: b.token(kid=None), "SIGN_IN_REFUSED"),
    "a key that leads elsewhere": (lambda b: b.token(kid="../../evil"), "SIGN_IN_REFUSED"),
    "a key at another host": (lambda b: b.token(kid="@evil.example/x"), "SIGN_IN_REFUSED"),
    "alg none": (lambda b: unsigned(b.header(alg="none"), person()), "SIGN_IN_REFUSED"),
    "alg none under our algorithm": (lambda b: unsigned(b.header(), person()), "SIGN_IN_REFUSED"),
    "HS256 with the public key": (
        lambda b: signed_with_text(b.header(alg="HS256"), person(), b.pem),
        "SIGN_IN_REFUSED",
    ),
    "HS256 that calls itself ES256": (lambda b: signed_with_text(b.header(), person(), b.pem), "SIGN_IN_REFUSED"),
    "claims exchanged": (_exchanged, "SIGN_IN_REFUSED"),
    "expired": (lambda b: b.token(exp=int(time.time()) - 1), "SIGN_IN_EXPIRED"),
    "expired claims": (lambda b: b.token({**person(), "exp": int(time.time()) - 1}), "SIGN_IN_EXPIRED"),
    "without an end": (lambda b: b.token(exp=None), "SIGN_IN_EXPIRED"),
    "an end that is no time": (lambda b: b.token(exp="tomorrow"), "SIGN_IN_EXPIRED"),
    "nobody": (lambda b: b.token(person("")), "SIGN_IN_REFUSED"),
    "no text as subject": (lambda b: b.token({**person(), "sub": {"a": 1}}), "SIGN_IN_REFUSED"),
    "no token": (lambda b: "hello", "SIGN_IN_REFUSED"),
    "empty": (lambda b: "", "SIGN_IN_REFUSED"),
    "half a token": (lambda b: b.token().rpartition(".")[0], "SIGN_IN_REFUSED"),
    "too long": (lambda b: b.token({**person(), "name": "x" * 20_000}), "SIGN_IN_REFUSED"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_sign_in_lets_nobody_in(balancer, ann, forgery):
    forge, code = FORGERIES[forgery]
    answer = ask(forge(balancer))
    assert said(answer) == (401, code)
    assert "Set-Cookie" not in answer.headers
    assert said(ask(balancer.token())) == (200, None), "the genuine one still does"


def test_what_is_not_for_us_costs_no_request(balancer, ann, key_server):
    for name in ("another signer", "another client", "another issuer", "alg none", "HS256 with the public key"):
        ask(FORGERIES[name][0](balancer))
    assert not key_server.asked


def test_a_genuine_one_is_good_until_it_is_over_and_no_session_outlasts_it(balancer, ann, monkeypatch):
    client = browser()
    until = time.time() + 60
    token = balancer.token(exp=until)
    assert said(ask(token, client)) == (200, None)
    monkeypatch.setattr(balancer_claims, "time", SimpleNamespace(time=lambda: until + 0.1))
    assert said(ask(token, client)) == (401, "SIGN_IN_EXPIRED")
    assert said(client.get("/api/jobs")) == (401, "UNAUTHENTICATED")


def test_two_headers_are_none(balancer, ann):
    answer = browser().get("/api/jobs", headers=[(HEADER, balancer.token()), (HEADER, balancer.token())])
    assert said(answer) == (401, "SIGN_IN_REFUSED")


def test_a_key_decides_alone(balancer, ann, record):
    wrong = key_with(record.tenant_id, "read")[:-1]
    assert said(ask(balancer.token(), **{"X-API-Key": wrong})) == (401, "UNAUTHENTICATED")
    weak = key_with(record.tenant_id)
    assert said(ask(balancer.token(), **{"X-API-Key": weak})) == (403, "FORBIDDEN")


def test_where_nobody_signs_in_at_a_balancer_its_header_means_nothing(record, ann, key_server):
    assert said(ask(Balancer(key_server).token())) == (401, "UNAUTHENTICATED")


def test_a_person_with_a_bad_sign_in_is_told_and_not_led_to_a_page_that_is_not_there(balancer, ann):
    answer = browser().get("/", headers={HEADER: balancer.token(client="another"), "Accept": "text/html"})
    assert said(answer) == (401, "SIGN_IN_REFUSED")


# --- The keys ---


def test_a_key_is_asked_for_once(balancer, ann, key_server):
    for _ in range(3):
        ask(balancer.token())
    assert key_server.asked == {balancer.key_id: 1}


def test_a_key_that_is_not_there_is_not_asked_for_again_at_once(balancer, ann, key_server):
    absent = str(uuid4())
    for _ in range(3):
        assert said(ask(balancer.token(kid=absent))) == (401, "SIGN_IN_REFUSED")
    assert key_server.asked[absent] == 1


def test_a_key_is_asked_for_anew_when_it_was_kept_long_enough(balancer, ann, key_server, monkeypatch):
    ask(balancer.token())
    later = time.monotonic() + balancer_keys.KEPT_SECONDS + 1
    monkeypatch.setattr(balancer_keys.time, "monotonic", lambda: later)
    assert said(ask(balancer.token())) == (200, None)
    assert key_server.asked[balancer.key_id] == 2


@pytest.mark.parametrize("status", [302, 500, 503])
def test_a_key_server_that_fails_is_503_and_asked_again(balancer, ann, key_server, status):
    key_server.status = status
    answer = ask(balancer.token())
    assert said(answer) == (503, "SIGN_IN_UNAVAILABLE")
    assert answer.headers["Retry-After"]
    key_server.status = None
    assert said(ask(balancer.token())) == (200, None)


def test_a_key_server_that_is_gone_is_503_and_keys_that_are_known_go_on(balancer, ann, key_server):
    other = Balancer(key_server)
    ask(balancer.token())
    key_server.stop()
    assert said(ask(balancer.token())) == (200, None)
    assert said(ask(other.token())) == (503, "SIGN_IN_UNAVAILABLE")


def test_a_key_server_that_says_nothing_is_waited_for_no_longer_than_seconds(balancer, ann, key_server, monkeypatch):
    monkeypatch.setattr(balancer_keys, "_TIMEOUT", balancer_keys.httpx.Timeout(0.2))
    key_server.delay = 2.0
    # Had it been waited for, the answer would be 200.
    assert said(ask(balancer.token())) == (503, "SIGN_IN_UNAVAILABLE")


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"no key",
        pem_of(ec.generate_private_key(ec.SECP384R1()).public_key()),
        pem_of(rsa.generate_private_key(65537, 2048).public_key()),
        b"x" * 100_000,
    ],
    ids=["empty", "text", "another curve", "RSA", "endless"],
)
def test_what_is_no_key_of_a_balancer_checks_nothing(balancer, ann, key_server, pem):
    key_server.pems[balancer.key_id] = pem
    assert said(ask(balancer.token())) == (503, "SIGN_IN_UNAVAILABLE")


# --- Sessions ---


def test_a_session_begins_with_the_first_request_and_is_used_by_the_next(balancer, ann):
    client = browser()
    cookie = ask(balancer.token(), client).headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Secure"))
    assert "Set-Cookie" not in ask(balancer.token(), client).headers


def test_a_session_of_another_person_is_not_taken_over(balancer, ann):
    client = browser()
    ask(balancer.token(), client)
    assert said(ask(balancer.token(person("subject-2", "bob@example.com")), client)) == (403, "USER_UNKNOWN")


def test_signing_out_ends_the_session_and_the_balancers(balancer, ann):
    client = browser()
    ask(balancer.token(), client)
    name, value = next(iter(client.cookies.items()))
    answer = client.post("/sign-out", headers={HEADER: balancer.token(), **SAME_ORIGIN})
    assert answer.status_code == 200
    assert "You are signed out" in answer.text
    ended = [cookie.split("=")[0] for cookie in answer.headers.get_list("set-cookie") if "Max-Age=0" in cookie]
    assert set(ended) == {name, *(f"AWSELBAuthSessionCookie-{part}" for part in range(4))}
    again = ask(balancer.token(), browser(), Cookie=f"{name}={value}")
    assert "Set-Cookie" in again.headers, "the old session is gone: this is another"


@pytest.mark.parametrize("site", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}])
def test_another_site_changes_nothing_in_a_persons_name(balancer, ann, site):
    answer = browser().post("/api/projects", json={"name": "x"}, headers={HEADER: balancer.token(), **site})
    assert said(answer) == (403, "FORBIDDEN")


def test_a_session_of_a_laptop_is_worth_nothing_at_a_balancer(balancer, ann, monkeypatch):
    from networx.api import sessions

    client = browser()
    client.cookies.set("networx_session_443", sessions.begin(sessions.Session()))
    assert said(client.get("/api/jobs")) == (401, "UNAUTHENTICATED")


# --- Users ---


def test_an_address_is_bound_to_the_subject_at_the_first_sign_in(balancer, ann):
    ask(balancer.token())
    thief = balancer.token(person("subject-9", "ann@example.com"))
    assert said(ask(thief)) == (403, "USER_UNKNOWN")
    renamed = balancer.token(person("subject-1", "ann.new@example.com"))
    assert said(ask(renamed)) == (200, None)


@pytest.mark.parametrize("verified", [False, None, "false", 1, "yes"])
def test_an_address_that_nobody_verified_is_nobodys(balancer, ann, verified):
    answer = ask(balancer.token(person(verified=verified)))
    # JSON's 1 is not true, though Python would take it for that.
    assert said(answer) == (403, "USER_UNKNOWN")


@pytest.mark.parametrize("verified", [True, "true"])
def test_an_address_is_compared_without_regard_to_case(balancer, ann, verified):
    assert said(ask(balancer.token(person(email="ANN@example.COM", verified=verified)))) == (200, None)


def test_a_user_can_be_known_by_the_subject_alone(balancer, record):
    with pool.system() as connection:
        users.create(connection, DOER, tenant_id=record.tenant_id, email=None, subject="subject-7", scopes=["read"])
    assert said(ask(balancer.token(person("subject-7", None)))) == (200, None)


def test_a_revoked_user_is_out_at_once_session_or_not(balancer, ann, record):
    client = browser()
    ask(balancer.token(), client)
    admin = client_of(**{"X-API-Key": key_with(record.tenant_id, "admin")})
    assert admin.delete(f"/api/users/{ann.id}").json()["data"]["revoked_at"] is not None
    assert said(ask(balancer.token(), client)) == (403, "USER_REVOKED")
    assert said(ask(balancer.token())) == (403, "USER_UNKNOWN")


def test_people_of_a_revoked_tenant_are_out_at_once_session_or_not(balancer, ann, record):
    client = browser()
    ask(balancer.token(), client)
    with pool.system() as connection:
        tenants.revoke(connection, DOER, record.slug)
    assert said(ask(balancer.token(), client)) == (403, "TENANT_REVOKED")
    assert said(ask(balancer.token())) == (403, "TENANT_REVOKED")


def test_the_first_sign_in_is_audited_with_the_address_that_the_balancer_appended(balancer, ann, monkeypatch):
    deployed = replace(settings.current(), stage="prod", trusted_proxies=1)
    monkeypatch.setattr(settings, "current", lambda: deployed)
    from starlette.requests import HTTPConnection

    headers = [(HEADER.encode(), balancer.token().encode()), (b"x-forwarded-for", f"6.6.6.6, {PASSED_ON}".encode())]
    scope = {"type": "http", "headers": headers, "client": ("10.0.0.9", 1), "server": ("10.0.0.1", 8080)}
    # Off the laptop the cache is spoken to with TLS, which the one of these tests does not have.
    monkeypatch.setattr("networx.api.people.sessions.begin", lambda session: "a session")
    principal, begun = person_behind(HTTPConnection({**scope, "scheme": "http", "path": "/", "query_string": b""}))
    assert (principal.name, begun) == ("ann@example.com", "a session")
    with pool.tenant(ann.tenant_id) as connection:
        (bound,) = audit.read(connection, action="user.bound")
    assert (bound.address, bound.facts["subject"]) == (PASSED_ON, "subject-1")
