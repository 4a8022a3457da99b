"""What the web does with S3: begin, sign, finish, abort uploads, hand out results; never a whole upload in memory."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from botocore.exceptions import ClientError

from networx import settings
from networx.blueprint import INLINE, MODELS
from networx.errors import NotFound, Problem, RefusedInput
from networx.resilience import aws
from networx.resilience.objects import bucket, error_code, speaking_to_s3
from networx.topology import TOPOLOGY

CHUNK_BYTES = 256 * 1024
_SPOOL_BYTES = 8 * 1024**2
# What S3 says when the caller's parts do not make the file that was announced.
_WRONG_PARTS = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML", "InvalidRequest"})


def begin_upload(key: str) -> str:
    """Start a multipart upload into the input bucket; its id at S3."""
    with speaking_to_s3(key, "upload"):
        answer = aws.client("s3").create_multipart_upload(Bucket=bucket("input"), Key=key)
    return str(answer["UploadId"])


def send_part(key: str, multipart_id: str, number: int, content: bytes) -> str:
    """Send one part, numbered from 1; its ETag."""
    with speaking_to_s3(key, "upload"):
        answer = aws.client("s3").upload_part(
            Bucket=bucket("input"), Key=key, UploadId=multipart_id, PartNumber=number, Body=content
        )
    return str(answer["ETag"])


def signed_parts(key: str, multipart_id: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """`{"number", "url"}` for each part: where a browser may PUT it, for an hour."""
    client = aws.client("s3")
    expires = int(TOPOLOGY.limits.presigned_for.total_seconds())
    return [
        {
            "number": number,
            "url": client.generate_presigned_url(
                "upload_part",
                Params={"Bucket": bucket("input"), "Key": key, "UploadId": multipart_id, "PartNumber": number},
                ExpiresIn=expires,
            ),
        }
        for number in numbers
    ]


def store_model(tenant_id: UUID, kind: str, content: bytes) -> dict[str, str]:
    """Keep a client's own model for the worker: where it lies, as a job's params name it.

    Each lies by itself, though its content came before: it is kept as long as its own job needs it.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{MODELS}{tenant_id}/{sha256}/{uuid4().hex}.{kind}"
    with speaking_to_s3(key, "model"):
        answer = aws.client("s3").put_object(Bucket=bucket("input"), Key=key, Body=content)
    return {"key": key, "version": str(answer["VersionId"]), "sha256": sha256, "format": kind}


def store_network(tenant_id: UUID, sha256: str, content: bytes) -> dict[str, str]:
    """Keep the JSON of a network that came in a request, outside of what the bucket tells as uploads: its place."""
    key = f"{INLINE}{tenant_id}/{sha256}.json"
    with speaking_to_s3(key, "network"):
        answer = aws.client("s3").put_object(Bucket=bucket("input"), Key=key, Body=content)
    return {"bucket": bucket("input"), "key": key, "version": str(answer["VersionId"])}


def finish_upload(key: str, multipart_id: str, etags: Sequence[str]) -> None:
    """Make the parts one object. Raises RefusedInput when they do not fit together."""
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
    with speaking_to_s3(key, "upload"):
        try:
            aws.client("s3").complete_multipart_upload(
                Bucket=bucket("input"), Key=key, UploadId=multipart_id, MultipartUpload={"Parts": parts}
            )
        except ClientError as fault:
            if error_code(fault) not in _WRONG_PARTS:
                raise
            message = "The parts do not make up the file: send every part and its ETag."
            raise RefusedInput([Problem(message, "parts")]) from fault


def abort_upload(key: str, multipart_id: str) -> None:
    """Throw the parts away; nothing to do when S3 knows them no more."""
    try:
        with speaking_to_s3(key, "upload"):
            aws.client("s3").abort_multipart_upload(Bucket=bucket("input"), Key=key, UploadId=multipart_id)
    except NotFound:
        return


def stream_result(key: str, what: str) -> tuple[Iterator[bytes], int]:
    """A result file in chunks, and its length in bytes. Raises NotFound."""
    with speaking_to_s3(key, what):
        answer = aws.client("s3").get_object(Bucket=bucket("results"), Key=key)
    return answer["Body"].iter_chunks(CHUNK_BYTES), int(answer["ContentLength"])


def read_result(key: str, what: str) -> bytes:
    """A small result file as a whole. Raises NotFound."""
    with speaking_to_s3(key, what):
        content: bytes = aws.client("s3").get_object(Bucket=bucket("results"), Key=key)["Body"].read()
    return content


@contextmanager
def opened_result(key: str, what: str) -> Iterator[IO[bytes]]:
    """A result file that can be sought in: in memory while it is small, on disk beyond. Raises NotFound."""
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES, dir=settings.current().scratch) as file:
        with speaking_to_s3(key, what):
            aws.client("s3").download_fileobj(bucket("results"), key, file)
        file.seek(0)
        yield file


@cache
def upload_origin() -> str:
    """The origin that signed addresses point to: what a page must be allowed to connect to."""
    url = aws.client("s3").generate_presigned_url("put_object", Params={"Bucket": bucket("input"), "Key": "k"})
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
