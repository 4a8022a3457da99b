"""The job `transport`: a scenario is solved in a confined child, checked here, and published.

While it runs, each better plan that passes its check is stored, so that a cancel keeps the best answer found.
"""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from networx.db import pool
from networx.domain.parameters import transport_parameters
from networx.domain.plan import Clash, Infeasibility, Outcome, Progress, ResultStatus, TransportPlan
from networx.errors import ObjectStoreUnavailable
from networx.ingest import datasets
from networx.jobs.context import JobContext
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.confine import Confinement
from networx.scenarios import store as scenarios
from networx.topology import TOPOLOGY
from networx.work.publish import Solved, place_of, publish
from networx.work.solve_child import write_instance

log = Log(__name__)

KIND = "transport"
# Beyond the client's time limit the child may still build, settle and explain; then it is ended.
_GRACE = timedelta(seconds=120)


class TransportSolve:
    """The handler of `transport`."""

    confinement = Confinement("networx.work.solve_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        solved = _read(context)
        outcome = self._solve(context, solved)
        context.progress(Progress("checking the answer", 99.0, outcome.objective, outcome.bound, outcome.gap))
        result = publish(solved, outcome, context.scratch / "result", place=place_of(context.job))
        context.complete(result)
        metrics.emit("OptimizationDuration", outcome.seconds, ScenarioType=KIND)
        if outcome.gap is not None:
            metrics.emit("SolverGap", outcome.gap, ScenarioType=KIND)
        log.info("scenario.solved", status=outcome.status.value, objective=outcome.objective, gap=outcome.gap)

    def _solve(self, context: JobContext, solved: Solved) -> Outcome:
        instance, plans = context.scratch / "instance", context.scratch / "plans"
        plans.mkdir()
        write_instance(instance, solved.tables, solved.parameters)
        request = {"instance": str(instance), "plans": str(plans)}
        limit = timedelta(seconds=solved.parameters.time_limit_seconds)
        longest = min(limit + _GRACE, TOPOLOGY.kind(KIND).longest_run)
        outcome: Outcome | None = None
        for message in context.child.run(request, longest=longest, stop=context.stopped):
            if "progress" in message:
                context.progress(_eased(Progress(**message["progress"])))
            elif "incumbent" in message:
                self._keep(context, solved, message["incumbent"])
            elif "outcome" in message:
                outcome = _outcome(message["outcome"])
        if outcome is None:
            raise RuntimeError("the solver's process ended without an outcome")
        return outcome

    def _keep(self, context: JobContext, solved: Solved, incumbent: dict[str, Any]) -> None:
        objective, bound = incumbent["objective"], incumbent["bound"]
        gap = None if bound is None else (objective - bound) / max(abs(objective), 1e-9)
        outcome = Outcome(
            ResultStatus.FEASIBLE,
            engine="incumbent",
            seconds=0.0,
            objective=objective,
            bound=bound,
            gap=gap,
            plan=_plan(incumbent["plan"]),
        )
        part = f"/{Path(incumbent['plan']).stem}"
        try:
            result = publish(
                solved, outcome, context.scratch / "incumbent", place=place_of(context.job, part), partial=True
            )
        except ObjectStoreUnavailable:
            log.warning("incumbent.not_stored")
            return
        context.store_incumbent(result)


def _read(context: JobContext) -> Solved:
    job = context.job
    assert job.scenario_id is not None
    with pool.tenant(job.tenant_id) as connection:
        scenario = scenarios.get_scenario(connection, job.scenario_id, job.scenario_version)
        dataset = datasets.get_dataset(connection, scenario.network_dataset_id)
        tables = datasets.read_network(connection, dataset.id)
    parameters = transport_parameters(tables.parameters, scenario.parameters)
    return Solved(job, scenario.name, dataset, tables, parameters)


def _eased(progress: Progress) -> Progress:
    # A solver's infinite bound or incumbent means that there is none yet.
    def known(number: float | None) -> float | None:
        return number if number is not None and math.isfinite(number) else None

    return Progress(
        progress.stage, known(progress.percent), known(progress.incumbent), known(progress.bound), known(progress.gap)
    )


def _plan(path: str) -> TransportPlan:
    with np.load(path, allow_pickle=False) as arrays:
        return TransportPlan.from_arrays(arrays)


def _outcome(described: dict[str, Any]) -> Outcome:
    infeasibility = described["infeasibility"]
    if infeasibility is not None:
        clashes = tuple(Clash(**clash) for clash in infeasibility["clashes"])
        infeasibility = Infeasibility(infeasibility["evidence"], clashes)
    plan = None if described["plan"] is None else _plan(described["plan"])
    return Outcome(
        **{
            **described,
            "status": ResultStatus(described["status"]),
            "plan": plan,
            "infeasibility": infeasibility,
        }
    )
