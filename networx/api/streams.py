"""Open event streams: how many a key or a person holds in this process, and whether they would still be let in.

All streams of one credential share one look at it, every 10 s at most, so that hundreds of them cost no more than one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool

from networx.api import admission
from networx.errors import Forbidden, NetworxError, TransientError, Unauthenticated

MOST_OF_ONE = 1000
# How long a stream outlives the last look that told anything, while record or cache are away.
UNTOLD_SECONDS = 300.0


class Watched:
    """A credential with open streams. Used from the event loop only."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self.open = 0
        self._ask = ask
        self._refusal: NetworxError | None = None
        self._asked_at = self._told_at = time.monotonic()

    async def refusal(self) -> NetworxError | None:
        """Why the streams must end, or None. Whoever comes while another asks goes by what was told before."""
        now = time.monotonic()
        if self._refusal is None and now - self._asked_at >= admission.ASKED_EVERY_SECONDS:
            self._asked_at = now
            try:
                await run_in_threadpool(self._ask)
                self._told_at = now
            except (Unauthenticated, Forbidden) as refusal:
                self._refusal = refusal
            except TransientError as fault:
                if now - self._told_at >= UNTOLD_SECONDS:
                    self._refusal = fault
        return self._refusal


class Streams:
    """The open streams of this process by credential. Used from the event loop only."""

    def __init__(self) -> None:
        self._watched: dict[str, Watched] = {}

    def full(self, credential: str) -> bool:
        """Whether a credential holds as many as it may."""
        watched = self._watched.get(credential)
        return watched is not None and watched.open >= MOST_OF_ONE

    @contextmanager
    def held(self, credential: str, ask: Callable[[], None]) -> Iterator[Watched]:
        """One stream more, as long as it lasts. `ask` raises where the credential opens nothing any more."""
        watched = self._watched.setdefault(credential, Watched(ask))
        watched.open += 1
        try:
            yield watched
        finally:
            watched.open -= 1
            if not watched.open:
                del self._watched[credential]
