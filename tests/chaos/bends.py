"""What is bent in a process under test: its wall clock, and a point at which it kills itself."""

from __future__ import annotations

import datetime as datetimes
import os
import signal
import time
from collections.abc import Callable
from typing import Any

POINTS = ("before-claim", "after-claim", "before-delete", "after-send")


def move_clock(seconds: float) -> None:
    """Have this process's wall clock wrong by so much; its monotonic clock stays right. Before all other imports."""
    read, read_ns = time.time, time.time_ns
    right = datetimes.datetime

    class Wrong(right):
        """The class of instants, whose present is another."""

        @classmethod
        def now(cls, tz: datetimes.tzinfo | None = None) -> Any:
            return right.now(tz) + datetimes.timedelta(seconds=seconds)

        @classmethod
        def utcnow(cls) -> Any:
            return right.now(datetimes.UTC).replace(tzinfo=None) + datetimes.timedelta(seconds=seconds)

    time.time = lambda: read() + seconds
    time.time_ns = lambda: read_ns() + int(seconds * 1e9)
    datetimes.datetime = Wrong  # type: ignore[misc]


def die_at(point: str) -> None:
    """Have this process killed, as the kernel would do it, when it comes to a point."""
    from networx.jobs import endings
    from networx.jobs.attempts import Attempts
    from networx.jobs.sqs import SqsQueue

    where: dict[str, tuple[Any, str, bool]] = {
        "before-claim": (endings, "turn_over", False),
        "after-claim": (Attempts, "run", False),  # the claim is committed, nobody has begun
        "before-delete": (SqsQueue, "delete", False),  # the job is settled and committed
        "after-send": (SqsQueue, "send", True),  # the queue has it, the outbox has it still
    }
    owner, name, obeys_first = where[point]
    setattr(owner, name, _killing(getattr(owner, name), obeys_first))


def _killing(work: Callable[..., Any], obeys_first: bool) -> Callable[..., Any]:
    def kill(*arguments: Any, **named: Any) -> None:
        if obeys_first:
            work(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return kill
