"""The function that looks at the database each minute, every 30 seconds within it."""

from __future__ import annotations

from typing import Any

from lambdas import runtime
from networx.work import monitor_database
from networx.work.sampling import sample


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """One tick; how often it looked."""
    runtime.prepare("database-monitor")
    return {"looks": sample(monitor_database.readings(), every=monitor_database.EVERY, left=runtime.time_left(context))}
