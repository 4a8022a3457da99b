"""What the weekly report says of a record with known events; and that it never says what nobody recorded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from networx.db import hourly, pool
from networx.db.hourly import ANSWERED, FAILED, REFUSED, REFUSED_ON_PURPOSE, SLOW
from networx.jobs import endings, recovery, store
from networx.jobs.job import HIGH, LOW, JobStatus
from networx.weekly import measures
from networx.weekly.figures import Figure, Verdict
from networx.weekly.report import WeekTold, report
from networx.weekly.weeks import latest
from tests.core.jobs import steps

NOW = datetime.now(UTC)
THIS, LAST, OLDER = latest(3, NOW)
LONG_AGO = timedelta(days=400)


@pytest.fixture(autouse=True)
def counted_nothing(record) -> None:
    """A record that began long ago, in which nobody has counted yet."""
    with pool.connect(pool.Role.OWNER, autocommit=True) as owner:
        owner.execute("TRUNCATE hourly_counts")
    with pool.system() as connection:
        connection.execute("UPDATE tenants SET created_at = now() - %s", (LONG_AGO,))


def told(number: int = 3, **bills: Decimal) -> list[dict[str, Figure]]:
    return [{figure.measure.name: figure for figure in week.figures} for week in report(number, bills=bills, now=NOW)]


def of(week: dict[str, Figure], measure: Any) -> tuple[float | None, Verdict]:
    return week[measure.name].value, week[measure.name].verdict


def moved(job_id: UUID, **to: datetime) -> None:
    """Put a job's instants where a test wants them."""
    with pool.system() as connection:
        for column, instant in to.items():
            connection.execute(f"UPDATE jobs SET {column} = %s WHERE id = %s", (instant, job_id))


def event(job_id: UUID, tenant_id: UUID, at: datetime, name: str, actor: str = "stale-job-monitor") -> None:
    with pool.system() as connection:
        connection.execute(
            """INSERT INTO job_events (tenant_id, job_id, at, event, actor, to_status, fence, attempt)
               VALUES (%s, %s, %s, %s, %s, 'queued', 2, 1)""",
            (tenant_id, job_id, at, name, actor),
        )


def ended(record, status: JobStatus, code: str = "", at: datetime = NOW) -> UUID:
    """A job that was submitted, ran at once and ended, all at one instant."""
    submitted = steps.submit(record.tenant_id, priority=HIGH)
    mine = steps.claimed()
    assert mine.id == submitted.id
    if status is JobStatus.SUCCEEDED:
        steps.complete(mine)
    else:
        with pool.system() as connection:
            endings.end(connection, mine, status, {"code": code, "message": "x"})
    moved(mine.id, created_at=at, started_at=at, finished_at=at)
    return mine.id


def add(hour: datetime, **counts: int) -> None:
    names = {"answered": ANSWERED, "failed": FAILED, "refused": REFUSED, "slow": SLOW, "on_purpose": REFUSED_ON_PURPOSE}
    with pool.system() as connection:
        hourly.add(connection, {(hourly.hour_of(hour), names[name]): number for name, number in counts.items()})


def test_weeks_begin_on_mondays_in_utc_and_are_named_as_iso_names_them():
    weeks = latest(2, datetime(2026, 1, 1, 3, tzinfo=UTC))
    assert [week.name for week in weeks] == ["2026-W01", "2025-W52"]
    assert weeks[0].since == datetime(2025, 12, 29, tzinfo=UTC)
    assert [week.over for week in weeks] == [False, True]


def test_what_nobody_recorded_is_not_known(record):
    with pool.system() as connection:
        connection.execute("UPDATE tenants SET created_at = %s", (THIS.since,))
    this, last, _ = told()
    unless_free = {name: figure.value for name, figure in last.items() if name != measures.ASSISTANT.name}
    assert set(unless_free.values()) == {None}
    assert last[measures.STALE.name].note == "the record began later"
    assert of(this, measures.REFUSED) == (None, Verdict.NOT_KNOWN)
    assert this[measures.REFUSED.name].note == "no web process counted"
    assert of(this, measures.ENDED_WELL) == (None, Verdict.NOT_KNOWN)
    assert of(this, measures.PER_JOB) == (None, Verdict.NOT_KNOWN)
    assert of(this, measures.STALE) == (0, Verdict.MET)


