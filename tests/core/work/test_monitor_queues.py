"""What waits, over a real record and real queues: jobs by the record, messages by SQS, and the oldest of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from networx import settings
from networx.db import pool
from networx.errors import QueueUnavailable
from networx.jobs import claims, control, recovery, relay, store
from networx.jobs.job import BATCH_KIND, HIGH, LOW, NORMAL, Job
from networx.jobs.sqs import SqsQueue
from networx.topology import TOPOLOGY
from networx.work import monitor_queues
from networx.work.sampling import take

QUEUE = "optimization.fifo"
MINUTES_6 = timedelta(minutes=6)


def submitted(
    record, count: int = 1, *, due: timedelta = timedelta(0), priority: int = NORMAL, kind: str = "transport"
) -> list[Job]:
    """Jobs that have been due for so long (below zero: that are due in so long)."""
    with pool.tenant(record.tenant_id) as connection:
        jobs = [
            store.submit(connection, tenant_id=record.tenant_id, kind=kind, params={}, priority=priority)
            for _ in range(count)
        ]
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET run_at = now() - %s WHERE id = ANY(%s)", (due, [job.id for job in jobs]))
    return jobs


def claimed(worker: str) -> Job:
    with pool.system() as connection:
        job = claims.claim(connection, queue=QUEUE, kinds=["transport"], worker=worker, lease=timedelta(seconds=90))
    assert job is not None
    return job


def look() -> None:
    assert take(monitor_queues.readings()) == {}


def test_every_queue_tells_its_depth_once_and_an_empty_record_nothing_else(record, emitted):
    look()
    of_jobs = {queue.name for queue in TOPOLOGY.job_queues()}
    for name, queues in (
        ("JobQueueDepth", of_jobs),
        ("BacklogPerTask", of_jobs),
        ("QueueMessagesWaiting", {queue.name for queue in TOPOLOGY.queues}),
        ("QueueMessagesDelayed", {queue.name for queue in TOPOLOGY.queues}),
        ("QueueMessagesInFlight", {queue.name for queue in TOPOLOGY.queues}),
        ("DeadLettersWaiting", {queue.name for queue in TOPOLOGY.queues}),
        ("OldestJob", of_jobs),
        ("StaleJobs", of_jobs),
    ):
        told = {key[1]: value for key, value in emitted.items() if key[0] == name}
        assert told == dict.fromkeys(queues, 0), name
    assert emitted[("OutboxOldest",)] == 0
    assert [key for key in emitted if key[0] == "StartDelay"] == []


def test_depth_is_what_is_due_and_backlog_is_spread_over_the_tasks_that_work(record, emitted):
    submitted(record, 9)
    submitted(record, 2, due=-timedelta(hours=1))
    for worker in ("a", "a", "b"):
        claimed(worker)
    look()
    assert emitted[("JobQueueDepth", QUEUE)] == 6
    assert emitted[("BacklogPerTask", QUEUE)] == (6 + 3) / 2
    assert emitted[("JobQueueDepth", "capacity.fifo")] == 0


def test_jobs_that_no_worker_claims_are_heard_of(record, emitted):
    submitted(record, due=MINUTES_6, priority=HIGH)
    submitted(record, due=timedelta(minutes=1))
    look()
    assert emitted[("StartDelay", QUEUE)] == pytest.approx(MINUTES_6.total_seconds(), abs=30)
    (alarm,) = (alarm for alarm in TOPOLOGY.alarms if alarm.metric == "StartDelay")
    assert emitted[("StartDelay", QUEUE)] > alarm.threshold


def test_what_has_low_priority_or_is_not_due_may_wait(record, emitted):
    submitted(record, due=MINUTES_6, priority=LOW)
    submitted(record, due=-MINUTES_6)
    look()
    assert ("StartDelay", QUEUE) not in emitted


@pytest.mark.parametrize("scope", list(control.Scope))
def test_what_is_paused_waits_on_purpose_and_asks_for_no_task(record, emitted, scope):
    submitted(record, 3, due=MINUTES_6)
    name = {"queue": QUEUE, "kind": "transport", "tenant": record.slug}[scope]
    with pool.system() as connection:
        control.pause(connection, scope, name, "a person", "a look at it")
    look()
    assert ("StartDelay", QUEUE) not in emitted
    assert emitted[("BacklogPerTask", QUEUE)] == 0
    assert emitted[("JobQueueDepth", QUEUE)] == 3
    with pool.system() as connection:
        control.resume(connection, scope, name, "a person")
    look()
    assert emitted[("BacklogPerTask", QUEUE)] == 3
    assert emitted[("StartDelay", QUEUE)] < 60, "the clock starts anew"


def test_a_tenant_that_runs_as_much_as_it_may_waits_for_itself(record, emitted):
    cap = TOPOLOGY.limits.running_per_tenant
    submitted(record, cap + 1, due=MINUTES_6)
    for number in range(cap - 1):
        claimed(f"w{number}")
    look()
    assert emitted[("StartDelay", QUEUE)] > 300, "one more may run, and two wait"
    emitted.clear()
    claimed("the last")
    look()
    assert ("StartDelay", QUEUE) not in emitted
    assert emitted[("JobQueueDepth", QUEUE)] == 1


def test_the_oldest_job_is_heard_of_whatever_it_waits_for(record, emitted):
    submitted(record, due=timedelta(minutes=40), priority=LOW)
    submitted(record, due=timedelta(minutes=50))
    submitted(record, due=-timedelta(hours=1))
    with pool.system() as connection:
        control.pause(connection, control.Scope.QUEUE, QUEUE, "a person", "a look at it")
    look()
    assert emitted[("OldestJob", QUEUE)] == pytest.approx(3000, abs=120)
    assert ("StartDelay", QUEUE) not in emitted


def test_a_job_whose_worker_is_silent_for_long_is_stale_until_somebody_puts_it_back(record, emitted):
    submitted(record, 3)
    stale, leased = claimed("gone"), claimed("slow")
    with pool.system() as connection:
        for job, silent in ((stale, "11 minutes"), (leased, "9 minutes")):
            connection.execute("UPDATE jobs SET heartbeat_at = now() - %s::interval WHERE id = %s", (silent, job.id))
    look()
    assert emitted[("StaleJobs", QUEUE)] == 1
    with pool.system() as connection:
        recovery.recover(connection, stale_after=timedelta(minutes=10), lost_after=timedelta(minutes=5))
    look()
    assert emitted[("StaleJobs", QUEUE)] == 0


@pytest.mark.parametrize(("name", "warned_at"), [(QUEUE, 10), ("file-processing.fifo", 20)])
def test_a_queue_is_warned_of_at_its_depth_and_not_before(record, emitted, caplog, name, warned_at):
    assert TOPOLOGY.queue(name).depth_warning == warned_at
    kind = "transport" if name == QUEUE else "file-load"
    submitted(record, warned_at - 1, kind=kind)
    monitor_queues.look_at_record()
    assert "queue.deep" not in caplog.messages
    submitted(record, kind=kind)
    monitor_queues.look_at_record()
    assert "queue.deep" in caplog.messages


def test_a_batch_stands_in_no_queue(record, emitted):
    with pool.tenant(record.tenant_id) as connection:
        store.submit(connection, tenant_id=record.tenant_id, kind=BATCH_KIND, params={})
    look()
    assert {value for (name, *_), value in emitted.items() if name == "JobQueueDepth"} == {0}


def test_a_job_that_runs_waits_no_more(record, emitted):
    submitted(record, due=MINUTES_6)
    claimed("a")
    look()
    assert ("StartDelay", QUEUE) not in emitted


def test_the_oldest_entry_of_the_outbox_is_the_one_that_is_due_longest(record, emitted):
    for _ in range(3):
        submitted(record)
    with pool.system() as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM outbox ORDER BY id").fetchall()]
        # Written long ago and due for a minute; written just now; not due yet.
        for entry, created, due in zip(ids, ("9 hours", "0", "9 hours"), ("-1 minute", "0", "1 hour"), strict=True):
            connection.execute(
                "UPDATE outbox SET created_at = now() - %s::interval, not_before = now() + %s::interval WHERE id = %s",
                (created, due, entry),
            )
    look()
    assert emitted[("OutboxOldest",)] == pytest.approx(60, abs=10)


def test_messages_are_counted_where_they_wait_and_where_they_are_held(record, emitted):
    submitted(record, 5)
    relay.send_due()
    queue = SqsQueue(QUEUE)
    held = queue.receive(2, timedelta(seconds=1))
    look()
    assert emitted[("QueueMessagesWaiting", QUEUE)] == 5 - len(held)
    assert emitted[("QueueMessagesInFlight", QUEUE)] == len(held) > 0


def test_dead_letters_are_counted_and_messages_that_come_later_apart(record, aws, emitted):
    told = settings.current()
    aws.sqs.send_message(
        QueueUrl=told.dead_letter_urls[QUEUE], MessageBody="{}", MessageGroupId="a", MessageDeduplicationId=record.slug
    )
    aws.sqs.send_message(QueueUrl=told.queue_urls["upload-events"], MessageBody="{}", DelaySeconds=600)
    look()
    assert emitted[("DeadLettersWaiting", QUEUE)] == 1
    assert emitted[("DeadLettersWaiting", "capacity.fifo")] == 0
    assert emitted[("QueueMessagesDelayed", "upload-events")] == 1
    assert emitted[("QueueMessagesWaiting", "upload-events")] == 0


def test_a_queue_that_is_gone_hides_neither_the_record_nor_the_others(record, emitted, monkeypatch):
    told = settings.current()
    elsewhere = {**told.queue_urls, "capacity.fifo": told.queue_urls["capacity.fifo"].replace("capacity", "nothing")}
    monkeypatch.setattr(settings, "current", lambda: replace(told, queue_urls=elsewhere))
    failed = take(monitor_queues.readings())
    assert {name: type(fault) for name, fault in failed.items()} == {"capacity.fifo": QueueUnavailable}
    assert ("QueueMessagesWaiting", QUEUE) in emitted
    assert ("OutboxOldest",) in emitted
