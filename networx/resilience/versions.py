"""Every version of every object in a bucket: listed, copied out under its SHA-256, put back, removed for good.

A version never changes once it is written, so that what was copied under its SHA-256 is that version for ever. The
client is given: backups speak to the store of a platform that this process is no part of.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boto3.s3.transfer import TransferConfig

from networx.errors import NotFound, ObjectStoreUnavailable
from networx.resilience.objects import speaking_to_s3

_CHUNK_BYTES = 1024 * 1024
_REMOVED_AT_ONCE = 1000
# One file after another, part by part where it is large: callers bring their own threads.
_TRANSFER = TransferConfig(use_threads=False)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or the marker that says that the object was deleted, where that is the newest word."""

    bucket: str
    key: str
    version: str
    bytes: int
    marker: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What a version holds: the SHA-256 of its bytes, and what S3 tells of it beside them."""

    sha256: str
    content_type: str = "application/octet-stream"
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def listed(client: Any, bucket: str, prefix: str = "", *, every_marker: bool = False) -> Iterator[Version]:
    """All versions below a prefix, those of one key from the oldest on. Raises ObjectStoreUnavailable.

    Of the deletion markers only those that are the newest word on their key, unless `every_marker` is asked for.
    """
    found: dict[str, list[Version]] = {}
    markers: list[Version] = []
    with speaking_to_s3(prefix or bucket):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for said in page.get("Versions", []):
                one = Version(bucket, said["Key"], said["VersionId"], said["Size"])
                found.setdefault(one.key, []).append(one)
            markers += [
                Version(bucket, said["Key"], said["VersionId"], 0, marker=True)
                for said in page.get("DeleteMarkers", [])
                if every_marker or said["IsLatest"]
            ]
    for versions in found.values():
        # S3 names the newest first.
        yield from reversed(versions)
    yield from markers


def copy_out(client: Any, version: Version, folder: Path) -> Content:
    """Copy a version into `folder`, where its name is its SHA-256. Raises NotFound, ObjectStoreUnavailable."""
    where = {"Bucket": version.bucket, "Key": version.key, "VersionId": version.version}
    fresh = folder / f".{os.getpid()}-{hashlib.sha256('/'.join(where.values()).encode()).hexdigest()}"
    digest = hashlib.sha256()
    try:
        with speaking_to_s3(version.key):
            said = client.get_object(**where)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                for chunk in said["Body"].iter_chunks(_CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
                written = file.tell()
        if written != version.bytes:
            raise ObjectStoreUnavailable
        tags = _tags(client, where)
        fresh.replace(folder / digest.hexdigest())
    finally:
        fresh.unlink(missing_ok=True)
    return Content(
        digest.hexdigest(),
        said.get("ContentType", "application/octet-stream"),
        dict(said.get("Metadata", {})),
        tags,
    )


def _tags(client: Any, where: Mapping[str, str]) -> dict[str, str]:
    try:
        with speaking_to_s3(where["Key"]):
            return {tag["Key"]: tag["Value"] for tag in client.get_object_tagging(**where)["TagSet"]}
    except NotFound:
        # The laptop's emulator tells the tags of no version whose key was deleted since.
        return {}


def put_back(client: Any, version: Version, content: Content, folder: Path) -> None:
    """Write a version that was copied out, or its marker, as the newest of its key. Raises ObjectStoreUnavailable."""
    where = {"Bucket": version.bucket, "Key": version.key}
    with speaking_to_s3(version.key):
        if version.marker:
            client.delete_object(**where)
            return
        told = {"ContentType": content.content_type, "Metadata": dict(content.metadata)}
        client.upload_file(str(folder / content.sha256), *where.values(), ExtraArgs=told, Config=_TRANSFER)
        if content.tags:
            tags = [{"Key": key, "Value": value} for key, value in content.tags.items()]
            client.put_object_tagging(**where, Tagging={"TagSet": tags})


def sha256_of(client: Any, bucket: str, key: str, version: str) -> str:
    """The SHA-256 of a version, read anew from the store. Raises NotFound, ObjectStoreUnavailable."""
    digest = hashlib.sha256()
    with speaking_to_s3(key):
        for chunk in client.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].iter_chunks(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def remove(client: Any, versions: Iterable[Version]) -> int:
    """Remove versions and markers for good; how many. Raises ObjectStoreUnavailable when one could not be removed."""
    by_bucket: dict[str, list[dict[str, str]]] = {}
    for version in versions:
        by_bucket.setdefault(version.bucket, []).append({"Key": version.key, "VersionId": version.version})
    for bucket, gone in by_bucket.items():
        for first in range(0, len(gone), _REMOVED_AT_ONCE):
            some = gone[first : first + _REMOVED_AT_ONCE]
            with speaking_to_s3(bucket):
                answer = client.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
            if answer.get("Errors"):
                raise ObjectStoreUnavailable
    return sum(map(len, by_bucket.values()))


def abort_parts(client: Any, bucket: str, prefix: str) -> int:
    """Throw away every upload in parts that was begun below a prefix; how many. Raises ObjectStoreUnavailable."""
    begun = []
    with speaking_to_s3(prefix):
        for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix):
            begun += [(said["Key"], said["UploadId"]) for said in page.get("Uploads", [])]
    for key, upload_id in begun:
        try:
            with speaking_to_s3(key):
                client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
        except NotFound:
            continue
    return len(begun)
