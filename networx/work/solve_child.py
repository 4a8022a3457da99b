"""The side of the confined child: solves one scenario and tells its parent how it goes.

The instance comes as a file that the parent wrote; plans go back as plain arrays in files, and all else in messages.
Each better plan is in its file at once, told or not: whoever ends this process finds the best one in the folder.

    {"engine": "..."}                           the name of the one that was chosen
    {"progress": {...}}                         as domain.plan.Progress
    {"incumbent": {"plan": path, "objective": ..., "bound": ...}}    a better plan, or a better bound on the same one,
                                                at most every few seconds
    {"without_kernels": "..."}                  once, where a long search goes on in numpy: why there are no kernels
    {"lesson": path}                            what others of the same sweep can begin with, in a file
    {"outcome": {...}}                          the outcome, with the paths of its plan and proof
    {"baseline": {...}}                         the last, where it was asked for: today's network, priced or why not
"""

from __future__ import annotations

import math
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from networx.domain.bound_proofs import BoundProof, bound_proof
from networx.domain.business import Baseline
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome, Progress, TransportPlan
from networx.models.baseline import price_today
from networx.models.transport import Start, solve_transport
from networx.solver.location.compiling import without_kernels
from networx.solver.location.lesson import Lesson
from networx.work.handed_over import hand_over, take_over
from networx.work.on_time import asked_to_stop

PRICING_TODAY = "pricing today's network"
# A short solve is over before anyone could cancel it, and checking costs time; a longer one keeps what it finds.
FIRST_INCUMBENT_AFTER_SECONDS = 1.0
INCUMBENT_EVERY_SECONDS = 3.0
TOLD_AGAIN = 0.8  # of the gap told last


def write_instance(path: Path, tables: NetworkTables, parameters: TransportParameters) -> None:
    """The parent's side: leave the scenario where the child finds it. Only the parent may write this file."""
    hand_over(path, (tables, parameters))


def read_instance(path: Path) -> tuple[NetworkTables, TransportParameters]:
    """The child's side of `write_instance`."""
    tables, parameters = take_over(path)
    return tables, parameters


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Solve the instance at request["instance"], leaving plans in the folder request["plans"].

    request["start"] is None or {"plan": path, "objective": ..., "bound": ...}: what an earlier attempt had reached.
    request["lesson"] is the path of what another of the same sweep taught, or None. request["stop"], where it is given,
    is the path of a file that asks to stop by being there.
    """
    tables, parameters = read_instance(Path(request["instance"]))
    incumbents = Incumbents(Path(request["plans"]), send)
    start = None
    if request["start"] is not None:
        stated = request["start"]
        path, objective, bound = Path(stated["plan"]), stated["objective"], stated["bound"]
        start = Start(read_plan(path), objective, bound)
        incumbents.known(path, objective, bound)

    tell_without_kernels = telling_without_kernels(send)

    def progress(now: Progress) -> None:
        incumbents.bounded(now.bound)
        send({"progress": now.as_dict()})
        tell_without_kernels()

    def chosen(engine: str) -> None:
        send({"engine": engine})

    def taught(lesson: Lesson) -> None:
        path = Path(request["plans"]) / "lesson.npz"
        write_lesson(path, lesson)
        send({"lesson": str(path)})

    known, stop = request.get("lesson"), asked_to_stop(request.get("stop"))
    outcome = solve_transport(
        tables,
        parameters,
        progress,
        incumbents.found,
        stop,
        start=start,
        chosen=chosen,
        lesson=None if known is None else read_lesson(Path(known)),
        taught=taught,
    )
    folder = Path(request["plans"])
    tell_without_kernels()
    send({"outcome": describe_outcome(outcome, folder)})
    flows = request.get("baseline_flows")
    if flows is not None and outcome.plan is not None:
        send({"progress": Progress(PRICING_TODAY, None, outcome.objective, outcome.bound).as_dict()})
        send({"baseline": described_baseline(price_today(tables, parameters, flows, stop), folder)})


def telling_without_kernels(send: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
    """What sends, the first time that it is so, that a search goes on without compiled kernels, and why."""
    told = False

    def tell() -> None:
        nonlocal told
        why = without_kernels()
        if why is not None and not told:
            told = True
            send({"without_kernels": why})

    return tell


def described_baseline(baseline: Baseline, folder: Path) -> dict[str, Any]:
    """A baseline as a message, its plan in files below the folder."""
    outcome = None
    if baseline.outcome is not None:
        within = folder / "today"
        within.mkdir()
        outcome = describe_outcome(baseline.outcome, within)
    return {"flows": baseline.flows, "why": baseline.why, "outcome": outcome}


def newest_plan(folder: Path) -> tuple[Path, float] | None:
    """The best plan in the folder of plans and its objective, or None while there is none."""
    newest = max(folder.glob("incumbent-*.npz"), key=lambda path: int(path.stem.split("-")[1]), default=None)
    if newest is None:
        return None
    with np.load(newest, allow_pickle=False) as arrays:
        return newest, float(arrays["objective"])


def read_plan(path: Path) -> TransportPlan:
    """A plan from its file."""
    with np.load(path, allow_pickle=False) as arrays:
        return TransportPlan.from_arrays(arrays)


def read_proof(path: Path) -> BoundProof:
    """A proof from its file."""
    with np.load(path, allow_pickle=False) as arrays:
        return bound_proof(arrays)


def write_lesson(path: Path, lesson: Lesson) -> None:
    """A lesson as plain arrays."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **lesson.arrays())


