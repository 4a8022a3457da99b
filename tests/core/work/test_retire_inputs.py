"""Inputs that nobody needs any more go, and above all those that somebody does stay."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from networx import settings
from networx.db import pool
from networx.ingest import records
from networx.jobs import store
from networx.topology import TOPOLOGY
from networx.work import retire_inputs
from networx.work.retire_inputs import remove_unnamed_networks, retire_models

UNUSED = TOPOLOGY.limits.unused_models_kept_for
HOUR = timedelta(hours=1)


def lies_there(aws, key: str) -> bool:
    return bool(aws.s3.list_object_versions(Bucket=settings.current().buckets["input"], Prefix=key).get("Versions"))


def network(record, aws, *, named: bool) -> str:
    key, bucket = f"inline/{record.tenant_id}/{uuid4().hex}.json", settings.current().buckets["input"]
    version = aws.s3.put_object(Bucket=bucket, Key=key, Body=b"{}")["VersionId"]
    if named:
        with pool.system() as connection:
            connection.execute(
                """INSERT INTO uploads (tenant_id, bucket, key, version_id, filename, bytes, status)
                   VALUES (%s, %s, %s, %s, 'network.json', 2, 'loaded')""",
                (record.tenant_id, bucket, key, version),
            )
    return key


def test_networks_of_requests_that_came_to_nothing_go_after_a_day_and_sources_of_datasets_stay(
    record, aws, emitted, monkeypatch
):
    source, leftover = network(record, aws, named=True), network(record, aws, named=False)
    remove_unnamed_networks()
    assert lies_there(aws, leftover), "its request may be about to record it"
    monkeypatch.setattr(retire_inputs, "UNNAMED_FOR", timedelta(0))
    remove_unnamed_networks()
    assert (lies_there(aws, source), lies_there(aws, leftover)) == (True, False)
    emitted.clear()
    remove_unnamed_networks()
    assert emitted[("LeftoversRemoved", "networks")] == 0


def model(record, aws, *, age: timedelta = UNUSED + HOUR, kind: str = "model") -> records.Upload:
    key, bucket = f"uploads/{record.slug}/{uuid4()}/m.mps", settings.current().buckets["input"]
    version = aws.s3.put_object(Bucket=bucket, Key=key, Body=b"NAME")["VersionId"]
    with pool.system() as connection:
        row = connection.execute(
            """INSERT INTO uploads
                   (tenant_id, bucket, key, version_id, filename, bytes, status, kind, model, created_at)
               VALUES (%(tenant)s, %(bucket)s, %(key)s, %(version)s, 'm.mps', 4, 'loaded', %(kind)s,
                       CASE %(kind)s WHEN 'model' THEN '{"format": "mps", "packed": false, "name": null}'::jsonb END,
                       now() - %(age)s) RETURNING id""",
            {"tenant": record.tenant_id, "bucket": bucket, "key": key, "version": version, "kind": kind, "age": age},
        ).fetchone()
        assert row is not None
        return records.get_upload(connection, row[0])


def run(record, upload: records.Upload) -> UUID:
    params = {"model": {"key": upload.key, "version": upload.version_id, "upload_id": str(upload.id)}}
    with pool.tenant(record.tenant_id) as connection:
        return store.submit(connection, tenant_id=record.tenant_id, kind="model", params=params).id


def status(upload: records.Upload) -> str:
    with pool.system() as connection:
        return records.get_upload(connection, upload.id).status


def a_day_passes(upload: records.Upload) -> None:
    with pool.system() as connection:
        connection.execute(
            "UPDATE uploads SET updated_at = updated_at - interval '25 hours' WHERE id = %s", (upload.id,)
        )


def test_a_model_that_nobody_runs_is_ended_with_its_reason_and_its_file_goes_a_day_later(record, aws, emitted):
    unused = model(record, aws)
    retire_models()
    with pool.system() as connection:
        told = records.get_upload(connection, unused.id)
    assert told.status == "aborted"
    assert told.reason is not None
    assert "180 days" in told.reason
    assert lies_there(aws, unused.key)
    a_day_passes(unused)
    retire_models()
    assert not lies_there(aws, unused.key)
    assert emitted[("LeftoversRemoved", "uploaded models")] == 1


def test_a_model_that_is_young_or_was_run_stays_and_so_does_a_workbook(record, aws, emitted):
    young, used = model(record, aws, age=UNUSED - HOUR), model(record, aws)
    workbook = model(record, aws, kind="workbook")
    run(record, used)
    retire_models()
    assert [status(upload) for upload in (young, used, workbook)] == ["loaded"] * 3


def test_a_job_that_was_queued_in_the_last_moment_still_finds_its_model(record, aws, emitted):
    upload = model(record, aws)
    retire_models()
    job_id = run(record, upload)
    a_day_passes(upload)
    retire_models()
    assert lies_there(aws, upload.key)
    with pool.system() as connection:
        connection.execute(
            "UPDATE jobs SET status = 'cancelled', fence = fence + 1, finished_at = now() WHERE id = %s", (job_id,)
        )
    retire_models()
    assert not lies_there(aws, upload.key)


@pytest.mark.parametrize("upload_id", ["not a uuid", None])
def test_jobs_with_models_from_elsewhere_are_no_hindrance(record, aws, emitted, upload_id):
    unused = model(record, aws)
    with pool.tenant(record.tenant_id) as connection:
        params = {"model": {"key": "models/x", "upload_id": upload_id}}
        store.submit(connection, tenant_id=record.tenant_id, kind="model", params=params)
    retire_models()
    assert status(unused) == "aborted"
