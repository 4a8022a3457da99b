"""AWS clients: one per service and process, made when first needed, with bounded time-outs and retries."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import boto3
import orjson
from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.observability.logs import Log

log = Log(__name__)

SECRET_KEPT_SECONDS = 30
ATTEMPTS = 3
# What a call to a service raises. Of these a refusal says that the service is there: `answered`.
FAULTS = (BotoCoreError, ClientError, S3UploadFailedError)
_SERVER_ERRORS = 500


# The client of SQS for long polls, which last 20 s at most. For all else SQS answers at once or is away: a worker that
# hides the message of a running job must not be held beyond the time in which it has to beat.
SQS_POLLS = "sqs-polls"
_READ_SECONDS = {"sqs": 10}


@cache
def client(service: str) -> Any:
    """The process's client for an AWS service; on a laptop it speaks to the emulator (AWS_ENDPOINT_URL).

    Queues may stand elsewhere (AWS_ENDPOINT_URL_SQS).
    """
    configured = settings.current()
    read_seconds = _READ_SECONDS.get(service, 30)
    service = service.removesuffix("-polls")
    endpoint = (service == "sqs" and configured.sqs_endpoint) or configured.aws_endpoint
    config = Config(
        connect_timeout=3,
        read_timeout=read_seconds,
        retries={"max_attempts": ATTEMPTS, "mode": "standard"},
        max_pool_connections=20,
        s3={"addressing_style": "path"} if configured.aws_endpoint else None,
        signature_version="s3v4" if service == "s3" else None,
    )
    return boto3.client(
        service,  # type: ignore[call-overload]  # the name is the caller's
        region_name=configured.region,
        endpoint_url=endpoint,
        config=config,
    )


# What each secret was when it was last told, and the span of time in which it was asked for in vain.
_last_known: dict[str, dict[str, str]] = {}
_untold_in: dict[str, int] = {}


def secret(name: str) -> dict[str, str]:
    """The JSON object stored in Secrets Manager under `name`. Kept for half a minute: secrets are rotated under us.

    Where Secrets Manager does not answer, what it told last is good for another half minute, and so on: without it no
    connection to the database could be made, though that is there.
    """
    span = int(time.monotonic() // SECRET_KEPT_SECONDS)
    if _untold_in.get(name) != span:
        try:
            _last_known[name] = secret_during(name, span)
        except FAULTS as fault:
            if answered(fault) or name not in _last_known:
                raise
            _untold_in[name] = span
            log.warning("secret.not_told", secret=name, fault=type(fault).__name__)
    return _last_known[name]


@lru_cache(maxsize=32)
def secret_during(name: str, _span: int) -> dict[str, str]:
    """What `secret` answers throughout one span of time."""
    answer = client("secretsmanager").get_secret_value(SecretId=name)
    value: dict[str, str] = orjson.loads(answer["SecretString"])
    return value


def answered(fault: BaseException | None) -> bool:
    """Whether the service itself said no: it is there, and asking again changes nothing."""
    if isinstance(fault, S3UploadFailedError):
        return answered(fault.__context__)
    if not isinstance(fault, ClientError):
        return False
    return int(fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERRORS)) < _SERVER_ERRORS


def reach(call: Callable[[], object]) -> None:
    """Call a service only to learn whether it is there; raises what the call raises when it is not."""
    try:
        call()
    except FAULTS as fault:
        if not answered(fault):
            raise
