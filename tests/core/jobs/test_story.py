"""Events read as a story: waiting, attempts and what ended each, whatever the order of losses and returns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from networx.jobs.story import read

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORDS = {"q": "queued", "r": "running", "s": "succeeded", "c": "cancelled", "d": "dead", "f": "failed", "-": None}


def event(second: float, name: str, move: str, attempt: int = 1, **more: Any) -> dict[str, Any]:
    """`move` is the first letters of the states before and after, such as `qr`."""
    before, after = (WORDS[letter] for letter in move)
    return {
        "at": NOON + timedelta(seconds=second), "event": name, "actor": more.pop("actor", "w1"), "from_status": before,
        "to_status": after, "fence": 1, "attempt": attempt, "reason": more.pop("reason", None),
        "facts": more.pop("facts", None),
    }  # fmt: skip


SUBMITTED = event(0, "submitted", "-q", 0, actor="a person")


def test_a_job_that_went_well():
    finished = event(12, "finished", "rs", facts={"seconds": 9.5, "peak_mib": 300.5})
    story = read([SUBMITTED, event(2, "claimed", "qr"), finished], NOON + timedelta(hours=1))
    (attempt,) = story.attempts
    assert (attempt.worker, attempt.waited_seconds, attempt.seconds, attempt.peak_mib) == ("w1", 2.0, 9.5, 300.5)
    assert attempt.outcome == "finished"
    assert (story.waited_seconds, story.worked_seconds, story.waiting_since) == (2.0, 9.5, None)
    assert [(act.event, act.actor) for act in story.acts] == [("submitted", "a person")]


def test_a_retry_waits_out_its_backoff():
    retried = event(3, "retried", "rq", reason="CHILD_LOST: gone", facts={"seconds": 2.0})
    story = read([SUBMITTED, event(1, "claimed", "qr"), retried, event(8, "claimed", "qr", 2)], NOON)
    first, second = story.attempts
    assert (first.outcome, first.reason, first.peak_mib) == ("retried", "CHILD_LOST: gone", None)
    assert (second.number, second.attempt, second.waited_seconds, second.outcome) == (2, 2, 5.0, None)
    assert story.waited_seconds == 6.0


def test_a_lost_worker_is_told_of_when_another_takes_over():
    taken = event(95, "taken over", "rr", 2, actor="w2", reason="the lease had expired")
    resumed = event(96, "resumed", "rr", 2, actor="w2", reason="from the plan of attempt 1")
    story = read([SUBMITTED, event(5, "claimed", "qr"), taken, resumed], NOON + timedelta(seconds=105))
    first, second = story.attempts
    assert (first.worker, first.outcome, first.seconds, first.reason) == ("w1", "lost", 90.0, "the lease had expired")
    assert (second.worker, second.waited_seconds, second.resumed_from) == ("w2", None, "from the plan of attempt 1")
    assert story.worked_seconds == 100.0


def test_what_the_monitor_put_back_and_an_operator_redrove():
    told = [
        SUBMITTED,
        event(1, "claimed", "qr"),
        event(700, "recovered", "rq", actor="stale-job-monitor", reason="no heartbeat for 600 s"),
        event(701, "claimed", "qr", 2),
        event(1400, "died", "rd", 2, actor="stale-job-monitor"),
        event(2000, "redriven", "dq", 0, actor="on call"),
        event(2001, "claimed", "qr"),
    ]
    story = read(told, NOON + timedelta(seconds=2003))
    assert [attempt.outcome for attempt in story.attempts] == ["recovered", "died", None]
    assert [attempt.number for attempt in story.attempts] == [1, 2, 3]
    assert [(act.event, act.actor) for act in story.acts] == [("submitted", "a person"), ("redriven", "on call")]
    # The ten minutes as a dead job are no waiting for a worker.
    assert story.waited_seconds == 3.0


def test_what_still_waits_has_waited_until_now():
    story = read([SUBMITTED], NOON + timedelta(seconds=30))
    assert (story.waiting_since, story.waited_seconds, story.attempts) == (NOON, 30.0, ())


def test_a_cancelled_job_says_who_cancelled_it():
    cancelled = event(4, "cancelled", "rc", actor="a person")
    story = read([SUBMITTED, event(1, "claimed", "qr"), cancelled], NOON)
    assert story.attempts[0].outcome == "cancelled"
    assert story.acts[-1].event == "cancelled"
    waiting = read([SUBMITTED, event(4, "cancelled", "qc", 0)], NOON)
    assert (waiting.attempts, waiting.acts[-1].event, waiting.waiting_since) == ((), "cancelled", None)
    assert waiting.waited_seconds == 4.0


def test_an_event_that_is_not_known_here_breaks_nothing():
    told = [SUBMITTED, event(1, "claimed", "qr"), event(2, "admired", "rr"), event(3, "shelved", "rq")]
    story = read(told, NOON)
    assert [attempt.outcome for attempt in story.attempts] == ["shelved"]
    assert story.waiting_since == NOON + timedelta(seconds=3)


def test_without_events_there_is_no_story():
    assert read([], NOON).attempts == ()
