"""`networx market`, over the application itself: own rates in, figures out, as a table and as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import __main__ as entry
from cli import market as command
from cli.client import Client
from cli.terminal import CommandFailed, Exit
from networx.market import configuration
from tests.core.api.conftest import client_of, give_key

TODAY = datetime.now(UTC).date()


@pytest.fixture
def run(record, monkeypatch):
    """Run the command with these words."""
    configuration.market.cache_clear()
    client = Client("http://127.0.0.1", "unused")
    client._http = client_of(**{"X-API-Key": give_key(record.tenant_id, "admin")})
    monkeypatch.setattr(command, "running_platform", lambda: SimpleNamespace(client=client))

    def ran(*words: str) -> None:
        result = CliRunner().invoke(entry.app, ["market", *words], catch_exceptions=False)
        assert result.exit_code == 0, result.output

    return ran


def test_own_rates_are_sent_and_shown(run, tmp_path, monkeypatch):
    shown: list[dict[str, Any]] = []  # the application runs in this process too, and writes its metrics to stdout
    monkeypatch.setattr(command, "print_json", shown.append)
    file = tmp_path / "rates.csv"
    file.write_text(f"kind,subject,as_of,value,unit\ndiesel_price,US,{TODAY - timedelta(days=2)},3.745,$/gal\n")
    run("--rates", str(file), "--refresh", "--json")
    (said,) = shown
    assert [(value["value"], value["age_days"], value["origin"]) for value in said["values"]] == [("3.745", 2, "own")]
    assert (said["sources"], said["asked"]) == ([], [])


def test_a_refused_file_says_which_row(run, tmp_path):
    file = tmp_path / "rates.csv"
    file.write_text(f"kind,subject,as_of,value,unit\ndiesel_price,US,{TODAY},400,$/gal\n")
    with pytest.raises(CommandFailed) as refused:
        run("--rates", str(file))
    assert refused.value.code is Exit.REFUSED
    assert "400 $/gal is implausible" in str(refused.value)
    assert refused.value.problems[0]["row"] == 2


def test_a_figure_is_shown_with_its_age_and_source(run, tmp_path, monkeypatch):
    rows: list[list[str]] = []
    monkeypatch.setattr(command, "print_unbroken", lambda _headings, shown, _spare: rows.extend(shown))
    file = tmp_path / "rates.csv"
    day = TODAY - timedelta(days=3)
    file.write_text(f"kind,subject,as_of,value,unit\nlease_rate,60601,{day},9.25,$/sqft/year\n")
    run("--rates", str(file))
    assert rows == [["lease_rate", "60601", "9.25 $/sqft/year", day.isoformat(), "3 d", "own-rates", "high"]]
