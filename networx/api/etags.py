"""Entity tags: a client that has an answer already is told so (304) instead of being sent it again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from networx import __version__

_TAG = re.compile(r'(?:W/)?("[^"]*")')
# It may be kept where it was asked for, and must be asked about each time: a key may be revoked meanwhile.
KEPT = "private, no-cache"


def tag_of(*immutable: object, weak: bool = False) -> str:
    """The tag of what these name. Weak is what says the same in other bytes: an envelope carries its request's id."""
    digest = hashlib.sha256("\n".join(map(str, (__version__, *immutable))).encode("utf-8", "surrogatepass"))
    return f'{"W/" if weak else ""}"{digest.hexdigest()[:32]}"'


def headers_with(tag: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headers of an answer that has a tag."""
    return {"ETag": tag, "Cache-Control": KEPT, **(more or {})}


def held_already(request: Request, tag: str) -> Response | None:
    """The 304 for a client that names the tag in If-None-Match, else None."""
    stated = ",".join(request.headers.getlist("if-none-match")).strip()
    bare = tag.removeprefix("W/")
    if stated == "*" or bare in _TAG.findall(stated):
        return Response(status_code=304, headers=headers_with(tag))
    return None
