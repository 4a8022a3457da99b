"""The outbox reaches the queues: all of it, once it is due, whatever fails in between."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta

import pytest

from networx.db import pool
from networx.errors import QueueUnavailable
from networx.jobs import claims, endings, recovery, relay, store
from networx.jobs.job import JobStatus
from networx.jobs.queue import Hint
from networx.jobs.sqs import SqsQueue

SOON = timedelta(seconds=1)


@pytest.fixture
def queue(record) -> SqsQueue:
    return SqsQueue("optimization.fifo")


def submit(record, count: int = 1):
    with pool.tenant(record.tenant_id) as connection:
        return [store.submit(connection, tenant_id=record.tenant_id, kind="transport", params={}) for _ in range(count)]


def received(queue: SqsQueue) -> list[dict]:
    bodies = []
    while messages := queue.receive(10, SOON):
        for message in messages:
            bodies.append(json.loads(message.body))
            queue.delete(message)
    return bodies


def left() -> int:
    with pool.system() as connection:
        row = connection.execute("SELECT count(*) FROM outbox").fetchone()
    assert row is not None
    return row[0]


def test_what_is_due_is_sent_once_and_marked(record, queue):
    jobs = submit(record, 23)
    assert relay.send_due() == 23
    assert relay.send_due() == 0
    assert {body["job_id"] for body in received(queue)} == {str(job.id) for job in jobs}
    with pool.system() as connection:
        assert all(row[0] for row in connection.execute("SELECT dispatched_at IS NOT NULL FROM jobs").fetchall())


def test_what_is_not_due_stays(record, queue):
    submit(record)
    with pool.system() as connection:
        connection.execute("UPDATE outbox SET not_before = clock_timestamp() + interval '1 hour'")
    assert relay.send_due() == 0
    assert left() == 1


def test_nothing_is_lost_when_the_queue_is_away(record, queue, monkeypatch):
    submit(record)

    def away(self, hints):
        raise QueueUnavailable

    monkeypatch.setattr(SqsQueue, "send", away)
    relay.send_soon()
    monkeypatch.undo()
    assert left() == 1
    with pool.system() as connection:
        connection.execute("UPDATE outbox SET locked_until = '-infinity'")
    assert relay.send_due() == 1
    assert len(received(queue)) == 1


def test_only_what_the_queue_took_is_deleted(record, queue, monkeypatch):
    submit(record, 3)
    honest = SqsQueue.send
    monkeypatch.setattr(SqsQueue, "send", lambda self, hints: honest(self, hints[:1]))
    assert relay.send_due() == 1
    assert left() == 2


def test_a_crash_between_send_and_delete_is_swallowed_by_deduplication(record, queue):
    job = submit(record)[0]
    queue.send([Hint(job.id, job.fence)])
    assert relay.send_due() == 1
    assert len(received(queue)) == 1


def test_a_dead_job_stands_in_the_dead_letter_queue_with_its_history(record, queue):
    job = submit(record)[0]
    with pool.system() as connection:
        connection.execute("DELETE FROM outbox")
        mine = claims.claim(
            connection, queue="optimization.fifo", kinds=["transport"], worker="w", lease=timedelta(seconds=9)
        )
        assert mine is not None
        endings.end(connection, mine, JobStatus.DEAD, {"code": "CHILD_LOST", "message": "gone"})
    relay.send_due()
    (body,) = received(SqsQueue("optimization.fifo", dead_letters=True))
    assert body["job_id"] == str(job.id)
    assert [event["event"] for event in body["history"]] == ["submitted", "claimed", "died"]


def test_two_relays_send_each_hint_once(record, queue):
    submit(record, 40)
    sent = []
    threads = [threading.Thread(target=lambda: sent.append(relay.send_due(10))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while count := relay.send_due():
        sent.append(count)
    assert sum(sent) == 40
    assert len(received(queue)) == 40


def test_a_hint_that_is_out_can_be_acted_on_while_the_relay_still_ticks_it_off(record, queue):
    (job,) = submit(record)
    with pool.system() as taking:
        ((entry, *_),) = taking.execute(relay._TAKE, {"lease": relay.LEASE, "most": 10}).fetchall()
    with pool.system() as ticking_off:
        ticking_off.execute(relay._SENT, {"ids": [entry]})
        # A worker that has the hint already must get the job: the hint is spent on this look.
        with pool.system() as worker:
            taken = claims.claim(worker, queue=queue.queue.name, kinds=["transport"], worker="w", lease=SOON)
    assert taken is not None
    assert taken.id == job.id


def test_a_hint_counts_as_sent_from_when_it_was_taken(record, queue, monkeypatch):
    def away(*_: object) -> None:
        raise QueueUnavailable

    submit(record)
    with monkeypatch.context() as patch:
        patch.setattr(SqsQueue, "send", away)
        with pytest.raises(QueueUnavailable):
            relay.send_due()
    # Not sent, and not lost either: the row is still in the outbox, and the monitor has nothing to add to it.
    assert left() == 1
    with pool.system() as connection:
        assert connection.execute("SELECT dispatched_at IS NOT NULL FROM jobs").fetchone() == (True,)
        mended = recovery.recover(connection, stale_after=SOON, lost_after=timedelta(minutes=5))
    assert mended.resent == ()


def test_a_hint_that_is_spent_while_its_relay_still_holds_the_entry_is_followed_by_another(record, queue):
    """The worker is faster than the relay: its token is spent before the entry of that very token is deleted."""

    class Quick(SqsQueue):
        def send(self, hints):
            with pool.system() as connection:
                claims.defer(connection, self.queue.name)
            return set(range(len(hints)))

    (job,) = submit(record)
    assert relay.send_due(open_queue=Quick) == 1
    with pool.system() as connection:
        assert connection.execute("SELECT job_id, fence FROM outbox").fetchall() == [(job.id, job.fence + 1)]


@pytest.fixture
def sweeper(record, monkeypatch):
    """A Sweeper that looks only when it is woken."""
    monkeypatch.setattr(relay, "SWEEP", timedelta(seconds=60))
    sweeper = relay.Sweeper()
    sweeper.start()
    yield sweeper
    sweeper.stop(20)


def sent_in_the_end() -> bool:
    deadline = time.monotonic() + 20
    while left() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not left()


def test_where_a_sweeper_runs_it_sends_what_was_committed(record, queue, sweeper, monkeypatch):
    monkeypatch.setattr(relay, "send_soon", None)
    submit(record)
    relay.send_beside()
    assert sent_in_the_end()
    submit(record, 12)
    relay.send_beside()
    assert sent_in_the_end()
    assert len(received(queue)) == 13


def test_where_none_runs_who_committed_sends(record, queue):
    submit(record)
    relay.send_beside()
    assert left() == 0
    assert len(received(queue)) == 1


def test_what_is_committed_during_a_batch_goes_out_in_the_next(record, queue, sweeper, monkeypatch):
    honest, under_way, may_go_on = relay.send_due, threading.Event(), threading.Event()

    def slow(**named: object) -> int:
        under_way.set()
        assert may_go_on.wait(20)
        return honest(**named)

    monkeypatch.setattr(relay, "send_due", slow)
    relay.send_beside()
    assert under_way.wait(20)
    may_go_on.set()
    submit(record, 3)
    relay.send_beside()
    assert sent_in_the_end()


def test_a_sweeper_outlives_a_fault(record, queue, sweeper, monkeypatch):
    honest, failed = relay.send_due, threading.Event()

    def fail(**_: object) -> int:
        failed.set()
        raise RuntimeError("a fault nobody thought of")

    monkeypatch.setattr(relay, "send_due", fail)
    relay.send_beside()
    assert failed.wait(20)
    monkeypatch.setattr(relay, "send_due", honest)
    submit(record)
    relay.send_beside()
    assert sent_in_the_end()
