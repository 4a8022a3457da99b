"""Requests with a key that opened before: let in provisionally, while record and Valkey are being asked.

The record says of every request whether its key opens, and Valkey counts it, as of any other. All that is different is
when they are waited for: an endpoint that begins with reading reads meanwhile. Nothing is done and nothing told before
both have said yes. Why that is sure: docs/decisions/0022-asked-at-the-same-time.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from networx.api.principals import Principal, holder_asked_for
from networx.db.journeys import Found, Statement
from networx.resilience.limits import Limit, Limiter, Verdict

P = ParamSpec("P")
T = TypeVar("T")

# Where a request's scope holds its Provisional.
PROVISIONAL = "networx.provisional"
MOST_KEYS = 10_000
_current: ContextVar[Provisional | None] = ContextVar("provisional", default=None)


class NotAdmittedError(Exception):
    """`fault` says why, `verdict` that the key asks too often; with neither it is another's key than it was."""

    def __init__(self, fault: Exception | None, verdict: Verdict | None = None) -> None:
        super().__init__()
        self.fault = fault
        self.verdict = verdict


class Provisional:
    """One request's. `principal` is whom the record last named, and must name again."""

    def __init__(self, principal: Principal, key: str, limited: tuple[Limit, str], limiter: Limiter) -> None:
        self.principal = principal
        self.verdict: Verdict | None = None
        self.found: list[Found] = []
        self.key = key
        self._limited = limited
        self._limiter = limiter
        self._held = ExitStack()
        self._asked: tuple[Callable[[], tuple[Principal, list[Found]]], Callable[[], Verdict]] | None = None
        self._refusal: NotAdmittedError | None = None

    def begin(self, *beside: Statement) -> None:
        """Ask both, and wait for neither. What was begun must be settled. Raises NotAdmittedError. In a thread.

        What `beside` finds, asked of the record with the key, stands in `found` afterwards.
        """
        try:
            with ExitStack() as held:
                counted = self._limiter.ask(*self._limited, held)
                self._asked = holder_asked_for(self.key, held, beside), counted
                self._held = held.pop_all()
        except Exception as fault:
            self._refusal = NotAdmittedError(fault)
            raise self._refusal from fault

    def settle(self) -> None:
        """Be sure that the request is let in. Raises NotAdmittedError, each time the same. In a thread."""
        if self._refusal is None and self.verdict is None:
            self._refusal = self._found_against()
        if self._refusal is not None:
            raise self._refusal

    def _found_against(self) -> NotAdmittedError | None:
        try:
            if self._asked is None:
                self.begin()
            assert self._asked is not None
            told, counted = self._asked
            with self._held:
                (principal, self.found), verdict = told(), counted()
        except NotAdmittedError as refusal:
            return refusal
        except Exception as fault:
            # Whatever it was: an answer is waited for once, for its connection is somebody else's afterwards.
            return NotAdmittedError(fault)
        if principal != self.principal:
            return NotAdmittedError(None)
        if not verdict.admitted:
            return NotAdmittedError(None, verdict)
        self.verdict = verdict
        return None

    def around(self, work: Callable[[], T], beside: Sequence[Statement]) -> T:
        """Do what reads first, and settle before what it found leaves this thread."""
        self.begin(*beside)
        try:
            answer = work()
        except BaseException:
            self.settle()
            raise
        self.settle()
        return answer


def settled() -> list[Found]:
    """What a `reads_first` endpoint calls before it does anything; what was found beside. Raises NotAdmittedError."""
    provisional = _current.get()
    if provisional is None:
        return []
    provisional.settle()
    # Once: who asks later wants to know how things stand then.
    found, provisional.found = provisional.found, []
    return found


def reads_first(*beside: Statement) -> Callable[[Callable[P, T]], Callable[P, Coroutine[Any, Any, T]]]:
    """An endpoint that may begin before its request is let in: it reads, and calls `settled` before it does more.

    Until then it holds a connection of networx_system, and must wait for no other of that role: with every one of
    them held so, none would come back.
    `beside` is asked as networx_system in the journey that asks about the key.
    """

    def made(endpoint: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
        @wraps(endpoint)
        async def within(*positional: P.args, **named: P.kwargs) -> T:
            work = partial(endpoint, *positional, **named)
            provisional = _current.get()
            return await run_in_threadpool(work if provisional is None else partial(provisional.around, work, beside))

        within.reads_first = True  # type: ignore[attr-defined]
        return within

    return made


async def settled_before(endpoint: Callable[..., Any], scope: Scope) -> None:
    """At the door of every endpoint: one that does not say that it reads first waits here."""
    provisional: Provisional | None = scope.get(PROVISIONAL)
    if provisional is not None and not getattr(endpoint, "reads_first", False):
        await run_in_threadpool(provisional.settle)


class Known:
    """Whom the record named for the keys that opened something here, by a digest of each. Used from many threads."""

    def __init__(self, most: int = MOST_KEYS) -> None:
        self._most = most
        self._principals: dict[str, Principal] = {}
        self._lock = threading.Lock()

    def get(self, digest: str) -> Principal | None:
        """Whom a key stood for when it was last asked about, if that is known."""
        return self._principals.get(digest)

    def remember(self, digest: str, principal: Principal) -> None:
        """The record named this principal just now."""
        if digest in self._principals:
            return
        with self._lock:
            while len(self._principals) >= self._most:
                del self._principals[next(iter(self._principals))]
            self._principals[digest] = principal

    def forget(self, digest: str) -> None:
        """Ask about this key before anything else the next time."""
        self._principals.pop(digest, None)


def enter(provisional: Provisional | None) -> None:
    """From here on this request is let in provisionally, or, with None, as any other."""
    _current.set(provisional)
