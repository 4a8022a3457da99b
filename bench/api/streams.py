"""Many open event streams on one web process: what each holds, how late news arrives, and what others notice of it.

Fifty running jobs report progress each second, as workers do; every stream watches one of them. A report carries the
instant it was made, on the clock that all processes of the machine share.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

from bench.api import load
from bench.api.sides import Side, Sides
from bench.jobs import processor
from bench.jobs.latency import Spread
from networx import settings
from networx.jobs import progress
from networx.resilience import aws, cache

JOBS = 50
_SENT = re.compile(rb'"reported_at":([0-9.]+)')
_OPENING_AT_ONCE = 16


@dataclass(frozen=True)
class Figures:
    """`kilobytes` a stream of the web process's memory, `delay` from report to arrival, `other` requests meanwhile."""

    streams: int
    kilobytes: float
    events: int
    delay: Spread
    other: Spread
    processors: float


@dataclass
class _Watched:
    delays: list[float] = field(default_factory=list)
    opened: int = 0
    since: float = float("inf")


def measure(sides: Sides, streams: int, seconds: float) -> Figures:
    """Open the streams, let the jobs report, and ask for a job every tenth of a second meanwhile."""
    return asyncio.run(_measure(sides, streams, seconds))


async def _measure(sides: Sides, streams: int, seconds: float) -> Figures:
    side = sides.ours
    jobs = _running_jobs(sides)
    before = _resident_bytes(side.pid)
    watched = _Watched()
    at_once = asyncio.Semaphore(_OPENING_AT_ONCE)
    opened = asyncio.Event()

    async def watch(number: int) -> None:
        async with at_once:
            reader, writer = await asyncio.open_connection("127.0.0.1", side.port)
            path = f"/api/jobs/{jobs[number % len(jobs)]}/events"
            writer.write(load.request("GET", path, side.headers(number)))
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            if status != 200:
                raise RuntimeError(f"A stream was answered {status}.")
        watched.opened += 1
        if watched.opened == streams:
            opened.set()
        while True:
            line = await reader.readline()
            if not line:
                raise RuntimeError("A stream ended while its job was running.")
            told = _SENT.search(line)
            # A stream begins with what was reported before it.
            if told is not None and float(told[1]) > watched.since:
                watched.delays.append(time.monotonic() - float(told[1]))

    async with asyncio.TaskGroup() as group:
        watching = [group.create_task(watch(number)) for number in range(streams)]
        async with asyncio.timeout(120):
            await opened.wait()
        used, began = processor.seconds(side.pid), time.monotonic()
        watched.since = began
        with _reporting(sides, jobs):
            other = await _ask_meanwhile(side, seconds)
            used, took = processor.seconds(side.pid) - used, time.monotonic() - began
            held = _resident_bytes(side.pid) - before
        for task in watching:
            task.cancel()
    if not watched.delays:
        raise RuntimeError("No stream heard of any progress.")
    return Figures(
        streams, held / 1024 / streams, len(watched.delays), Spread.of(watched.delays), Spread.of(other), used / took
    )


def _running_jobs(sides: Sides) -> list[UUID]:
    """The oldest jobs, put into the state that a worker's claim puts them into."""
    with sides.servers.master() as master:
        master.execute("SET search_path = networx")
        master.execute(
            "UPDATE jobs SET status = 'running', worker = 'bench', attempt = 1, fence = fence + 1, "
            "claimed_at = now(), started_at = now(), lease_expires_at = now() + interval '1 hour' "
            "WHERE status = 'queued' AND id IN (SELECT id FROM jobs ORDER BY id LIMIT %s)",
            (JOBS,),
        )
        found = master.execute("SELECT id FROM jobs WHERE status = 'running' ORDER BY id").fetchall()
    return [row[0] for row in found]


async def _ask_meanwhile(side: Side, seconds: float) -> list[float]:
    took: list[float] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", side.port)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        writer.write(load.request("GET", f"/api/jobs/{side.job_id}", side.headers(len(took))))
        status, _ = await load.answer(reader)
        if status != 200:
            raise RuntimeError(f"A request beside the streams was answered {status}.")
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.1)
    writer.close()
    return took


@contextmanager
def _told_where(environment: Mapping[str, str]) -> Iterator[None]:
    """This process is told where the servers are, and knows of them no more afterwards."""
    before = dict(os.environ)
    os.environ.update(environment)
    _forget()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        _forget()


def _forget() -> None:
    for remembered in (settings.current, aws.client, aws.secret_during, cache.cache_client, cache.breaker):
        remembered.cache_clear()


@contextmanager
def _reporting(sides: Sides, jobs: list[UUID]) -> Iterator[None]:
    """Each job reports once a second, spread over the second, in a thread of this process."""
    stop = Event()

    def report() -> None:
        number = 0
        while not stop.wait(1 / len(jobs)):
            percent = number // len(jobs) % 100
            progress.publish(jobs[number % len(jobs)], {"percent": percent, "reported_at": time.monotonic()})
            number += 1

    thread = Thread(target=report)
    with _told_where(sides.servers.environment):
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
