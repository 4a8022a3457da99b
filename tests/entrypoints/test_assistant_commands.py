"""`networx assistant` over the application itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from click.testing import Result
from typer.testing import CliRunner

import cli.terminal
from cli import assistant
from cli.__main__ import app
from cli.client import Client
from cli.terminal import CommandFailed, Exit
from networx.observability import metrics
from tests.core.api.conftest import client_of, key_with
from tests.core.api.holdings import UPLOAD_STATES, Holdings, hold
from tests.entrypoints.test_operating import Nowhere

Run = Callable[..., Result]


@pytest.fixture
def held(record, aws) -> Holdings:
    """A tenant with a suggestion, a summary and a call."""
    return hold(f"held-{uuid4().hex[:8]}", aws)


@pytest.fixture
def run(held, monkeypatch: pytest.MonkeyPatch) -> Run:
    client = Client("http://127.0.0.1:8080", "")
    client._http = client_of(**{"X-API-Key": key_with(held.tenant_id, "read", "write", "admin", "operator")})
    monkeypatch.setattr(metrics, "emit", lambda *_, **__: None)
    monkeypatch.setattr(cli.terminal.sys, "stdin", type("Nobody", (), {"isatty": staticmethod(lambda: False)})())
    monkeypatch.setattr(assistant, "running_platform", lambda: Nowhere(client))
    return lambda *words: CliRunner().invoke(app, ["assistant", *words])


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def failed(result: Result) -> CommandFailed:
    assert isinstance(result.exception, CommandFailed), result.output
    return result.exception


def test_what_may_be_seen_is_said_asked_for_and_taken_back(run: Run) -> None:
    assert failed(run("allow", "--mapping")).code is Exit.WRONG_USE
    changed = json.loads(done(run("allow", "--mapping", "--yes", "--json")))
    assert (changed["mapping"], changed["summaries"]) == (True, False)
    assert json.loads(done(run("status", "--json")))["consent"] == changed
    assert "mapping: allowed" in run("status").stderr
    done(run("forbid"))
    assert json.loads(done(run("status", "--json")))["consent"]["mapping"] is False


def test_without_an_assistant_it_says_so(run: Run, held: Holdings) -> None:
    assert "No assistant is configured" in run("status").stderr
    refused = held.ids["upload"][UPLOAD_STATES.index("rejected")]
    assert "ASSISTANT_OFF" in str(failed(run("suggest", refused)))


def test_a_summary_is_printed_with_its_label_beside_it(run: Run, held: Holdings) -> None:
    said = run("summary", held.one("job"))
    assert done(said) == "It opens 1 facility.\n"
    assert "Written by the model a model." in said.stderr
    assert json.loads(done(run("summary", held.one("job"), "--json")))["written_by"] == "model"


def test_use_and_budget_are_tables(run: Run, held: Holdings) -> None:
    used = done(run("usage"))
    assert "a model" in used
    assert len(json.loads(done(run("usage", "--json")))["periods"]) == 2
    budget = done(run("budget"))
    assert held.slug in budget
    assert [one["tenant"] for one in json.loads(done(run("budget", "--json")))["tenants"]] == [held.slug]


def test_small_amounts_are_shown_with_their_cents_fractions() -> None:
    assert [assistant._dollars(amount) for amount in (0, 0.0006, 1.5, 1234.5)] == [
        "$0.00",
        "$0.0006",
        "$1.50",
        "$1,234.50",
    ]
