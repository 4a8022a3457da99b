"""The templates of the pages, and the page that a refusal is for a person at a browser."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi.templating import Jinja2Templates
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from networx import __version__
from networx.api.envelope import request_id
from networx.api.headers import page_policy
from networx.errors import Forbidden

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with its content."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


pages = Jinja2Templates(FOLDER / "templates")
pages.env.globals |= {"asset": asset, "version": __version__}


def wants_page(connection: HTTPConnection) -> bool:
    """Whether a person at a browser asks for a page, who can do nothing with JSON."""
    path: str = connection.scope["path"]
    return not path.startswith("/api/") and "text/html" in connection.headers.get("accept", "")


def refusal_page(connection: HTTPConnection, refusal: Forbidden) -> Response:
    """The 403 as a page: why, and the request's id for whoever is asked about it."""
    context = {"said": str(refusal), "code": refusal.code, "asked": request_id.get()}
    headers = {"Content-Security-Policy": page_policy(None), "Cache-Control": "no-store"}
    return pages.TemplateResponse(Request(connection.scope), "refused.html", context, 403, headers=headers)
