"""On a healthy platform all checks pass; with one protection taken away its check fails by name, and no other does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from networx import settings
from networx.api.app import create_app
from networx.db import pool
from networx.jobs.sqs import SqsQueue
from networx.readiness import dead_letters, web
from networx.readiness.catalogue import CHECKS
from networx.readiness.check import Check, NotExercised, Outcome, Place, Unprotected, find, run_all
from networx.readiness.degradation import faults_of
from networx.solver.location.compiling import wait_for_kernels
from networx.topology import TOPOLOGY
from tests.core.api.conftest import key_with
from tests.core.api.served import served
from tests.core.readiness import disabled
from tests.core.readiness.disabled import Bench, Disabled

# Of the emulator without functions alone: the whole platform's schedules are looked at by the command's own test.
HERE = tuple(check for check in CHECKS if check.name != "schedules")
# They take seconds each, and look at nothing that the others look at.
PRICES = '{"a-model": {"input": 1, "output": 2}}'
SLOW = {"graceful degradation", "dead-letter queues", "connection pool", "rate limits"}


@pytest.fixture
def place(record, tmp_path, monkeypatch) -> Iterator[Place]:
    """The platform of this process, with kernels, and an assistant that is on; nobody is asked anything."""
    assert wait_for_kernels()
    stated = {"URL": "http://127.0.0.1:9/v1", "SECRET": "none", "MODEL": "a-model", "PRICES": PRICES}
    for name, value in stated.items():
        monkeypatch.setenv(f"NETWORX_ASSISTANT_{name}", value)
    settings.current.cache_clear()
    with pool.system() as connection:
        connection.execute(
            "UPDATE assistant_periods SET spent_tokens = 0, spent_dollars = 0, held_tokens = 0, held_dollars = 0"
        )
    with served(create_app()) as running:
        key = key_with(record.tenant_id, "read", "write", "admin", "operator")
        yield Place(running.url, key, tmp_path, lambda: datetime.now(UTC))
    monkeypatch.undo()
    settings.current.cache_clear()


@pytest.fixture
def bench(place, postgres, aws, monkeypatch) -> Bench:
    return Bench(place, postgres, aws, monkeypatch)


def outcomes(findings) -> dict[str, tuple[str, str]]:
    return {finding.check: (finding.outcome.value, finding.seen) for finding in findings}


def rows_of_everything() -> dict[str, int]:
    with pool.system() as connection:
        tables = ("tenants", "jobs", "job_events", "outbox", "results", "audit", "incumbents")
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_on_a_healthy_platform_every_check_passes_and_leaves_nothing(place, aws):
    before = rows_of_everything()
    findings = run_all(HERE, place)
    assert {name: outcome for name, outcome in outcomes(findings).items() if outcome[0] != "pass"} == {}
    assert [finding.check for finding in findings] == [check.name for check in HERE]
    assert rows_of_everything() == before
    assert not aws.sqs.list_queues(QueueNamePrefix=dead_letters.PROBES).get("QueueUrls")
    for queue in TOPOLOGY.job_queues():
        assert SqsQueue(queue.name, dead_letters=True).receive(10, timedelta(seconds=1)) == []


CASES: list[tuple[str, Callable[[Bench], Disabled], str]] = [
    ("gate", disabled.gate_open, "without a key was answered"),
    ("rate limits", disabled.nothing_counted, "150 x 401"),
    ("safe headers", disabled.headers_left_out, "x-content-type-options"),
    ("row level security", disabled.table_opened, "not forced on scenarios"),
    ("row level security", disabled.role_bypasses, "networx_report"),
    ("row level security", disabled.policy_for_all, "jobs.for_all"),
    ("row level security", disabled.policy_that_only_sounds_right, "rows of others in tenants"),
    ("connection pool", disabled.pool_unbounded, "may hold 60"),
    ("connection pool", disabled.statements_for_ever, "for ever"),
    ("connection pool", disabled.dead_connections_lent, "cannot be reached"),
    ("circuit breakers", disabled.never_opens, "database was closed"),
    ("circuit breakers", disabled.everybody_tries, "let a caller through while it was open"),
    ("graceful degradation", disabled.falls_with_the_cache, "Without cache a list is answered 503"),
    ("dead-letter queues", disabled.no_redrive, "capacity.fifo has no dead-letter queue"),
    ("stale-job recovery", disabled.nobody_recovers, "had to be queued"),
    ("fencing", disabled.moves_unchecked, "unlawful change: fence = fence - 1"),
    ("fencing", disabled.fence_unheeded, "could publish"),
    ("certificates", disabled.all_certified, "flow and site"),
    ("assistant budget", disabled.ledger_lets_all_pass, "More than the budget was reserved"),
    ("assistant budget", disabled.budget_overspent, "are the most"),
    ("migrations", disabled.migration_missing, "Not applied: 0009_steady_plans.sql"),
    ("backups", disabled.backup_old, "27.0 h ago"),
    ("compiled kernels", disabled.kernels_nowhere, "may write to: /dev/null"),
    ("clocks", disabled.clock_wrong, "the record by 1"),
    ("disk space", disabled.disk_full, "are free"),
]


@pytest.mark.parametrize(("name", "without", "seen"), CASES, ids=lambda value: getattr(value, "__name__", None))
def test_without_a_protection_its_own_check_fails_and_no_other(bench, name, without, seen):
    looked_at = [check for check in HERE if check.name == name or check.name not in SLOW]
    with without(bench) as place:
        findings = run_all(looked_at, place)
    failed = [finding for finding in findings if finding.outcome is not Outcome.PASSED]
    assert [finding.check for finding in failed] == [name], outcomes(failed)
    assert seen in failed[0].seen
    assert failed[0].do


def test_every_protection_is_taken_away_by_some_case():
    assert {name for name, _, _ in CASES} == {check.name for check in HERE}


def test_an_assistant_that_is_off_is_skipped(place, monkeypatch):
    monkeypatch.delenv("NETWORX_ASSISTANT_URL")
    for name in ("SECRET", "MODEL", "PRICES"):
        monkeypatch.delenv(f"NETWORX_ASSISTANT_{name}")
    settings.current.cache_clear()
    finding = find(next(check for check in CHECKS if check.name == "assistant budget"), place)
    assert (finding.outcome.value, finding.seen) == ("skipped", "assistant is off")


def test_what_is_away_fails_and_is_named(bench):
    with disabled.web_away(bench) as place:
        finding = find(next(check for check in CHECKS if check.name == "gate"), place)
    assert finding.outcome is Outcome.FAILED
    assert "The web does not answer" in finding.seen


def run(what: Callable[[Place], str], place: Place) -> tuple[str, str, str]:
    finding = find(Check("a check", "", what, "docs/jobs.md"), place)
    return finding.outcome.value, finding.seen, finding.do


def raising(error: Exception) -> Callable[[Place], str]:
    def check(_: Place) -> str:
        raise error

    return check


def test_a_check_passes_fails_is_skipped_or_breaks_down(tmp_path):
    nowhere = Place("", "", tmp_path, lambda: datetime.now(UTC))
    assert run(lambda _: "all is well", nowhere) == ("pass", "all is well", "")
    assert run(raising(Unprotected("gone", "bring it back")), nowhere) == ("fail", "gone", "bring it back")
    assert run(raising(NotExercised("not here")), nowhere) == ("skipped", "not here", "")
    assert run(raising(KeyError("x")), nowhere) == (
        "fail",
        "The check broke down: KeyError: 'x'",
        "See docs/jobs.md.",
    )


def test_a_machine_without_a_second_loopback_address_is_said(place, monkeypatch):
    class Narrow:
        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def bind(self, _: object) -> None:
            raise OSError("cannot assign requested address")

    monkeypatch.setattr(web.socket, "socket", Narrow)
    with pytest.raises(NotExercised, match="no second loopback address"):
        web.rate_limits(place)


def test_a_dead_letter_that_is_not_ours_stays_and_what_an_earlier_check_left_goes(place, aws, monkeypatch):
    url = aws.sqs.get_queue_url(QueueName="capacity-dlq.fifo")["QueueUrl"]
    left = orjson.dumps({"probe": "networx readiness", "id": "of a check that was killed"}).decode()
    aws.sqs.create_queue(QueueName=f"{dead_letters.PROBES}left.fifo", Attributes={"FifoQueue": "true"})
    monkeypatch.setattr(dead_letters, "_LEFT_AFTER_SECONDS", -1)
    for group, body in (("a", "somebody's"), ("b", left)):
        aws.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=group)
    assert "found and taken out" in dead_letters.dead_letter_queues(place)
    kept = SqsQueue("capacity.fifo", dead_letters=True).receive(10, timedelta(seconds=2))
    assert [message.body for message in kept] == ["somebody's"]
    assert not aws.sqs.list_queues(QueueNamePrefix=dead_letters.PROBES).get("QueueUrls")


@pytest.mark.parametrize(
    ("part", "changes", "said"),
    [
        ("database", {"status": 200, "code": None}, "Without database a list is answered 200"),
        ("database", {"retry_after": None}, "does not say when to come back"),
        ("cache", {"status": 500, "code": "INTERNAL_ERROR"}, "500 INTERNAL_ERROR"),
        ("cache", {"status": 200, "code": None, "remaining": None}, "no longer counted"),
        ("queue", {"status": 503, "code": "QUEUE_UNAVAILABLE"}, "503 QUEUE_UNAVAILABLE"),
    ],
)
def test_each_fault_of_a_degraded_process_is_named(part, changes, said):
    well = {"status": 503, "code": "CIRCUIT_OPEN", "retry_after": "30", "remaining": "1"}
    told = {"/api/health/live": {"status": 200}, "/api/jobs": {**well, **changes}}
    circuits = {"database": "open", "queue": "open"}
    (fault,) = faults_of(part, {"answers": told, "circuits": circuits})
    assert said in fault


def test_a_process_that_dies_with_its_part_or_never_opens_a_circuit_is_named():
    answers = {"/api/health/live": {"status": 503}, "/api/jobs": {"status": 200, "code": None, "remaining": "1"}}
    faults = list(faults_of("queue", {"answers": answers, "circuits": {"queue": "closed"}}))
    assert ["no longer counts as live" in faults[0], "did not open" in faults[1]] == [True, True]
