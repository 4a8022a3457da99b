"""What JSON may be before anything reads it: UTF-8, nested a little, without numbers that JSON does not know, and each
name of an object once.

Python's own reader takes NaN and Infinity, UTF-16, and nesting up to a depth at which what comes after it breaks; of a
name that is there twice it passes over the first.
"""

from __future__ import annotations

import json
from collections import Counter, deque

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from networx.api.faults import answer_of_status, answer_to
from networx.errors import Problem, RefusedInput

DEEPEST = 64
_MOST_SHOWN = 60  # characters of a stranger's name
# Beyond, the look at a body would hold up everybody else.
_LARGE_BYTES = 64 * 1024
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class JsonBody:
    """ASGI middleware: 422 for a JSON body that nobody should have to read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stated = dict(scope["headers"]).get(b"content-type", b"") if scope["type"] == "http" else b""
        if b"json" not in stated.partition(b";")[0].lower():
            await self._app(scope, receive, send)
            return
        try:
            arrived = await _all_of(receive)
        except HTTPException as fault:
            await answer_of_status(fault.status_code)(scope, receive, send)
            return
        body = b"".join(message.get("body", b"") for message in arrived)
        wrong = await run_in_threadpool(fault_in, body) if len(body) > _LARGE_BYTES else fault_in(body)
        if wrong is not None:
            await answer_to(RefusedInput([wrong]))(scope, receive, send)
            return

        async def again() -> Message:
            return arrived.popleft() if arrived else await receive()

        await self._app(scope, again, send)


def fault_in(body: bytes) -> Problem | None:
    """What is wrong with a body before its grammar, which is left to the reader. Time grows with its length alone."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return Problem("The body is no UTF-8.", "encoding")
    if b"\0" in body:
        return Problem("The body is no JSON in UTF-8.", "encoding")
    suspect = b"NaN" in body or b"Infinity" in body
    if not suspect and body.count(b"[") + body.count(b"{") <= DEEPEST:
        return _stated_twice(body)
    # Without what is escaped, every other piece between quotes is outside of strings.
    outside = b" ".join(body.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2])
    if b"NaN" in outside or b"Infinity" in outside:
        return Problem("NaN and Infinity are no JSON numbers; leave the value out or send null.", "number")
    nested = outside.translate(_BRACKETS, _NO_BRACKETS)
    for _ in range(DEEPEST):
        nested = nested.replace(b"[]", b"")  # the innermost of each branch
    if b"[]" in nested or nested.count(b"[") > DEEPEST:
        return Problem(f"The body is nested deeper than {DEEPEST} levels.", "depth")
    return _stated_twice(body)


class _Twice(Exception):
    """A name that one object has twice."""


def _stated_twice(body: bytes) -> Problem | None:
    try:
        json.loads(body, object_pairs_hook=_names_once)
    except _Twice as twice:
        name = str(twice)[:_MOST_SHOWN].encode(errors="replace").decode()
        return Problem(f'"{name}" is stated twice in one object; keep one of them.', "repeated")
    except (ValueError, RecursionError):
        return None  # its grammar is left to the reader
    return None


def _names_once(pairs: list[tuple[str, object]]) -> None:
    if len(pairs) > 1 and len({name for name, _ in pairs}) < len(pairs):
        raise _Twice(next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1))


async def _all_of(receive: Receive) -> deque[Message]:
    arrived: deque[Message] = deque()
    while True:
        message = await receive()
        arrived.append(message)
        if message["type"] != "http.request" or not message.get("more_body", False):
            return arrived
