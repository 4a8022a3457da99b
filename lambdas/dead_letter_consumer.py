"""The function that goes through the dead-letter queues of jobs, by a schedule: a trigger would take their messages."""

from __future__ import annotations

from typing import Any

from lambdas import runtime
from networx.work.consume_dead_letters import tick


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """One tick; how many messages of each fate there were."""
    runtime.prepare("dead-letter-consumer")
    return tick()
