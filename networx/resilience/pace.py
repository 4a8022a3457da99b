"""Slowing down for a host that struggles: the calls of this process to it are spaced, wider with each bad answer."""

from __future__ import annotations

import threading
from collections.abc import Callable

FIRST_GAP_SECONDS = 0.5
WIDEST_GAP_SECONDS = 30.0


class Pace:
    """The gap between calls to one host. Nothing while it is well; doubled by 429 and 5xx, halved by each answer."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._gap = 0.0
        self._next_at = float("-inf")

    @property
    def gap_seconds(self) -> float:
        return self._gap

    def reserve(self, longest_seconds: float) -> tuple[bool, float]:
        """Whether a call may be made within so many seconds, and in how many. A place is taken only if it may."""
        with self._lock:
            now = self._clock()
            wait = max(self._next_at - now, 0.0)
            if wait > longest_seconds:
                return False, wait
            self._next_at = max(self._next_at, now) + self._gap
            return True, wait

    def struggled(self, asked_seconds: float | None = None) -> None:
        """The host answered with 429 or 5xx; it may have asked to be left alone for so long."""
        with self._lock:
            self._gap = min(max(self._gap * 2, FIRST_GAP_SECONDS), WIDEST_GAP_SECONDS)
            asked = min(asked_seconds or 0.0, WIDEST_GAP_SECONDS)
            self._next_at = max(self._next_at, self._clock() + max(asked, self._gap))

    def answered(self) -> None:
        """The host answered as it should."""
        with self._lock:
            self._gap = self._gap / 2 if self._gap > FIRST_GAP_SECONDS else 0.0