def read_lesson(path: Path) -> Lesson | None:
    """A lesson from its file; None where the file is none."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Lesson.from_arrays(arrays)
    except (KeyError, ValueError, EOFError, OSError, zipfile.BadZipFile):
        return None


def write_plan(path: Path, plan: TransportPlan, objective: float) -> Path:
    """A plan and its objective as plain arrays; the file is there whole, or not at all."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        np.savez(file, **plan.arrays(), objective=objective)
    return unfinished.replace(path)


class Incumbents:
    """The best plan and what is proven of it, sent when it is due: both can come faster than they can be checked."""

    def __init__(self, folder: Path, send: Callable[[dict[str, Any]], None]) -> None:
        self._folder = folder
        self._send = send
        self._best: tuple[Path, float] | None = None
        self._bound: float | None = None
        self._told = False
        self._told_gap: float | None = None
        self._found = 0
        self._due_at = time.monotonic() + FIRST_INCUMBENT_AFTER_SECONDS

    def known(self, plan: Path, objective: float, bound: float | None) -> None:
        """A plan that the parent knows."""
        self._best, self._bound = (plan, objective), bound
        self._told, self._told_gap = True, None if bound is None else objective - bound

    def found(self, plan: TransportPlan, objective: float, bound: float | None) -> None:
        """A better plan."""
        untold = None if self._best is None or self._told else self._best[0]
        self._found += 1
        path = write_plan(self._folder / f"incumbent-{self._found}.npz", plan, objective)
        if untold is not None:
            untold.unlink()
        self._best, self._told = (path, objective), False
        self.bounded(bound)

    def bounded(self, bound: float | None) -> None:
        """The newest bound; None or infinite while there is none."""
        if bound is not None and math.isfinite(bound):
            self._bound = max(bound, 0.0)  # nothing costs less than nothing
        if self._best is not None and time.monotonic() >= self._due_at:
            self._send_news(*self._best)

    def _send_news(self, plan: Path, objective: float) -> None:
        bound = None if self._bound is None else min(self._bound, objective)
        gap = None if bound is None else objective - bound
        if self._told and not _closer(gap, self._told_gap):
            return
        self._told, self._told_gap = True, gap
        self._send({"incumbent": {"plan": str(plan), "objective": objective, "bound": bound}})
        self._due_at = time.monotonic() + INCUMBENT_EVERY_SECONDS


def _closer(gap: float | None, told: float | None) -> bool:
    """Whether the same plan is worth telling again: its gap was not known, or has closed by a good part since."""
    if gap is None:
        return False
    return told is None or gap < TOLD_AGAIN * told


def describe_outcome(outcome: Outcome, folder: Path) -> dict[str, Any]:
    """An outcome as plain JSON values, its plan and proof left in the folder."""
    path = None
    if outcome.plan is not None:
        assert outcome.objective is not None
        path = str(write_plan(folder / "plan.npz", outcome.plan, outcome.objective))
    proof = None
    if outcome.proof is not None:
        proof = str(folder / "proof.npz")
        np.savez(proof, allow_pickle=False, **outcome.proof.arrays())
    return {
        "status": outcome.status.value,
        "engine": outcome.engine,
        "seconds": outcome.seconds,
        "objective": outcome.objective,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "bound_source": outcome.bound_source,
        "plan": path,
        "proof": proof,
        "infeasibility": None if outcome.infeasibility is None else outcome.infeasibility.as_dict(),
    }
