"""The outermost middleware: gives each request its id, its safe headers, its log line and its latency."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from uuid import uuid4

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from networx.api.envelope import request_id
from networx.api.faults import answer_to
from networx.api.headers import UNLESS_STATED
from networx.api.principals import Principal
from networx.observability import metrics
from networx.observability.logs import Log, bound

log = Log(__name__)

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_REQUEST_ID = b"x-request-id"
_SAFE = frozenset(name for name, _ in UNLESS_STATED)
STREAMS = frozenset({"/api/jobs/{job_id}/events"})
# Set in the scope of any other request whose answer is sent as fast as its reader reads.
STREAMED = "networx.streamed"


class RequestLog:
    """ASGI middleware. An error that nothing else answered is answered here, so that no trace leaves the process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        this_id = _id_of(scope)
        request_id.set(this_id)
        began = time.perf_counter()
        status = 500
        started = False

        async def marked(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                started = True
                status = message["status"]
                _mark(message, this_id)
            await send(message)

        with bound(requestId=this_id):
            try:
                await self._app(scope, receive, marked)
            except Exception as fault:
                answer = answer_to(fault)
                if started:
                    # Half an answer is out; breaking the connection is the only way left to say that it failed.
                    raise
                await answer(scope, receive, marked)
            finally:
                _record(scope, status, (time.perf_counter() - began) * 1000)


def _id_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == _REQUEST_ID and _ACCEPTABLE_ID.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return str(uuid4())


def _mark(message: Message, this_id: str) -> None:
    headers = [(_REQUEST_ID, this_id.encode())]
    names = set()
    for stated, value in message.get("headers", ()):
        name = stated.lower()
        if name != _REQUEST_ID:
            headers.append((name, value))
            names.add(name)
    # Most answers state none of ours.
    missing = UNLESS_STATED if names.isdisjoint(_SAFE) else [each for each in UNLESS_STATED if each[0] not in names]
    headers.extend(missing)
    message["headers"] = headers


def _asked_for(scope: Scope) -> BaseRoute | None:
    """The route of a request that was refused before the router looked."""
    if "app" not in scope:
        return None
    match, found = scope["app"].state.directory.matches(scope)
    return found["route"] if match is Match.FULL else None


def _record(scope: Scope, status: int, milliseconds: float) -> None:
    route = scope.get("route") or _asked_for(scope)
    endpoint = getattr(route, "path", "unrouted") if isinstance(route, BaseRoute) else "unrouted"
    principal = scope.get("principal")
    fields: dict[str, object] = {name: str(value) for name, value in scope.get("path_params", {}).items()}
    if isinstance(principal, Principal):
        fields |= {"tenant": principal.tenant, "userId": principal.name}
    log.info(
        "request.answered",
        method=scope["method"],
        endpoint=endpoint,
        status=status,
        duration=round(milliseconds, 1),
        **fields,
    )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        metrics.emit("RateLimitRefusals", 1, Endpoint=endpoint)
    # A stream lasts as long as its reader stays, which is no latency.
    streamed = endpoint in STREAMS or bool(scope.get(STREAMED))
    if not streamed:
        metrics.emit("ApiLatency", milliseconds, Endpoint=endpoint)
    if "app" in scope:
        scope["app"].state.tally.count(status, None if streamed else milliseconds)
