"""When a failed outbound call is made again: the decision as a table, and the header that asks for a wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from networx.resilience.pace import WIDEST_GAP_SECONDS, Pace
from networx.resilience.retries import Backoff, Failure, asked_wait, wait_before_retry

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOST = Failure(passing=True)
UNSENT = Failure(passing=True, unsent=True)


def decide(failure: Failure = LOST, *, attempt=1, repeatable=True, left=60.0, chance=1.0) -> float | None:
    return wait_before_retry(
        failure, attempt=attempt, repeatable=repeatable, left_seconds=left, backoff=Backoff(), chance=lambda: chance
    )


@pytest.mark.parametrize(
    ("wait", "asked"),
    [
        (0.5, decide()),
        (1.0, decide(attempt=2)),
        (0.25, decide(chance=0.5)),
        (0.0, decide(chance=0.0)),
        (None, decide(attempt=3)),
        (None, decide(repeatable=False)),
        (0.5, decide(UNSENT, repeatable=False)),
        (None, decide(Failure(passing=False, unsent=True))),
        (None, decide(left=0.4)),
        (7.5, decide(Failure(passing=True, asked_seconds=7.0))),
        (20.5, decide(Failure(passing=True, asked_seconds=20.0))),
        (None, decide(Failure(passing=True, asked_seconds=20.1))),
        (None, decide(Failure(passing=True, asked_seconds=10.0), left=10.4)),
    ],
)
def test_the_decision(wait, asked):
    assert asked == wait


def test_the_ceiling_ends_somewhere():
    patient = Backoff(attempts=50)
    waits = [
        wait_before_retry(LOST, attempt=attempt, repeatable=True, left_seconds=1e9, backoff=patient, chance=lambda: 1.0)
        for attempt in range(1, 50)
    ]
    assert max(waits) == 8.0
    assert waits == sorted(waits)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sunday, 22-Nov-26 12:00:30 GMT", 30.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("\u0661\u0662", None),
        ("9" * 400, None),
    ],
)
def test_what_a_server_asks_for(header, seconds):
    assert asked_wait(header, NOW) == seconds


def test_the_gap_between_calls_grows_to_a_bound_and_shrinks_to_nothing():
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.reserve(0.0) == (True, 0.0)
    gaps = []
    for _ in range(10):
        pace.struggled()
        gaps.append(pace.gap_seconds)
    assert gaps[:4] == [0.5, 1.0, 2.0, 4.0]
    assert gaps[-1] == WIDEST_GAP_SECONDS
    for _ in range(10):
        pace.answered()
    assert pace.gap_seconds == 0.0


def test_calls_take_places_one_after_the_other_and_none_where_they_will_not_wait():
    now = 0.0
    pace = Pace(lambda: now)
    pace.struggled()
    pace.struggled()
    assert pace.reserve(10.0) == (True, 1.0)
    assert pace.reserve(10.0) == (True, 2.0)
    assert [pace.reserve(2.9) for _ in range(3)] == [(False, 3.0)] * 3
    assert pace.reserve(3.0) == (True, 3.0)


def test_a_host_that_asks_to_be_left_alone_is_but_not_for_ever():
    now = 0.0
    pace = Pace(lambda: now)
    pace.struggled(1e9)
    assert pace.reserve(100.0) == (True, WIDEST_GAP_SECONDS)
