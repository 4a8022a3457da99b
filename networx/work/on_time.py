"""The time limit of a search in a confined child, kept by its parent, whatever the solver inside is doing.

A solver looks at its limit and at requests to stop only now and then: in presolve and at the root of a large model it
may not for seconds. So whoever waits for an answer listens to the child through this, and has the last word.

Time counts from the child's first word: until then it starts and reads what it is asked. Building the model counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from networx.errors import LimitExceeded
from networx.resilience.confine import Child, Stopped

LATE_AFTER_SECONDS = 1.5  # beyond the limit a child may still settle its plan; then what it has told is the answer
STOPPING_SECONDS = 0.6  # a child that is asked to stop may end by itself so soon, with the proof of what it has
START_SECONDS = 300.0  # for reading what is asked, before the first word
LEAST_SECONDS = 10.0  # of a limit that earlier attempts have used up, what is left to a new one all the same
BY_A_STOP = "a stop"
_LOOK_SECONDS = 0.05


class OnTime:
    """What one child says, until it is done or its time is over.

    `stopped` is whether whoever asked wants no more. With `stop_file` the child is asked to end by itself first: it is
    to look at `asked_to_stop`. `ended_by` says in words what ended the child, None while nothing but itself has.
    """

    def __init__(
        self,
        seconds: float,
        stopped: Callable[[], bool],
        *,
        most: timedelta,
        stop_file: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ended_by: str | None = None
        self._seconds, self._stopped, self._most = seconds, stopped, most
        self._stop_file, self._clock = stop_file, clock
        self._begins_by = clock() + START_SECONDS
        self._began: float | None = None
        self._due_at: float | None = None
        self._asked_at: float | None = None

    def messages(self, child: Child, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What the child says. At the limit this just ends, with `ended_by` set.

        Raises what the child raised, Stopped where the caller wanted no more, and LimitExceeded for its memory, its
        processor time, or a first word that never came.
        """
        self._begins_by = self._clock() + START_SECONDS
        try:
            for message in child.run(request, longest=self._most, stop=self._over):
                if self._due_at is None:
                    self.begin_again()
                yield message
        except Stopped:
            if self._stopped():
                self.ended_by = BY_A_STOP
                raise
            if self._due_at is None:
                raise LimitExceeded(limit=f"{START_SECONDS:g} s to begin") from None
            self.ended_by = "the time limit"
        except LimitExceeded as limit:
            self.ended_by = str(limit)
            raise

    @property
    def seconds(self) -> float:
        """Since the child's first word, or the search that it began last; 0 before."""
        return 0.0 if self._began is None else self._clock() - self._began

    def begin_again(self) -> None:
        """The child begins another search, which has the whole time for itself."""
        self._began = self._clock()
        self._due_at = self._began + self._seconds + LATE_AFTER_SECONDS

    def allow(self, seconds: float) -> None:
        """What the child does now comes after the search, and has this time of its own."""
        if self._due_at is not None:
            self._due_at = max(self._due_at, self._clock() + seconds + LATE_AFTER_SECONDS)

    def _over(self) -> bool:
        if self._stopped():
            return self._unheard()
        return self._clock() > (self._begins_by if self._due_at is None else self._due_at)

    def _unheard(self) -> bool:
        """Whether the child was asked to stop, and has had its time to; at once where it is not asked."""
        if self._stop_file is None:
            return True
        if self._asked_at is None:
            self._asked_at = self._clock()
            self._stop_file.touch()
        return self._clock() > self._asked_at + STOPPING_SECONDS


def seconds_left(limit: float, before: float) -> float:
    """Of a limit on all attempts at a job together, once earlier ones took so long."""
    return max(limit - before, min(limit, LEAST_SECONDS))


def asked_to_stop(stop_file: str | None) -> Callable[[], bool]:
    """The child's side of a stop: whether its parent asks it to end. Cheap enough for a solver's inner loop."""
    if stop_file is None:
        return lambda: False
    path, seen, next_look = Path(stop_file), False, 0.0

    def asked() -> bool:
        nonlocal seen, next_look
        now = time.monotonic()
        if not seen and now >= next_look:
            next_look, seen = now + _LOOK_SECONDS, path.exists()
        return seen

    return asked
