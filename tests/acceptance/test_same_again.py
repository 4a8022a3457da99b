"""What comes twice changes nothing: the same event, and the same file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.acceptance.record import Record
from tests.acceptance.store import Store, created, delivery
from tests.acceptance.workbooks import three_towns, workbook

pytestmark = pytest.mark.platform


def everything(record: Record) -> dict[str, Any]:
    """Every upload and job as it stands, and how much there is of the rest."""
    return {
        "uploads": record.rows("SELECT * FROM uploads ORDER BY id"),
        "jobs": record.rows("SELECT * FROM jobs ORDER BY id"),
        "problems": record.one("SELECT count(*) FROM upload_problems"),
        "events": record.one("SELECT count(*) FROM job_events"),
        "waiting": record.one("SELECT count(*) FROM outbox"),
        **record.data_counts(),
    }


@pytest.mark.parametrize(("name", "content"), [("twice.xlsx", None), ("twice refused.xlsx", b"no workbook")])
def test_the_same_event_again_changes_nothing(
    client: Client, store: Store, record: Record, name: str, content: bytes | None
):
    sheets = three_towns()
    sheets["Destinations"][1][1] = 41
    content = workbook(sheets) if content is None else content
    key, version = store.put(name, content)
    upload = client.upload_named(name)
    if upload["job_id"] is not None:
        client.job_ended(upload["job_id"])
    store.await_empty("upload-events")
    before = everything(record)
    event = created(key, version, len(content))

    assert store.invoke("upload-validator", delivery(event)) == {"batchItemFailures": []}
    for _ in range(3):
        store.send_event(event)
    store.await_empty("upload-events")

    assert everything(record) == before
    assert client.upload_named(name) == upload


def test_the_same_event_many_times_at_once_is_one_upload(client: Client, store: Store, record: Record):
    sheets = three_towns()
    sheets["Destinations"][1][1] = 42
    content = workbook(sheets)
    key, version = store.put("storm.xlsx", content)
    with ThreadPoolExecutor(6) as threads:
        answers = threads.map(
            lambda _: store.invoke("upload-validator", delivery(created(key, version, len(content)))), range(6)
        )
        assert all(answer == {"batchItemFailures": []} for answer in answers)
    assert client.upload_named("storm.xlsx")["status"] == "loaded"
    assert record.one("SELECT count(*) FROM uploads WHERE key = %s", key) == 1
    loads = "SELECT count(*) FROM jobs WHERE params->>'upload_id' IN (SELECT id::text FROM uploads WHERE key = %s)"
    assert record.one(loads, key) == 1


def test_the_same_content_again_is_recognised(client: Client, store: Store, record: Record):
    sheets = three_towns()
    sheets["Destinations"][1][1] = 43
    content = workbook(sheets)
    store.put("first.xlsx", content)
    first = client.upload_named("first.xlsx")
    before = record.data_counts()

    store.put("second.xlsx", content)
    second = client.upload_named("second.xlsx")
    third = client.upload_settled(client.upload_by_parts("third.xlsx", content))

    assert {second["dataset_id"], third["dataset_id"]} == {first["dataset_id"]}
    assert len({first["upload_id"], second["upload_id"], third["upload_id"]}) == 3
    assert second["counts"] == first["counts"]
    assert any("loaded before" in warning for warning in second["warnings"])
    assert record.data_counts() == before


def test_the_same_content_twice_at_once_is_one_dataset(client: Client, store: Store, record: Record):
    sheets = three_towns()
    sheets["Destinations"][1][1] = 44
    content = workbook(sheets)
    before = record.data_counts()
    names = ("left.xlsx", "right.xlsx")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda name: store.put(name, content), names))
    left, right = (client.upload_named(name) for name in names)
    assert (left["status"], right["status"]) == ("loaded", "loaded")
    assert left["dataset_id"] == right["dataset_id"]
    assert record.data_counts()["datasets"] == before["datasets"] + 1
