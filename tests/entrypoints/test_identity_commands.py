"""`networx keys`, `users` and `tenants` over a real record."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

import cli.terminal
from cli import keys, tenants, users
from cli.__main__ import app
from cli.client import Client
from cli.terminal import CommandFailed, Exit
from networx.identity.api_key import read_key
from networx.observability import metrics
from tests.core.api.conftest import client_of, key_with
from tests.entrypoints.test_operating import Nowhere

Run = Callable[..., Result]


@pytest.fixture
def run(record, monkeypatch: pytest.MonkeyPatch) -> Run:
    client = Client("http://127.0.0.1:8080", "")
    client._http = client_of(**{"X-API-Key": key_with(record.tenant_id, "read", "write", "admin", "operator")})
    monkeypatch.setattr(metrics, "emit", lambda *_, **__: None)
    monkeypatch.setattr(cli.terminal.sys, "stdin", type("Nobody", (), {"isatty": staticmethod(lambda: False)})())
    for module in (keys, tenants, users):
        monkeypatch.setattr(module, "running_platform", lambda: Nowhere(client))
    return lambda *words: CliRunner().invoke(app, list(words))


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_a_key_is_made_used_rotated_and_revoked(run):
    text = done(run("keys", "create", "robot", "--scopes", "read")).strip().splitlines()[-1]
    key = read_key(text)
    assert key is not None
    assert client_of(**{"X-API-Key": text}).get("/api/jobs").status_code == 200
    assert str(key.id) in done(run("keys", "list"))
    new = json.loads(done(run("keys", "rotate", str(key.id), "--overlap", "0", "--json")))
    assert client_of(**{"X-API-Key": text}).get("/api/jobs").json()["code"] == "KEY_EXPIRED"
    done(run("keys", "revoke", new["id"], "--yes"))
    assert client_of(**{"X-API-Key": new["key"]}).get("/api/jobs").json()["code"] == "KEY_REVOKED"
    listed = json.loads(done(run("keys", "list", "--json")))
    assert text not in json.dumps(listed)


def test_a_tenant_and_its_people_are_made_and_closed(run):
    done(run("tenants", "create", "acme", "Acme Logistics"))
    user = json.loads(done(run("users", "add", "ann@example.com", "--tenant", "acme", "--scopes", "read", "--json")))
    assert user["tenant"] == "acme"
    assert "ann@example.com" in done(run("users", "list", "--tenant", "acme"))
    done(run("users", "revoke", user["id"], "--yes"))
    assert "revoked" in done(run("users", "list", "--tenant", "acme"))
    done(run("tenants", "revoke", "acme", "--yes"))
    assert "revoked" in done(run("tenants", "list"))
    done(run("tenants", "restore", "acme"))
    assert "revoked" not in done(run("tenants", "list"))


def test_nothing_is_revoked_unasked_where_nobody_is_there_to_ask(run):
    text = done(run("keys", "create", "robot")).strip().splitlines()[-1]
    key = read_key(text)
    refused = run("keys", "revoke", str(key.id))
    assert isinstance(refused.exception, CommandFailed)
    assert client_of(**{"X-API-Key": text}).get("/api/jobs").status_code == 200


def test_a_person_without_a_name_is_wrong_use(run):
    assert run("users", "add").exception.code == Exit.WRONG_USE


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "create", "x", "--scopes", "root"),
        ("keys", "revoke", "../users", "--yes"),
        ("tenants", "create", "A B", "x"),
    ],
)
def test_what_the_api_refuses_fails_with_its_words(run, words):
    failure = run(*words).exception
    assert isinstance(failure, CommandFailed)
    assert failure.code in {Exit.REFUSED, Exit.FAILED}


def test_a_list_of_several_pages_is_read_to_its_end(record):
    client = Client("http://127.0.0.1:8080", "")
    client._http = client_of(**{"X-API-Key": key_with(record.tenant_id, "admin")})
    for number in range(4):
        key_with(record.tenant_id, "read", name=f"key {number}")
    names = [key["name"] for key in client.every("/api/keys", limit=2, q="key ", sort="name")]
    assert names == [f"key {number}" for number in range(4)]
