"""What the web owes every caller: a closed gate, safe headers, and an end to too many requests."""

from __future__ import annotations

import socket
import time
from collections import Counter
from datetime import UTC, datetime
from random import SystemRandom

import httpx

from networx.db import hourly, pool
from networx.errors import TransientError
from networx.identity.api_key import make_key
from networx.readiness.check import NotExercised, Place, Unprotected

# What strangers get: so many of so many requests are answered in a minute, as docs/api.md says.
ASKED, ANSWERED, PERIOD_SECONDS = 150, 100, 60
_OK, _TO_SIGN_IN, _UNKNOWN, _TOO_MANY = 200, 303, 401, 429
# Each kind of answer: open, refused, a page, and an address that is none.
_LOOKED_AT = ("/api/health/live", "/api/jobs", "/sign-in", "/no-such-page")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=()",
}
_POLICY = ("default-src 'none'", "frame-ancestors 'none'")


class WebUnavailable(TransientError):
    code = "WEB_UNAVAILABLE"
    message = "The web does not answer at {url} ({how})."


def browser(url: str) -> httpx.Client:
    """A client of the web there. A proxy of the environment has no part in what stays on this machine."""
    return httpx.Client(base_url=url, timeout=30, trust_env=not url.startswith("http://127."))


def asked(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    """The answer to a GET. Raises WebUnavailable."""
    try:
        return client.get(path, headers=headers)
    except httpx.TransportError as fault:
        raise WebUnavailable(url=client.base_url, how=type(fault).__name__) from fault


def gate(place: Place) -> str:
    """Nobody without a key, or with one that was never given out, is let in; the platform's own key is."""
    expected = {
        "/api/jobs": _UNKNOWN,
        "/api/uploads": _UNKNOWN,
        "/api/tenants": _UNKNOWN,
        "/openapi.json": _UNKNOWN,
        "/": _TO_SIGN_IN,
    }
    do = "networx/api/gate.py lets nobody in unasked: take the web out of service until it does."
    with browser(place.url) as client:
        for path, meant in expected.items():
            got = asked(client, path, Accept="text/html" if path == "/" else "*/*").status_code
            if got not in (meant, _TOO_MANY):
                raise Unprotected(f"GET {path} without a key was answered {got}, {meant} is meant", do)
        got = asked(client, "/api/jobs", **{"X-API-Key": make_key().text}).status_code
        if got not in (_UNKNOWN, _TOO_MANY):
            raise Unprotected(f"A key that was never given out was answered {got}", do)
        got = asked(client, "/api/jobs", **{"X-API-Key": place.key}).status_code
        if got != _OK:
            raise Unprotected(f"The platform's own key was answered {got}", "See docs/operations/identity.md.")
    return f"{len(expected)} addresses closed to strangers, a made-up key refused"


def safe_headers(place: Place) -> str:
    """Every answer, refusals too, says what a browser may do with it."""
    with browser(place.url) as client:
        for path in _LOOKED_AT:
            require_headers(asked(client, path), path)
    return f"{len(_HEADERS) + 1} headers on each of {len(_LOOKED_AT)} kinds of answers"


def require_headers(answer: httpx.Response, path: str) -> None:
    """Raises Unprotected for an answer that lacks one."""
    faults = [name for name, meant in _HEADERS.items() if meant not in answer.headers.get(name, "")]
    policy = answer.headers.get("content-security-policy", "")
    faults += ["content-security-policy"] if not all(part in policy for part in _POLICY) else []
    if faults:
        raise Unprotected(
            f"GET {path} lacks {', '.join(faults)}",
            "networx/api/headers.py states them; a proxy in front may have taken them away.",
        )


def rate_limits(place: Place) -> str:
    """Of 150 requests of a stranger within a minute 100 are answered and 50 refused; the others are not disturbed."""
    address = _throw_away_address()
    transport = httpx.HTTPTransport(local_address=address)
    began = time.monotonic()
    with httpx.Client(base_url=place.url, transport=transport, timeout=30) as client:
        answers = [asked(client, "/api/jobs") for _ in range(ASKED)]
    _count_apart(sum(answer.status_code == _TOO_MANY for answer in answers))
    if time.monotonic() - began > PERIOD_SECONDS:
        raise NotExercised(f"{ASKED} requests took longer than the {PERIOD_SECONDS} s that are counted together.")
    statuses = Counter(answer.status_code for answer in answers)
    do = "Requests are not counted: `networx status` (Valkey), then docs/runbook/rate-limit-refusals.md."
    if statuses != {_UNKNOWN: ANSWERED, _TOO_MANY: ASKED - ANSWERED}:
        told = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
        raise Unprotected(f"{ASKED} requests were answered {told}; {ANSWERED} answers are meant, then {_TOO_MANY}", do)
    if not all(answer.headers.get("retry-after") for answer in answers[ANSWERED:]):
        raise Unprotected("A refusal does not say when to come back", do)
    return f"of {ASKED} requests {ANSWERED} answered, {ASKED - ANSWERED} refused with {_TOO_MANY} and Retry-After"


def _count_apart(refusals: int) -> None:
    # The web counts them with all others; the weekly report must not take them for a client's.
    with pool.system() as connection:
        hourly.add(connection, {(hourly.hour_of(datetime.now(UTC)), hourly.REFUSED_ON_PURPOSE): refusals})


def _throw_away_address() -> str:
    # All of 127.0.0.0/8 is this machine; on macOS only what was added to the interface. Whoever is counted there is
    # nobody else, and forgotten after the minute.
    random = SystemRandom()
    address = f"127.{random.randint(64, 254)}.{random.randint(0, 254)}.{random.randint(1, 254)}"
    with socket.socket() as trial:
        try:
            trial.bind((address, 0))
        except OSError as fault:
            raise NotExercised(
                f"This machine has no second loopback address ({address}): the address of everybody else would be shut "
                "out for a minute."
            ) from fault
    return address
