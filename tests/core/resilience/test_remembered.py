"""What is remembered is right, one's own, made by one at a time, bounded, and never missed when Valkey is away."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from uuid import uuid4

import pytest
import redis

from local.home import free_port
from networx.errors import CacheUnavailable
from networx.observability import metrics
from networx.resilience import cache
from networx.resilience import remembered as module
from networx.resilience.breaker import Breaker
from networx.resilience.cache import cache_client
from networx.resilience.remembered import Kind, remembered
from networx.topology import TOPOLOGY

KIND = Kind("thing")
TENANT = uuid4()


@pytest.fixture(autouse=True)
def rates(configured, monkeypatch) -> list[float]:
    """An empty cache that is there; what is told of hits (1) and misses (0)."""
    cache_client().flushdb()
    told: list[float] = []
    monkeypatch.setattr(metrics, "emit", lambda name, value, **_: told.append(value))
    breaker = Breaker(TOPOLOGY.circuit("cache"), CacheUnavailable)
    monkeypatch.setattr(cache, "breaker", lambda: breaker)
    return told


class Builder:
    """Makes an answer, slowly if told, and counts how often."""

    def __init__(self, content: bytes = b'{"a": 1}', seconds: float = 0) -> None:
        self.content, self.seconds = content, seconds
        self.made = 0
        self._lock = threading.Lock()

    def __call__(self) -> bytes:
        with self._lock:
            self.made += 1
        time.sleep(self.seconds)
        return self.content


def test_an_answer_is_made_once(rates):
    build = Builder('{"name": "Zürich"}'.encode())
    assert [remembered(KIND, TENANT, "x", build) for _ in range(4)] == [build.content] * 4
    assert build.made == 1
    assert rates == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("kind", "tenant", "name"), [(Kind("other"), TENANT, "x"), (Kind("thing", 2), TENANT, "x"), (KIND, uuid4(), "x")]
)
def test_another_kind_shape_or_tenant_never_sees_it(kind, tenant, name):
    remembered(KIND, TENANT, "x", Builder(b'"theirs"'))
    assert remembered(kind, tenant, name, Builder(b'"mine"')) == b'"mine"'


def test_names_that_a_client_wrote_stay_apart():
    names = ["a", "a:b", "a\nb", "a" * 100_000, "\ud800", "", "*"]
    for name in names:
        remembered(KIND, TENANT, name, Builder(repr(name[:9]).encode("utf-8", "replace")))
    for name in names:
        assert remembered(KIND, TENANT, name, Builder(b"?")) == repr(name[:9]).encode("utf-8", "replace")


def test_of_fifty_who_ask_at_once_one_makes_it_and_all_have_it():
    build = Builder(seconds=0.3)
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: remembered(KIND, TENANT, "x", build), range(50)))
    assert set(answers) == {build.content}
    assert build.made == 1


def test_what_the_builder_raises_is_raised_to_each_and_kept_for_nobody():
    def fail() -> bytes:
        raise LookupError("not yet")

    for _ in range(2):
        with pytest.raises(LookupError, match="not yet"):
            remembered(KIND, TENANT, "x", fail)
    assert remembered(KIND, TENANT, "x", Builder()) == b'{"a": 1}'


def test_after_a_builder_that_failed_the_next_makes_it_without_waiting(monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", 60)
    building, waited_for = threading.Event(), threading.Event()

    def pause(seconds: float) -> None:
        waited_for.set()
        time.sleep(seconds)

    def fail() -> bytes:
        building.set()
        waited_for.wait(20)
        raise LookupError

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=time.monotonic, sleep=pause))
    with ThreadPoolExecutor(2) as threads:
        failing = threads.submit(remembered, KIND, TENANT, "x", fail)
        assert building.wait(20)
        began = time.monotonic()
        assert remembered(KIND, TENANT, "x", Builder()) == b'{"a": 1}'
        assert time.monotonic() - began < 30
        assert waited_for.is_set()
        with pytest.raises(LookupError):
            failing.result()


def test_a_builder_that_died_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)
    cache_client().set(module._key(KIND, TENANT, "x") + ":building", "a dead one", ex=60)
    assert remembered(KIND, TENANT, "x", Builder()) == b'{"a": 1}'


def test_who_gave_its_place_up_late_takes_nobody_elses():
    """A builder slower than its place lasts must not end the place of the one after it."""
    building = module._key(KIND, TENANT, "x") + ":building"

    def slow() -> bytes:
        cache_client().set(building, "the next one")
        return b"1"

    remembered(KIND, TENANT, "x", slow)
    assert cache_client().get(building) == "the next one"


def test_what_is_too_large_is_made_each_time_by_all_at_once(monkeypatch):
    content = b"1" * (module.LARGEST_ANSWER_BYTES + 1)
    remembered(KIND, TENANT, "x", Builder(content))
    nobody = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: pytest.fail("one waited for another"))
    monkeypatch.setattr(module, "time", nobody)
    all_there = threading.Barrier(4, timeout=30)

    def build() -> bytes:
        all_there.wait()
        return content

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: remembered(KIND, TENANT, "x", build), range(4)))
    assert set(answers) == {content}
    assert sum(cache_client().strlen(key) for key in cache_client().keys("networx:answers:thing:*")) == 0


def test_all_together_stay_within_their_bound(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 100_000)
    for number in range(60):
        remembered(KIND, TENANT, str(number), Builder(b"1" * 5_000))
    kept = cache_client().keys("networx:answers:thing:*")
    assert 10 < len(kept) <= 100_000 // 5_000
    assert int(cache_client().hget(module._SIZES, "total")) <= 100_000
    assert cache_client().zcard(module._AGES) == len(kept) == cache_client().hlen(module._SIZES) - 1
    newest, oldest = Builder(), Builder(b"2")
    assert remembered(KIND, TENANT, "59", newest) == b"1" * 5_000
    assert remembered(KIND, TENANT, "0", oldest) == b"2"


def test_what_is_kept_again_counts_once():
    for _ in range(3):
        cache_client().delete(module._key(KIND, TENANT, "x"))
        remembered(KIND, TENANT, "x", Builder(b"1" * 1000))
    assert int(cache_client().hget(module._SIZES, "total")) == 1000 + module._ENTRY_BYTES


def test_what_is_kept_ends_by_itself():
    remembered(KIND, TENANT, "x", Builder())
    assert 3500 < cache_client().ttl(module._key(KIND, TENANT, "x")) <= 3600


def test_without_valkey_each_answer_is_made_and_valkey_not_asked_each_time(monkeypatch, rates):
    tried: list[int] = []

    def away() -> redis.Redis:
        tried.append(1)
        return redis.Redis(port=free_port(), socket_connect_timeout=1)

    monkeypatch.setattr(cache, "cache_client", away)
    build = Builder()
    assert [remembered(KIND, TENANT, "x", build) for _ in range(5)] == [build.content] * 5
    assert (build.made, len(tried)) == (5, 1)
    assert rates == [0] * 5


def test_valkey_that_goes_while_an_answer_is_made_costs_nobody_the_answer(monkeypatch):
    real = cache_client()
    build = Builder()

    def last() -> bytes:
        monkeypatch.setattr(real.connection_pool, "get_connection", lambda *_: (_ for _ in ()).throw(OSError))
        return build()

    assert remembered(KIND, TENANT, "x", last) == build.content
    assert build.made == 1


def test_a_fault_of_the_builder_is_not_taken_for_valkeys(monkeypatch):
    def fail() -> bytes:
        raise OSError("the disk")

    with pytest.raises(OSError, match="the disk"):
        remembered(KIND, TENANT, "x", fail)
    assert not cache.breaker().doubted
