"""Buckets, queues and functions as an operator with the AWS command line reaches them."""

from __future__ import annotations

import json
import time
from typing import Any

from local.resources import emulator

INPUT, QUARANTINE, RESULTS = "networx-input", "networx-quarantine", "networx-results"


class Store:
    """One emulator of AWS."""

    def __init__(self, port: int) -> None:
        self._aws = emulator(port)

    def put(self, name: str, content: bytes, *, tenant: str = "dev") -> tuple[str, str]:
        """Put a file into the input bucket, as `aws s3 cp` does; its key and version."""
        key = f"uploads/{tenant}/{name}"
        return key, self.put_at(key, content)

    def put_at(self, key: str, content: bytes) -> str:
        """Put an object at any key of the input bucket; its version."""
        return str(self._aws.s3.put_object(Bucket=INPUT, Key=key, Body=content)["VersionId"])

    def versions(self, bucket: str, key: str) -> list[str]:
        """The versions of an object that are there; delete markers are none."""
        listed = self._aws.s3.list_object_versions(Bucket=bucket, Prefix=key)
        return [found["VersionId"] for found in listed.get("Versions", []) if found["Key"] == key]

    def tags(self, bucket: str, key: str) -> dict[str, str]:
        found = self._aws.s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
        return {tag["Key"]: tag["Value"] for tag in found}

    def keys(self, bucket: str, prefix: str) -> set[str]:
        listed = self._aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
        return {found["Key"] for found in listed.get("Contents", [])}

    def content(self, bucket: str, key: str) -> bytes:
        body: bytes = self._aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def send_event(self, event: dict[str, Any]) -> None:
        """Put an event of EventBridge into the queue of uploads once more."""
        self._aws.sqs.send_message(QueueUrl=self._url("upload-events"), MessageBody=json.dumps(event))

    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """Call a function and await its answer."""
        answer = self._aws.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        assert "FunctionError" not in answer, answer["Payload"].read()
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        return said

    def events_redelivered_after(self, seconds: int) -> None:
        """How long an upload's event stays hidden after a delivery that failed."""
        self._aws.sqs.set_queue_attributes(
            QueueUrl=self._url("upload-events"), Attributes={"VisibilityTimeout": str(seconds)}
        )

    def await_empty(self, queue: str, seconds: float = 30) -> None:
        """Wait until no message of a queue waits or is being worked on."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        deadline = time.monotonic() + seconds
        while True:
            held = self._aws.sqs.get_queue_attributes(QueueUrl=self._url(queue), AttributeNames=names)["Attributes"]
            if sum(int(held[name]) for name in names) == 0:
                return
            assert time.monotonic() < deadline, held
            time.sleep(0.1)

    def _url(self, queue: str) -> str:
        return str(self._aws.sqs.get_queue_url(QueueName=queue)["QueueUrl"])


def created(key: str, version: str, size: int) -> dict[str, Any]:
    """The event that EventBridge sends when an object was created in the input bucket."""
    return {
        "version": "0",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": INPUT}, "object": {"key": key, "version-id": version, "size": size}},
    }


def delivery(event: dict[str, Any]) -> dict[str, Any]:
    """An event as the queue hands it to a function."""
    return {"Records": [{"messageId": "again", "body": json.dumps(event)}]}
