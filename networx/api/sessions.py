"""Sessions of the browser: a random id in a cookie, what it stands for in Valkey, gone when either is."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from starlette.requests import HTTPConnection
from starlette.responses import Response

from networx import settings
from networx.resilience.cache import valkey

LASTS = timedelta(hours=12)
# The load balancer keeps its own session in up to four of these, and begins anew where the browser has none.
BALANCER_COOKIES = tuple(f"AWSELBAuthSessionCookie-{part}" for part in range(4))


@dataclass(frozen=True, slots=True)
class Session:
    """Whom a session stands for: a person by id and by the issuer's subject, or neither: the local developer."""

    user_id: UUID | None = None
    subject: str | None = None


def _cookie(connection: HTTPConnection) -> str:
    # Cookies know no ports: two platforms on one machine would sign each other out under one name.
    return f"networx_session_{connection.url.port or 443}"


def _key(session_id: str) -> str:
    return f"networx:sessions:{hashlib.sha256(session_id.encode()).hexdigest()}"


def begin(session: Session) -> str:
    """Begin a session; its id, for the cookie. Raises CacheUnavailable."""
    session_id = secrets.token_urlsafe(32)
    stands_for = orjson.dumps({"user_id": session.user_id, "subject": session.subject})
    with valkey() as client:
        client.set(_key(session_id), stands_for, ex=int(LASTS.total_seconds()))
    return session_id


def hand_out(connection: HTTPConnection, response: Response, session_id: str) -> None:
    """Give the browser the cookie of a session."""
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


def of(connection: HTTPConnection) -> Session | None:
    """The session of a request, or None. Raises CacheUnavailable."""
    session_id = connection.cookies.get(_cookie(connection))
    return found(session_id) if session_id else None


def found(session_id: str) -> Session | None:
    """The session of this id, or None once it has ended. Raises CacheUnavailable."""
    with valkey() as client:
        kept = client.get(_key(session_id))
    if not isinstance(kept, bytes | str):
        return None
    facts = orjson.loads(kept)
    # One that an earlier version began knows of no person.
    if "subject" not in facts:
        return None
    return Session(None if facts["user_id"] is None else UUID(facts["user_id"]), facts["subject"])


def end(connection: HTTPConnection, response: Response) -> None:
    """Forget the request's session, in Valkey and in the browser, and the balancer's. Raises CacheUnavailable."""
    session_id = connection.cookies.get(_cookie(connection))
    if session_id:
        with valkey() as client:
            client.delete(_key(session_id))
    response.delete_cookie(_cookie(connection), httponly=True, samesite="strict", secure=_over_tls(connection))
    for name in BALANCER_COOKIES if settings.current().sign_in is not None else ():
        response.delete_cookie(name, httponly=True, secure=True)
