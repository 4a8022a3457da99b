"""When to stop and what to tell: asked at every step of the search, cheap enough for that."""

from __future__ import annotations

import time
from collections.abc import Callable

from networx.solver.location.problem import Watch
from networx.solver.outcome import Ending, Limits

SECONDS_BETWEEN_LOOKS = 0.05
SECONDS_BETWEEN_PROGRESS = 0.25


class Halt(Exception):
    """The search is to end now, as `ending` says."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending


class Control:
    """Limits, stop and progress of one search."""

    def __init__(
        self, limits: Limits, watch: Watch, standing: Callable[[], tuple[float | None, float | None, int]]
    ) -> None:
        self.started = time.monotonic()
        self._deadline = self.started + limits.time_seconds
        self._watch, self._standing = watch, standing
        self._next_look = self._next_progress = self.started

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def look(self) -> None:
        """Raises Halt when told to stop or when time is over; tells progress when it is due."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + SECONDS_BETWEEN_LOOKS
        if self._watch.stop():
            raise Halt(Ending.INTERRUPTED)
        if now >= self._deadline:
            raise Halt(Ending.LIMIT)
        if now >= self._next_progress:
            self.tell()

    def tell(self) -> None:
        """Tell progress now."""
        self._next_progress = time.monotonic() + SECONDS_BETWEEN_PROGRESS
        self._watch.progress(*self._standing())

    def stopping(self) -> bool:
        """Whether told to stop, for a solver that asks by itself."""
        return self._watch.stop()
