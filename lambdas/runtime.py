"""What every function does around its one call: logs, pool size, and partial failures of a batch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from networx import settings
from networx.db import pool
from networx.errors import QueueUnavailable
from networx.jobs.queue import JobQueue, Message
from networx.jobs.sqs import SqsQueue
from networx.observability import logs
from networx.observability.logs import Log
from networx.topology import TOPOLOGY

log = Log(__name__)

_FIRST_DELAY = timedelta(seconds=5)


@cache
def prepare(name: str) -> None:
    """Set this process up as the function `name`, at its first call."""
    logs.configure(name, settings.current().log_level)
    pool.limit_connections(TOPOLOGY.limits.function_connections)


def time_left(context: Any) -> Callable[[], timedelta]:
    """How long the running call may still take, asked at any moment of it."""
    return lambda: timedelta(milliseconds=int(context.get_remaining_time_in_millis()))


def each_record(event: dict[str, Any], queue: str, work: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Do the work for each record of an SQS event; the answer names the records to be delivered again."""
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            work(record)
        except Exception:
            log.exception("record.failed", messageId=record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
            _come_again_soon(record, SqsQueue(queue))
    return {"batchItemFailures": failed}


def _come_again_soon(record: dict[str, Any], queue: JobQueue) -> None:
    # A short outage should cost seconds, not the whole visibility timeout; a long one should not use up the receives.
    received = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    delay = min(_FIRST_DELAY * 2 ** min(received - 1, 16), queue.queue.visibility_timeout)
    try:
        queue.hide(Message(record["messageId"], record["body"], record["receiptHandle"]), delay)
    except QueueUnavailable:
        log.warning("record.not_hidden", messageId=record["messageId"])
