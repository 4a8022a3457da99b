"""The functions as Lambda calls them, over a real record, queue and store."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas import (
    cleanup,
    database_monitor,
    dead_letter_consumer,
    queue_monitor,
    runtime,
    stale_job_monitor,
    upload_validator,
)
from networx import settings
from networx.db import pool
from networx.errors import DatabaseUnavailable
from networx.ingest import records
from networx.topology import TOPOLOGY
from networx.work import monitor_database, receive_upload

CONTEXT = SimpleNamespace(aws_request_id="request")


@pytest.fixture(autouse=True)
def prepared() -> Iterator[None]:
    """A process in which no function has run yet."""
    runtime.prepare.cache_clear()
    yield
    pool.close_pools()
    pool.limit_connections(TOPOLOGY.limits.worker_connections)


def put(aws, key: str, content: bytes) -> dict[str, Any]:
    """Put an object into the input bucket; the SQS record of its event, as EventBridge sends it."""
    bucket = settings.current().buckets["input"]
    version = aws.s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
    body = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket}, "object": {"key": key, "version-id": version, "size": len(content)}},
    }
    return {"messageId": f"message of {key}", "body": json.dumps(body), "receiptHandle": "none"}


def uploads(record) -> list[records.Upload]:
    with pool.tenant(record.tenant_id) as connection:
        return records.list_uploads(connection)


def test_the_validator_takes_in_every_arrival_of_a_batch(record, aws):
    batch = [put(aws, f"uploads/{record.slug}/{name}", b"%PDF-1.7") for name in ("a.xlsx", "b.xlsx")]
    assert upload_validator.handler({"Records": batch}, CONTEXT) == {"batchItemFailures": []}
    assert {upload.filename for upload in uploads(record)} == {"a.xlsx", "b.xlsx"}


def test_only_the_record_that_failed_is_delivered_again(record, aws):
    good = put(aws, f"uploads/{record.slug}/good.xlsx", b"%PDF-1.7")
    bad = {"messageId": "odd", "body": "{", "receiptHandle": "none"}
    assert upload_validator.handler({"Records": [bad, good]}, CONTEXT) == {
        "batchItemFailures": [{"itemIdentifier": "odd"}]
    }
    assert [upload.filename for upload in uploads(record)] == ["good.xlsx"]


def test_an_event_that_met_no_database_comes_again(record, aws, monkeypatch, capsys):
    def away(_slug: str | None) -> None:
        raise DatabaseUnavailable

    message = put(aws, f"uploads/{record.slug}/late.xlsx", b"%PDF-1.7")
    with monkeypatch.context() as patch:
        patch.setattr(receive_upload, "_tenant", away)
        answer = upload_validator.handler({"Records": [message]}, CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    failed = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "record.failed" in line]
    assert failed[0]["service"] == "upload-validator"
    assert "DatabaseUnavailable" in failed[0]["exception"]

    assert upload_validator.handler({"Records": [message]}, CONTEXT) == {"batchItemFailures": []}
    assert [upload.status for upload in uploads(record)] == ["rejected"]


def test_what_failed_comes_again_in_seconds_and_not_after_the_whole_visibility_timeout(record, aws):
    url = settings.current().queue_urls["upload-events"]
    aws.sqs.send_message(QueueUrl=url, MessageBody="{")
    (message,) = aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    arrived = {
        "messageId": message["MessageId"],
        "body": message["Body"],
        "receiptHandle": message["ReceiptHandle"],
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    assert upload_validator.handler({"Records": [arrived]}, CONTEXT)["batchItemFailures"]
    again = aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=15)["Messages"]
    assert [held["MessageId"] for held in again] == [message["MessageId"]]


def test_an_empty_batch_is_no_fault(record):
    assert upload_validator.handler({"Records": []}, CONTEXT) == {"batchItemFailures": []}


def test_the_monitor_answers_with_what_it_moved(record):
    assert stale_job_monitor.handler({"source": "aws.events"}, CONTEXT) == {"recovered": 0, "resent": 0}


def short(milliseconds: int) -> SimpleNamespace:
    """A call that has so little time left."""
    return SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)


@pytest.mark.parametrize("monitor", [queue_monitor, database_monitor], ids=["queues", "database"])
def test_a_monitor_that_has_no_time_for_a_second_look_ends_after_the_first(record, monitor):
    assert monitor.handler({}, short(20_000)) == {"looks": 1}


def test_a_monitor_that_sees_nothing_fails(record, monkeypatch):
    def away() -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(monitor_database, "look_at_server", away)
    with pytest.raises(DatabaseUnavailable):
        database_monitor.handler({}, short(20_000))


def test_the_cleanups_do_their_chores_and_answer_nothing(record, capsys):
    assert cleanup.handler({}, CONTEXT) is None
    assert cleanup.daily_handler({}, CONTEXT) is None
    tidied = {line["Leftover"] for line in map(json.loads, capsys.readouterr().out.splitlines()) if "Leftover" in line}
    of_the_day = {"result files", "archive files", "networks", "uploaded models"}
    assert tidied == {"awaited uploads", "outbox entries", "idempotency keys", *of_the_day}


def test_the_dead_letter_consumer_answers_with_what_became_of_the_letters(record):
    expected = {"dead job": 0, "not ours": 0, "replaced": 0, "settled": 0}
    assert dead_letter_consumer.handler({}, CONTEXT) == expected


def test_a_function_holds_no_more_connections_than_it_may(record):
    pool.close_pools()
    stale_job_monitor.handler({}, CONTEXT)
    assert pool.pool(pool.Role.SYSTEM).max_size == TOPOLOGY.limits.function_connections


@pytest.mark.parametrize("function", TOPOLOGY.functions, ids=lambda function: function.name)
def test_a_functions_handler_is_where_the_topology_says_and_loads_no_solver(function):
    module, _, name = function.handler.rpartition(".")
    program = f"import sys, {module}; assert callable({module}.{name}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert module in loaded.stdout.split()
    assert {"highspy", "scipy", "pyarrow", "matplotlib", "openpyxl", "rapidfuzz"} & set(loaded.stdout.split()) == set()
