"""The function that puts back jobs whose worker was lost, and sends again the hints that were."""

from __future__ import annotations

from typing import Any

from lambdas import runtime
from networx.work.watch_jobs import tick


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """One tick of the monitor; how many jobs it moved."""
    runtime.prepare("stale-job-monitor")
    return tick()
