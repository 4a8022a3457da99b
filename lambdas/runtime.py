"""What every function does around its one call: logs, pool size, and partial failures of a batch."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from networx import settings
from networx.db import pool
from networx.observability import logs
from networx.observability.logs import Log
from networx.topology import TOPOLOGY

log = Log(__name__)


@cache
def prepare(name: str) -> None:
    """Set this process up as the function `name`, at its first call."""
    logs.configure(name, settings.current().log_level)
    pool.limit_connections(TOPOLOGY.limits.function_connections)


def each_record(event: dict[str, Any], work: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Do the work for each record of an SQS event; the answer names the records to be delivered again."""
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            work(record)
        except Exception:
            log.exception("record.failed", messageId=record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
