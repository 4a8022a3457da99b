"""The gate before every route: a key or a person, with the scope that the address asks for. Closed by default.

What is open stands here, what each address asks for in scopes.py, how people are told in people.py.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from networx.api import sessions
from networx.api.balancer_claims import HEADER
from networx.api.credentials import presented_key
from networx.api.faults import answer_to, nothing_here
from networx.api.limit_rules import rule_for
from networx.api.limits import RateLimit, counted_out, digest_of, headers_of, take_ahead
from networx.api.page_templates import refusal_page, wants_page
from networx.api.people import SESSION_BEGUN, person_behind
from networx.api.principals import Principal, holder_of
from networx.api.provisional import PROVISIONAL, NotAdmittedError, Provisional, enter
from networx.api.scopes import SAFE_METHODS, area_of, asked_of
from networx.errors import Forbidden, NetworxError, Unauthenticated

OPEN = frozenset({"/api/health", "/api/health/live", "/sign-in", "/favicon.ico"})
OPEN_FOLDER = "/static/"
# Below 100,000 bytes.
_SHORT_DIGITS = 5


class Gate:
    """ASGI middleware: puts the Principal into the scope, or answers 401 (a person's page view: the way to sign in)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        provisional = _provisional(connection)
        if provisional is not None:
            await self._provisionally(provisional, connection, receive, send)
            return
        try:
            begun = await run_in_threadpool(_let_in, connection)
            principal = scope["principal"]
            area = area_of(scope["path"])
            if area is None:
                await RateLimit(nothing_here())(scope, receive, send)
                return
            asked = asked_of(scope["method"], area)
            if asked is not None:
                principal.require(asked)
        except NetworxError as fault:
            await _refused(connection, fault)(scope, receive, send)
        else:
            await self._app(scope, receive, send if begun is None else _with_cookie(connection, begun, send))

    async def _provisionally(
        self, provisional: Provisional, connection: HTTPConnection, receive: Receive, send: Send
    ) -> None:
        scope = connection.scope
        before = dict(scope)
        scope["principal"], scope[PROVISIONAL] = provisional.principal, provisional
        arrived: list[Message] = []

        async def kept() -> Message:
            arrived.append(await receive())
            return arrived[-1]

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                if provisional.verdict is None:
                    # An answer that came about before the endpoint: nobody hears it who is not let in.
                    await run_in_threadpool(provisional.settle)
                assert provisional.verdict is not None
                message["headers"] = [*message.get("headers", ()), *headers_of(provisional.verdict)]
            await send(message)

        enter(provisional)
        try:
            await self._app(scope, kept, told)
            return
        except NotAdmittedError as refused:
            fault, verdict = refused.fault, refused.verdict
        finally:
            enter(None)
        scope.clear()
        scope.update(before)
        scope["app"].state.known.forget(digest_of(provisional.key))
        if verdict is not None:
            scope["principal"] = provisional.principal
            await counted_out(verdict)(scope, receive, send)
        elif fault is None:
            await self(scope, _again(arrived, receive), send)
        else:
            try:
                raise fault
            except NetworxError as known:
                await _refused(connection, known)(scope, receive, send)


def is_open(path: str) -> bool:
    """Whether a path is served to anyone."""
    return path in OPEN or path.startswith(OPEN_FOLDER)


def _provisional(connection: HTTPConnection) -> Provisional | None:
    """The request of a key that opened before and may ask for this; None for every other, which waits here.

    A long body is read for nobody who was not let in for certain.
    """
    scope, headers = connection.scope, connection.headers
    key = presented_key(connection)
    if key is None or "transfer-encoding" in headers or len(headers.get("content-length", "")) > _SHORT_DIGITS:
        return None
    digest = digest_of(key)
    principal = scope["app"].state.known.get(digest)
    area = area_of(scope["path"])
    if principal is None or area is None or asked_of(scope["method"], area) not in {None, *principal.scopes}:
        return None
    limit = rule_for(scope["method"], scope["path"]).known
    if limit is None:
        return None
    return Provisional(principal, key, (limit, digest), scope["app"].state.limiter)


def _refused(connection: HTTPConnection, fault: NetworxError) -> ASGIApp:
    """What answers while the fault is being handled; a refusal is counted."""
    match fault:
        case Unauthenticated():
            return RateLimit(_turned_away(connection, fault))
        case Forbidden():
            return RateLimit(refusal_page(connection, fault) if wants_page(connection) else answer_to(fault))
        case _:
            return answer_to(fault)


def _again(arrived: list[Message], receive: Receive) -> Receive:
    """What has arrived of a body, and then the rest."""
    messages = iter(arrived)

    async def received() -> Message:
        message = next(messages, None)
        return await receive() if message is None else message

    return received


def _let_in(connection: HTTPConnection) -> str | None:
    """Put the Principal into the scope and count the request; the id of a session that begins with it."""
    connection.scope["principal"], begun = admit(connection)
    connection.scope[SESSION_BEGUN] = begun
    verdict = take_ahead(connection.scope)
    key = presented_key(connection)
    if key is not None and verdict is not None and verdict.admitted:
        connection.scope["app"].state.known.remember(digest_of(key), connection.scope["principal"])
    return begun


def admit(connection: HTTPConnection) -> tuple[Principal, str | None]:
    """Who is asking, by key or else as a person, and the id of a session that begins with this request.

    A key that is shown decides alone. Raises Unauthenticated, or Forbidden for a cross-site request.
    """
    secret = presented_key(connection)
    if secret is not None:
        return holder_of(secret), None
    principal, begun = person_behind(connection)
    if principal is None:
        raise Unauthenticated
    if connection.scope["method"] not in SAFE_METHODS:
        require_same_origin(connection)
    return principal, begun


def _with_cookie(connection: HTTPConnection, session_id: str, send: Send) -> Send:
    cookie = Response()
    sessions.hand_out(connection, cookie, session_id)
    handed = [pair for pair in cookie.raw_headers if pair[0] == b"set-cookie"]

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *handed]
        await send(message)

    return sent


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
    # Who signed in at a load balancer hears what ails that: the page of ours is the laptop's.
    if wants_page(connection) and HEADER not in connection.headers:
        return RedirectResponse(f"/sign-in?next={quote(connection.url.path)}", status_code=303)
    answer = answer_to(refusal)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
