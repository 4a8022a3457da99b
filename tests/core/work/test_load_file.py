"""A file on its way from the bucket into the record, with the real worker, queue and store."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from networx import settings
from networx.db import pool
from networx.ingest import datasets, records
from networx.jobs.worker import WorkerService
from networx.topology import TOPOLOGY
from networx.work.load_file import FileLoad
from networx.work.receive_upload import Arrival, receive

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "us_network.xlsx"


@pytest.fixture
def quick(monkeypatch, record, tmp_path):
    monkeypatch.setenv("NETWORX_RECEIVE_WAIT_SECONDS", "1")
    settings.current.cache_clear()
    yield record
    settings.current.cache_clear()


@contextmanager
def loading():
    service = WorkerService(TOPOLOGY.worker("file"), {"file-load": FileLoad()}, name="tested")
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield
    finally:
        service.drain()
        thread.join(timeout=20)


def arrive(aws, record, content: bytes, name: str = "network.xlsx") -> Arrival:
    bucket = settings.current().buckets["input"]
    key = f"uploads/{record.slug}/{name}"
    version = aws.s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
    return Arrival(bucket, key, version, len(content))


def uploads(record) -> list[records.Upload]:
    with pool.tenant(record.tenant_id) as connection:
        return records.list_uploads(connection)


def settled(record, seconds: float = 20) -> records.Upload:
    deadline = time.monotonic() + seconds
    while True:
        (newest, *_) = uploads(record)
        if newest.status in {"loaded", "rejected"}:
            return newest
        assert time.monotonic() < deadline, newest.status
        time.sleep(0.05)


def test_the_example_becomes_a_dataset(quick, aws):
    receive(arrive(aws, quick, EXAMPLE.read_bytes()))
    with loading():
        upload = settled(quick)
    assert upload.status == "loaded"
    with pool.tenant(quick.tenant_id) as connection:
        dataset = datasets.get_dataset(connection, upload.dataset_id)
        tables = datasets.read_network(connection, upload.dataset_id)
    assert len(tables.destinations) == dataset.counts["destinations"] == 300
    # What the record gives back is, to the bit, what was read from the file.
    assert tables.sha256() == dataset.sha256
