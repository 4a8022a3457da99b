"""One suite over both places where cells are kept: Valkey, and this process."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
import redis

from local.home import free_port
from networx.errors import CacheUnavailable
from networx.observability import metrics
from networx.resilience import cache
from networx.resilience.breaker import Breaker
from networx.resilience.cache import cache_client
from networx.resilience.limits import InProcess, Limit, Limiter, Verdict
from networx.topology import TOPOLOGY

SECOND = 1_000_000
HUNDRED = Limit("standard", 100, timedelta(minutes=1))


class Clock:
    """Microseconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_790_000_000 * SECOND

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class InTwoSteps:
    """Asks, and then waits for the verdict."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def take(self, limit: Limit, whose: str) -> Verdict:
        with ExitStack() as held:
            return self._limiter.ask(limit, whose, held)()


@pytest.fixture(params=["valkey", "valkey in two steps", "process"])
def limiter(request, clock):
    if request.param == "process":
        return InProcess(clock)
    request.getfixturevalue("configured")
    cache_client().flushdb()
    return Limiter(clock) if request.param == "valkey" else InTwoSteps(Limiter(clock))


def admitted(limiter, times: int, whose: str = "a", limit: Limit = HUNDRED) -> int:
    return sum(limiter.take(limit, whose).admitted for _ in range(times))


def test_of_150_at_once_100_pass(limiter):
    assert [limiter.take(HUNDRED, "a").admitted for _ in range(150)] == [True] * 100 + [False] * 50


@pytest.mark.parametrize("gap_seconds", [0.001, 0.1, 0.399])
def test_of_150_spread_over_a_minute_100_pass(limiter, clock, gap_seconds):
    passed = 0
    for _ in range(150):
        passed += limiter.take(HUNDRED, "a").admitted
        clock.pass_seconds(gap_seconds)
    assert passed == 100


def test_who_keeps_to_the_limit_is_never_refused(limiter, clock):
    for _ in range(500):
        assert limiter.take(HUNDRED, "a").admitted
        clock.pass_seconds(0.6)


def test_the_end_of_one_period_and_the_beginning_of_the_next_do_not_add_up(limiter, clock):
    assert admitted(limiter, 1) == 1
    clock.pass_seconds(59)
    assert admitted(limiter, 120) == 99
    clock.pass_seconds(1.2)
    assert admitted(limiter, 120) == 3


def test_no_period_of_two_lengths_lets_more_than_three_bursts_pass(limiter, clock):
    """Whatever a caller does: the bound of the algorithm, a burst and what flows in, holds at every instant."""
    chance = random.Random(7)
    passed: list[int] = []
    for _ in range(1500):
        clock.pass_seconds(chance.choice([0, 0, 0, 0.01, 0.5, 3]))
        if limiter.take(HUNDRED, "a").admitted:
            passed.append(clock.now)
    for began in passed:
        assert sum(began <= at < began + 60 * SECOND for at in passed) <= 200
    assert len(passed) > 300


def test_after_the_wait_that_was_named_one_more_passes_and_not_before(limiter, clock):
    admitted(limiter, 100)
    wait = limiter.take(HUNDRED, "a").retry_after_seconds
    assert 0 < wait <= 60
    clock.pass_seconds(wait - 1.001)
    assert not limiter.take(HUNDRED, "a").admitted
    clock.pass_seconds(1.001)
    assert limiter.take(HUNDRED, "a").admitted


def test_what_is_left_is_told_and_true(limiter):
    assert [limiter.take(HUNDRED, "a").remaining for _ in range(102)] == [*range(99, -1, -1), 0, 0]


def test_after_the_reset_all_is_there_again(limiter, clock):
    admitted(limiter, 150)
    clock.pass_seconds(limiter.take(HUNDRED, "a").reset_seconds)
    assert admitted(limiter, 150) == 100


def test_a_hundred_callers_at_once_do_not_disturb_one_another(limiter):
    def ask(caller: int) -> int:
        return admitted(limiter, 12, f"caller {caller}", Limit("strict", 10, timedelta(minutes=1)))

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(ask, range(100))) == {10}


def test_limits_of_one_caller_are_counted_apart(limiter):
    assert admitted(limiter, 100) == 100
    assert admitted(limiter, 5, limit=Limit("strict", 10, timedelta(minutes=1))) == 5


def test_a_clock_that_is_set_back_shuts_nobody_out(limiter, clock):
    admitted(limiter, 50)
    clock.pass_seconds(-3600)
    assert limiter.take(HUNDRED, "a").retry_after_seconds <= 60
    clock.pass_seconds(60)
    assert limiter.take(HUNDRED, "a").admitted


def test_a_verdict_that_nobody_waited_for_is_nobody_elses(configured):
    cache_client().flushdb()
    limiter = Limiter()
    limiter.take(HUNDRED, "a")
    with ExitStack() as held:
        limiter.ask(HUNDRED, "a", held)
    with ExitStack() as held:
        verdicts = [limiter.ask(HUNDRED, whose, held) for whose in ("b", "c", "b")]
        assert sorted(verdict().remaining for verdict in reversed(verdicts)) == [98, 99, 99]


@pytest.mark.parametrize("lost", ["the connections", "the script"])
def test_what_valkey_lost_is_asked_for_again(configured, lost):
    cache_client().flushdb()
    asked = InTwoSteps(Limiter())
    assert asked.take(HUNDRED, "a").remaining == 99
    if lost == "the script":
        cache_client().script_flush()
    else:
        cache_client().client_kill_filter(_type="normal", skipme=True)
    assert asked.take(HUNDRED, "a").remaining == 98
    assert asked.take(HUNDRED, "a").remaining == 97


def test_what_is_kept_in_valkey_ends_with_the_period_and_is_small(configured):
    cache_client().flushdb()
    limiter = Limiter()
    for _ in range(100):
        limiter.take(HUNDRED, "b" * 32)
    key = "networx:limits:standard:" + "b" * 32
    assert 0 < cache_client().pttl(key) <= 121_000
    assert cache_client().memory_usage(key) < 250


def test_the_process_remembers_no_more_callers_than_it_may(clock):
    alone = InProcess(clock, most_cells=50)
    for caller in range(500):
        alone.take(HUNDRED, str(caller))
    assert len(alone._cells) == 50


def test_without_valkey_this_process_counts_and_says_so(monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(metrics, "emit", lambda name, *_: told.append(name))
    tried: list[int] = []

    def away() -> redis.Redis:
        tried.append(1)
        return redis.Redis(port=free_port(), socket_connect_timeout=1)

    breaker = Breaker(TOPOLOGY.circuit("cache"), CacheUnavailable)
    monkeypatch.setattr(cache, "cache_client", away)
    monkeypatch.setattr(cache, "breaker", lambda: breaker)
    limiter = Limiter()
    assert admitted(limiter, 150) == 100
    assert told == ["RateLimitsCountedAlone"] * 150
    assert len(tried) == 1, "each request asked a server that is away"
