"""Makes in the emulator what the stacks make in the cloud: buckets, queues, secrets, functions, rules and schedules.

Everything is read from the topology. Run at every start: what is there already (buckets, queues) is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config

from local import aws
from local.bundle import function_code
from local.environment import DATABASE_SECRETS, KEY_PEPPER_SECRET, REDIS_SECRET, Ports, physical_name, web_address
from networx.blueprint import Bucket, Function, Queue
from networx.topology import TOPOLOGY

# As the buckets' lifecycle has it in the cloud.
_TEMPORARY, _TEMPORARY_FOR = "tmp/", timedelta(days=1)
_FUNCTION_ROLE = f"arn:aws:iam::{aws.ACCOUNT}:role/networx-functions"
_UPLOADS = "uploads/"


@dataclass(frozen=True)
class Emulator:
    """Clients of one emulator, all from one session."""

    s3: Any
    sqs: Any
    secrets: Any
    events: Any
    functions: Any


def emulator(port: int) -> Emulator:
    """Clients for the emulator on this port."""
    session = boto3.session.Session(
        aws_access_key_id=aws.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=aws.REGION,
    )
    # Function names and the like are made once a start: a slow answer is awaited, never sent twice.
    config = Config(read_timeout=60, retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    names = ("s3", "sqs", "secretsmanager", "events", "lambda")
    made: list[Any] = [
        session.client(name, endpoint_url=aws.endpoint(port), config=config)  # type: ignore[call-overload]
        for name in names
    ]
    return Emulator(*made)


def make_resources(
    clients: Emulator,
    ports: Ports,
    environment: Mapping[str, str],
    passwords: Mapping[str, str],
    *,
    redis_password: str,
    pepper: str,
    functions: Sequence[Function] = TOPOLOGY.functions,
) -> None:
    """Everything the topology names. `passwords` is role -> password, `environment` what the functions are told.

    `pepper` is what stored API keys are computed under.
    """
    for bucket in TOPOLOGY.buckets:
        _make_bucket(clients, bucket, ports)
    arns = {queue.name: _make_queue(clients, queue) for queue in TOPOLOGY.queues}
    for role, password in passwords.items():
        _make_secret(clients, DATABASE_SECRETS + role, {"username": role, "password": password})
    _make_secret(clients, REDIS_SECRET, {"password": redis_password})
    _make_secret(clients, KEY_PEPPER_SECRET, {"pepper": pepper})
    code = function_code() if functions else b""
    for function in functions:
        _make_function(clients, function, code, environment, arns)
    _lead_uploads(clients, arns["upload-events"])


def _make_bucket(clients: Emulator, bucket: Bucket, ports: Ports) -> None:
    name = physical_name(bucket)
    # Kept from an earlier run: its objects stay.
    with suppress(clients.s3.exceptions.BucketAlreadyOwnedByYou):
        clients.s3.create_bucket(Bucket=name)
    clients.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    remove_temporary(clients, name, older_than=_TEMPORARY_FOR)
    if bucket.name != "input":
        return
    clients.s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    # The browser puts parts here itself, and must be shown each part's tag to complete the upload.
    origins = [web_address(ports), f"http://localhost:{ports.web}"]
    rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": origins, "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}
    clients.s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})


def remove_temporary(clients: Emulator, bucket: str, *, older_than: timedelta) -> int:
    """Remove what lies under `tmp/` for so long, with its versions; how many there were.

    In the cloud the bucket does it by itself. The emulator keeps lifecycle rules and never acts on them.
    """
    pages = clients.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=_TEMPORARY)
    old = [
        {"Key": said["Key"], "VersionId": said["VersionId"]}
        for page in pages
        for said in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        if datetime.now(UTC) - said["LastModified"] > older_than
    ]
    for said in old:
        clients.s3.delete_object(Bucket=bucket, **said)
    return len(old)


def _make_queue(clients: Emulator, queue: Queue) -> str:
    """The queue and its dead-letter queue; the queue's ARN."""
    fifo = {"FifoQueue": "true"} if queue.fifo else {}
    dead = {**fifo, "MessageRetentionPeriod": _seconds(queue.dead_letter_retention)}
    _ensure_queue(clients, queue.dead_letter_name, dead)
    redrive = {"deadLetterTargetArn": _queue_arn(queue.dead_letter_name), "maxReceiveCount": queue.max_receive_count}
    _ensure_queue(
        clients,
        queue.name,
        {
            **fifo,
            "VisibilityTimeout": _seconds(queue.visibility_timeout),
            "MessageRetentionPeriod": _seconds(queue.retention),
            "ReceiveMessageWaitTimeSeconds": "20",
            "RedrivePolicy": json.dumps(redrive),
        },
    )
    return _queue_arn(queue.name)


def _ensure_queue(clients: Emulator, name: str, attributes: dict[str, str]) -> None:
    try:
        clients.sqs.create_queue(QueueName=name, Attributes=attributes)
    except clients.sqs.exceptions.QueueNameExists:
        # Kept from an earlier run whose topology said otherwise: its messages stay, its attributes follow.
        url = clients.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        changeable = {key: value for key, value in attributes.items() if key != "FifoQueue"}
        clients.sqs.set_queue_attributes(QueueUrl=url, Attributes=changeable)


def _make_secret(clients: Emulator, name: str, value: Mapping[str, str]) -> None:
    clients.secrets.create_secret(Name=name, SecretString=json.dumps(value))


def _make_function(
    clients: Emulator, function: Function, code: bytes, environment: Mapping[str, str], arns: Mapping[str, str]
) -> None:
    made = clients.functions.create_function(
        FunctionName=function.name,
        Runtime="python3.13",
        Role=_FUNCTION_ROLE,
        Handler=function.handler,
        Code={"ZipFile": code},
        Timeout=int(function.timeout.total_seconds()),
        MemorySize=function.memory_mb,
        Environment={"Variables": {"LOG_LEVEL": "INFO", **environment}},
    )
    if function.queue is not None:
        clients.functions.create_event_source_mapping(
            EventSourceArn=arns[function.queue],
            FunctionName=function.name,
            BatchSize=function.batch_size,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
    if function.schedule is not None:
        clients.events.put_rule(Name=function.name, ScheduleExpression=_rate(function.schedule))
        clients.events.put_targets(Rule=function.name, Targets=[{"Id": "function", "Arn": made["FunctionArn"]}])


def _lead_uploads(clients: Emulator, queue_arn: str) -> None:
    """What arrives in the input bucket goes through EventBridge into the queue that feeds the validator."""
    bucket = next(bucket for bucket in TOPOLOGY.buckets if bucket.name == "input")
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [physical_name(bucket)]}, "object": {"key": [{"prefix": _UPLOADS}]}},
    }
    clients.events.put_rule(Name="uploads", EventPattern=json.dumps(pattern))
    clients.events.put_targets(Rule="uploads", Targets=[{"Id": "upload-events", "Arn": queue_arn}])


def _queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{aws.REGION}:{aws.ACCOUNT}:{name}"


def _seconds(duration: timedelta) -> str:
    return str(int(duration.total_seconds()))


def _rate(every: timedelta) -> str:
    minutes = int(every.total_seconds() // 60)
    return "rate(1 minute)" if minutes == 1 else f"rate({minutes} minutes)"
