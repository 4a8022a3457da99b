"""The public keys that the load balancer signs people's claims with, asked of its region and kept.

The one request of the web to an address outside our own: short time-outs, no redirects, no proxy of the environment, a
bounded answer. Keys are asked for by one thread at a time; an id that has no key is not asked for again for a minute.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import cache
from threading import Lock

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from networx.errors import SignInUnavailable
from networx.observability.logs import Log

log = Log(__name__)

KEPT_SECONDS = 3_600.0
ABSENCE_KEPT_SECONDS = 60.0
_TIMEOUT = httpx.Timeout(3.0, connect=2.0)
_KEYS_KEPT = 64
_LARGEST_BYTES = 4_096
# What the id of a key looks like: it becomes part of an address, and so may hold nothing else.
_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ABSENT = frozenset({403, 404})


@dataclass(frozen=True, slots=True)
class _Found:
    key: EllipticCurvePublicKey | None
    until: float


class BalancerKeys:
    """The keys of one region, by their ids."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._http = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
        self._asking = Lock()
        self._found: dict[str, _Found] = {}

    def key(self, key_id: str) -> EllipticCurvePublicKey | None:
        """The key of this id, or None where there is none. Raises SignInUnavailable."""
        if _KEY_ID.fullmatch(key_id) is None:
            return None
        with self._asking:
            found = self._found.get(key_id)
            if found is None or found.until < time.monotonic():
                found = self._ask(key_id)
                if len(self._found) >= _KEYS_KEPT:
                    del self._found[next(iter(self._found))]
                self._found[key_id] = found
        return found.key

    def _ask(self, key_id: str) -> _Found:
        try:
            with self._http.stream("GET", f"{self._address}/{key_id}") as answer:
                status = answer.status_code
                pem = b"" if status != httpx.codes.OK else _bounded(answer)
        except httpx.HTTPError as fault:
            log.warning("sign_in.keys_unreachable", reason=type(fault).__name__)
            raise SignInUnavailable from fault
        if status in _ABSENT:
            return _Found(None, time.monotonic() + ABSENCE_KEPT_SECONDS)
        if status != httpx.codes.OK:
            log.warning("sign_in.keys_unreachable", status=status)
            raise SignInUnavailable
        return _Found(_public_key(pem), time.monotonic() + KEPT_SECONDS)


@cache
def keys_at(address: str) -> BalancerKeys:
    """This process's keys of one region."""
    return BalancerKeys(address)


def _bounded(answer: httpx.Response) -> bytes:
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > _LARGEST_BYTES:
            raise SignInUnavailable
    return content


def _public_key(pem: bytes) -> EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as fault:
        raise SignInUnavailable from fault
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise SignInUnavailable
    return key
