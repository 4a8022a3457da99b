"""People: from a session, and behind the load balancer from its word on who signed in, to a principal.

Whoever signed in there carries the balancer's header on every request, and has a session beside it: it ends with the
sign-out, and spares the look for whom the person is. What the person may do is asked of the record each time, so that
a revoked user is out at once.
"""

from __future__ import annotations

from uuid import UUID

from starlette.requests import HTTPConnection

from networx import settings
from networx.api import sessions
from networx.api.balancer_claims import HEADER, Claims, claims_in
from networx.api.doers import came_from
from networx.api.envelope import request_id
from networx.api.principals import Principal
from networx.api.sessions import Session
from networx.db import pool
from networx.db.audit import Doer
from networx.errors import Forbidden, Unauthenticated
from networx.identity import keys, users
from networx.identity.scopes import EVERY_SCOPE
from networx.identity.users import User

LAPTOP_TENANT = "dev"
# Where a request's scope holds the id of the session that began with it.
SESSION_BEGUN = "networx.session_begun"
LOCAL_DEVELOPER = "local developer"


def person_behind(connection: HTTPConnection) -> tuple[Principal | None, str | None]:
    """Who is at the browser, or None; and the id of a session that began with this request, for the cookie.

    Raises Unauthenticated, Forbidden, CacheUnavailable, SignInUnavailable.
    """
    tokens = connection.headers.getlist(HEADER)
    if not tokens and not sessions.present(connection):
        return None, None
    sign_in = settings.current().sign_in
    if sign_in is None:
        return _at_own_machine(sessions.of(connection)), None
    if not tokens:
        return None, None
    if len(tokens) > 1:
        raise Unauthenticated(what="Your sign-in cannot be trusted: it came twice.", code="SIGN_IN_REFUSED")
    claims = claims_in(tokens[0], sign_in)
    found = sessions.of(connection)
    if found is not None and found.subject == claims.subject and found.user_id is not None:
        return _by_user(found.user_id), None
    user = _signed_in(connection, claims)
    return _principal(user), sessions.begin(Session(user.id, claims.subject))


def still_in(connection: HTTPConnection, principal: Principal) -> Principal:
    """The person behind a request that was let in a while ago, as things stand now.

    The session must last, whatever became of the balancer's word meanwhile: that is good for minutes, and comes anew
    only with the next request. Raises Unauthenticated, Forbidden, CacheUnavailable.
    """
    begun = connection.scope.get(SESSION_BEGUN)
    session = sessions.of(connection) if begun is None else sessions.found(begun)
    if session is None:
        raise Unauthenticated(what="This session has ended.", code="SESSION_ENDED")
    return local_developer() if principal.id is None else _by_user(principal.id)


def local_developer() -> Principal:
    """Who sits at a laptop, with every scope. Raises Unauthenticated where the laptop's tenant is not there."""
    with pool.system() as connection:
        row = connection.execute("SELECT id, slug FROM tenants WHERE slug = %s", (LAPTOP_TENANT,)).fetchone()
    if row is None:
        raise Unauthenticated
    return Principal(row[0], row[1], LOCAL_DEVELOPER, frozenset(EVERY_SCOPE))


def _at_own_machine(session: Session | None) -> Principal | None:
    # A session of somebody who signed in at a load balancer is worth nothing without it.
    own = session is not None and session.user_id is None and settings.current().laptop
    return local_developer() if own else None


def _signed_in(connection: HTTPConnection, claims: Claims) -> User:
    doer = Doer(claims.email or claims.subject, None, came_from(connection), request_id.get())
    with pool.system() as record:
        user = users.signed_in(record, doer, subject=claims.subject, verified_email=claims.verified_email)
    if user is None:
        raise Forbidden(
            what=f"You are signed in as {claims.email or claims.subject}, who has no access to NetWORX yet. "
            "Ask whoever administers NetWORX at your company to add you.",
            code="USER_UNKNOWN",
        )
    return user


def _by_user(user_id: UUID) -> Principal:
    with pool.system() as record:
        return _principal(users.get(record, user_id))


def _principal(user: User) -> Principal:
    if user.revoked_at is not None:
        raise Forbidden(what="Your access to NetWORX has been revoked.", code="USER_REVOKED")
    if user.tenant_revoked:
        raise keys.tenant_revoked()
    return Principal(user.tenant_id, user.tenant, user.name, frozenset(user.scopes), user.id)
