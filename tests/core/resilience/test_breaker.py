"""The circuit breaker: refuses at once while a part is away, and lets exactly one caller try."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from networx.blueprint import Circuit
from networx.errors import DatabaseUnavailable
from networx.resilience.breaker import Breaker, State

CIRCUIT = Circuit("database", failures=3, pause=timedelta(seconds=30))


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Away(Exception):
    pass


class Refused(Away):
    """A fault that says nothing about whether the part is there."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock) -> Breaker:
    return Breaker(CIRCUIT, DatabaseUnavailable, clock=clock)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Away), breaker.guarding(Away):
            raise Away


def answer(breaker: Breaker) -> None:
    with breaker.guarding(Away):
        pass


def refused(breaker: Breaker) -> DatabaseUnavailable:
    with pytest.raises(DatabaseUnavailable) as refusal, breaker.guarding(Away):
        pytest.fail("the call went through")
    return refusal.value


def test_failures_in_a_row_open_it_and_an_answer_between_begins_anew(breaker):
    fail(breaker, 2)
    answer(breaker)
    fail(breaker, 2)
    assert breaker.state is State.CLOSED
    fail(breaker)
    assert breaker.state is State.OPEN


def test_a_refusal_says_the_word_and_when_to_come_back(breaker, clock):
    fail(breaker, 3)
    clock.now += 10
    refusal = refused(breaker)
    assert (refusal.code, refusal.facts["retry_after_seconds"]) == ("CIRCUIT_OPEN", 20)
    assert DatabaseUnavailable.code == "DATABASE_UNAVAILABLE"


def test_after_the_pause_one_caller_tries_and_the_others_wait_for_what_it_finds(breaker, clock):
    fail(breaker, 3)
    clock.now += 30
    assert breaker.state is State.HALF_OPEN
    with breaker.guarding(Away):
        assert refused(breaker).facts["retry_after_seconds"] == 1
    assert breaker.state is State.CLOSED
    answer(breaker)


def test_a_trial_that_fails_opens_it_for_another_pause(breaker, clock):
    fail(breaker, 3)
    clock.now += 30
    fail(breaker)
    assert breaker.state is State.OPEN
    clock.now += 29.9
    refused(breaker)
    clock.now += 0.1
    answer(breaker)
    assert breaker.state is State.CLOSED


def test_what_a_call_of_before_finds_changes_nothing(breaker):
    with breaker.guarding(Away):
        fail(breaker, 3)
    assert breaker.state is State.OPEN


def test_a_fault_of_another_kind_is_an_answer(breaker):
    fail(breaker, 2)
    with pytest.raises(KeyError), breaker.guarding(Away):
        raise KeyError
    with pytest.raises(Refused), breaker.guarding(Away, unless=lambda fault: isinstance(fault, Refused)):
        raise Refused
    fail(breaker, 2)
    assert breaker.state is State.CLOSED


def test_an_interrupted_trial_leaves_the_trial_to_another(breaker, clock):
    fail(breaker, 3)
    clock.now += 30
    with pytest.raises(KeyboardInterrupt), breaker.guarding(Away):
        raise KeyboardInterrupt
    assert breaker.state is State.HALF_OPEN
    answer(breaker)
    assert breaker.state is State.CLOSED


def test_whoever_knows_that_the_part_is_back_closes_it(breaker):
    fail(breaker, 3)
    breaker.close()
    answer(breaker)
    fail(breaker, 2)
    assert breaker.state is State.CLOSED


def test_it_opens_once_and_says_so(breaker, capsys):
    fail(breaker, 3)
    refused(breaker)
    trips = [line for line in capsys.readouterr().out.splitlines() if "BreakerTrips" in line]
    assert len(trips) == 1
    assert '"Part":"database"' in trips[0]


def test_of_many_threads_one_tries(breaker, clock):
    fail(breaker, 3)
    clock.now += 30
    inside, done = threading.Barrier(2), threading.Event()
    outcomes: list[str] = []

    def try_it() -> None:
        with breaker.guarding(Away):
            inside.wait(20)
            done.wait(20)
            outcomes.append("tried")

    def ask() -> None:
        try:
            answer(breaker)
            outcomes.append("went through")
        except DatabaseUnavailable:
            outcomes.append("refused")

    first = threading.Thread(target=try_it)
    first.start()
    inside.wait(20)
    others = [threading.Thread(target=ask) for _ in range(16)]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join(20)
    assert outcomes == ["refused"] * 16
    done.set()
    first.join(20)
    assert outcomes[-1] == "tried"
    assert breaker.state is State.CLOSED


