"""Waiting out a file store that is away: what took hours to solve is not thrown away for minutes without S3."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from networx.errors import ObjectStoreUnavailable
from networx.jobs.context import OUTAGE_PAUSE_SECONDS, JobContext
from networx.observability.logs import Log
from networx.resilience import objects
from networx.resilience.confine import Stopped

log = Log(__name__)

# An outage lasts minutes; what lasts longer is a fault of the installation, and must not hold a slot for ever.
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_WAIT_TO_READ = timedelta(minutes=1)

Answer = TypeVar("Answer")


def to_keep(seconds: float) -> timedelta:
    """How long to wait where an answer that took `seconds` can be kept: finding it again would take as long."""
    return max(LONGEST_WAIT, timedelta(seconds=seconds))


def to_go_on(seconds: float) -> timedelta:
    """How long to wait where a solve can go on from what took `seconds`, and not from nothing."""
    return max(LONGEST_WAIT_TO_READ, timedelta(seconds=seconds))


def patiently(context: JobContext, call: Callable[[], Answer], *, longest: timedelta = LONGEST_WAIT) -> Answer:
    """What `call` returns, tried again while the file store is away and the job is the caller's.

    Raises Stopped when the job was cancelled, taken over or is handed back, ObjectStoreUnavailable after `longest`.
    """
    deadline = time.monotonic() + longest.total_seconds()
    while True:
        try:
            return call()
        except ObjectStoreUnavailable:
            if context.stopped():
                raise Stopped from None
            if time.monotonic() > deadline:
                raise
            log.warning("file_store.awaited")
            context.wait(OUTAGE_PAUSE_SECONDS)


def put_result(context: JobContext, seconds: float, path: Path, key: str, content_type: str) -> None:
    """Bring a file of an answer that took `seconds` to the results bucket; raises as `patiently` does."""
    patiently(context, partial(objects.put_result, path, key, content_type), longest=to_keep(seconds))
