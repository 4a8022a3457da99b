"""A job's live stream: its JSON as a server-sent event whenever something changed, until it has ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from networx.api.declared import refuses, sends_events
from networx.api.principals import Principal, Who
from networx.api.views import job_view
from networx.api.wakeups import Wakeups
from networx.errors import TransientError
from networx.jobs.job import JobStatus

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

PING_SECONDS = 15.0
# How long a stream waits for a wake-up before it looks by itself.
_LOOK_WHILE_LISTENING_SECONDS = 5.0
_LOOK_ALONE_SECONDS = 1.0
# A solver may report more often than a person can read.
_SETTLE_SECONDS = 0.1


@router.get(
    "/{job_id}/events",
    summary="Watch a job live",
    response_class=StreamingResponse,
    responses=refuses("JOB_NOT_FOUND") | sends_events("job", "Job"),
)
async def events(job_id: UUID, request: Request, who: Who) -> StreamingResponse:
    """Server-sent events named `job`, each with the job as JSON; a comment every 15 s while nothing happens."""
    first = await run_in_threadpool(job_view, who.tenant_id, job_id)
    return StreamingResponse(
        _stream(who, job_id, first, request.app.state.wakeups),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(who: Principal, job_id: UUID, shown: dict[str, Any], wakeups: Wakeups) -> AsyncIterator[bytes]:
    with wakeups.of(str(job_id)) as changed:
        yield _event(shown)
        said = time.monotonic()
        while not JobStatus(shown["status"]).terminal:
            await _wait(changed, _LOOK_WHILE_LISTENING_SECONDS if wakeups.listening else _LOOK_ALONE_SECONDS)
            try:
                newest = await run_in_threadpool(job_view, who.tenant_id, job_id)
            except TransientError:
                # The record is away for a while; the stream outlives it.
                newest = shown
            if newest != shown:
                shown = newest
                yield _event(shown)
                said = time.monotonic()
            elif time.monotonic() - said >= PING_SECONDS - _LOOK_WHILE_LISTENING_SECONDS:
                yield b": still here\n\n"
                said = time.monotonic()


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return
    await asyncio.sleep(_SETTLE_SECONDS)
    changed.clear()


def _event(shown: dict[str, Any]) -> bytes:
    return b"event: job\ndata: " + orjson.dumps(shown) + b"\n\n"
