"""The one shape of every JSON answer, with the request's id in it; which error means which status: faults.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import orjson
from starlette.responses import Response

from networx.errors import Problem

request_id: ContextVar[str] = ContextVar("request_id", default="")


def success(
    data: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, beside: Mapping[str, Any] | None = None
) -> Response:
    """`{"success": true, "data": ..., "request_id": ...}`; uuids and dates as JSON knows them.

    `beside` is what else the answer says: of the request, where `data` is of the thing.
    """
    return _answer({"success": True, "data": data, **(beside or {}), "request_id": request_id.get()}, status, headers)


def failure(
    error: str,
    code: str,
    status: int,
    *,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`{"success": false, "error": MESSAGE, "code": CODE, "request_id": ...}`, with the problems if any."""
    body: dict[str, Any] = {"success": False, "error": error, "code": code, "request_id": request_id.get()}
    if problems:
        body["problems"] = [problem.as_dict() for problem in problems]
    return _answer(body, status, headers)


def plain(value: Any) -> Any:
    """The value as a client would read it from an answer: uuids and instants as text."""
    return orjson.loads(as_json(value))


def _answer(body: dict[str, Any], status: int, headers: Mapping[str, str] | None) -> Response:
    return Response(
        as_json(body), status, media_type="application/json", headers={"Cache-Control": "no-store", **(headers or {})}
    )


def as_json(value: Any) -> bytes:
    """The value as it stands in an answer; of what is ready JSON, `orjson.Fragment` is passed on as it is."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z)
