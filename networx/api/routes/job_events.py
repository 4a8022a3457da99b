"""A job's live stream: its JSON as a server-sent event whenever something changed, until it has ended.

The id of an event is a digest of what it shows. So every process gives the same state the same id, and whoever comes
back with the id of the present state is sent nothing twice; with any other, old, foreign or garbage, the present state.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from networx.api.admission import credential_of, require_still_admitted
from networx.api.envelope import failure
from networx.api.principals import Principal, Who
from networx.api.streams import MOST_OF_ONE, Streams
from networx.api.views import job_view
from networx.api.wakeups import Wakeups
from networx.errors import NetworxError, TransientError
from networx.jobs.job import JobStatus

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

PING_SECONDS = 15.0
# How long a stream waits for a wake-up before it looks by itself.
_LOOK_WHILE_LISTENING_SECONDS = 5.0
_LOOK_ALONE_SECONDS = 1.0
# A solver may report more often than a person can read.
_SETTLE_SECONDS = 0.1
# How long a client waits before it connects again.
_RETRY = b"retry: 3000\n\n"
_RETRY_AFTER_SECONDS = "5"


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as it is sent, and the id of that."""

    job: dict[str, Any]
    content: bytes
    id: str

    @property
    def ended(self) -> bool:
        return JobStatus(self.job["status"]).terminal

    @property
    def event(self) -> bytes:
        return b"id: %b\nevent: job\ndata: %b\n\n" % (self.id.encode(), self.content)


@router.get("/{job_id}/events", summary="Watch a job live", response_class=StreamingResponse)
async def events(
    job_id: UUID,
    request: Request,
    who: Who,
    last_event_id: Annotated[str | None, Header(description="The `id` of the last event that was seen.")] = None,
) -> Response:
    """Server-sent events named `job`, each with the job as JSON; a comment every 15 s while nothing happens.

    With the id of the present state in `Last-Event-ID` nothing is sent until it changes, and 204 where the job has
    ended: there is no reason to come again. With any other id the present state is sent. A stream ends with its key,
    its session, its person or its tenant. 429 beyond 1,000 open streams of a key or a session.
    """
    streams: Streams = request.app.state.streams
    credential = credential_of(request, who)
    if streams.full(credential):
        said = f"This key or person has {MOST_OF_ONE} open streams already: end one first."
        return failure(said, "RATE_LIMITED", 429, headers={"Retry-After": _RETRY_AFTER_SECONDS})
    first = await run_in_threadpool(_look, who, job_id)
    if first.ended and first.id == last_event_id:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return StreamingResponse(
        _stream(request, who, credential, job_id, first, last_event_id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(
    request: Request, who: Principal, credential: str, job_id: UUID, shown: Shown, seen: str | None
) -> AsyncIterator[bytes]:
    wakeups: Wakeups = request.app.state.wakeups
    streams: Streams = request.app.state.streams

    def ask() -> None:
        require_still_admitted(request, who)

    with streams.held(credential, ask) as watched, wakeups.of(str(job_id)) as changed:
        yield _RETRY if shown.id == seen else _RETRY + shown.event
        said = time.monotonic()
        while not shown.ended:
            await _wait(changed, _LOOK_WHILE_LISTENING_SECONDS if wakeups.listening else _LOOK_ALONE_SECONDS)
            refusal = await watched.refusal()
            if refusal is not None:
                yield _farewell(refusal)
                return
            try:
                newest = await wakeups.look(who.tenant_id, job_id, partial(_look, who, job_id))
            except TransientError:
                # The record is away for a while; the stream outlives it.
                newest = shown
            if newest.id != shown.id:
                shown = newest
                yield shown.event
                said = time.monotonic()
            elif time.monotonic() - said >= PING_SECONDS - _LOOK_WHILE_LISTENING_SECONDS:
                yield b": still here\n\n"
                said = time.monotonic()


def _look(who: Principal, job_id: UUID) -> Shown:
    job = job_view(who.tenant_id, job_id)
    content = orjson.dumps(job)
    return Shown(job, content, hashlib.blake2b(content, digest_size=12).hexdigest())


def _farewell(refusal: NetworxError) -> bytes:
    # A comment, which no client takes for a job; whoever connects again is answered in full.
    return f": closed, {refusal.code}\n\n".encode()


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return
    await asyncio.sleep(_SETTLE_SECONDS)
    changed.clear()
