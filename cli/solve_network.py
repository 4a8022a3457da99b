"""A network solved in a child and checked here, with a progress bar; Ctrl-C stops it and keeps the best plan found."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

from cli.passed import passed
from cli.watching import Watching
from networx.domain.business import Baseline
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Outcome, Progress
from networx.resilience.confine import Child, Confinement, Stopped
from networx.solver.location.lesson import Lesson
from networx.topology import TOPOLOGY
from networx.work.on_time import OnTime

if TYPE_CHECKING:
    from networx.verify.transport import Reading

CONFINEMENT = Confinement("networx.work.solve_child:run", memory_mib=TOPOLOGY.kind("transport").child_memory_mib)
_STOPPING: list[Callable[[int, FrameType | None], None]] = []  # the handlers of `interrupted`, the outermost first
LONGEST = timedelta(days=7)  # whoever waits at a terminal ends it; the scenario's own limit comes before


@dataclass(frozen=True, slots=True)
class SolvedNetwork:
    """What was found and its independent check (None where it claims nothing), and whether it was stopped.

    `baseline` is today's network where it was asked for, `lesson` what neighbours of the problem can begin with, where
    a location engine solved it.
    """

    outcome: Outcome
    certificate: Certificate | None
    stopped: bool
    baseline: Baseline | None = None
    lesson: Lesson | None = None


def solve_network(
    tables: NetworkTables,
    parameters: TransportParameters,
    baseline_flows: str | None = None,
    confinement: Confinement = CONFINEMENT,
) -> SolvedNetwork:
    """Solve in a child that is ended at its limit.

    Raises CommandFailed for an answer that fails its check, what the child raised (RefusedInput among it), and
    LimitExceeded for its memory before the first plan.
    """
    from networx.work.solve_child import read_lesson, write_instance
    from networx.work.transport_run import TransportRun

    with tempfile.TemporaryDirectory() as scratch, Watching() as watching, interrupted() as stopped:
        folder = Path(scratch)
        plans, instance, stop_file = folder / "plans", folder / "instance", folder / "stop"
        plans.mkdir()
        write_instance(instance, tables, parameters)

        def progress(now: Progress) -> None:
            watching.job({"progress": now.as_dict(), "status": "solving"})

        lessons: list[Path] = []
        on_time = OnTime(parameters.time_limit_seconds, stopped.is_set, most=LONGEST, stop_file=stop_file)
        run = TransportRun(plans, on_time, progress, taught=lessons.append, baseline_flows=baseline_flows)
        request = {
            "instance": str(instance),
            "plans": str(plans),
            "start": None,
            "baseline_flows": baseline_flows,
            "stop": str(stop_file),
        }
        try:
            outcome = run.outcome(Child(confinement), request)
        except Stopped:
            outcome = run.best()
        watching.done("solving", f"solved: {outcome.status.value}{ended_words(on_time.ended_by)}")
        certificate = _checked(tables, parameters, outcome, watching)
        taught = read_lesson(lessons[-1]) if lessons else None
        return SolvedNetwork(outcome, certificate, stopped.is_set(), run.baseline, taught)


def ended_words(ended_by: str | None) -> str:
    """What ended a child before it was done, to stand behind its verdict; nothing where it ended by itself."""
    return "" if ended_by is None else f" (ended by {ended_by})"


@contextmanager
def interrupted() -> Iterator[Event]:
    """An event that Ctrl-C sets, instead of ending the command, while the block runs; one around it hears of it too."""
    stopped = Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        if before in _STOPPING and callable(before):
            before(number, frame)

    _STOPPING.append(stop)
    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        _STOPPING.remove(stop)
        signal.signal(signal.SIGINT, before)


def _checked(
    tables: NetworkTables, parameters: TransportParameters, outcome: Outcome, watching: Watching
) -> Certificate | None:
    """The certificate, and how long it took: that comes after the time limit, and is said beside it."""
    watching.show("checking", "checking the answer")
    began = time.monotonic()
    certificate = certificate_of(tables, parameters, outcome)
    if certificate is not None:
        passed(certificate)
    watching.done("checking", "checked", f"{time.monotonic() - began:.1f} s")
    return certificate


def certificate_of(
    tables: NetworkTables, parameters: TransportParameters, outcome: Outcome, reading: Reading | None = None
) -> Certificate | None:
    """The independent check of an outcome, valid or not; None where it claims nothing. `reading` is of the tables."""
    from networx.verify.transport import Reading, certify_infeasible, certify_outcome

    reading = reading or Reading(tables)
    sha256 = reading.sha256
    if outcome.infeasibility is not None:
        return certify_infeasible(tables, parameters, outcome.infeasibility, sha256)
    return None if outcome.plan is None else certify_outcome(tables, parameters, outcome, sha256, reading)
