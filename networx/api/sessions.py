"""Sessions of the browser: a random id in a cookie, what it stands for in Valkey, gone when either is."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import redis
from starlette.requests import HTTPConnection
from starlette.responses import Response

from networx import settings
from networx.api.principals import Principal
from networx.errors import CacheUnavailable
from networx.resilience.cache import cache_client

LASTS = timedelta(hours=12)


def _cookie(connection: HTTPConnection) -> str:
    # Cookies know no ports: two platforms on one machine would sign each other out under one name.
    return f"networx_session_{connection.url.port or 443}"


def _key(session_id: str) -> str:
    return f"networx:sessions:{hashlib.sha256(session_id.encode()).hexdigest()}"


def start(connection: HTTPConnection, response: Response, principal: Principal) -> None:
    """Begin a session and hand its cookie out with the response. Raises CacheUnavailable."""
    session_id = secrets.token_urlsafe(32)
    stands_for = orjson.dumps({"tenant_id": principal.tenant_id, "tenant": principal.tenant, "name": principal.name})
    try:
        cache_client().set(_key(session_id), stands_for, ex=int(LASTS.total_seconds()))
    except redis.RedisError as fault:
        raise CacheUnavailable from fault
    response.set_cookie(
        _cookie(connection),
        session_id,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=_over_tls(connection),
    )


def _over_tls(connection: HTTPConnection) -> bool:
    # Behind the load balancer every request arrives as plain HTTP: what browsers speak is said by the public address.
    return "https" in (connection.url.scheme, urlsplit(settings.current().public_url).scheme)


def present(connection: HTTPConnection) -> bool:
    """Whether the request carries a session cookie at all."""
    return _cookie(connection) in connection.cookies


def principal_of(connection: HTTPConnection) -> Principal | None:
    """Whom the request's session stands for, or None. Raises CacheUnavailable."""
    session_id = connection.cookies.get(_cookie(connection))
    if not session_id:
        return None
    try:
        found = cache_client().get(_key(session_id))
    except redis.RedisError as fault:
        raise CacheUnavailable from fault
    if not isinstance(found, bytes | str):
        return None
    facts = orjson.loads(found)
    return Principal(UUID(facts["tenant_id"]), facts["tenant"], facts["name"])


def end(connection: HTTPConnection, response: Response) -> None:
    """Forget the request's session, in Valkey and in the browser. Raises CacheUnavailable."""
    session_id = connection.cookies.get(_cookie(connection))
    if session_id:
        try:
            cache_client().delete(_key(session_id))
        except redis.RedisError as fault:
            raise CacheUnavailable from fault
    response.delete_cookie(_cookie(connection), httponly=True, samesite="strict", secure=_over_tls(connection))
