"""The job `transport`: a scenario is solved in a confined child, checked here, and published.

While it runs, each better plan that passes its check is stored, so that a cancel keeps the best answer found and
whoever has the job next starts from it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from networx.domain.business import Baseline
from networx.domain.parameters import business_parameters, transport_parameters
from networx.domain.plan import SOLVER, Clash, Infeasibility, Outcome, Progress, ResultStatus
from networx.domain.refusals import Refusals
from networx.errors import CertificateRefused, LimitExceeded, ObjectStoreUnavailable, TransientError
from networx.jobs.context import JobContext
from networx.models.baseline.today import MOST_SECONDS
from networx.models.transport import ENGINE
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import objects
from networx.resilience.confine import Child, Confinement, Stopped
from networx.solver.outcome import relative_gap
from networx.topology import TOPOLOGY
from networx.work import checkpoints, evidence, lessons, patience
from networx.work.publish import Solved, place_of, publish
from networx.work.scenario_data import read_scenario_data
from networx.work.solve_child import newest_plan, read_plan, read_proof, write_instance

log = Log(__name__)

KIND = "transport"
# Beyond the client's time limit a child may still settle; then the best plan that it found is the answer. One that has
# found none may go on building and explaining for longer, and is ended then.
_LATE_AFTER = timedelta(seconds=1.5)
_GRACE = timedelta(seconds=120)
# Of a time limit that earlier attempts have used up, what is left to a new one all the same.
LEAST_SECONDS = 10.0


class TransportSolve:
    """The handler of `transport`."""

    confinement = Confinement("networx.work.solve_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        solved = _read(context)
        attempt = Attempt(context, solved)
        outcome = attempt.outcome()
        context.progress(Progress("checking the answer", 99.0, outcome.objective, outcome.bound, outcome.gap))
        put = partial(patience.put_result, context, outcome.seconds)
        try:
            folder, place = context.scratch / "result", place_of(context.job)
            result = publish(solved, outcome, folder, place=place, put=put, baseline=attempt.baseline)
        except CertificateRefused as refused:
            raise evidence.keep(context, refused, evidence.of_transport(solved, outcome)) from refused
        context.complete(result)
        metrics.emit("OptimizationDuration", outcome.seconds, ScenarioType=KIND)
        if outcome.gap is not None:
            metrics.emit("SolverGap", outcome.gap, ScenarioType=KIND)
        log.info("scenario.solved", status=outcome.status.value, objective=outcome.objective, gap=outcome.gap)


class Attempt:
    """One attempt at a scenario: from where an earlier one stood, if there was one, to an outcome.

    `child` is the one that was started ahead, unless it is given; `beside` is what it is asked beside the network.
    """

    def __init__(
        self, context: JobContext, solved: Solved, child: Child | None = None, beside: Mapping[str, Any] | None = None
    ) -> None:
        self._child, self._beside = child, dict(beside or {})
        self._context, self._solved = context, solved
        self._plans = context.scratch / "plans"
        self._plans.mkdir()
        self._start = checkpoints.restore(context, solved, self._plans / "incumbent-0.npz")
        self._bound = None if self._start is None else self._start.bound
        self._began = time.monotonic()
        self._engine = ENGINE
        self.baseline: Baseline | None = None
        self._due_at: float | None = None  # counted from the child's first word

    def outcome(self) -> Outcome:
        """What the child found. Raises what ended it; the best plan until then is kept for a next attempt."""
        request, child = self._request(), self._child or self._context.child
        longest = min(timedelta(seconds=self._seconds_left()) + _GRACE, TOPOLOGY.kind(KIND).longest_run)
        outcome: Outcome | None = None
        try:
            for message in child.run(request, longest=longest, stop=self._over):
                self._due_at = self._due_at or time.monotonic() + self._seconds_left() + _LATE_AFTER.total_seconds()
                if "engine" in message:
                    self._engine = message["engine"]
                elif "progress" in message:
                    self._show(_eased(Progress(**message["progress"])))
                elif "incumbent" in message:
                    told = message["incumbent"]
                    self._keep(Path(told["plan"]), told["objective"], told["bound"])
                elif "lesson" in message:
                    lessons.leave(self._context, Path(message["lesson"]))
                elif "outcome" in message:
                    outcome = _outcome(message["outcome"])
                    self._allow_for_the_baseline(outcome)
                elif "baseline" in message:
                    self.baseline = _baseline(message["baseline"])
        except (Stopped, TransientError) as ended:
            if isinstance(ended, Stopped) and not self._context.stopped():
                return self._best_at("the time limit", ended) if outcome is None else self._whole(outcome)
            self._keep_newest()
            raise
        except LimitExceeded as limit:
            # With a plan there, only what it is compared with took too long.
            return self._best_at(str(limit), limit) if outcome is None else self._whole(outcome)
        if outcome is None:
            raise RuntimeError("the solver's process ended without an outcome")
        return self._whole(outcome)

    def _allow_for_the_baseline(self, outcome: Outcome) -> None:
        """The search is over; today's network is priced in a time of its own."""
        if self._solved.business.baseline_flows is not None and outcome.plan is not None:
            self._due_at = time.monotonic() + MOST_SECONDS + _LATE_AFTER.total_seconds()

    def _whole(self, outcome: Outcome) -> Outcome:
        """The outcome with what its baseline still lacks said, and all attempts' seconds."""
        flows = self._solved.business.baseline_flows
        if self.baseline is None and flows is not None and outcome.plan is not None:
            self.baseline = Baseline(flows, why="the time for the whole run was over before it was priced.")
        return replace(outcome, seconds=outcome.seconds + self._seconds_before)

    def _request(self) -> dict[str, Any]:
        instance = self._context.scratch / "instance"
        parameters = replace(self._solved.parameters, time_limit_seconds=self._seconds_left())
        write_instance(instance, self._solved.tables, parameters)
        start = None
        if self._start is not None:
            self._context.progress(self._start.progress())
            start = {"plan": str(self._start.path), "objective": self._start.objective, "bound": self._start.bound}
        lesson = lessons.bring_nearest(self._context, self._context.scratch / "lesson.npz")
        return {
            "instance": str(instance),
            "plans": str(self._plans),
            "start": start,
            "baseline_flows": self._solved.business.baseline_flows,
            "lesson": None if lesson is None else str(lesson),
            **self._beside,
        }

    @property
    def _seconds_before(self) -> float:
        return 0.0 if self._start is None else self._start.seconds

    def _seconds_left(self) -> float:
        limit = self._solved.parameters.time_limit_seconds
        return max(limit - self._seconds_before, min(limit, LEAST_SECONDS))

    def _show(self, progress: Progress) -> None:
        if progress.bound is not None:
            self._bound = max(progress.bound, 0.0)  # nothing costs less than nothing
        self._context.progress(progress)

    def _keep(self, path: Path, objective: float, bound: float | None) -> None:
        outcome = self._feasible(path, objective, bound)
        place = place_of(self._context.job, f"/{path.stem}")
        folder = self._context.scratch / "incumbent"
        try:
            result = publish(self._solved, outcome, folder, place=place, put=objects.put_result, partial=True)
            checkpoint = checkpoints.store_plan(
                self._solved, path, objective=objective, bound=bound, seconds=outcome.seconds
            )
        except ObjectStoreUnavailable:
            log.warning("incumbent.not_stored")
            return
        except CertificateRefused as refused:
            told = evidence.of_transport(self._solved, outcome)
            evidence.keep_if_possible(self._context, refused, told, path.stem)
            return
        self._context.store_incumbent(result, asdict(checkpoint))

    def _feasible(self, path: Path, objective: float, bound: float | None) -> Outcome:
        return Outcome(
            ResultStatus.FEASIBLE,
            engine=self._engine,
            seconds=self._seconds_before + time.monotonic() - self._began,
            objective=objective,
            bound=bound,
            gap=relative_gap(objective, bound),
            bound_source=SOLVER if self._start is None else self._start.source_of(bound),
            plan=read_plan(path),
        )

    def _over(self) -> bool:
        """Whether the child is to be ended: the job says so, or its time is over and there is an answer."""
        late = self._due_at is not None and time.monotonic() > self._due_at
        return self._context.stopped() or (late and newest_plan(self._plans) is not None)

    def _best_at(self, limit: str, ended: Exception) -> Outcome:
        """As where the solver itself comes to a limit: the best plan found is an answer. Without one raises `ended`."""
        newest = self._newest()
        if newest is None:
            raise ended
        log.warning("solve.ended_at_limit", why=limit)
        return self._feasible(*newest)

    def _newest(self) -> tuple[Path, float, float | None] | None:
        """The best plan found or started from, told or not: its file, its cost, and the bound known now."""
        newest = newest_plan(self._plans)
        if newest is None:
            return None
        path, objective = newest
        return path, objective, None if self._bound is None else min(self._bound, objective)

    def _keep_newest(self) -> None:
        """The child is gone, the job perhaps not: keep what was found and not stored, and the time it took."""
        try:
            newest = self._newest()
            if newest is not None and self._context.owned():
                self._keep(*newest)
        except Exception:
            log.exception("incumbent.not_stored")  # what ended the child is still to be settled


def _read(context: JobContext) -> Solved:
    job = context.job
    scenario, dataset, tables = read_scenario_data(context)
    # A member of a sweep sets its number of facilities over what the scenario says of it.
    stated = {**scenario.parameters, **job.params.get("parameters", {})}
    refusals = Refusals()
    parameters = refusals.found(partial(transport_parameters, tables.parameters, stated))
    business = refusals.found(partial(business_parameters, tables.parameters, stated))
    refusals.require()
    assert parameters is not None
    assert business is not None
    return Solved(job, scenario.name, dataset, tables, parameters, business)


def _baseline(described: dict[str, Any]) -> Baseline:
    outcome = None if described["outcome"] is None else _outcome(described["outcome"])
    return Baseline(described["flows"], outcome, described["why"])


def _eased(progress: Progress) -> Progress:
    # A solver's infinite bound or incumbent means that there is none yet.
    def known(number: float | None) -> float | None:
        return number if number is not None and math.isfinite(number) else None

    return Progress(
        progress.stage, known(progress.percent), known(progress.incumbent), known(progress.bound), known(progress.gap)
    )


def _outcome(described: dict[str, Any]) -> Outcome:
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
