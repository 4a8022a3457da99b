"""The job `warehouse`: the space for a network's volume is planned in a confined child, checked, and published."""

from __future__ import annotations

from functools import partial

from networx.domain.parameters import DEFAULT_TIME_LIMIT_SECONDS, TransportParameters
from networx.domain.plan import Progress
from networx.domain.storage_questions import warehouse_parameters_of
from networx.domain.warehouse import WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.errors import CertificateRefused
from networx.jobs.context import JobContext
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.confine import Child, Confinement
from networx.results.storage_wording import notes_on
from networx.topology import TOPOLOGY
from networx.work import evidence, patience
from networx.work.on_time import OnTime
from networx.work.publish import Solved, place_of
from networx.work.publish_storage import publish_warehouse
from networx.work.scenario_data import read_scenario_data
from networx.work.storage_run import WarehouseRun

log = Log(__name__)

KIND = "warehouse"
_CHILD = Confinement("networx.work.storage_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)


class WarehousePlan:
    """The handler of `warehouse`. Its child is started when it is needed: a plan is rare, and made in no time."""

    confinement = None

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        scenario, dataset, tables = read_scenario_data(context)
        parameters = warehouse_parameters_of(tables.warehouse, scenario.parameters)
        solved = Solved(context.job, scenario.name, dataset, tables, TransportParameters())
        outcome = _planned(context, solved, parameters)
        context.progress(Progress("checking the answer", 99.0, outcome.objective, outcome.bound, outcome.gap))
        put = partial(patience.put_result, context, outcome.seconds)
        try:
            result = publish_warehouse(
                solved,
                parameters,
                outcome,
                context.scratch / "result",
                notes=notes_on(tables.warehouse),
                place=place_of(context.job),
                put=put,
            )
        except CertificateRefused as refused:
            raise evidence.keep(context, refused, evidence.of_space(solved, parameters, outcome.as_dict())) from refused
        context.complete(result)
        metrics.emit("OptimizationDuration", outcome.seconds, ScenarioType=KIND)
        log.info("warehouse.planned", status=outcome.status.value, years=len(outcome.needs))


def _planned(context: JobContext, solved: Solved, parameters: WarehouseParameters) -> WarehouseOutcome:
    on_time = OnTime(DEFAULT_TIME_LIMIT_SECONDS, context.stopped, most=TOPOLOGY.kind(KIND).longest_run)
    outcome = WarehouseRun(solved.tables, parameters, context.scratch, on_time).outcome(Child(_CHILD))
    context.progress(Progress("checking the answer", 90.0))
    return outcome
