"""How often a request waits for the database: what costs most of it, and must not grow unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from networx import settings
from networx.db import pool
from networx.jobs import relay
from networx.settings import Address
from tests.core.db.fronts import LOOPBACK, Meter, serving

RUN = "/api/optimize/run-batch"


@pytest.fixture
def meter(record, machine, monkeypatch) -> Iterator[Meter]:
    """Every journey of this process to the database goes past it."""
    made = Meter(machine.ports.postgres)
    pool.close_pools()
    with serving(made):
        there = replace(settings.current(), database=Address(LOOPBACK, made.port))
        monkeypatch.setattr(settings, "current", lambda: there)
        # However slow this machine is, no connection is asked how it is; and what the relay asks is not the request's.
        monkeypatch.setattr(pool, "_WELL_FOR_SECONDS", float("inf"))
        monkeypatch.setattr(relay, "send_beside", lambda: None)
        yield made
        pool.close_pools()


@pytest.mark.parametrize(
    ("asked", "journeys"),
    [
        # The key; what stands of the scenario, in a transaction that begins with it; the job and the commit.
        ("submit", 3),
        # The Idempotency-Key is taken with the one and remembered with the other.
        ("submit with an Idempotency-Key", 3),
        # The key; the answer that was kept; the end of the transaction in which it was looked for.
        ("a repetition", 3),
        # The key, and with it the pauses; the job with its result.
        ("job", 2),
        ("list", 2),
    ],
)
def test_a_request_waits_for_the_database_so_often_and_no_more(meter, client, make_scenario, asked, journeys):
    body = {"scenario_id": make_scenario()}
    job = client.post(RUN, json=body, headers={"Idempotency-Key": "an earlier one"}).json()["data"]["job_id"]
    requests = {
        "submit": ("POST", RUN, {"json": body}),
        "submit with an Idempotency-Key": ("POST", RUN, {"json": body, "headers": {"Idempotency-Key": str(uuid4())}}),
        "a repetition": ("POST", RUN, {"json": body, "headers": {"Idempotency-Key": "an earlier one"}}),
        "job": ("GET", f"/api/jobs/{job}", {}),
        "list": ("GET", "/api/jobs", {}),
    }
    # By now the key is known, and each pool has its connection.
    assert client.get(f"/api/jobs/{job}").json()["data"]["status"] == "queued"
    before = meter.journeys
    method, path, sent = requests[asked]
    assert client.request(method, path, **sent).status_code == (202 if method == "POST" else 200)
    assert meter.journeys - before == journeys
