"""The first key of a stage: made where the operator sits, admitted by a task that never sees it."""

from __future__ import annotations

import json

import pytest

from networx.api import first_key
from networx.db import audit, pool
from networx.db.keyset import Page
from networx.identity import tenants
from networx.identity.api_key import read_key
from tests.core.api.conftest import client_of


def make(capsys) -> dict[str, str]:
    assert first_key.main(["make"]) == 0
    return json.loads(capsys.readouterr().out)


def admit(made: dict[str, str], *more: str) -> int:
    return first_key.main(["admit", "--id", made["id"], "--digest", made["digest"], *more])


def test_a_stage_without_any_key_gets_its_first(record, capsys):
    made = make(capsys)
    assert admit(made, "--tenant", "acme", "--tenant-name", "Acme") == 0
    assert made["key"] not in capsys.readouterr().out
    client = client_of(**{"X-API-Key": made["key"]})
    assert client.get("/api/status").status_code == 200
    assert [key["id"] for key in client.get("/api/keys").json()["data"]] == [made["id"]]
    with pool.system() as connection:
        acme = tenants.get(connection, "acme")
        told = audit.read(connection, page=Page(audit.ORDERS["-id"], 2))
    assert [(line.action, line.actor, line.tenant_id) for line in told] == [
        ("key.created", "first key task", acme.id),
        ("tenant.created", "first key task", acme.id),
    ]


def test_done_twice_it_does_no_more(record, capsys):
    made = make(capsys)
    assert admit(made, "--tenant", record.slug, "--scopes", "read") == 0
    assert admit(made, "--tenant", record.slug, "--scopes", "read,operator") == 0
    client = client_of(**{"X-API-Key": made["key"]})
    assert client.get("/api/jobs").status_code == 200
    assert client.get("/api/status").status_code == 403


def test_what_the_task_is_told_does_not_open(record, capsys):
    made = make(capsys)
    key = read_key(made["key"])
    admit(made, "--tenant", record.slug)
    guessed = type(key)(key.id, bytes.fromhex(made["digest"])).text
    assert client_of(**{"X-API-Key": guessed}).get("/api/jobs").status_code == 401


def test_a_tenant_that_is_not_there_is_not_made_by_a_typo(record, capsys):
    assert admit(make(capsys), "--tenant", "acmee") == 1
    with pool.system() as connection:
        assert "acmee" not in {tenant.slug for tenant in tenants.listed(connection)}


def test_a_key_is_of_one_tenant(record, capsys):
    made = make(capsys)
    assert admit(made, "--tenant", record.slug) == 0
    assert admit(made, "--tenant", "other", "--tenant-name", "Other") == 1
    with pool.system() as connection:
        assert "other" not in {tenant.slug for tenant in tenants.listed(connection)}


@pytest.mark.parametrize("wrong", [["--scopes", "root"], ["--scopes", ""]])
def test_unknown_scopes_are_refused(record, capsys, wrong):
    assert admit(make(capsys), "--tenant", record.slug, *wrong) == 1


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64])
def test_a_digest_that_is_none_is_refused(digest, capsys):
    with pytest.raises(SystemExit):
        admit({**make(capsys), "digest": digest}, "--tenant", "acme")
