"""Looks within one tick: at fixed distances, never past the tick or the time left, none hidden by another's fault."""

from __future__ import annotations

from datetime import timedelta

import pytest

from networx.work.sampling import LONGEST_LOOK, sample

EVERY = timedelta(seconds=15)


class Day:
    """A clock that moves when somebody sleeps or a look takes its time."""

    def __init__(self, *, timeout: float = 60, takes: dict[int, float] | None = None) -> None:
        self.now = 0.0
        self.looked_at: list[float] = []
        self._timeout = timeout
        self._takes = takes or {}

    def look(self) -> None:
        self.looked_at.append(self.now)
        self.now += self._takes.get(len(self.looked_at), 0)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds

    def run(self, **readings) -> int:
        return sample(
            readings or {"look": self.look},
            every=EVERY,
            left=lambda: timedelta(seconds=self._timeout - self.now),
            sleep=self.sleep,
            clock=lambda: self.now,
        )


def test_a_minute_holds_four_looks_and_leaves_the_fifth_to_the_next_tick():
    day = Day()
    assert day.run() == 4
    assert day.looked_at == [0, 15, 30, 45]


def test_a_slow_look_shifts_none_of_the_others_and_what_was_missed_is_not_made_up_for():
    day = Day(takes={1: 17, 2: 2})
    assert day.run() == 3
    assert day.looked_at == [0, 30, 45]


def test_no_look_is_begun_that_might_not_end_in_time():
    day = Day(timeout=30 + LONGEST_LOOK.total_seconds() - 0.001)
    assert day.run() == 2
    assert day.now == 15, "what is not looked at is not waited for"


def test_one_reading_that_fails_hides_no_other_and_fails_the_tick_at_its_end():
    day = Day()

    def away() -> None:
        raise ConnectionError("away")

    with pytest.raises(ConnectionError, match="away"):
        day.run(away=away, look=day.look)
    assert day.looked_at == [0, 15, 30, 45]


def test_a_fault_that_passes_within_the_minute_is_none():
    day = Day()
    faults = iter([True, False, True, False])

    def now_and_then() -> None:
        if next(faults):
            raise ConnectionError

    assert day.run(now_and_then=now_and_then) == 4
