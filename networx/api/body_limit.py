"""A bound on request bodies, counted as they arrive, so that no declared length needs to be believed."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from networx.api.faults import answer_to
from networx.errors import TooLarge
from networx.topology import TOPOLOGY

UPLOADS = "/api/uploads"
# What a multipart form adds around its file.
_FORM_OVERHEAD = 64 * 1024


class BodyLimit:
    """ASGI middleware: 413 above the limit, before the application has read the whole body."""

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
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
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
