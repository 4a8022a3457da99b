"""Streams of one job that are woken together look once, and nobody is shown what is older than the last wake-up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from uuid import uuid4

import pytest

from networx.api import wakeups as module
from networx.api.wakeups import Wakeups
from networx.errors import NotFound

TENANT, JOB = uuid4(), uuid4()
PATIENCE_SECONDS = 20


class Counted:
    """A view that tells how often it looked, and looks for as long as it is held."""

    def __init__(self) -> None:
        self.looks = 0
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self) -> int:
        self.looks += 1
        this = self.looks
        assert self.may_end.wait(PATIENCE_SECONDS)
        return this


@pytest.fixture
def view() -> Counted:
    return Counted()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():
            await asyncio.sleep(0.001)


def test_who_looks_together_looks_once(view):
    async def watch() -> list[int]:
        heard = Wakeups()
        return await asyncio.gather(*(heard.look(TENANT, JOB, view) for _ in range(50)))

    assert asyncio.run(watch()) == [1] * 50


def test_a_look_that_began_before_the_wake_up_is_not_enough(view):
    async def watch() -> tuple[int, int]:
        heard = Wakeups()
        with heard.of(str(JOB)):
            view.may_end.clear()
            early = asyncio.create_task(heard.look(TENANT, JOB, view))
            await until(lambda: view.looks == 1)
            heard.wake(str(JOB))
            late = asyncio.create_task(heard.look(TENANT, JOB, view))
            await until(lambda: view.looks == 2)
            view.may_end.set()
            return await early, await late

    assert asyncio.run(watch()) == (1, 2)


def test_a_look_of_another_tenant_is_not_shared(view):
    async def watch() -> tuple[int, int]:
        heard = Wakeups()
        return await heard.look(TENANT, JOB, view), await heard.look(uuid4(), JOB, view)

    assert asyncio.run(watch()) == (1, 2)


def test_a_look_is_shared_for_a_moment_only(view, monkeypatch):
    monkeypatch.setattr(module, "_SHARED_FOR_SECONDS", 0.0)

    async def watch() -> tuple[int, int]:
        heard = Wakeups()
        return await heard.look(TENANT, JOB, view), await heard.look(TENANT, JOB, view)

    assert asyncio.run(watch()) == (1, 2)


def test_what_fails_fails_for_all_who_looked_together():
    def gone() -> int:
        raise NotFound(what="job", id=JOB)

    async def watch() -> list[object]:
        heard = Wakeups()
        return await asyncio.gather(*(heard.look(TENANT, JOB, gone) for _ in range(3)), return_exceptions=True)

    assert [type(each) for each in asyncio.run(watch())] == [NotFound] * 3


def test_a_reader_that_leaves_takes_the_look_from_nobody(view):
    async def watch() -> int:
        heard = Wakeups()
        view.may_end.clear()
        leaving, staying = (asyncio.create_task(heard.look(TENANT, JOB, view)) for _ in range(2))
        await until(lambda: view.looks == 1)
        leaving.cancel()
        view.may_end.set()
        return await staying

    assert asyncio.run(watch()) == 1


def test_nothing_is_kept_of_jobs_that_nobody_watches(view, monkeypatch):
    monkeypatch.setattr(module, "_SHARED_FOR_SECONDS", 0.001)

    async def watch() -> None:
        heard = Wakeups()
        with heard.of(str(JOB)):
            heard.wake(str(JOB))
            await heard.look(TENANT, JOB, view)
        heard.wake(str(JOB))
        await until(lambda: not heard._looks)
        assert not heard._woken_at
        assert not heard._waiting

    asyncio.run(watch())
