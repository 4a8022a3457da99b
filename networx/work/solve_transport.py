"""The job `transport`: a scenario is solved in a confined child, checked here, and published.

While it runs, each better plan that passes its check is stored, so that a cancel keeps the best answer found and
whoever has the job next starts from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from networx.domain.business import Baseline
from networx.domain.parameters import business_parameters, transport_parameters
from networx.domain.plan import Outcome, Progress
from networx.domain.refusals import Refusals
from networx.errors import CertificateRefused, ObjectStoreUnavailable, TransientError
from networx.jobs.context import JobContext
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import objects
from networx.resilience.confine import Child, Confinement, Stopped
from networx.topology import TOPOLOGY
from networx.work import checkpoints, evidence, lessons, patience
from networx.work.on_time import OnTime, seconds_left
from networx.work.publish import Solved, check_of, place_of, publish
from networx.work.scenario_data import read_scenario_data
from networx.work.solve_child import write_instance
from networx.work.transport_run import TransportRun

log = Log(__name__)

KIND = "transport"


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
            claimed = _refused_claim(solved, outcome, attempt.baseline)
            raise evidence.keep(context, refused, claimed) from refused
        context.complete(result)
        metrics.emit("OptimizationDuration", outcome.seconds, ScenarioType=KIND)
        if outcome.gap is not None:
            metrics.emit("SolverGap", outcome.gap, ScenarioType=KIND)
        log.info("scenario.solved", status=outcome.status.value, objective=outcome.objective, gap=outcome.gap)


def _refused_claim(solved: Solved, outcome: Outcome, baseline: Baseline | None) -> evidence.Evidence:
    """Of the answer, or of today's network beside it where it is that which fails: told by one more check."""
    certificate = check_of(solved, outcome)
    fails = certificate is not None and not certificate.valid
    if fails or baseline is None or baseline.outcome is None:
        return evidence.of_transport(solved, outcome)
    return evidence.of_today(solved, baseline)


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
        self._run = TransportRun(
            self._plans,
            OnTime(self._seconds_left(), context.stopped, most=TOPOLOGY.kind(KIND).longest_run),
            context.progress,
            self._keep,
            lambda path: lessons.leave(context, path),
            solved.business.baseline_flows,
        )
        if self._start is not None:
            self._run.bound, self._run.source_of = self._start.bound, self._start.source_of
            self._run.seconds_before = self._start.seconds

    @property
    def baseline(self) -> Baseline | None:
        return self._run.baseline

    def outcome(self) -> Outcome:
        """What the child found. Raises what ended it; the best plan until then is kept for a next attempt."""
        request, child = self._request(), self._child or self._context.child
        try:
            return self._run.outcome(child, request)
        except (Stopped, TransientError):
            self._keep_newest()
            raise

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

    def _seconds_left(self) -> float:
        before = 0.0 if self._start is None else self._start.seconds
        return seconds_left(self._solved.parameters.time_limit_seconds, before)

    def _keep(self, path: Path, objective: float, bound: float | None) -> None:
        outcome = self._run.feasible(path, objective, bound)
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

    def _keep_newest(self) -> None:
        """The child is gone, the job perhaps not: keep what was found and not stored, and the time it took."""
        try:
            newest = self._run.newest()
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