def test_a_part_that_is_back_is_noticed_before_the_pause_is_over(clock, monkeypatch):
    monkeypatch.setattr("networx.resilience.breaker.PROBE_EVERY_SECONDS", 0.01)
    away, asked, closed = threading.Event(), threading.Semaphore(0), threading.Event()
    away.set()

    def probe() -> None:
        asked.release()
        if away.is_set():
            raise Away

    class Told(Breaker):
        def close(self) -> None:
            super().close()
            closed.set()

    breaker = Told(CIRCUIT, DatabaseUnavailable, probe=probe, clock=clock)
    fail(breaker, 3)
    assert asked.acquire(timeout=20)
    assert asked.acquire(timeout=20)
    refused(breaker)
    away.clear()
    assert closed.wait(20)
    answer(breaker)


def test_failures_over_the_same_thing_count_once(breaker):
    for _ in range(10):
        breaker.failed(breaker.enter(), over="a poisonous job")
    assert breaker.state is State.CLOSED
    breaker.failed(breaker.enter(), over="another")
    assert breaker.state is State.CLOSED
    breaker.failed(breaker.enter(), over="a third")
    assert breaker.state is State.OPEN


def test_a_call_that_says_nothing_changes_nothing(breaker, clock):
    fail(breaker, 2)
    breaker.left(breaker.enter())
    fail(breaker)
    clock.now += 30
    trial = breaker.enter()
    refused(breaker)
    breaker.left(trial)
    assert breaker.state is State.HALF_OPEN
    answer(breaker)
    assert breaker.state is State.CLOSED


def test_one_that_doubts_asks_from_the_first_failure_on_and_opens_by_that_alone(clock, monkeypatch):
    monkeypatch.setattr("networx.resilience.breaker.PROBE_EVERY_SECONDS", 0.01)
    away = threading.Event()
    away.set()

    def probe() -> None:
        if away.is_set():
            raise Away

    breaker = Breaker(CIRCUIT, DatabaseUnavailable, probe=probe, doubting=True, clock=clock)
    assert not breaker.doubted
    fail(breaker)
    assert breaker.doubted
    eventually(lambda: breaker.state is State.OPEN)
    refused(breaker)
    away.clear()
    eventually(lambda: not breaker.doubted)
    answer(breaker)
    assert breaker.state is State.CLOSED
    # One failure that passes is over as soon as the part was asked.
    fail(breaker)
    eventually(lambda: not breaker.doubted)
    assert breaker.state is State.CLOSED


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class AgainstAPlainRule(RuleBasedStateMachine):
    """Any history of calls one after another, held against the rule written down a second time."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(CIRCUIT, DatabaseUnavailable, clock=self.clock)
        self.in_a_row, self.opened_at = 0, None

    def lets_through(self) -> bool:
        return self.opened_at is None or self.clock.now >= self.opened_at + 30

    @rule(seconds=st.floats(min_value=0, max_value=40))
    def time_passes(self, seconds):
        self.clock.now += seconds

    @precondition(lets_through)
    @rule()
    def answers(self):
        answer(self.breaker)
        self.in_a_row, self.opened_at = 0, None

    @precondition(lets_through)
    @rule()
    def fails(self):
        fail(self.breaker)
        self.in_a_row += 1
        if self.in_a_row >= 3:
            self.opened_at = self.clock.now

    @precondition(lambda self: not self.lets_through())
    @rule()
    def refuses(self):
        refused(self.breaker)

    @invariant()
    def stands_as_it_should(self):
        expected = State.CLOSED if self.opened_at is None else State.HALF_OPEN if self.lets_through() else State.OPEN
        assert self.breaker.state is expected


TestAgainstAPlainRule = AgainstAPlainRule.TestCase
TestAgainstAPlainRule.settings = effort(max_examples=50, stateful_step_count=30, deadline=None)
