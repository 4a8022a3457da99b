"""The job `inventory`: the stock of who serves whom is computed in closed form, checked, and published."""

from __future__ import annotations

from functools import partial

from networx.db import pool
from networx.domain.inventory import Service
from networx.domain.inventory_parameters import AssignmentAsked
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Progress
from networx.domain.storage_questions import assignments_asked, parameters_by_facility
from networx.errors import CertificateRefused
from networx.jobs.context import JobContext
from networx.models.inventory import fixed_service, plan_inventory, planned_service
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import objects
from networx.results.assignments import iter_assignments
from networx.work import evidence, patience
from networx.work.finished_plans import plan_file
from networx.work.patience import patiently
from networx.work.publish import Solved, place_of
from networx.work.publish_storage import StockAsked, publish_inventory
from networx.work.scenario_data import read_scenario_data

log = Log(__name__)

KIND = "inventory"


class InventoryPlan:
    """The handler of `inventory`. No solver runs: a few sums for every facility and year harm nobody."""

    confinement = None

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        scenario, dataset, tables = read_scenario_data(context)
        solved = Solved(context.job, scenario.name, dataset, tables, TransportParameters())
        served, compared = assignments_asked(tables.inventory, scenario.parameters)
        stated = {"assignment": served, "compare_with": compared}
        asked = StockAsked(
            service=_service(context, tables, served, "assignment"),
            compared=None if compared is None else _service(context, tables, compared, "compare_with"),
            stated={name: str(value) for name, value in stated.items() if value is not None},
        )
        serving = {
            *asked.service.facility.tolist(),
            *([] if asked.compared is None else asked.compared.facility.tolist()),
        }
        parameters = parameters_by_facility(
            tables.inventory, scenario.parameters, tables.warehouse, sorted(serving), tables.facilities.name
        )
        outcome = plan_inventory(parameters, asked.service, asked.compared)
        context.progress(Progress("checking the answer", 99.0))
        put = partial(patience.put_result, context, outcome.seconds)
        folder, place = context.scratch / "result", place_of(context.job)
        try:
            result = publish_inventory(solved, parameters, asked, outcome, folder, place=place, put=put)
        except CertificateRefused as refused:
            claim = evidence.of_stock(solved, parameters, asked, outcome.as_dict())
            raise evidence.keep(context, refused, claim) from refused
        context.complete(result)
        metrics.emit("OptimizationDuration", outcome.seconds, ScenarioType=KIND)
        log.info("inventory.planned", facilities=len(serving))


def _service(context: JobContext, tables: NetworkTables, asked: AssignmentAsked, parameter: str) -> Service:
    if asked.job is None:
        return fixed_service(tables, parameter)
    with pool.tenant(context.job.tenant_id) as connection:
        key = plan_file(connection, asked.job, parameter)
    target = context.scratch / f"{parameter}.parquet"
    patiently(context, lambda: objects.get_result(key, target))
    return planned_service(tables, iter_assignments(target), parameter)
