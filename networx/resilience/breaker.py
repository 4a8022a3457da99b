"""A circuit breaker: a part that failed again and again is left alone for a while, and then asked by one caller first.

    closed --failures in a row--> open --pause over--> half-open --the trial succeeds--> closed
                                    ^                      |
                                    +---the trial fails----+

Whoever is refused learns it at once instead of waiting for a time-out, and the part that struggles is not asked by
everybody at the moment it comes back. Written here because the libraries we know either hold one lock over every call
or let all callers through when half-open.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from networx.blueprint import Circuit
from networx.errors import TransientError
from networx.observability import metrics
from networx.observability.logs import Log

log = Log(__name__)

CIRCUIT_OPEN = "CIRCUIT_OPEN"
PROBE_EVERY_SECONDS = 1.0


class State(StrEnum):
    """How a breaker stands."""

    CLOSED = "closed"  # every call goes through
    OPEN = "open"  # every call is refused until the pause is over
    HALF_OPEN = "half-open"  # one call tries, the others are refused


class Breaker:
    """The breaker of one part. Used by any number of threads; no lock is held during a call.

    `refusal` is the error class that callers expect of this part when it is away: a refused call raises it with the
    code CIRCUIT_OPEN and `retry_after_seconds`. With a `probe` a thread of its own asks the part too while it is away,
    so that nobody waits out the pause of a part that is back: it returns when the part answers, else it raises.
    """

    def __init__(
        self,
        circuit: Circuit,
        refusal: type[TransientError],
        *,
        probe: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = circuit.name
        self._circuit = circuit
        self._refusal = refusal
        self._probe = probe
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._asked_again_at: float | None = None  # None while closed
        self._trial: object | None = None

    @property
    def state(self) -> State:
        """How it stands now."""
        with self._lock:
            if self._asked_again_at is None:
                return State.CLOSED
            return State.OPEN if self._trial is None and self._clock() < self._asked_again_at else State.HALF_OPEN

    @contextmanager
    def guarding(
        self, *faults: type[Exception], unless: Callable[[Exception], bool] = lambda _: False
    ) -> Iterator[None]:
        """One call. Raises the refusal when the breaker does not let it through.

        Any of `faults` counts against the part, except one of which `unless` says that the part did answer, as any
        other exception does.
        """
        call = self._enter()
        try:
            yield
        except BaseException as fault:
            if isinstance(fault, faults) and not unless(fault):
                self._failed(call)
            elif isinstance(fault, Exception):
                self._answered(call)
            else:
                self._left(call)  # an interrupt says nothing about the part
            raise
        self._answered(call)

    def close(self) -> None:
        """The part is known to answer: let every call through."""
        with self._lock:
            was_open = self._asked_again_at is not None
            self._failures, self._asked_again_at, self._trial = 0, None, None
        if was_open:
            log.info("breaker.closed", part=self.name)

    def _enter(self) -> object:
        call = object()
        with self._lock:
            if self._asked_again_at is None:
                return call
            left = self._asked_again_at - self._clock()
            if left <= 0 and self._trial is None:
                self._trial = call
                return call
        raise self._refusal(code=CIRCUIT_OPEN, retry_after_seconds=max(math.ceil(left), 1))

    def _answered(self, call: object) -> None:
        with self._lock:
            if self._asked_again_at is None:
                self._failures = 0
                return
            if self._trial is not call:
                return  # it began before the breaker opened: what it found is out of date
        self.close()

    def _failed(self, call: object) -> None:
        with self._lock:
            newly = self._asked_again_at is None
            if newly:
                self._failures += 1
                if self._failures < self._circuit.failures:
                    return
            elif self._trial is not call:
                return
            self._trial = None
            self._asked_again_at = self._clock() + self._circuit.pause.total_seconds()
        if newly and self._probe is not None:
            threading.Thread(target=self._look, args=(self._probe,), name=f"probe-{self.name}", daemon=True).start()
        log.warning("breaker.opened", part=self.name, pause_seconds=self._circuit.pause.total_seconds())
        metrics.emit("BreakerTrips", 1, Part=self.name)

    def _left(self, call: object) -> None:
        with self._lock:
            if self._trial is call:
                self._trial = None

    def _look(self, probe: Callable[[], None]) -> None:
        while self.state is not State.CLOSED:
            time.sleep(PROBE_EVERY_SECONDS)
            try:
                probe()
            except Exception as fault:
                log.info("breaker.probe_failed", part=self.name, fault=type(fault).__name__)
            else:
                self.close()
