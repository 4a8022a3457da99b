"""The job `integrated`: a network is solved, then its warehouses and stock are planned, all in one confined child.

While the network is solved it is a transport job: better plans are stored, a cancel keeps the newest of them, and
whoever has the job next starts from it. Such a result has the network alone.
"""

from __future__ import annotations

from functools import partial

from networx.domain.parameters import transport_parameters
from networx.domain.plan import Progress
from networx.domain.refusals import Refusals
from networx.domain.storage_questions import parameters_by_facility, split_overrides, warehouse_parameters_of
from networx.errors import CertificateRefused
from networx.jobs.context import JobContext
from networx.models.integrated import require_stores
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.confine import Child, Confinement
from networx.topology import TOPOLOGY
from networx.work import evidence, patience
from networx.work.publish import Solved, place_of, publish
from networx.work.publish_storage import publish_integrated
from networx.work.scenario_data import read_scenario_data
from networx.work.solve_transport import Attempt
from networx.work.storage_child import read_stores, write_question

log = Log(__name__)

KIND = "integrated"
_CHILD = Confinement("networx.work.storage_child:run_network", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)


class IntegratedPlan:
    """The handler of `integrated`. Its child is started when it is needed."""

    confinement = None

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        scenario, dataset, tables = read_scenario_data(context)
        # A member of a sweep sets its number of facilities over what the scenario says of it.
        stated = {**scenario.parameters, **context.job.params.get("parameters", {})}
        refusals = Refusals()
        parameters = refusals.found(partial(transport_parameters, tables.parameters, split_overrides(stated).network))
        refusals.found(partial(require_stores, tables, stated))
        refusals.require()
        assert parameters is not None
        solved = Solved(context.job, scenario.name, dataset, tables, parameters)
        question, answer = context.scratch / "stores", context.scratch / "stores.json"
        write_question(question, tables, stated)
        beside = {"stores": str(question), "stores_answer": str(answer)}
        outcome = Attempt(context, solved, Child(_CHILD), beside).outcome()
        context.progress(Progress("checking the answer", 99.0, outcome.objective, outcome.bound, outcome.gap))
        put = partial(patience.put_result, context, outcome.seconds)
        folder, place = context.scratch / "result", place_of(context.job)
        claimed = evidence.of_transport(solved, outcome)
        try:
            if outcome.plan is None or not answer.exists():
                # No network to plan for, or a limit that came first: what there is of the network is the answer.
                result = publish(solved, outcome, folder, place=place, put=put)
            else:
                asked, names = split_overrides(stated), tables.facilities.name
                stores = read_stores(answer)
                serving = sorted({stock.facility for stock in stores.inventory.stocks})
                warehouses = {
                    str(one.facility): warehouse_parameters_of(tables.warehouse, asked.warehouse, one.facility)
                    for one in stores.warehouses
                }
                stock = parameters_by_facility(tables.inventory, asked.inventory, tables.warehouse, serving, names)
                claimed = evidence.of_integrated(solved, outcome, stores, warehouses, stock)
                result = publish_integrated(solved, outcome, stores, warehouses, stock, folder, place=place, put=put)
        except CertificateRefused as refused:
            raise evidence.keep(context, refused, claimed) from refused
        context.complete(result)
        metrics.emit("OptimizationDuration", outcome.seconds, ScenarioType=KIND)
        log.info("network.planned", status=result["status"], objective=result["objective"])
