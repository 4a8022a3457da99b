"""Whether whoever was let in still would be: asked again while an answer lasts long, as a stream or a whole list."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from starlette.requests import HTTPConnection

from networx.api.credentials import presented_key
from networx.api.people import SESSION_BEGUN, still_in
from networx.api.principals import Principal, holder_of
from networx.api.scopes import area_of, asked_of

ASKED_EVERY_SECONDS = 10.0


def require_still_admitted(connection: HTTPConnection, principal: Principal) -> None:
    """Raises Unauthenticated or Forbidden where the key, the session, the person or the tenant has ended meanwhile.

    Raises a TransientError where nobody can tell.
    """
    key = presented_key(connection)
    today = still_in(connection, principal) if key is None else holder_of(key)
    area = area_of(connection.scope["path"])
    asked = None if area is None else asked_of(connection.scope["method"], area)
    if asked is not None:
        today.require(asked)


def credential_of(connection: HTTPConnection, principal: Principal) -> str:
    """What a request was let in by, as a digest: a key, or one session of a person."""
    shown = presented_key(connection) or connection.scope.get(SESSION_BEGUN) or connection.headers.get("cookie", "")
    digest = hashlib.blake2b(shown.encode(), digest_size=16, person=b"networx streams").hexdigest()
    return f"{principal.tenant_id}:{digest}"


def asked_again(connection: HTTPConnection, principal: Principal) -> Callable[[], None]:
    """What to call often: it does what `require_still_admitted` does, at most every 10 s."""
    asked_at = time.monotonic()

    def ask() -> None:
        nonlocal asked_at
        if time.monotonic() - asked_at >= ASKED_EVERY_SECONDS:
            require_still_admitted(connection, principal)
            asked_at = time.monotonic()

    return ask
