"""An answer becomes a result: checked against its dataset, written as files, and described for the record.

Nothing that fails its certificate leaves this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from networx.domain.business import Baseline
from networx.domain.business_parameters import NOTHING_ASKED, BusinessParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Outcome
from networx.ingest.datasets import Dataset
from networx.jobs.job import Job
from networx.observability import metrics
from networx.results.assignments import iter_assignments, largest_assignments, write_assignments
from networx.results.baseline import Compared, with_baseline
from networx.results.inbound import iter_inbound, write_inbound
from networx.results.kpis import transport_result
from networx.results.proof import FILE as PROOF_FILE
from networx.results.proof import inside_or_beside, result_bytes, transport_proof
from networx.results.report import write_report
from networx.results.workbook import write_result_workbook
from networx.verify.baseline import certify_today
from networx.verify.transport import certify_infeasible, certify_outcome

# Brings (file, key, content type) to the results bucket.
Put = Callable[[Path, str, str], None]

FLOWS_IN_REPORT = 2_000
# The members of result.json that the record keeps beside the files.
_RECORDED = (
    "status",
    "objective",
    "bound",
    "gap",
    "bound_source",
    "engine",
    "seconds",
    "certificate",
    "kpis",
    "infeasibility",
)
FILES = {
    "result_json": ("result.json", "application/json"),
    "result_xlsx": ("result.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "report_html": ("report.html", "text/html; charset=utf-8"),
    "assignments": ("assignments.parquet", "application/vnd.apache.parquet"),
    "inbound": ("inbound.parquet", "application/vnd.apache.parquet"),
    "candidates": ("candidates.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "proof": (PROOF_FILE, "application/gzip"),
}


@dataclass(frozen=True, slots=True)
class Solved:
    """What was asked: the job and the data it was asked of."""

    job: Job
    scenario_name: str
    dataset: Dataset
    tables: NetworkTables
    parameters: TransportParameters
    business: BusinessParameters = NOTHING_ASKED


def certificate_of(solved: Solved, outcome: Outcome) -> Certificate | None:
    """The independent check of an outcome; None where it claims nothing. Raises CertificateRefused if it fails."""
    certificate = check_of(solved, outcome)
    return None if certificate is None else passed(certificate)


def check_of(solved: Solved, outcome: Outcome) -> Certificate | None:
    """The same check, whether it passed or not."""
    if outcome.plan is not None:
        assert outcome.objective is not None
        return certify_outcome(solved.tables, solved.parameters, outcome, solved.dataset.sha256)
    if outcome.infeasibility is not None:
        return certify_infeasible(solved.tables, solved.parameters, outcome.infeasibility, solved.dataset.sha256)
    return None


def _certificate_of_baseline(solved: Solved, baseline: Baseline | None) -> Certificate | None:
    if baseline is None or baseline.outcome is None:
        return None
    return passed(certify_today(solved.tables, solved.parameters, baseline, solved.dataset.sha256))


def passed(certificate: Certificate) -> Certificate:
    """The certificate itself. Raises CertificateRefused if it is not valid, so that whoever is on call hears of it."""
    if not certificate.valid:
        metrics.emit("CertificateFailures", 1)
        raise certificate.refusal()
    return certificate


def publish(
    solved: Solved,
    outcome: Outcome,
    folder: Path,
    *,
    place: str,
    put: Put,
    partial: bool = False,
    baseline: Baseline | None = None,
) -> dict[str, Any]:
    """Check the outcome and its baseline, `put` its files under `place` in the results bucket, and return the result
    for the record. `folder` is scratch space. Raises CertificateRefused, and what `put` raises.
    """
    certificate = certificate_of(solved, outcome)
    folder.mkdir(exist_ok=True)
    if baseline is None and solved.business.baseline_flows is not None:
        baseline = Baseline(solved.business.baseline_flows, why="it is priced when the search has ended.")
    compared = Compared(solved.business, baseline, _certificate_of_baseline(solved, baseline))
    proof, beside = inside_or_beside(transport_proof(outcome, baseline), folder)
    network = transport_result(
        solved.tables,
        solved.parameters,
        outcome,
        certificate,
        identity=identity_of(solved),
        partial=partial,
        proof=proof,
    )
    result = with_baseline(network, solved.tables, solved.parameters, compared)
    names = ["result_json", "result_xlsx", "report_html", *["proof"] * beside]
    if outcome.plan is not None:
        write_assignments(folder / "assignments.parquet", solved.tables, solved.parameters, outcome.plan)
        names.append("assignments")
    inbound = None
    if outcome.plan is not None and len(solved.tables.suppliers):
        inbound = folder / "inbound.parquet"
        write_inbound(inbound, solved.tables, solved.parameters, outcome.plan)
        names.append("inbound")
    flows = folder / "assignments.parquet" if outcome.plan is not None else None
    (folder / "result.json").write_bytes(result_bytes(result))
    write_result_workbook(
        folder / "result.xlsx",
        result,
        iter_assignments(flows) if flows else (),
        iter_inbound(inbound) if inbound else (),
    )
    write_report(folder / "report.html", result, _flows_of_first_year(flows, result))
    return recorded(result, names, folder, place=place, put=put)


def recorded(result: Mapping[str, Any], names: Sequence[str], folder: Path, *, place: str, put: Put) -> dict[str, Any]:
    """Bring the files of these names to their place; what the record keeps of the result. Raises what `put` raises."""
    files: dict[str, str] = {}
    for name in names:
        filename, content_type = FILES[name]
        files[name] = f"{place}/{filename}"
        put(folder / filename, files[name], content_type)
    return {**{name: result[name] for name in _RECORDED}, "files": files}


def _flows_of_first_year(flows: Path | None, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [] if flows is None else largest_assignments(flows, FLOWS_IN_REPORT, result["years"][0]["year"])


def place_of(job: Job, part: str = "") -> str:
    """Where a job's files stand in the results bucket; the fence keeps a zombie's files apart from the winner's."""
    return f"results/{job.tenant_id}/{job.id}/{job.fence}{part}"


def identity_of(solved: Solved) -> Mapping[str, Any]:
    """Of which job, scenario and data a result is, and when it was found."""
    return identity_of_data(solved.job, solved.scenario_name, solved.dataset)


def identity_of_data(job: Job, scenario_name: str, dataset: Dataset) -> dict[str, Any]:
    """The same of a result that is no solved network's."""
    return {
        "job_id": str(job.id),
        "scenario_id": str(job.scenario_id),
        "scenario_version": job.scenario_version,
        "scenario_name": scenario_name,
        "dataset_id": str(dataset.id),
        "dataset_file": dataset.filename,
        "dataset_sha256": dataset.sha256,
        "solved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
