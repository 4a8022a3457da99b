"""Health says which part ails, and the load balancer's check asks none of them."""

from __future__ import annotations

import pytest

from networx.api import health
from networx.db import pool
from networx.errors import DatabaseUnavailable
from networx.topology import TOPOLOGY


def test_with_everything_there_it_is_healthy(record, stranger):
    answer = stranger.get("/api/health")
    data = answer.json()["data"]
    assert (answer.status_code, data["status"]) == (200, "healthy")
    assert set(data["checks"]) == {"database", "redis", "job_queue", "memory"}
    assert all(check["latency_ms"] >= 0 for check in data["checks"].values())
    assert data["version"]


def test_a_long_queue_degrades_it(record, stranger):
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO jobs (tenant_id, kind, queue, max_attempts) "
            "SELECT %s, 'transport', 'optimization.fifo', 2 FROM generate_series(0, %s)",
            (record.tenant_id, TOPOLOGY.limits.queued_jobs_degraded),
        )
    answer = stranger.get("/api/health")
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "degraded")


def test_a_part_that_is_away_makes_it_unhealthy_and_the_process_still_serves(record, stranger, monkeypatch):
    def away():
        raise DatabaseUnavailable

    monkeypatch.setitem(health._CHECKS, "database", away)
    answer = stranger.get("/api/health")
    assert answer.status_code == 503
    assert answer.json()["data"]["checks"]["database"]["status"] == "unhealthy"
    assert answer.json()["data"]["checks"]["redis"]["status"] == "healthy"
    assert stranger.get("/api/health/live").status_code == 200


@pytest.mark.parametrize(("share", "status"), [(0.5, "healthy"), (0.8, "degraded"), (0.95, "unhealthy")])
def test_memory_is_held_against_its_limit(monkeypatch, share, status):
    monkeypatch.setattr(health, "_limit_bytes", lambda: 1000)
    monkeypatch.setattr(health, "_resident_bytes", lambda: int(1000 * share))
    assert health._memory()["status"] == status
