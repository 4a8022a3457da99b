"""Two tenants over four connections at once: reads, writes, cancellations and faults in the middle of transactions.

Whatever befalls a connection, the next to borrow it sees its own tenant's rows alone. INTERLEAVED_REQUESTS=10000 asks
more, INTERLEAVED_SEED=7 the same again (what the threads do to one another differs all the same).
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from local.postgres import Postgres
from networx.db import pool
from networx.db.bootstrap import DATABASE
from networx.db.pool import Role
from networx.errors import DatabaseUnavailable
from tests.core.api.conftest import client_of, key_with
from tests.core.api.holdings import Holdings, hold
from tests.core.api.served import Generous

REQUESTS = int(os.environ.get("INTERLEAVED_REQUESTS", "2000"))
SEED = int(os.environ.get("INTERLEAVED_SEED") or SystemRandom().randrange(10**6))
CONNECTIONS = 4
THREADS = 8


@pytest.fixture
def tenants(record, aws, monkeypatch) -> tuple[Holdings, Holdings]:
    """Two tenants with everything, over small pools of their own."""
    pool.close_pools()
    monkeypatch.setattr(pool, "_maximum", CONNECTIONS)
    yield hold(f"red-{uuid4().hex[:8]}", aws), hold(f"blue-{uuid4().hex[:8]}", aws)
    pool.close_pools()


@dataclass
class Asker:
    """One tenant's client, and what it must never see: anything of the other's."""

    own: Holdings
    other: Holdings
    client: Any
    created: list[str] = field(default_factory=list)

    def require_own(self, text: str) -> None:
        marks = (self.other.slug, str(self.other.tenant_id), *(one for many in self.other.ids.values() for one in many))
        leaked = [mark for mark in marks if mark in text]
        assert not leaked, f"seed {SEED}: {self.own.slug} was shown {leaked}"


def read_list(asker: Asker, random: Random) -> str:
    what = random.choice(["uploads", "datasets", "projects", "scenarios", "jobs", "audit"])
    answer = asker.client.get(f"/api/{what}")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) >= 1
    asker.require_own(answer.text)
    return "list"


def read_one(asker: Asker, random: Random) -> str:
    kind, path = random.choice(
        [
            ("upload", "/api/uploads/"),
            ("dataset", "/api/datasets/"),
            ("scenario", "/api/scenarios/"),
            ("job", "/api/jobs/"),
        ]
    )
    answer = asker.client.get(path + random.choice(asker.own.ids[kind]))
    assert answer.status_code == 200, answer.text
    asker.require_own(answer.text)
    return "read"


def read_anothers(asker: Asker, random: Random) -> str:
    kind, path = random.choice([("upload", "/api/uploads/"), ("dataset", "/api/datasets/"), ("job", "/api/jobs/")])
    answer = asker.client.get(path + random.choice(asker.other.ids[kind]))
    assert answer.status_code == 404, answer.text
    return "another's"


def write(asker: Asker, random: Random) -> str:
    name = f"{asker.own.slug} {random.randrange(10**9)}"
    answer = asker.client.post("/api/projects", json={"name": name}, headers={"Idempotency-Key": name})
    assert answer.status_code == 201, answer.text
    asker.created.append(answer.json()["data"]["project_id"])
    return "write"


def write_refused(asker: Asker, random: Random) -> str:
    body = {
        "project_id": asker.own.one("project"),
        "name": "A scenario",
        "type": "transport",
        "datasets": {"network": asker.other.one("dataset")},
    }
    answer = asker.client.post("/api/scenarios", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "DATASET_NOT_FOUND"), answer.text
    return "refused in a transaction"


class Bang(Exception):
    """A fault of ours in the middle of a transaction."""


def fault(asker: Asker, random: Random) -> str:
    def broken_off() -> None:
        with pool.tenant(asker.own.tenant_id) as connection:
            connection.execute("INSERT INTO projects (tenant_id, name) VALUES (%s, 'lost')", (asker.own.tenant_id,))
            raise Bang

    with pytest.raises(Bang):
        broken_off()
    return "fault"


def wrong_statement(asker: Asker, random: Random) -> str:
    with pytest.raises(psycopg.errors.DivisionByZero), pool.tenant(asker.own.tenant_id) as connection:
        connection.execute("SELECT 1 / 0")
    return "wrong statement"


def cancelled(asker: Asker, random: Random) -> str:
    with pytest.raises(psycopg.errors.QueryCanceled), pool.tenant(asker.own.tenant_id) as connection:
        _sleep_until_cancelled(connection)
    return "cancelled"


def _sleep_until_cancelled(connection: pool.Connection) -> None:
    over = threading.Event()

    def cancel() -> None:
        # Whoever comes too early cancels nothing, and nobody may come when another has the connection.
        while not over.wait(0.01):
            connection.cancel_safe(timeout=20)

    canceller = threading.Thread(target=cancel)
    canceller.start()
    try:
        connection.execute("SELECT pg_sleep(60)")
    finally:
        over.set()
        canceller.join()


def killed(asker: Asker, random: Random) -> str:
    with pytest.raises(DatabaseUnavailable), pool.tenant(asker.own.tenant_id) as connection:
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return "killed"


def without_tenant(asker: Asker, random: Random) -> str:
    """Whoever forgets to enter a tenant sees nothing, whoever had the connection before."""
    with pool.pool(Role.APP).connection() as connection:
        assert connection.execute("SELECT current_tenant()").fetchone() == (None,)
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (0,)
    return "without a tenant"


ACTS: tuple[tuple[Callable[[Asker, Random], str], int], ...] = (
    (read_list, 25),
    (read_one, 30),
    (read_anothers, 12),
    (write, 12),
    (write_refused, 6),
    (fault, 5),
    (wrong_statement, 4),
    (cancelled, 2),
    (killed, 1),
    (without_tenant, 3),
)


@pytest.mark.timeout(120 + REQUESTS)
def test_two_tenants_over_a_small_pool_leak_nothing(tenants, postgres):
    askers = [asker_of(own, other) for own, other in (tenants, tuple(reversed(tenants)))]
    print(f"INTERLEAVED_SEED={SEED}")
    done: Counter[str] = Counter()
    lock = threading.Lock()

    def work(number: int) -> None:
        random = Random(SEED * THREADS + number)
        for _ in range(REQUESTS // THREADS):
            asker = random.choice(askers)
            (act,) = random.choices([act for act, _ in ACTS], [weight for _, weight in ACTS])
            what = act(asker, random)
            with lock:
                done[what] += 1

    with ThreadPoolExecutor(THREADS) as threads:
        for future in [threads.submit(work, number) for number in range(THREADS)]:
            future.result()
    print(dict(done))
    assert sum(done.values()) == REQUESTS // THREADS * THREADS
    for asker in askers:
        assert projects_of(asker.own.tenant_id, postgres) == {*asker.created, *asker.own.ids["project"]}
    assert pool.pool(Role.APP).max_size == CONNECTIONS


def projects_of(tenant_id: UUID, postgres: Postgres) -> set[str]:
    """As the superuser sees them, over all tenants."""
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE) as master:
        found = master.execute("SELECT id FROM networx.projects WHERE tenant_id = %s", (tenant_id,)).fetchall()
    return {str(row[0]) for row in found}


def asker_of(own: Holdings, other: Holdings) -> Asker:
    client = client_of(**{"X-API-Key": key_with(own.tenant_id, "read", "write", "admin")})
    client.app.state.limiter = Generous()
    return Asker(own, other, client)
