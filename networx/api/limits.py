"""The limit on requests, by key or session, else by address: 429 beyond it, and on every answer how much is left.

It stands behind the gate, which has found out who asks; and the gate puts it before its own refusals, so that whoever
tries keys is counted by address.
"""

from __future__ import annotations

import hashlib
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from networx import settings
from networx.api.client_address import client_address
from networx.api.credentials import presented_key
from networx.api.envelope import failure
from networx.api.limit_rules import rule_for
from networx.api.principals import Principal
from networx.api.provisional import PROVISIONAL
from networx.domain.phrases import counted
from networx.resilience.limits import Limit, Limiter, Verdict

# Where a request's scope holds its Verdict, or None for what has no limit.
_TAKEN = "networx.limit"


class RateLimit:
    """ASGI middleware. The Limiter is the application's (`app.state.limiter`)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if PROVISIONAL in scope:
            await self._app(scope, receive, send)  # counted with the look at its key
            return
        if scope["type"] == "http" and _TAKEN not in scope and _asked_of(scope) is not None:
            await run_in_threadpool(take_ahead, scope)
        verdict: Verdict | None = scope.get(_TAKEN)
        if verdict is None:
            await self._app(scope, receive, send)
            return
        headers = headers_of(verdict)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        if verdict.admitted:
            await self._app(scope, receive, told)
        else:
            await refusal(verdict)(scope, receive, told)


def take_ahead(scope: Scope) -> Verdict | None:
    """Count a request, in the thread that found out who asks: RateLimit then needs none."""
    asked = _asked_of(scope)
    limiter: Limiter = scope["app"].state.limiter
    verdict = scope[_TAKEN] = None if asked is None else limiter.take(*asked)
    return verdict


def counted_out(verdict: Verdict) -> ASGIApp:
    """The refusal of a request beyond its limit, as RateLimit gives it."""

    async def refused(scope: Scope, receive: Receive, send: Send) -> None:
        scope[_TAKEN] = verdict
        await RateLimit(refusal(verdict))(scope, receive, send)

    return refused


def headers_of(verdict: Verdict) -> list[tuple[bytes, bytes]]:
    """What every limited answer says: the limit, what is left of it, and in how many seconds all of it is again."""
    limit, policy = _stated(verdict.limit)
    return [
        limit,
        (b"ratelimit-remaining", b"%d" % verdict.remaining),
        (b"ratelimit-reset", b"%d" % verdict.reset_seconds),
        policy,
    ]


@cache
def _stated(limit: Limit) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    policy = b"%d;w=%d" % (limit.most, limit.period.total_seconds())
    return (b"ratelimit-limit", b"%d" % limit.most), (b"ratelimit-policy", policy)


def refusal(verdict: Verdict) -> Response:
    """The answer beyond the limit."""
    limit, wait = verdict.limit, verdict.retry_after_seconds
    said = (
        f"Too many requests: {limit.most} in {counted(int(limit.period.total_seconds()), 'second')} are taken. "
        f"Try again in {counted(wait, 'second')}."
    )
    return failure(said, "RATE_LIMITED", 429, headers={"Retry-After": str(wait)})


def _asked_of(scope: Scope) -> tuple[Limit, str] | None:
    """The limit that holds for a request and whose it is; None where there is none."""
    rule = rule_for(scope["method"], scope["path"])
    principal = scope.get("principal")
    connection = HTTPConnection(scope)
    if isinstance(principal, Principal):
        return None if rule.known is None else (rule.known, holder_of(connection, principal))
    if rule.stranger is None:
        return None
    return rule.stranger, client_address(connection, settings.current().trusted_proxies)


def holder_of(connection: HTTPConnection, principal: Principal) -> str:
    """Whose requests are counted together: those of a key, or of a person."""
    key = presented_key(connection)
    if key is None:
        return f"{principal.tenant_id}:{principal.name}"
    return digest_of(key)


def digest_of(key: str) -> str:
    """A key by which its requests are counted, and which opens nothing."""
    # Not the digest that the record knows keys by: what stands in Valkey leads nowhere.
    return hashlib.blake2b(key.encode(), digest_size=16, person=b"networx limits").hexdigest()
