"""Objects in the emulator's S3, as the workers and functions use them."""

from __future__ import annotations

import hashlib

import pytest

from networx.errors import NotFound, ObjectStoreUnavailable
from networx.resilience import objects

CONTENT = bytes(range(256)) * 4096


@pytest.fixture
def stored(record, aws):
    bucket = objects.bucket("input")
    key = f"uploads/{record.slug}/a file+name.bin"
    version = aws.s3.put_object(Bucket=bucket, Key=key, Body=CONTENT)["VersionId"]
    aws.s3.put_object(Bucket=bucket, Key=key, Body=b"a later version")
    return bucket, key, version


def test_a_range_of_a_version_is_just_that_range(stored):
    ranges = objects.ObjectRanges(*stored)
    assert ranges.read(0, 10) == CONTENT[:10]
    assert ranges.read(300_000, 1000) == CONTENT[300_000:301_000]
    assert ranges.read(len(CONTENT) - 5, 100) == CONTENT[-5:]


def test_a_download_is_the_version_asked_for_and_hashed(stored, tmp_path):
    bucket, key, version = stored
    digest = objects.download(bucket, key, version, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert digest == hashlib.sha256(CONTENT).hexdigest()


def test_quarantine_moves_and_tags_one_version_and_may_be_asked_again(stored, aws):
    bucket, key, version = stored
    objects.quarantine(bucket, key, version, "NOT_A_WORKBOOK")
    target = objects.bucket("quarantine")
    assert aws.s3.get_object(Bucket=target, Key=key)["Body"].read() == CONTENT
    tags = aws.s3.get_object_tagging(Bucket=target, Key=key)["TagSet"]
    assert tags == [{"Key": "networx:refused", "Value": "NOT_A_WORKBOOK"}]
    with pytest.raises(NotFound):
        objects.ObjectRanges(bucket, key, version).read(0, 1)
    assert aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"a later version"
    with pytest.raises(NotFound):
        objects.quarantine(bucket, key, version, "NOT_A_WORKBOOK")


def test_a_result_that_the_store_refuses_is_a_store_that_is_away(stored, monkeypatch, tmp_path):
    file = tmp_path / "result.json"
    file.write_bytes(b"{}")
    monkeypatch.setattr(objects, "bucket", lambda _name: "no-such-bucket")
    with pytest.raises(ObjectStoreUnavailable):
        objects.put_result(file, "results/x", "application/json")
