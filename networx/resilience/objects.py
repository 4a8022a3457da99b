"""Objects in S3 as the workers and functions use them: ranges, downloads that hash as they go, results, quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from networx import settings
from networx.errors import NotFound, ObjectStoreUnavailable
from networx.resilience import aws
from networx.resilience.breaker import Breaker
from networx.topology import TOPOLOGY

_CHUNK_BYTES = 1024 * 1024
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchUpload", "404"})
# CopyObject ends at 5 GB: beyond, and well before, a copy goes part by part inside S3.
_COPY = TransferConfig(multipart_threshold=256 * 1024**2, multipart_chunksize=256 * 1024**2, use_threads=False)


def bucket(name: str) -> str:
    """The physical name of a bucket of the topology."""
    return settings.current().buckets[name]


@contextmanager
def speaking_to_s3(name: str, what: str = "object") -> Iterator[None]:
    """Turn S3's faults into ours: NotFound (naming `what` and `name`) for what is gone, else ObjectStoreUnavailable."""
    try:
        with breaker().guarding(*aws.FAULTS, unless=aws.answered):
            yield
    except aws.FAULTS as fault:
        if isinstance(fault, ClientError) and error_code(fault) in _GONE:
            raise NotFound(what=what, id=name) from fault
        raise ObjectStoreUnavailable from fault


@cache
def breaker() -> Breaker:
    """This process's breaker for S3."""

    def probe() -> None:
        aws.reach(lambda: aws.client("s3").head_bucket(Bucket=bucket("results")))

    return Breaker(TOPOLOGY.circuit("storage"), ObjectStoreUnavailable, probe=probe)


def error_code(fault: ClientError) -> str:
    """The word S3 gave for what went wrong."""
    return str(fault.response.get("Error", {}).get("Code"))


class ObjectRanges:
    """One version of an object, read by ranges (the `RangeReader` of ingest)."""

    def __init__(self, bucket_name: str, key: str, version: str) -> None:
        self._where = {"Bucket": bucket_name, "Key": key, "VersionId": version}

    def read(self, offset: int, length: int) -> bytes:
        with speaking_to_s3(self._where["Key"]):
            answer = aws.client("s3").get_object(**self._where, Range=f"bytes={offset}-{offset + length - 1}")
            content: bytes = answer["Body"].read(length + 1)
        if len(content) > length:
            # A store that ignores ranges would have this process hold whole files.
            raise ObjectStoreUnavailable
        return content


def download(bucket_name: str, key: str, version: str, target: Path) -> str:
    """Bring one version of an object to `target`, in constant memory; the SHA-256 of its bytes."""
    digest = hashlib.sha256()
    with speaking_to_s3(key), target.open("wb") as file:
        body = aws.client("s3").get_object(Bucket=bucket_name, Key=key, VersionId=version)["Body"]
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def get_result(key: str, target: Path) -> None:
    """Bring a file from the results bucket to `target`. Raises NotFound, ObjectStoreUnavailable."""
    with speaking_to_s3(key):
        aws.client("s3").download_file(bucket("results"), key, str(target))


def put_result(source: Path, key: str, content_type: str) -> None:
    """Store a file in the results bucket."""
    with speaking_to_s3(key):
        aws.client("s3").upload_file(str(source), bucket("results"), key, ExtraArgs={"ContentType": content_type})


def quarantine(bucket_name: str, key: str, version: str, code: str) -> None:
    """Move one version of an object to quarantine, tagged with why. Done again, it changes nothing."""
    client = aws.client("s3")
    target = bucket("quarantine")
    with speaking_to_s3(key):
        client.copy({"Bucket": bucket_name, "Key": key, "VersionId": version}, target, key, Config=_COPY)
        client.put_object_tagging(
            Bucket=target, Key=key, Tagging={"TagSet": [{"Key": "networx:refused", "Value": code}]}
        )
        client.delete_object(Bucket=bucket_name, Key=key, VersionId=version)
