"""The gate before every route: a key or a session, or the short list of what is open. Closed by default."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from networx.api import sessions
from networx.api.credentials import presented_key
from networx.api.faults import answer_to
from networx.api.limits import RateLimit, take_ahead
from networx.api.principals import Principal, holder_of
from networx.errors import Forbidden, NetworxError, Unauthenticated

OPEN = frozenset({"/api/health", "/api/health/live", "/sign-in", "/favicon.ico"})
OPEN_FOLDER = "/static/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """ASGI middleware: puts the Principal into the scope, or answers 401 (a person's page view: the way to sign in)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            await run_in_threadpool(_let_in, connection)
        except Unauthenticated as refusal:
            await RateLimit(_turned_away(connection, refusal))(scope, receive, send)
        except Forbidden as refusal:
            await RateLimit(answer_to(refusal))(scope, receive, send)
        except NetworxError as fault:
            await answer_to(fault)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def is_open(path: str) -> bool:
    """Whether a path is served to anyone."""
    return path in OPEN or path.startswith(OPEN_FOLDER)


def _let_in(connection: HTTPConnection) -> None:
    connection.scope["principal"] = admit(connection)
    take_ahead(connection.scope)


def admit(connection: HTTPConnection) -> Principal:
    """Who is asking, by key or else by session. Raises Unauthenticated, or Forbidden for a cross-site request."""
    secret = presented_key(connection)
    if secret is not None:
        return holder_of(secret)
    principal = sessions.principal_of(connection)
    if principal is None:
        raise Unauthenticated
    if connection.scope["method"] not in SAFE_METHODS:
        require_same_origin(connection)
    return principal


def require_same_origin(connection: HTTPConnection) -> None:
    """Refuse a state-changing request that another site made the browser send. Raises Forbidden."""
    site = connection.headers.get("sec-fetch-site")
    if site is None:
        # Browsers too old for fetch metadata still name the origin.
        origin = connection.headers.get("origin")
        same = origin is not None and urlsplit(origin).netloc == connection.headers.get("host")
    else:
        same = site == "same-origin"
    if not same:
        raise Forbidden(what="This request came from another site.")


def _turned_away(connection: HTTPConnection, refusal: Unauthenticated) -> Response:
    path = connection.url.path
    if not path.startswith("/api/") and "text/html" in connection.headers.get("accept", ""):
        return RedirectResponse(f"/sign-in?next={quote(path)}", status_code=303)
    answer = answer_to(refusal)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
