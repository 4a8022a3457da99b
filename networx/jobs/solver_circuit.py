"""Whether a worker's slots may take jobs: the breaker before the processes in which its jobs are solved.

A failure is a child that was lost or a solver that contradicts itself. Failures of one job count once, so that a
poisonous one cannot stop its worker alone. While the breaker is open no slot takes a message or a job, and no attempt
is spent; then one slot tries one job. A solve may take hours: a trial that has run for as long as the pause has shown
that jobs can be solved, and lets the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from networx.blueprint import Circuit
from networx.errors import ChildLost, SolverFault, SolverUnavailable
from networx.jobs.job import Job
from networx.resilience.breaker import Breaker, State

_FAILURES = (ChildLost, SolverFault)


class SolverCircuit:
    """The breaker as the slots of one worker see it. A worker that solves nothing has none, and is never kept off."""

    def __init__(self, circuit: Circuit | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._circuit = circuit
        self._clock = clock
        self._breaker = None if circuit is None else Breaker(circuit, SolverUnavailable, clock=clock)
        self._trial: tuple[object, float] | None = None  # the slot's call, and when its job began

    def states(self) -> dict[str, State]:
        """How it stands, by its name."""
        return {} if self._breaker is None else {self._breaker.name: self._breaker.state}

    def enter(self) -> object | None:
        """Whether a slot may look for a job: what it `leave`s when it has looked; None when it may not."""
        if self._breaker is None:
            return object()
        self._pass_a_long_trial()
        try:
            return self._breaker.enter()
        except SolverUnavailable:
            return None

    def leave(self, call: object) -> None:
        """The slot looks for jobs no more."""
        if self._breaker is not None:
            self._breaker.left(call)

    def lets(self, call: object) -> bool:
        """Whether the slot may still take a job: others may have opened the breaker meanwhile."""
        return self._breaker is None or self._breaker.lets(call)

    def began(self, call: object) -> None:
        """The slot begins a job."""
        if self._breaker is not None and self._breaker.state is State.HALF_OPEN and self._breaker.lets(call):
            self._trial = (call, self._clock())

    def ended(self, call: object, job: Job, error: Exception | None) -> None:
        """The slot's job ended; `error` is what ended it, if anything did. Most of what can says nothing of solving."""
        if self._breaker is None:
            return
        if self._trial is not None and self._trial[0] is call:
            self._trial = None
        if error is None:
            self._breaker.answered(call)
        elif isinstance(error, _FAILURES):
            self._breaker.failed(call, over=job.id)

    def _pass_a_long_trial(self) -> None:
        assert self._breaker is not None
        assert self._circuit is not None
        trial = self._trial
        if trial is not None and self._clock() - trial[1] >= self._circuit.pause.total_seconds():
            self._trial = None
            self._breaker.answered(trial[0])
