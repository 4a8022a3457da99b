"""Bounds on request bodies: their bytes, and the time they take.

Bytes are counted as they arrive, so that no declared length needs to be believed; the time keeps anybody from holding
a request open by sending next to nothing.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from networx.api.faults import answer_to
from networx.errors import TooLarge
from networx.topology import TOPOLOGY

UPLOADS = "/api/uploads"
# What a multipart form adds around its file.
_FORM_OVERHEAD = 64 * 1024

# Without a byte, and in all. A hundred megabytes over a slow line take their time.
SILENCE = timedelta(seconds=30)
BODY_TIME = timedelta(seconds=60)
UPLOAD_TIME = timedelta(minutes=30)


class BodyLimit:
    """ASGI middleware: 413 above the limit, before the application has read the whole body; 408 beyond the time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limits = TOPOLOGY.limits
        upload = scope["path"] == UPLOADS and scope["method"] == "POST"
        limit = limits.api_upload_bytes + _FORM_OVERHEAD if upload else limits.body_bytes
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await answer_to(_file_too_large() if upload else _body_too_large())(scope, receive, send)
            return
        seen, complete = 0, False
        clock = asyncio.get_running_loop().time
        end = clock() + (UPLOAD_TIME if upload else BODY_TIME).total_seconds()

        async def counted() -> Message:
            nonlocal seen, complete
            if complete:
                # A stream waits here for its reader to leave, as long as that takes.
                return await receive()
            try:
                async with asyncio.timeout_at(min(end, clock() + SILENCE.total_seconds())):
                    message = await receive()
            except TimeoutError as fault:
                raise HTTPException(408) from fault
            complete = not message.get("more_body", False)
            seen += len(message.get("body", b""))
            if seen > limit:
                # The framework passes its own exceptions on from inside its body parser, and no others.
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


def _file_too_large() -> TooLarge:
    megabytes = TOPOLOGY.limits.api_upload_bytes // 1024**2
    return TooLarge(
        what=f"The file is larger than the {megabytes} MB this address takes; "
        "ask POST /api/uploads/presign for addresses to upload it in parts."
    )


def _body_too_large() -> TooLarge:
    fault = TooLarge(what=f"The request body is larger than {TOPOLOGY.limits.body_bytes // 1024**2} MB.")
    fault.code = "BODY_TOO_LARGE"  # type: ignore[misc]  # the class's own word speaks of files
    return fault
