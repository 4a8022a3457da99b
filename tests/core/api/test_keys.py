"""API keys through the API: shown once, scoped, expiring, rotated with overlap, revoked; and what a bad one hears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from networx import settings
from networx.api import principals
from networx.db import pool
from networx.identity import pepper as peppers
from networx.identity.api_key import make_key, read_key
from tests.core.api.conftest import client_of, key_with


@pytest.fixture
def admin(record) -> TestClient:
    return client_of(**{"X-API-Key": key_with(record.tenant_id, "admin", name="the admin")})


def made(client: TestClient, **body) -> dict:
    answer = client.post("/api/keys", json={"name": "a robot", "scopes": ["read"], **body})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


def opens(key: str) -> tuple[int, str | None]:
    answer = client_of(**{"X-API-Key": key}).get("/api/jobs")
    return answer.status_code, answer.json().get("code")


def set_columns(key_id: str, assignment: str) -> None:
    with pool.system() as connection:
        connection.execute(f"UPDATE api_keys SET {assignment} WHERE id = %s", (key_id,))


def test_a_key_is_shown_once_and_opens(admin):
    key = made(admin)
    assert opens(key["key"]) == (200, None)
    listed = admin.get("/api/keys").json()["data"]
    assert {each["id"] for each in listed} >= {key["id"]}
    assert all("key" not in each and "secret_hmac" not in each for each in listed)
    assert key["key"] not in admin.get("/api/keys").text + admin.get("/api/audit").text


def test_the_record_has_nothing_that_opens(admin):
    key = read_key(made(admin)["key"])
    with pool.system() as connection:
        row = connection.execute("SELECT api_keys::text FROM api_keys WHERE id = %s", (key.id,)).fetchone()
    assert key.secret.hex() not in row[0]
    assert key.digest.hex() not in row[0]


def test_a_typo_is_told_without_the_record(admin, monkeypatch):
    key = made(admin)["key"]
    monkeypatch.setattr(principals.pool, "at_once", lambda: pytest.fail("the record was asked"))
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert opens(wrong) == (401, "UNAUTHENTICATED")


def test_a_well_formed_key_that_nobody_made_opens_nothing(record):
    assert opens(make_key().text) == (401, "UNAUTHENTICATED")


def test_the_id_of_a_key_with_another_secret_opens_nothing(admin):
    known = read_key(made(admin)["key"])
    assert opens(type(known)(known.id, make_key().secret).text) == (401, "UNAUTHENTICATED")


def test_a_key_ends_when_it_expires(admin):
    key = made(admin, expires_in_days=1)
    left = datetime.fromisoformat(key["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(days=1, seconds=5)
    set_columns(key["id"], "expires_at = now()")
    assert opens(key["key"]) == (401, "KEY_EXPIRED")


def test_a_revoked_key_opens_nothing_and_stays_listed(admin):
    key = made(admin)
    first = admin.delete(f"/api/keys/{key['id']}").json()["data"]
    assert opens(key["key"]) == (401, "KEY_REVOKED")
    assert admin.delete(f"/api/keys/{key['id']}").json()["data"]["revoked_at"] == first["revoked_at"]
    assert key["id"] in {each["id"] for each in admin.get("/api/keys").json()["data"]}


def test_who_has_the_id_alone_does_not_hear_that_a_key_is_revoked(admin):
    key = made(admin)
    admin.delete(f"/api/keys/{key['id']}")
    guessed = type(make_key())(UUID(key["id"]), make_key().secret)
    assert opens(guessed.text) == (401, "UNAUTHENTICATED")


def test_a_key_of_a_revoked_tenant_opens_nothing_until_it_is_restored(admin, operator, record):
    key = made(admin)
    with pool.system() as connection:
        connection.execute("INSERT INTO tenants (slug, name) VALUES ('house', 'Ours')")
        house = connection.execute("SELECT id FROM tenants WHERE slug = 'house'").fetchone()[0]
    ours = client_of(**{"X-API-Key": key_with(house, "operator")})
    assert ours.delete(f"/api/tenants/{record.slug}").status_code == 200
    assert opens(key["key"]) == (403, "TENANT_REVOKED")
    assert ours.post(f"/api/tenants/{record.slug}/restore").status_code == 200
    assert opens(key["key"]) == (200, None)


def test_rotation_leaves_the_old_key_open_for_the_overlap(admin):
    old = made(admin, scopes=["read", "write"], expires_in_days=90)
    answer = admin.post(f"/api/keys/{old['id']}/rotate", json={"overlap_hours": 2})
    assert answer.status_code == 201
    new = answer.json()["data"]
    assert opens(old["key"])[0] == opens(new["key"])[0] == 200
    assert (new["name"], new["scopes"], new["rotated_from"]) == (old["name"], old["scopes"], old["id"])
    life = datetime.fromisoformat(new["expires_at"]) - datetime.fromisoformat(new["created_at"])
    assert life == timedelta(days=90)
    (kept,) = (each for each in admin.get("/api/keys").json()["data"] if each["id"] == old["id"])
    left = datetime.fromisoformat(kept["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2, seconds=5)
    assert kept["replaced_by"] == new["id"]
    set_columns(old["id"], "expires_at = now()")
    assert opens(old["key"]) == (401, "KEY_EXPIRED")
    assert opens(new["key"]) == (200, None)


def test_rotation_never_makes_the_old_key_last_longer(admin):
    old = made(admin, expires_in_days=1)
    admin.post(f"/api/keys/{old['id']}/rotate", json={"overlap_hours": 720})
    (kept,) = (each for each in admin.get("/api/keys").json()["data"] if each["id"] == old["id"])
    assert kept["expires_at"] == old["expires_at"]


def test_without_overlap_the_old_key_ends_at_once(admin):
    old = made(admin)
    admin.post(f"/api/keys/{old['id']}/rotate", json={"overlap_hours": 0})
    assert opens(old["key"]) == (401, "KEY_EXPIRED")


def test_a_key_that_was_rotated_revoked_or_has_expired_is_not_rotated(admin):
    rotated, revoked, expired = made(admin), made(admin), made(admin)
    admin.post(f"/api/keys/{rotated['id']}/rotate")
    admin.delete(f"/api/keys/{revoked['id']}")
    set_columns(expired["id"], "expires_at = now()")
    for key in (rotated, revoked, expired):
        answer = admin.post(f"/api/keys/{key['id']}/rotate")
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")


def test_the_last_use_is_written_at_most_once_a_minute(admin):
    key = made(admin)
    assert key["last_used_at"] is None

    def last_use() -> str:
        return next(each["last_used_at"] for each in admin.get("/api/keys").json()["data"] if each["id"] == key["id"])

    opens(key["key"])
    first = last_use()
    opens(key["key"])
    assert last_use() == first
    set_columns(key["id"], "last_used_at = last_used_at - interval '61 seconds'")
    aged = last_use()
    opens(key["key"])
    assert last_use() > aged
    assert last_use() >= first


def test_a_last_use_that_somebody_else_is_writing_is_not_waited_for(admin):
    key = made(admin)
    with pool.system() as connection:
        connection.execute("SELECT FROM api_keys WHERE id = %s FOR UPDATE", (key["id"],))
        assert opens(key["key"]) == (200, None)


@pytest.mark.parametrize("scopes", [["operator"], ["read", "operator"]])
def test_an_administrator_gives_no_scope_beyond_the_tenant(admin, scopes):
    answer = admin.post("/api/keys", json={"name": "more", "scopes": scopes})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


def test_an_administrator_renews_no_key_that_reaches_beyond_the_tenant(admin, record):
    stronger = read_key(key_with(record.tenant_id, "operator"))
    answer = admin.post(f"/api/keys/{stronger.id}/rotate")
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": ["read"]},
        {"name": "", "scopes": ["read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["root"]},
        {"name": "x", "scopes": "read"},
        {"name": "x\nForged: line", "scopes": ["read"]},
        {"name": "x", "scopes": ["read"], "expires_in_days": 0},
        {"name": "x", "scopes": ["read"], "expires_in_days": 10**9},
        {"name": "x", "scopes": ["read"], "secret": "mine"},
    ],
)
def test_what_makes_no_key_is_refused_cell_by_cell(admin, body):
    answer = admin.post("/api/keys", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
    assert answer.json()["problems"]


def test_another_tenants_keys_do_not_exist(admin, foreigner, record):
    foreign = client_of(**{"X-API-Key": key_with(_tenant_of(foreigner), "admin")})
    key = made(foreign)
    for answer in (
        admin.delete(f"/api/keys/{key['id']}"),
        admin.post(f"/api/keys/{key['id']}/rotate"),
        admin.delete(f"/api/keys/{uuid4()}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "KEY_NOT_FOUND")
    assert opens(key["key"]) == (200, None)
    assert key["id"] not in admin.get("/api/keys").text


def test_another_tenants_keys_are_an_operators_alone(admin, operator, foreigner, record):
    with pool.system() as connection:
        slug = connection.execute("SELECT slug FROM tenants WHERE id = %s", (_tenant_of(foreigner),)).fetchone()[0]
    assert admin.get("/api/keys", params={"tenant": slug}).status_code == 403
    assert admin.post("/api/keys", json={"name": "x", "scopes": ["read"], "tenant": slug}).status_code == 403
    both = client_of(**{"X-API-Key": key_with(record.tenant_id, "admin", "operator")})
    key = made(both, tenant=slug)
    assert key["tenant"] == slug
    assert key["id"] in both.get("/api/keys", params={"tenant": slug}).text
    assert both.delete(f"/api/keys/{key['id']}").json()["data"]["revoked_at"] is not None
    assert both.get("/api/keys", params={"tenant": "nowhere"}).json()["code"] == "TENANT_NOT_FOUND"


def test_a_secret_is_not_kept_with_an_idempotency_key(admin):
    headers = {"Idempotency-Key": "the-same"}
    keys = [admin.post("/api/keys", json={"name": "x", "scopes": ["read"]}, headers=headers).json() for _ in range(2)]
    assert keys[0]["data"]["id"] != keys[1]["data"]["id"]
    with pool.system() as connection:
        assert connection.execute("SELECT count(*) FROM idempotency_keys").fetchone() == (0,)


@pytest.mark.parametrize(
    ("name", "secret", "status", "code"),
    [
        (None, None, 500, "INTERNAL_ERROR"),
        ("nowhere", None, 500, "INTERNAL_ERROR"),
        ("short", "abc", 500, "INTERNAL_ERROR"),
    ],
)
def test_without_a_pepper_nobody_gets_in(record, aws, monkeypatch, name, secret, status, code):
    key = key_with(record.tenant_id, "read")
    if secret is not None:
        aws.secrets.create_secret(Name=name, SecretString=f'{{"pepper": "{secret}"}}')
    monkeypatch.setenv("NETWORX_KEY_PEPPER_SECRET", name or "")
    for cached in (settings.current, peppers.pepper):
        cached.cache_clear()
    try:
        assert opens(key) == (status, code)
    finally:
        monkeypatch.undo()
        for cached in (settings.current, peppers.pepper):
            cached.cache_clear()
    assert opens(key) == (200, None)


def _tenant_of(client: TestClient) -> UUID:
    key = read_key(client.headers["X-API-Key"])
    with pool.system() as connection:
        return connection.execute("SELECT tenant_id FROM api_keys WHERE id = %s", (key.id,)).fetchone()[0]
