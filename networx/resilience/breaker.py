"""A circuit breaker: a part that failed again and again is left alone for a while, and then asked by one caller first.

    closed --failures in a row--> open --pause over--> half-open --the trial succeeds--> closed
                                    ^                      |
                                    +---the trial fails----+

Whoever is refused learns it at once instead of waiting for a time-out, and the part that struggles is not asked by
everybody at the moment it comes back. Written here because the libraries we know either hold one lock over every call
or let all callers through when half-open.

A call is guarded by `guarding`, or, where it is no block of code, by `enter` and one of `answered`, `failed`, `left`.
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

    `doubting` has the probe ask from the first failure on, and count like a call: those who can do without the part
    look whether it is `doubted`, and need not be the ones who wait for its time-outs.
    """

    def __init__(
        self,
        circuit: Circuit,
        refusal: type[TransientError],
        *,
        probe: Callable[[], None] | None = None,
        doubting: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = circuit.name
        self._circuit = circuit
        self._refusal = refusal
        self._probe = probe
        self._doubting = doubting
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: set[object] = set()  # since the last answer
        self._asked_again_at: float | None = None  # None while closed
        self._trial: object | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """How it stands now."""
        with self._lock:
            if self._asked_again_at is None:
                return State.CLOSED
            return State.OPEN if self._trial is None and self._clock() < self._asked_again_at else State.HALF_OPEN

    @property
    def doubted(self) -> bool:
        """Whether the part failed since it last answered."""
        return bool(self._failures)

    @contextmanager
    def guarding(
        self, *faults: type[Exception], unless: Callable[[Exception], bool] = lambda _: False
    ) -> Iterator[None]:
        """One call. Raises the refusal when the breaker does not let it through.

        Any of `faults` counts against the part, except one of which `unless` says that the part did answer, as any
        other exception does.
        """
        call = self.enter()
        try:
            yield
        except BaseException as fault:
            if isinstance(fault, faults) and not unless(fault):
                self.failed(call)
            elif isinstance(fault, Exception):
                self.answered(call)
            else:
                self.left(call)  # an interrupt says nothing about the part
            raise
        self.answered(call)

    def enter(self) -> object:
        """Begin a call, which then ends in one of `answered`, `failed`, `left`. Raises the refusal."""
        call = object()
        with self._lock:
            if self._asked_again_at is None:
                return call
            left = self._asked_again_at - self._clock()
            if left <= 0 and self._trial is None:
                self._trial = call
                return call
        raise self._refusal(code=CIRCUIT_OPEN, retry_after_seconds=max(math.ceil(left), 1))

    def lets(self, call: object) -> bool:
        """Whether a call that has begun may still go out to the part: the breaker may have opened meanwhile."""
        with self._lock:
            return self._asked_again_at is None or self._trial is call

    def answered(self, call: object) -> None:
        """The call ended with an answer of the part."""
        with self._lock:
            if self._asked_again_at is None:
                self._failures.clear()
                return
            if self._trial is not call:
                return  # it began before the breaker opened: what it found is out of date
        self.close()

    def failed(self, call: object, *, over: object = None) -> None:
        """The call failed. Failures `over` the same thing count once: it may itself be what is wrong."""
        with self._lock:
            newly = self._asked_again_at is None
            if newly:
                self._failures.add(call if over is None else over)
                opens = len(self._failures) >= self._circuit.failures
            else:
                opens = self._trial is call
            if opens:
                self._trial = None
                self._asked_again_at = self._clock() + self._circuit.pause.total_seconds()
            looks = newly and (opens or self._doubting) and self._probe is not None and not self._probing
            self._probing |= looks
        if looks:
            threading.Thread(target=self._look, name=f"probe-{self.name}", daemon=True).start()
        if opens:
            log.warning("breaker.opened", part=self.name, pause_seconds=self._circuit.pause.total_seconds())
            metrics.emit("BreakerTrips", 1, Part=self.name)

    def left(self, call: object) -> None:
        """The call ended and says nothing about the part: another may try."""
        with self._lock:
            if self._trial is call:
                self._trial = None

    def close(self) -> None:
        """The part is known to answer: let every call through."""
        with self._lock:
            was_open = self._asked_again_at is not None
            self._failures.clear()
            self._asked_again_at, self._trial = None, None
        if was_open:
            log.info("breaker.closed", part=self.name)

    def _look(self) -> None:
        assert self._probe is not None
        while True:
            time.sleep(PROBE_EVERY_SECONDS)
            with self._lock:
                if not self._failures:
                    self._probing = False
                    return
            try:
                self._probe()
            except Exception as fault:
                log.info("breaker.probe_failed", part=self.name, fault=type(fault).__name__)
                self.failed(object())
            else:
                self.close()
