"""What the load balancer says of a person who signed in: its signed header, checked before a word of it is believed.

The header could be sent by anybody who reaches the web another way, so that the signature alone proves nothing: it must
be of our balancer (`signer`), for our client and our issuer, and not over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import jwt

from networx.api.balancer_keys import keys_at
from networx.errors import Unauthenticated
from networx.settings import SignIn

HEADER = "x-amzn-oidc-data"
# The balancer's own. Any other would let the sender choose how it is checked.
_ALGORITHM = "ES256"
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Claims:
    """Who signed in. The address is None unless the issuer says that it has verified it."""

    subject: str
    verified_email: str | None
    email: str | None


def claims_in(token: str, expected: SignIn) -> Claims:
    """The claims of a header that is genuine, ours and not over.

    Raises Unauthenticated (SIGN_IN_REFUSED, SIGN_IN_EXPIRED) and SignInUnavailable.
    """
    unchecked = _unchecked_header(token)
    # Before the key is asked for: what is not meant for us costs no request.
    _require_ours(unchecked, expected)
    key = keys_at(expected.keys).key(str(unchecked.get("kid", "")))
    if key is None:
        raise _refused("its key is unknown")
    try:
        whole = jwt.decode_complete(token, key, algorithms=[_ALGORITHM], options={"verify_aud": False})
    except jwt.ExpiredSignatureError as fault:
        raise _expired() from fault
    except jwt.InvalidSignatureError as fault:
        raise _refused("its signature is wrong") from fault
    except jwt.InvalidTokenError as fault:
        raise _refused("it cannot be read") from fault
    header, payload = whole["header"], whole["payload"]
    _require_ours(header, expected)
    if not _is_future(header.get("exp")):
        raise _expired()
    if payload.get("iss", expected.issuer) != expected.issuer:
        raise _refused("its issuer is another")
    subject = payload.get("sub")
    if not isinstance(subject, str) or not subject:
        raise _refused("it names nobody")
    email = payload.get("email")
    email = email if isinstance(email, str) and email else None
    stated = payload.get("email_verified")
    # Some issuers write the word instead of the value.
    verified = stated is True or stated == "true"
    return Claims(subject, email if verified else None, email)


def _unchecked_header(token: str) -> dict[str, Any]:
    if len(token) > _LONGEST:
        raise _refused("it is too long")
    try:
        return jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as fault:
        raise _refused("it cannot be read") from fault


def _require_ours(header: dict[str, Any], expected: SignIn) -> None:
    required = {
        "alg": (_ALGORITHM, "its algorithm is another"),
        "signer": (expected.signer, "another load balancer signed it"),
        "client": (expected.client, "it is for another client"),
        "iss": (expected.issuer, "its issuer is another"),
    }
    for name, (value, otherwise) in required.items():
        if header.get(name) != value:
            raise _refused(otherwise)


def _is_future(expires: object) -> bool:
    return isinstance(expires, int | float) and not isinstance(expires, bool) and expires > time.time()


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated(what=f"Your sign-in cannot be trusted: {why}.", code="SIGN_IN_REFUSED")


def _expired() -> Unauthenticated:
    return Unauthenticated(what="Your sign-in is over. Load the page again to sign in.", code="SIGN_IN_EXPIRED")
