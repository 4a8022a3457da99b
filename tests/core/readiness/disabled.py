"""Ways to take a protection away, each put back at the end of its block: nothing of the product can be told to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.types import ASGIApp

from local.home import free_port
from local.postgres import Postgres
from local.resources import Emulator
from networx.api import gate, request_log
from networx.api.app import create_app
from networx.assistant import ledger
from networx.db import pool
from networx.db.bootstrap import DATABASE
from networx.jobs import recovery
from networx.jobs.recovery import Recovery
from networx.readiness import degradation, upkeep
from networx.readiness.check import Place
from networx.resilience.breaker import Breaker
from networx.solver.location import compiling
from networx.verify.transport import plan as plan_checks
from tests.core.api.served import Generous, served

# A web process that falls with its cache: whoever asks is told that the cache is away.
FALLS_WITH_THE_CACHE = """
import sys
from networx.errors import CacheUnavailable
from networx.readiness import away
from networx.resilience.limits import Limiter
def take(*_):
    raise CacheUnavailable
if sys.argv[1] == "cache":
    Limiter.take = take
away.main()
"""


@dataclass(frozen=True)
class Bench:
    """What a protection is taken away from."""

    place: Place
    postgres: Postgres
    aws: Emulator
    patch: pytest.MonkeyPatch

    def as_master(self, statement: str) -> Any:
        with psycopg.connect(self.postgres.master_conninfo, dbname=DATABASE, autocommit=True) as master:
            master.execute("SET search_path = networx")
            done = master.execute(statement)  # type: ignore[call-overload]  # a text of this file's own
            return done.fetchone() if done.description else None


Disabled = AbstractContextManager[Place]


@contextmanager
def web(bench: Bench, app: ASGIApp) -> Iterator[Place]:
    with served(app) as other:
        yield replace(bench.place, url=other.url)


@contextmanager
def statements(bench: Bench, away: str, back: str) -> Iterator[Place]:
    bench.as_master(away)
    try:
        yield bench.place
    finally:
        bench.as_master(back)


@contextmanager
def patched(bench: Bench, target: Any, name: str, value: Any) -> Iterator[Place]:
    with bench.patch.context() as patch:
        patch.setattr(target, name, value)
        yield bench.place


@contextmanager
def gate_open(bench: Bench) -> Iterator[Place]:
    with patched(bench, gate, "is_open", lambda _: True), web(bench, create_app()) as place:
        yield place


@contextmanager
def nothing_counted(bench: Bench) -> Iterator[Place]:
    app = create_app()
    app.state.limiter = Generous()
    with web(bench, app) as place:
        yield place


@contextmanager
def headers_left_out(bench: Bench) -> Iterator[Place]:
    with patched(bench, request_log, "UNLESS_STATED", ()), web(bench, create_app()) as place:
        yield place


def table_opened(bench: Bench) -> Disabled:
    return statements(
        bench, "ALTER TABLE scenarios NO FORCE ROW LEVEL SECURITY", "ALTER TABLE scenarios FORCE ROW LEVEL SECURITY"
    )


def role_bypasses(bench: Bench) -> Disabled:
    return statements(bench, "ALTER ROLE networx_report BYPASSRLS", "ALTER ROLE networx_report NOBYPASSRLS")


def policy_for_all(bench: Bench) -> Disabled:
    return statements(
        bench,
        "CREATE POLICY for_all ON jobs TO networx_app USING (true)",
        "DROP POLICY for_all ON jobs",
    )


@contextmanager
def policy_that_only_sounds_right(bench: Bench) -> Iterator[Place]:
    away = "CREATE POLICY for_all ON tenants TO networx_app USING (current_tenant() IS NOT NULL)"
    with statements(bench, away, "DROP POLICY for_all ON tenants") as place:
        yield place


@contextmanager
def pool_unbounded(bench: Bench) -> Iterator[Place]:
    pool.close_pools()
    with patched(bench, pool, "_maximum", 60) as place:
        yield place
        pool.close_pools()


def statements_for_ever(bench: Bench) -> Disabled:
    return _without_pools(
        bench,
        "ALTER ROLE networx_app SET statement_timeout = 0",
        "ALTER ROLE networx_app SET statement_timeout = '30s'",
    )


@contextmanager
def _without_pools(bench: Bench, away: str, back: str) -> Iterator[Place]:
    # A role's settings count for connections made after them.
    with statements(bench, away, back) as place:
        pool.close_pools()
        yield place
    pool.close_pools()


@contextmanager
def dead_connections_lent(bench: Bench) -> Iterator[Place]:
    pool.close_pools()
    with patched(bench, pool, "_check", lambda _: None), patched(bench, pool, "BEGIN_TRIES", 1) as place:
        yield place
        pool.close_pools()
    pool.breaker().close()


def never_opens(bench: Bench) -> Disabled:
    return patched(bench, Breaker, "failed", lambda *_, **__: None)


def everybody_tries(bench: Bench) -> Disabled:
    return patched(bench, Breaker, "enter", lambda *_: object())


@contextmanager
def falls_with_the_cache(bench: Bench) -> Iterator[Place]:
    child = (sys.executable, "-c", FALLS_WITH_THE_CACHE)
    with patched(bench, degradation, "CHILD", child), patched(bench, degradation, "PARTS", ("cache",)) as place:
        yield place


@contextmanager
def no_redrive(bench: Bench) -> Iterator[Place]:
    url = bench.aws.sqs.get_queue_url(QueueName="capacity.fifo")["QueueUrl"]
    policy = bench.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
    bench.aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
    try:
        yield bench.place
    finally:
        bench.aws.sqs.set_queue_attributes(QueueUrl=url, Attributes=policy)


def nobody_recovers(bench: Bench) -> Disabled:
    return patched(bench, recovery, "recover", lambda *_, **__: Recovery((), ()))


def moves_unchecked(bench: Bench) -> Disabled:
    return statements(bench, "ALTER TABLE jobs DISABLE TRIGGER lawful", "ALTER TABLE jobs ENABLE TRIGGER lawful")


@contextmanager
def fence_unheeded(bench: Bench) -> Iterator[Place]:
    (known,) = bench.as_master("SELECT pg_get_functiondef('complete_jobs'::regproc)")
    loose = known.replace("jobs.fence = done.fence AND ", "")
    assert loose != known
    with statements(bench, loose, known) as place:
        yield place


def all_certified(bench: Bench) -> Disabled:
    return patched(bench, plan_checks, "_plan_checks", lambda *_: [])


def ledger_lets_all_pass(bench: Bench) -> Disabled:
    return patched(bench, ledger, "choose", lambda offers, *_: offers[0])


def budget_overspent(bench: Bench) -> Disabled:
    return statements(
        bench,
        """INSERT INTO assistant_periods (period, starts, spent_tokens)
           VALUES ('day', (now() AT TIME ZONE 'UTC')::date, 100001)
           ON CONFLICT (period, starts) DO UPDATE SET spent_tokens = 100001""",
        "UPDATE assistant_periods SET spent_tokens = 0",
    )


def migration_missing(bench: Bench) -> Disabled:
    kept = "CREATE TABLE forgotten AS SELECT * FROM schema_migrations WHERE name LIKE '0009_%'; "
    away = kept + "DELETE FROM schema_migrations WHERE name LIKE '0009_%'"
    return statements(bench, away, "INSERT INTO schema_migrations SELECT * FROM forgotten; DROP TABLE forgotten")


@contextmanager
def backup_old(bench: Bench) -> Iterator[Place]:
    yield replace(bench.place, backed_up=bench.place.now() - timedelta(hours=27))


@contextmanager
def clock_wrong(bench: Bench) -> Iterator[Place]:
    right = bench.place.now
    yield replace(bench.place, now=lambda: right() + timedelta(minutes=3))


def kernels_nowhere(bench: Bench) -> Disabled:
    return patched(bench, compiling, "_parents", lambda: iter((Path("/dev/null"),)))


def disk_full(bench: Bench) -> Disabled:
    return patched(bench, upkeep, "LEAST_FREE_BYTES", 10**18)


@contextmanager
def web_away(bench: Bench) -> Iterator[Place]:
    yield replace(bench.place, url=f"http://127.0.0.1:{free_port()}")
