"""The job `rates`: what a shipment costs by mode, weight and distance, fitted to a dataset of shipments and checked.

It prices nothing: its workbook is the sheet FittedRates, for a person to look at and accept.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from networx.db import pool
from networx.domain.fitted_bands import Band, RateFit, read_band
from networx.domain.plan import Progress
from networx.domain.rate_parameters import RateParameters, rate_parameters
from networx.errors import CertificateRefused
from networx.ingest import datasets
from networx.ingest.datasets import Dataset
from networx.ingest.freight_datasets import shipments_of
from networx.jobs.context import JobContext
from networx.models.rates import observed
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.confine import Child, Confinement
from networx.results.fitted_workbook import write_fitted
from networx.results.proof import result_bytes
from networx.results.rates import rates_result, require_fitted, sheet_notes
from networx.scenarios import store as scenarios
from networx.scenarios.running import stands_on
from networx.scenarios.store import Scenario
from networx.topology import TOPOLOGY
from networx.verify.rates import certify_rates
from networx.work import evidence, patience
from networx.work.publish import identity_of_data, passed, place_of, recorded
from networx.work.rates_child import write_shipments
from networx.work.stored_shipments import stored_shipments

log = Log(__name__)

KIND = "rates"
_CHILD = Confinement("networx.work.rates_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)
_FILES = ("result_json", "result_xlsx")


class RatesFit:
    """The handler of `rates`. The child is started when the shipments are read."""

    confinement = None

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        scenario, dataset, network, sheet = _read(context)
        asked = rate_parameters(sheet, scenario.parameters)
        fit = _fitted(context, dataset, asked)
        require_fitted(fit)
        context.progress(Progress("checking the answer", 70.0))
        identity = identity_of_data(context.job, scenario.name, dataset)
        try:
            certificate = passed(certify_rates(stored_shipments(context, dataset), dataset.sha256, asked, fit))
        except CertificateRefused as refused:
            told = evidence.of_rates(identity, asked, fit, network)
            raise evidence.keep(context, refused, told) from refused
        context.progress(Progress("writing the files", 95.0))
        stated = [*scenario.parameters, *(name for name in sheet if name == "circuity")]
        result = rates_result(
            fit, asked, certificate, identity=identity, warnings=dataset.warnings, stated=stated, network=network
        )
        folder = context.scratch / "result"
        folder.mkdir()
        (folder / "result.json").write_bytes(result_bytes(result))
        write_fitted(folder / "result.xlsx", fit.bands, [*sheet_notes(fit, asked, dataset.filename), *dataset.warnings])
        put = partial(patience.put_result, context, fit.seconds)
        context.complete(recorded(result, _FILES, folder, place=place_of(context.job), put=put))
        metrics.emit("OptimizationDuration", fit.seconds, ScenarioType=KIND)
        log.info("rates.fitted", shipments=fit.shipments, bands=len(fit.fitted))


def _read(context: JobContext) -> tuple[Scenario, Dataset, dict[str, Any] | None, Mapping[str, str]]:
    """The scenario, its shipments, and of the network that it may have who it is and its sheet Parameters."""
    job = context.job
    assert job.scenario_id is not None
    with pool.tenant(job.tenant_id) as connection:
        scenario = scenarios.get_scenario(connection, job.scenario_id, job.scenario_version)
        assert scenario.transport_dataset_id is not None
        dataset = datasets.get_dataset(connection, scenario.transport_dataset_id)
        if scenario.network_dataset_id is None:
            return scenario, dataset, None, {}
        network = datasets.get_dataset(connection, scenario.network_dataset_id)
        told = {"dataset_id": str(network.id), "dataset_file": network.filename, "dataset_sha256": network.sha256}
        return scenario, dataset, told, stands_on(connection, scenario).sheet


def _fitted(context: JobContext, dataset: Dataset, asked: RateParameters) -> RateFit:
    """What the child makes of the shipments, not checked yet. Raises Stopped and what ended the child."""
    seen = observed(shipments_of(stored_shipments(context, dataset)), asked.circuity, asked.weight_breaks[0])
    path = context.scratch / "shipments"
    write_shipments(path, seen, asked)
    bands: list[Band] = []
    seconds = 0.0
    longest = TOPOLOGY.kind(KIND).longest_run
    for message in Child(_CHILD).run({"shipments": str(path)}, longest=longest, stop=context.stopped):
        if "band" in message:
            bands.append(read_band(message["band"]))
        elif "progress" in message:
            told = Progress(**message["progress"])
            context.progress(Progress(told.stage, 30.0 + 0.4 * (told.percent or 0.0)))
        seconds = message.get("seconds", seconds)
    return RateFit(tuple(bands), seen.left_out, seconds)
