"""One search for a network's plan in a confined child, ended on time: for the worker and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from networx.domain.business import Baseline
from networx.domain.plan import SOLVER, Clash, Infeasibility, Outcome, Progress, ResultStatus
from networx.errors import LimitExceeded
from networx.models.baseline.today import MOST_SECONDS, STOPPED
from networx.models.transport import ENGINE
from networx.models.transport.run import EXPLAINING, LEAST_SECONDS_TO_EXPLAIN
from networx.observability.logs import Log
from networx.resilience.confine import Child
from networx.solver.outcome import relative_gap
from networx.work.on_time import BY_A_STOP, OnTime
from networx.work.solve_child import PRICING_TODAY, newest_plan, read_plan, read_proof
from networx.work.storage_child import PLANNING_STORES, STORES_SECONDS

log = Log(__name__)

# By the stage as it is told: what comes after the search, and how long each may take.
OWN_TIME: Mapping[str, float] = {
    EXPLAINING: LEAST_SECONDS_TO_EXPLAIN,
    PRICING_TODAY: MOST_SECONDS,
    PLANNING_STORES: STORES_SECONDS,
}

WITHOUT_KERNELS = " in numpy, without compiled kernels"  # behind the engine's name, where a long search had none

OnPlan = Callable[[Path, float, float | None], None]


@dataclass(slots=True)
class TransportRun:
    """A child's work on one scenario; `plans` is the folder where it leaves its plans.

    `better` gets file, cost and bound of each plan that the child tells of, `taught` the file of its lesson.
    `bound` is what is proven by now; `seconds_before` were used by earlier attempts, and `source_of` says whose word a
    bound is. `baseline` is today's network once it is priced, where `baseline_flows` asks for it.
    """

    plans: Path
    on_time: OnTime
    progress: Callable[[Progress], None]
    better: OnPlan = lambda *_: None
    taught: Callable[[Path], None] = lambda _: None
    baseline_flows: str | None = None
    bound: float | None = None
    seconds_before: float = 0.0
    source_of: Callable[[float | None], str] = lambda _: SOLVER
    baseline: Baseline | None = None
    _engine: str = ENGINE
    _outcome: Outcome | None = None
    _without_kernels: bool = False

    def outcome(self, child: Child, request: dict[str, Any]) -> Outcome:
        """What the child found. Ended at its limit: the best plan by then, or no solution, with the bound known.

        Raises Stopped, what ended the child, and LimitExceeded for memory or processor time before the first plan.
        """
        try:
            for message in self.on_time.messages(child, request):
                self.hear(message)
        except LimitExceeded as limit:
            if not self.has_answer:
                raise
            log.warning("solve.ended_at_limit", why=str(limit))
        if self._outcome is None and self.on_time.ended_by is None:
            raise RuntimeError("the solver's process ended without an outcome")
        return self.best()

    @property
    def has_answer(self) -> bool:
        """Whether the child has told what it found, or left a plan at least."""
        return self._outcome is not None or newest_plan(self.plans) is not None

    def best(self) -> Outcome:
        """What the child told; of one that was ended the best plan found or started from, told or not, or none."""
        outcome = self._outcome
        if outcome is None:
            newest = self.newest()
            outcome = self._nothing() if newest is None else self.feasible(*newest)
        if self._without_kernels and outcome.engine != ENGINE:  # HiGHS has no use for them
            outcome = replace(outcome, engine=f"{outcome.engine}{WITHOUT_KERNELS}")
        if self.baseline is None and self.baseline_flows is not None and outcome.plan is not None:
            stopped = self.on_time.ended_by == BY_A_STOP
            why = STOPPED if stopped else "the time for the whole run was over before it was priced."
            self.baseline = Baseline(self.baseline_flows, why=why)
        return outcome

    def _nothing(self) -> Outcome:
        return Outcome(ResultStatus.NO_SOLUTION, self._engine, self._seconds, bound=self.bound)

    def newest(self) -> tuple[Path, float, float | None] | None:
        """The file of that plan, its cost, and the bound known now; None while there is none."""
        newest = newest_plan(self.plans)
        if newest is None:
            return None
        path, objective = newest
        return path, objective, None if self.bound is None else min(self.bound, objective)

    def feasible(self, path: Path, objective: float, bound: float | None) -> Outcome:
        """A plan on the way as an outcome."""
        return Outcome(
            ResultStatus.FEASIBLE,
            engine=self._engine,
            seconds=self._seconds,
            objective=objective,
            bound=bound,
            gap=relative_gap(objective, bound),
            bound_source=self.source_of(bound),
            plan=read_plan(path),
        )

    @property
    def _seconds(self) -> float:
        return self.seconds_before + self.on_time.seconds

    def hear(self, message: dict[str, Any]) -> None:
        """One thing that the child says."""
        if "engine" in message:
            self._engine = message["engine"]
        elif "without_kernels" in message:
            self._without_kernels = True
            log.warning("solve.without_kernels", why=message["without_kernels"])
        elif "progress" in message:
            self._show(Progress(**message["progress"]).finite())
        elif "incumbent" in message:
            told = message["incumbent"]
            self.better(Path(told["plan"]), told["objective"], told["bound"])
        elif "lesson" in message:
            self.taught(Path(message["lesson"]))
        elif "outcome" in message:
            found = read_told_outcome(message["outcome"])
            self._outcome = replace(found, seconds=found.seconds + self.seconds_before)
        elif "baseline" in message:
            self.baseline = read_told_baseline(message["baseline"])

    def _show(self, progress: Progress) -> None:
        if progress.bound is not None:
            self.bound = max(progress.bound, 0.0)  # nothing costs less than nothing
        if progress.stage in OWN_TIME:
            self.on_time.allow(OWN_TIME[progress.stage])
        self.progress(progress)


def read_told_outcome(described: dict[str, Any]) -> Outcome:
    """The parent's side of an outcome that the child told of."""
    infeasibility = described["infeasibility"]
    if infeasibility is not None:
        clashes = tuple(Clash(**clash) for clash in infeasibility["clashes"])
        infeasibility = Infeasibility(infeasibility["evidence"], clashes)
    plan = None if described["plan"] is None else read_plan(Path(described["plan"]))
    proof = None if described["proof"] is None else read_proof(Path(described["proof"]))
    return Outcome(
        **{
            **described,
            "status": ResultStatus(described["status"]),
            "plan": plan,
            "proof": proof,
            "infeasibility": infeasibility,
        }
    )


def read_told_baseline(described: dict[str, Any]) -> Baseline:
    """The parent's side of a baseline that the child told of."""
    outcome = None if described["outcome"] is None else read_told_outcome(described["outcome"])
    return Baseline(described["flows"], outcome, described["why"])
