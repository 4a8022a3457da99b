"""The job `capacity`: a network's capacity is analysed in a confined child, checked here, and published.

What is known before a relief is sought is stored, so that a cancel or a limit keeps it, labelled as partial.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from uuid import UUID

import orjson

from networx.db import pool
from networx.db.pool import Connection
from networx.domain.capacity import CapacityOutcome
from networx.domain.parameters import SHEET, capacity_parameters
from networx.domain.plan import Progress
from networx.errors import CertificateRefused, NotFound, ObjectStoreUnavailable, Problem, RefusedInput
from networx.jobs.context import JobContext
from networx.models.capacity import chosen_sites, require_complete_analysis, serving_years
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import objects
from networx.resilience.confine import Confinement
from networx.topology import TOPOLOGY
from networx.work import evidence, patience
from networx.work.capacity_run import CapacityRun
from networx.work.finished_plans import finished_job
from networx.work.on_time import OnTime
from networx.work.patience import patiently
from networx.work.publish import Solved, place_of
from networx.work.publish_capacity import Analysed, publish_analysis
from networx.work.scenario_data import read_scenario_data

log = Log(__name__)

KIND = "capacity"


class CapacityAnalysis:
    """The handler of `capacity`."""

    confinement = Confinement(
        "networx.work.analyse_capacity_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib
    )

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        analysed = _read(context)
        outcome = _run(context, analysed).outcome(context.child)
        context.progress(Progress("checking the answer", 99.0, outcome.objective, outcome.bound, outcome.gap))
        put = partial(patience.put_result, context, outcome.seconds)
        folder = context.scratch / "result"
        try:
            result = publish_analysis(analysed, outcome, folder, place=place_of(context.job), put=put)
        except CertificateRefused as refused:
            raise evidence.keep(context, refused, evidence.of_capacity(analysed, outcome.as_dict())) from refused
        context.complete(result)
        metrics.emit("OptimizationDuration", outcome.seconds, ScenarioType=KIND)
        if outcome.gap is not None:
            metrics.emit("SolverGap", outcome.gap, ScenarioType=KIND)
        log.info("capacity.analysed", status=outcome.status.value, bottlenecks=len(outcome.bottlenecks))


class _SoFar:
    """What is known on the way, stored as it comes."""

    def __init__(self, context: JobContext, analysed: Analysed) -> None:
        self._context, self._analysed = context, analysed
        self._kept = 0

    def keep(self, outcome: CapacityOutcome) -> None:
        """Store what is known so far for a cancel to promote; the file store may be away, the end comes anyway."""
        self._kept += 1
        place = place_of(self._context.job, f"/so-far-{self._kept}")
        folder = self._context.scratch / "so-far"
        try:
            result = publish_analysis(
                self._analysed, outcome, folder, place=place, put=objects.put_result, partial=True
            )
        except ObjectStoreUnavailable:
            log.warning("incumbent.not_stored")
        except CertificateRefused as refused:
            told = evidence.of_capacity(self._analysed, outcome.as_dict())
            evidence.keep_if_possible(self._context, refused, told, place.rpartition("/")[2])
        else:
            self._context.store_incumbent(result)


def _run(context: JobContext, analysed: Analysed) -> CapacityRun:
    solved = analysed.solved
    seconds, most = solved.parameters.time_limit_seconds, TOPOLOGY.kind(KIND).longest_run
    return CapacityRun(
        (solved.tables, solved.parameters, analysed.own, analysed.sites),
        context.scratch,
        OnTime(seconds, context.stopped, most=most),
        context.progress,
        _SoFar(context, analysed).keep,
    )


def _read(context: JobContext) -> Analysed:
    scenario, dataset, tables = read_scenario_data(context)
    parameters, own = capacity_parameters(tables.parameters, scenario.parameters)
    asked = require_complete_analysis(parameters, own)
    names = asked.names or None
    if asked.job is not None:
        job_id = asked.job
        with pool.tenant(context.job.tenant_id) as connection:
            plan = _result_file(connection, job_id)
        serving = serving_years(tables, parameters)
        names = patiently(context, lambda: _opened(job_id, plan, context.scratch / "plan.json", serving))
    solved = Solved(context.job, scenario.name, dataset, tables, parameters)
    return Analysed(solved, own, chosen_sites(tables, parameters, names), str(asked))


def _result_file(connection: Connection, job_id: UUID) -> str:
    """Where the plan of the tenant's job stands. Raises RefusedInput for a job that is none, or left no plan."""
    try:
        found, result = finished_job(connection, job_id)
    except NotFound:
        raise _no_plan(job_id, "is not known") from None
    if found.kind != "transport" or result is None or result.get("kpis") is None:
        raise _no_plan(job_id, "is no transport job that left a plan")
    return str(result["files"]["result_json"])


def _opened(job_id: UUID, key: str, target: Path, serving: Mapping[str, frozenset[int]]) -> tuple[str, ...]:
    """The facilities that a plan opens, by name; each has to be open in all the years in which it may be, `serving`.

    Raises NotFound, ObjectStoreUnavailable, RefusedInput.
    """
    objects.get_result(key, target)
    result = orjson.loads(target.read_bytes())
    opened = [site for site in result["facilities"] if site["open"]]
    years = {year["year"] for year in result["years"]}
    if any(serving.get(site["name"], years) & years - {year["year"] for year in site["years"]} for site in opened):
        raise _no_plan(job_id, "opens and closes facilities over the years; a capacity analysis takes one set")
    if any(year.get("tiers") for site in opened for year in site["years"]):
        raise _no_plan(job_id, "has expansion tiers in use, which an analysis takes as a relief alone")
    return tuple(str(site["name"]) for site in opened)


def _no_plan(job_id: UUID, what: str) -> RefusedInput:
    message = f"sites names job {job_id}, which {what}; name a finished transport job with one set, or the facilities."
    return RefusedInput([Problem(message, "sites", sheet=SHEET, column="sites", value=str(job_id))])
