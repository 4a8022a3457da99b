"""Arrivals in the bucket, and one worker for as long as a test needs it, over a real record, queue and store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pytest

from local.resources import Emulator
from networx import settings
from networx.db import pool
from networx.ingest import records
from networx.jobs.context import Handler
from networx.jobs.worker import WorkerService
from networx.observability import metrics
from networx.topology import TOPOLOGY
from networx.work.receive_upload import Arrival
from tests.conftest import Record

Arrive = Callable[..., Arrival]
Working = Callable[[str, Mapping[str, Handler]], AbstractContextManager[None]]


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, ...], float]:
    """What was emitted last: (name, dimension values) to value."""
    sent: dict[tuple[str, ...], float] = {}
    monkeypatch.setattr(
        metrics, "emit", lambda name, value, **dimensions: sent.update({(name, *dimensions.values()): value})
    )
    return sent


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, record: Record) -> Iterator[Record]:
    """An empty record, with workers that end soon after they are told to."""
    for name, seconds in {"RECEIVE_WAIT": 1, "DRAIN": 1, "CANCEL_POLL": 0.1}.items():
        monkeypatch.setenv(f"NETWORX_{name}_SECONDS", str(seconds))
    settings.current.cache_clear()
    yield record
    settings.current.cache_clear()


@pytest.fixture
def arrive(aws: Emulator, record: Record) -> Arrive:
    """Put an object into the input bucket, under the tenant's prefix unless a key is given; what its event tells."""

    def put(content: bytes, name: str = "network.xlsx", *, key: str | None = None) -> Arrival:
        bucket = settings.current().buckets["input"]
        place = key or f"uploads/{record.slug}/{name}"
        version = aws.s3.put_object(Bucket=bucket, Key=place, Body=content)["VersionId"]
        return Arrival(bucket, place, version, len(content))

    return put


@pytest.fixture
def uploads(record: Record) -> Callable[[], list[records.Upload]]:
    """The tenant's uploads, newest first."""

    def listed() -> list[records.Upload]:
        with pool.tenant(record.tenant_id) as connection:
            return records.list_uploads(connection)

    return listed


@pytest.fixture
def settled(uploads: Callable[[], list[records.Upload]]) -> Callable[[], records.Upload]:
    """The newest upload, once it is loaded or rejected or waits for a decision."""

    def awaited(seconds: float = 30) -> records.Upload:
        deadline = time.monotonic() + seconds
        while True:
            (newest, *_) = uploads()
            if newest.status in {"loaded", "rejected", "needs_decision"}:
                return newest
            assert time.monotonic() < deadline, newest.status
            time.sleep(0.05)

    return awaited


@pytest.fixture
def working(quick: Record) -> Working:
    """A worker of the topology with these handlers, until the block ends."""

    @contextmanager
    def serve(worker: str, handlers: Mapping[str, Handler]) -> Iterator[None]:
        service = WorkerService(TOPOLOGY.worker(worker), handlers, name="tested")
        thread = threading.Thread(target=service.run)
        thread.start()
        try:
            yield
        finally:
            service.drain()
            thread.join(timeout=20)
            assert not thread.is_alive()

    return serve
