"""What the web counts of its own answers, and how it gets into the record."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from networx.api.app import create_app
from networx.api.tally import Tally
from networx.db import hourly, pool
from networx.db.hourly import ANSWERED, FAILED, REFUSED, SLOW
from networx.errors import DatabaseUnavailable
from tests.core.api.served import served


@pytest.fixture(autouse=True)
def counted_nothing(record) -> None:
    with pool.connect(pool.Role.OWNER, autocommit=True) as owner:
        owner.execute("TRUNCATE hourly_counts")


def totals() -> dict[str, int]:
    """Over all hours: a test may run over the end of one."""
    now = datetime.now(UTC)
    with pool.system() as connection:
        found = hourly.between(connection, now - timedelta(hours=3), now + timedelta(hours=1))
    names = {name for _, name in found}
    return {name: sum(number for (_, of), number in found.items() if of == name) for name in names}


def test_every_answer_is_counted_by_what_it_was():
    tally = Tally()
    assert tally.empty
    for status, milliseconds in [(200, 5), (404, 30_000), (429, 1), (503, 1), (500, 30_001), (200, None)]:
        tally.count(status, milliseconds)
    assert not tally.empty
    tally.flush()
    assert totals() == {ANSWERED: 6, FAILED: 2, REFUSED: 1, SLOW: 1}
    assert tally.empty
    tally.flush()
    assert totals()[ANSWERED] == 6


def test_a_flush_without_requests_says_that_the_hour_was_counted():
    Tally().flush()
    assert totals() == {ANSWERED: 0, FAILED: 0, REFUSED: 0, SLOW: 0}


def test_a_record_that_is_away_costs_no_count(monkeypatch):
    tally = Tally()
    tally.count(200, 1)

    def away() -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(pool, "system", away)
        tally.flush()
    tally.count(429, 1)
    tally.flush()
    assert totals() == {ANSWERED: 2, FAILED: 0, REFUSED: 1, SLOW: 0}


def test_processes_that_flush_at_the_same_instant_lose_nothing():
    tallies = [Tally() for _ in range(8)]
    for tally in tallies:
        tally.count(200, 1)
    threads = [threading.Thread(target=tally.flush) for tally in tallies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert totals()[ANSWERED] == 8


def test_the_application_counts_its_answers(client):
    assert client.get("/api/jobs").status_code == 200
    assert client.get("/api/jobs", headers={"X-API-Key": "none"}).status_code == 401
    client.app.state.tally.flush()
    assert totals() == {ANSWERED: 2, FAILED: 0, REFUSED: 0, SLOW: 0}


def test_what_was_counted_last_is_written_when_the_web_stops():
    with served(create_app()) as running:
        assert httpx.get(f"{running.url}/api/health/live", trust_env=False).status_code == 200
    assert totals()[ANSWERED] == 1
