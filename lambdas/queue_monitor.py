"""The function that looks at the queues each minute, every 15 seconds within it."""

from __future__ import annotations

from typing import Any

from lambdas import runtime
from networx.work import monitor_queues
from networx.work.sampling import sample


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """One tick; how often it looked."""
    runtime.prepare("queue-monitor")
    return {"looks": sample(monitor_queues.readings(), every=monitor_queues.EVERY, left=runtime.time_left(context))}