def test_jobs_older_than_the_record_keeps_them_are_not_known():
    weeks = told(20)
    assert weeks[19][measures.STALE.name].value is None
    assert "90 days" in weeks[19][measures.STALE.name].note
    assert weeks[5][measures.STALE.name].value == 0


def test_lost_jobs_are_those_of_the_worst_day_and_what_a_worker_did_is_none(record):
    job = steps.submit(record.tenant_id)
    monday, tuesday = LAST.since + timedelta(hours=1), LAST.since + timedelta(days=1, hours=23)
    for at, times in ((monday, 2), (tuesday, 6)):
        for _ in range(times):
            event(job.id, record.tenant_id, at, "recovered")
    event(job.id, record.tenant_id, OLDER.since, "died")
    event(job.id, record.tenant_id, OLDER.until - timedelta(seconds=1), "died", actor="a worker")
    event(job.id, record.tenant_id, tuesday, "retried", actor="a worker")
    this, last, older = told()
    assert of(this, measures.STALE) == (0, Verdict.MET)
    assert of(last, measures.STALE) == (6, Verdict.ALERT)
    assert last[measures.STALE.name].note == "8 in the week"
    assert of(older, measures.STALE) == (1, Verdict.MISSED)
    assert of(older, measures.DIED) == (2, Verdict.MISSED)


def test_a_job_that_the_monitor_really_recovers_is_counted(record):
    job = steps.submit(record.tenant_id)
    steps.claimed()
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET heartbeat_at = now() - interval '1 hour' WHERE id = %s", (job.id,))
        recovery.recover(connection, stale_after=timedelta(minutes=10), lost_after=timedelta(hours=9))
    assert {of(week, measures.STALE)[0] for week in report_of_now()} == {1}


def report_of_now() -> list[dict[str, Figure]]:
    return [{figure.measure.name: figure for figure in week.figures} for week in report(1, bills={})]


def test_refusals_are_those_of_the_worst_hour_without_those_on_purpose():
    hour = LAST.since + timedelta(hours=5, minutes=59)
    add(hour, answered=1000, failed=0, refused=120, slow=0, on_purpose=50)
    add(hour + timedelta(hours=1), answered=1000, failed=1, refused=9, slow=3)
    add(hour + timedelta(hours=2), answered=0, failed=0, refused=0, slow=0)
    add(OLDER.since, answered=10, failed=0, refused=101, slow=0)
    this, last, older = told()
    assert of(last, measures.REFUSED) == (70, Verdict.MISSED)
    assert last[measures.REFUSED.name].note == "79 refusals in 3 hours counted"
    assert of(last, measures.ANSWERED) == (0.9995, Verdict.MET)
    assert of(last, measures.QUICK) == (1 - 3 / 2000, Verdict.MET)
    assert of(older, measures.REFUSED) == (101, Verdict.ALERT)
    assert of(this, measures.REFUSED)[0] is None


def test_counts_of_many_processes_add_up_and_zero_says_that_somebody_was_there():
    for _ in range(3):
        add(LAST.since, answered=2, refused=1)
    add(OLDER.since, answered=0)
    _, last, older = told()
    assert of(last, measures.REFUSED) == (3, Verdict.MET)
    assert of(older, measures.REFUSED) == (0, Verdict.MET)
    assert of(older, measures.ANSWERED)[0] is None


def test_jobs_that_ended_by_a_fault_of_ours_count_and_refused_input_does_not(record):
    for _ in range(3):
        ended(record, JobStatus.SUCCEEDED, at=LAST.since)
    ended(record, JobStatus.DEAD, "CHILD_LOST", at=LAST.since)
    ended(record, JobStatus.FAILED, "INVALID_INPUT", at=LAST.since)
    ended(record, JobStatus.FAILED, "SOME_SHEET_IS_MISSING", at=LAST.since)
    # As it is called, and as it was called before.
    ended(record, JobStatus.FAILED, "CERTIFICATE_FAILED", at=OLDER.since)
    ended(record, JobStatus.FAILED, "CERTIFICATE_REFUSED", at=OLDER.since)
    this, last, older = told()
    assert of(last, measures.ENDED_WELL) == (0.75, Verdict.MISSED)
    assert of(last, measures.CERTIFICATES) == (0, Verdict.MET)
    assert of(older, measures.ENDED_WELL) == (0, Verdict.MISSED)
    assert of(older, measures.CERTIFICATES) == (2, Verdict.ALERT)
    assert this[measures.ENDED_WELL.name].note == "no job"


