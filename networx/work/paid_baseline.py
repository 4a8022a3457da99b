"""The job `baseline`: shipments are summed up, set beside a network where there is one, checked, and published."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from networx.db import pool
from networx.domain.baseline_questions import BaselineAsked, baseline_asked
from networx.domain.business import Baseline
from networx.domain.network import NetworkTables
from networx.domain.paid import Paid
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Progress
from networx.errors import CertificateRefused
from networx.ingest import datasets
from networx.ingest.datasets import Dataset
from networx.ingest.freight_datasets import shipments_of
from networx.jobs.context import JobContext
from networx.models.baseline import sum_paid
from networx.models.transport.demand import demand_by_year
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.confine import Child, Confinement
from networx.results.paid import Beside, lane_rows, operating_costs, paid_result
from networx.results.paid_workbook import write_paid_workbook
from networx.results.proof import inside_or_beside, result_bytes, today_proof
from networx.results.report import write_paid_report
from networx.scenarios import store as scenarios
from networx.scenarios.store import Scenario
from networx.topology import TOPOLOGY
from networx.verify.baseline import certify_paid, certify_today
from networx.work import evidence, patience
from networx.work.publish import Solved, identity_of_data, passed, place_of, recorded
from networx.work.stored_shipments import stored_shipments
from networx.work.today_run import price_on_time

log = Log(__name__)

KIND = "baseline"
CONFINEMENT = Confinement("networx.work.baseline_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)
_FILES = ("result_json", "result_xlsx", "report_html")


class PaidBaseline:
    """The handler of `baseline`. Sums harm nobody; today's network is priced in a child, started when it is needed."""

    confinement = None

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        scenario, dataset, network = _read(context)
        asked = _asked(scenario, network)
        beside = None if network is None else _beside(context, scenario, asked, *network)
        shipments = shipments_of(stored_shipments(context, dataset))
        context.progress(Progress("summing up", 40.0))
        paid = sum_paid(shipments, None if beside is None else beside.tables)
        del shipments
        context.progress(Progress("checking the answer", 50.0))
        identity = identity_of_data(context.job, scenario.name, dataset)
        try:
            certificate = _certified(context, dataset, paid, beside)
        except CertificateRefused as refused:
            claimed = evidence.of_paid(
                identity, paid, dataset.account, None if beside is None else beside.identity, operating_costs(beside)
            )
            raise evidence.keep(context, refused, claimed) from refused
        folder: Path = context.scratch / "result"
        folder.mkdir()
        today = None if beside is None or beside.baseline is None else today_proof(beside.baseline)
        proof, apart = inside_or_beside(today, folder)
        result = paid_result(
            paid,
            certificate,
            identity=identity,
            account=dataset.account or (),
            warnings=dataset.warnings,
            asked=asked,
            beside=beside,
            proof=proof,
        )
        context.progress(Progress("writing the files", 90.0))
        context.complete(_published(context, result, paid, folder, [*_FILES, *["proof"] * apart]))
        metrics.emit("OptimizationDuration", paid.seconds, ScenarioType=KIND)
        log.info("baseline.summed", shipments=int(paid.whole.shipments[0]), lanes=len(paid.groups["lane"]))


def _read(context: JobContext) -> tuple[Scenario, Dataset, tuple[Dataset, NetworkTables] | None]:
    job = context.job
    assert job.scenario_id is not None
    with pool.tenant(job.tenant_id) as connection:
        scenario = scenarios.get_scenario(connection, job.scenario_id, job.scenario_version)
        assert scenario.transport_dataset_id is not None
        dataset = datasets.get_dataset(connection, scenario.transport_dataset_id)
        if scenario.network_dataset_id is None:
            return scenario, dataset, None
        network = datasets.get_dataset(connection, scenario.network_dataset_id)
        return scenario, dataset, (network, datasets.read_network(connection, network.id))


def _asked(scenario: Scenario, network: tuple[Dataset, NetworkTables] | None) -> BaselineAsked:
    """Raises RefusedInput."""
    if network is None:
        return baseline_asked(None, scenario.parameters, 1)
    tables = network[1]
    return baseline_asked(tables.parameters, scenario.parameters, len(demand_by_year(tables)[0]))


def _beside(
    context: JobContext, scenario: Scenario, asked: BaselineAsked, dataset: Dataset, tables: NetworkTables
) -> Beside:
    """Today's network as the scenario asks for it, checked. Raises CertificateRefused."""
    flows, parameters = asked.business.baseline_flows, asked.transport
    identity = {"dataset_id": str(dataset.id), "dataset_file": dataset.filename, "dataset_sha256": dataset.sha256}
    if flows is None:
        return Beside(tables, identity)
    context.progress(Progress("pricing today's network", 5.0))
    baseline = _priced(context, tables, parameters, flows)
    certificate: Certificate | None = None
    if baseline.outcome is not None:
        try:
            certificate = passed(certify_today(tables, parameters, baseline, dataset.sha256))
        except CertificateRefused as refused:
            solved = Solved(context.job, scenario.name, dataset, tables, parameters)
            raise evidence.keep(context, refused, evidence.of_today(solved, baseline)) from refused
    return Beside(tables, identity, baseline, certificate)


def _priced(context: JobContext, tables: NetworkTables, parameters: TransportParameters, flows: str) -> Baseline:
    """Today's network as the child prices it, or why it is not priced; a child that is late is ended."""
    question, most = (tables, parameters, flows), TOPOLOGY.kind(KIND).longest_run
    return price_on_time(Child(CONFINEMENT), context.scratch, question, context.stopped, most=most)


def _certified(context: JobContext, dataset: Dataset, paid: Paid, beside: Beside | None) -> Certificate:
    return passed(
        certify_paid(
            stored_shipments(context, dataset),
            dataset.sha256,
            paid,
            account=dataset.account,
            network=None if beside is None else beside.tables,
            network_sha256=None if beside is None else str(beside.identity["dataset_sha256"]),
            operating_costs=operating_costs(beside),
        )
    )


def _published(
    context: JobContext, result: dict[str, Any], paid: Paid, folder: Path, names: list[str]
) -> dict[str, Any]:
    (folder / "result.json").write_bytes(result_bytes(result))
    write_paid_workbook(folder / "result.xlsx", result, lane_rows(paid))
    write_paid_report(folder / "report.html", result)
    put = partial(patience.put_result, context, paid.seconds)
    return recorded(result, names, folder, place=place_of(context.job), put=put)
