"""An arrival is recorded once, checked by its ranges, and queued or refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import boto3
import orjson
import pytest
from botocore.config import Config

from networx import settings
from networx.db import pool
from networx.db.keyset import Page
from networx.errors import DatabaseUnavailable, ObjectStoreUnavailable
from networx.ingest import problem_records, records
from networx.jobs import store
from networx.jobs.sqs import SqsQueue
from networx.resilience import aws as aws_clients
from networx.topology import TOPOLOGY
from networx.work import receive_upload
from networx.work.receive_upload import Arrival, receive

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "us_network.xlsx"


def event(**described: object) -> dict[str, object]:
    return {"detail": {"bucket": {"name": "input"}, "object": {"key": "uploads/acme/a b.xlsx", **described}}}


def versions(aws, bucket: str, arrival: Arrival) -> list[str]:
    listed = aws.s3.list_object_versions(Bucket=settings.current().buckets[bucket], Prefix=arrival.key)
    return [found["VersionId"] for found in listed.get("Versions", [])]


def tags(aws, arrival: Arrival) -> dict[str, str]:
    found = aws.s3.get_object_tagging(Bucket=settings.current().buckets["quarantine"], Key=arrival.key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def jobs_of(record) -> list[store.Job]:
    with pool.tenant(record.tenant_id) as connection:
        return store.list_jobs(connection)


def test_an_event_names_bucket_key_version_and_size():
    arrival = Arrival.from_event(event(**{"version-id": "v7", "size": 12}))
    assert arrival == Arrival("input", "uploads/acme/a b.xlsx", "v7", 12)
    assert (arrival.tenant_slug, arrival.filename) == ("acme", "a b.xlsx")


def test_an_event_of_a_bucket_without_versions_has_s3s_word_for_none():
    assert Arrival.from_event(event()).version == "null"


@pytest.mark.parametrize(
    ("key", "slug", "filename"),
    [
        ("uploads/acme/2026/q1/plan.xlsx", "acme", "plan.xlsx"),
        ("uploads/acme", None, "acme"),
        ("uploads/plan.xlsx", None, "plan.xlsx"),
        ("other/acme/plan.xlsx", None, "plan.xlsx"),
        ("plan.xlsx", None, "plan.xlsx"),
    ],
)
def test_the_tenant_is_the_second_part_of_a_key_below_uploads(key: str, slug: str | None, filename: str):
    arrival = Arrival("input", key, "v", 1)
    assert (arrival.tenant_slug, arrival.filename) == (slug, filename)


def test_a_good_file_is_recorded_and_queued_in_one_go(record, arrive, uploads, aws):
    arrival = arrive(EXAMPLE.read_bytes())
    receive(arrival)
    (upload,) = uploads()
    (job,) = jobs_of(record)
    assert (upload.status, upload.job_id, upload.bytes) == ("loading", job.id, arrival.size)
    assert (upload.kind, upload.model) == ("workbook", None)
    assert (job.kind, job.params, job.correlation_id) == (
        "file-load",
        {"upload_id": str(upload.id), "domain": "network"},
        upload.correlation_id,
    )
    (message,) = SqsQueue("file-processing.fifo").receive(10, timedelta(seconds=2))
    assert orjson.loads(message.body) == {"job_id": str(job.id), "fence": job.fence}
    assert versions(aws, "input", arrival) == [arrival.version]


def test_a_file_that_is_no_workbook_is_refused_tagged_and_moved(record, arrive, uploads, aws):
    arrival = arrive(b"%PDF-1.7")
    receive(arrival)
    (upload,) = uploads()
    assert (upload.status, upload.reason_code, upload.job_id) == ("rejected", "NOT_A_WORKBOOK", None)
    assert "a PDF document" in str(upload.reason)
    with pool.tenant(record.tenant_id) as connection:
        (found,) = problem_records.list_problems(
            connection, upload.id, page=Page(problem_records.ORDERS["position"], 10)
        )
    assert (found.position, found.problem.rule) == (0, "not_a_workbook")
    assert jobs_of(record) == []
    assert versions(aws, "input", arrival) == []
    assert tags(aws, arrival) == {"networx:refused": "NOT_A_WORKBOOK"}


MPS = b"NAME small\nROWS\n N c\n L r\nCOLUMNS\n x c 1 r 1\n y c 2 r 1\nRHS\n RHS r 4\nENDATA\n"


def test_a_model_is_taken_as_it_is_and_stays_where_it_lies(record, arrive, uploads, aws):
    arrival = arrive(MPS, "small.mps")
    receive(arrival)
    receive(arrival)
    (upload,) = uploads()
    assert (upload.status, upload.kind, upload.job_id, upload.dataset_id) == ("loaded", "model", None, None)
    assert upload.model == {"format": "mps", "packed": False, "name": "small"}
    assert upload.counts == {"rows": 1, "columns": 2}
    assert jobs_of(record) == []
    assert versions(aws, "input", arrival) == [arrival.version]


def test_a_model_that_cannot_be_used_is_refused_by_its_line_and_moved(record, arrive, uploads, aws):
    arrival = arrive(MPS.replace(b"x c 1 r 1", b"x c 1 r one"), "small.mps")
    receive(arrival)
    (upload,) = uploads()
    assert (upload.status, upload.kind, upload.reason_code) == ("rejected", None, "INVALID_MODEL")
    with pool.tenant(record.tenant_id) as connection:
        (found,) = problem_records.list_problems(
            connection, upload.id, page=Page(problem_records.ORDERS["position"], 10)
        )
    assert (found.problem.row, "one is not a number" in found.problem.message) == (6, True)
    assert versions(aws, "input", arrival) == []
    assert tags(aws, arrival) == {"networx:refused": "INVALID_MODEL"}


def test_a_file_beyond_what_may_be_uploaded_is_refused_unread(arrive, uploads):
    small = arrive(b"x")
    receive(Arrival(small.bucket, small.key, small.version, TOPOLOGY.limits.s3_upload_bytes + 1))
    (upload,) = uploads()
    assert (upload.status, upload.reason_code) == ("rejected", "FILE_TOO_LARGE")


@pytest.mark.parametrize("content", [EXAMPLE.read_bytes(), b"%PDF-1.7"], ids=["accepted", "refused"])
def test_the_same_event_again_and_at_once_changes_nothing(record, arrive, uploads, content: bytes):
    arrival = arrive(content)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(receive, [arrival] * 4))
    before = (uploads(), jobs_of(record))
    assert len(before[0]) == 1
    receive(arrival)
    assert (uploads(), jobs_of(record)) == before


def test_a_second_version_of_a_key_is_an_upload_of_its_own(arrive, uploads):
    receive(arrive(b"%PDF-1.7"))
    receive(arrive(EXAMPLE.read_bytes()))
    assert sorted(upload.status for upload in uploads()) == ["loading", "rejected"]


def test_events_out_of_order_each_find_their_version(arrive, uploads):
    first, second = arrive(EXAMPLE.read_bytes()), arrive(b"%PDF-1.7")
    receive(second)
    receive(first)
    assert {upload.version_id: upload.status for upload in uploads()} == {
        first.version: "loading",
        second.version: "rejected",
    }


def test_an_announced_upload_is_the_one_that_arrived(record, arrive, uploads):
    with pool.tenant(record.tenant_id) as connection:
        row = connection.execute("SELECT uuidv7()").fetchone()
        assert row is not None
        key = f"uploads/{record.slug}/{row[0]}/network.xlsx"
        bucket = settings.current().buckets["input"]
        records.create_upload(
            connection,
            upload_id=row[0],
            tenant_id=record.tenant_id,
            bucket=bucket,
            key=key,
            filename="network.xlsx",
            bytes=1,
        )
    arrival = arrive(EXAMPLE.read_bytes(), key=key)
    receive(arrival)
    (upload,) = uploads()
    assert (upload.id, upload.status, upload.version_id) == (row[0], "loading", arrival.version)
    assert upload.bytes == arrival.size


@pytest.mark.parametrize("key", ["uploads/nobody/network.xlsx", "uploads/network.xlsx"])
def test_a_file_of_no_tenant_goes_to_quarantine_unrecorded(arrive, uploads, aws, key: str):
    arrival = arrive(EXAMPLE.read_bytes(), key=key)
    receive(arrival)
    receive(arrival)
    assert uploads() == []
    assert versions(aws, "input", arrival) == []
    assert tags(aws, arrival) == {"networx:refused": "UNKNOWN_TENANT"}


def test_an_object_that_is_gone_is_let_go(arrive, uploads, aws):
    arrival = arrive(EXAMPLE.read_bytes())
    aws.s3.delete_object(Bucket=arrival.bucket, Key=arrival.key, VersionId=arrival.version)
    receive(arrival)
    assert uploads() == []


def test_a_refusal_whose_move_failed_is_moved_when_the_event_comes_again(monkeypatch, arrive, uploads, aws):
    def away(*_: object) -> None:
        raise ObjectStoreUnavailable

    arrival = arrive(b"%PDF-1.7")
    with monkeypatch.context() as patch:
        patch.setattr(receive_upload.objects, "quarantine", away)
        with pytest.raises(ObjectStoreUnavailable):
            receive(arrival)
    before = uploads()
    assert [upload.status for upload in before] == ["rejected"]
    receive(arrival)
    assert uploads() == before
    assert versions(aws, "input", arrival) == []


def test_a_store_that_is_away_is_no_refusal(monkeypatch, arrive, uploads):
    arrival = arrive(EXAMPLE.read_bytes())
    nowhere = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:1",
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with monkeypatch.context() as patch:
        patch.setattr(aws_clients, "client", lambda _service: nowhere)
        with pytest.raises(ObjectStoreUnavailable):
            receive(arrival)
    assert uploads() == []


def test_a_database_that_is_away_leaves_the_event_to_come_again(monkeypatch, arrive, uploads, aws):
    def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable

    arrival = arrive(b"%PDF-1.7")
    with monkeypatch.context() as patch:
        patch.setattr(records, "arrived", away)
        with pytest.raises(DatabaseUnavailable):
            receive(arrival)
    assert uploads() == []
    assert versions(aws, "input", arrival) == [arrival.version]