def test_a_job_starts_in_time_late_or_is_not_counted_yet(record):
    def submitted(at: datetime, start: timedelta | None, **changes: Any) -> None:
        job = steps.submit(record.tenant_id, **changes)
        moved(job.id, created_at=at, **({} if start is None else {"started_at": at + start}))

    submitted(LAST.since, timedelta(minutes=5))
    submitted(LAST.since, timedelta(minutes=5, seconds=1))
    submitted(LAST.since, None)  # it waits still, and is late
    submitted(LAST.since, timedelta(days=1), priority=LOW)
    submitted(datetime.now(UTC) - timedelta(seconds=1), None)  # whenever this runs: the suite may have begun long ago
    submitted(LAST.since, None, kind="batch")
    this, last, _ = told()
    assert of(last, measures.STARTED) == (1 / 3, Verdict.MISSED)
    if NOW - timedelta(seconds=1) >= THIS.since:
        assert of(this, measures.STARTED)[0] is None


def test_dollars_per_job_are_a_stated_bill_over_the_jobs_that_succeeded(record):
    for _ in range(4):
        ended(record, JobStatus.SUCCEEDED, at=LAST.since)
    this, last, _ = told(3, **{LAST.name: Decimal("10.20"), THIS.name: Decimal(5)})
    assert of(last, measures.PER_JOB) == (2.55, Verdict.TOLD)
    assert last[measures.PER_JOB.name].note == "$10.20 as stated, over 4 jobs"
    assert this[measures.PER_JOB.name].note == "no job succeeded"


def test_dead_letters_are_of_the_present_alone(record, aws):
    url = aws.sqs.get_queue_url(QueueName="capacity-dlq.fifo")["QueueUrl"]
    aws.sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="x", MessageDeduplicationId="x")
    this, last, _ = told()
    assert of(this, measures.DEAD_LETTERS) == (1, Verdict.MISSED)
    assert of(last, measures.DEAD_LETTERS) == (None, Verdict.NOT_KNOWN)


def test_queues_that_cannot_be_reached_are_not_known(record, monkeypatch):
    monkeypatch.setattr("networx.weekly.report.dead_letters_now", lambda: None)
    assert told()[0][measures.DEAD_LETTERS.name].note == "the queues cannot be reached"


def test_the_assistants_ledger_is_read(record):
    with pool.system() as connection:
        connection.execute(
            """INSERT INTO assistant_periods (period, starts, spent_tokens, spent_dollars)
               VALUES ('day', %s, 1200, 0.25), ('day', %s, 800, 0.5), ('month', %s, 9, 9)
               ON CONFLICT (period, starts) DO UPDATE SET spent_tokens = excluded.spent_tokens,
               spent_dollars = excluded.spent_dollars""",
            (LAST.since.date(), (LAST.since + timedelta(days=6)).date(), LAST.since.date().replace(day=1)),
        )
    _, week, older = told()
    last = week[measures.ASSISTANT.name]
    assert older[measures.ASSISTANT.name].note == "0 tokens, by the ledger"
    assert (last.value, last.note) == (0.75, "2,000 tokens, by the ledger")


def test_a_batch_is_no_job_that_runs(record):
    with pool.tenant(record.tenant_id) as connection:
        batch = store.submit(connection, tenant_id=record.tenant_id, kind="batch", params={})
        store.cancel(connection, batch.id, "a test")
    moved(batch.id, created_at=LAST.since)
    assert told()[1][measures.STARTED.name].note == "no job"


def test_one_document_tells_a_script_the_same(record):
    add(LAST.since, answered=5, refused=0, failed=0, slow=0)
    document = json.loads(json.dumps([week.as_dict() for week in report(2, bills={}, now=NOW)]))
    assert [week["week"] for week in document] == [THIS.name, LAST.name]
    by_name = {figure["measure"]: figure for figure in document[1]["figures"]}
    assert by_name[measures.REFUSED.name] == {
        "measure": "429s, in the worst hour",
        "unit": "number",
        "target_most": 9,
        "target_least": None,
        "alert_over": 100,
        "value": 0,
        "verdict": "met",
        "note": "0 refusals in 1 hour counted",
    }
    assert by_name[measures.PER_JOB.name]["value"] is None
    assert isinstance(report(1, bills={}, now=NOW)[0], WeekTold)
