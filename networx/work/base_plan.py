"""The plan of a finished transport job, brought back from its files with its check, for those who ask about it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson

from networx.db import pool
from networx.domain.parameters import transport_parameters
from networx.domain.plan import Certificate, Outcome
from networx.errors import CertificateRefused, NotFound, Problem, RefusedInput
from networx.jobs.context import JobContext
from networx.resilience import objects
from networx.results.proof import claimed_outcome, read_transport_proof
from networx.work import evidence
from networx.work.finished_plans import finished_job
from networx.work.patience import patiently
from networx.work.publish import Solved, certificate_of
from networx.work.scenario_data import read_scenario_data


@dataclass(frozen=True, slots=True)
class BasePlan:
    """What was solved by the job that is asked about, its outcome with a plan, and the check of that, made again."""

    job_id: UUID
    solved: Solved
    outcome: Outcome
    certificate: Certificate


def read_base_plan(context: JobContext, job_id: UUID) -> BasePlan:
    """The plan of a job, with the data and parameters that `context`'s job shares with it.

    Raises RefusedInput for a job that left no plan, NotFound where its data or files are gone, CertificateRefused.
    """
    job = context.job
    try:
        with pool.tenant(job.tenant_id) as connection:
            found, recorded = finished_job(connection, job_id)
    except NotFound:
        raise _no_plan(job_id) from None
    if found.kind != "transport" or recorded is None or recorded.get("kpis") is None:
        raise _no_plan(job_id)
    scenario, dataset, tables = read_scenario_data(context)
    stated = {**scenario.parameters, **job.params.get("parameters", {})}
    solved = Solved(job, scenario.name, dataset, tables, transport_parameters(tables.parameters, stated))
    files: Mapping[str, str] = recorded["files"]
    result = orjson.loads(_fetched(context, files["result_json"], "base.json"))
    proof = result["proof"]
    if "file" in proof:
        proof = orjson.loads(gzip.decompress(_fetched(context, files["proof"], "base-proof.json.gz")))
    outcome = claimed_outcome(result, *read_transport_proof(proof))
    try:
        certificate = certificate_of(solved, outcome)
    except CertificateRefused as refused:
        raise evidence.keep(context, refused, evidence.of_transport(solved, outcome)) from refused
    assert certificate is not None  # there is a plan
    return BasePlan(job_id, solved, outcome, certificate)


def _fetched(context: JobContext, key: str, name: str) -> bytes:
    target: Path = context.scratch / name
    patiently(context, lambda: objects.get_result(key, target))
    return target.read_bytes()


def _no_plan(job_id: UUID) -> RefusedInput:
    message = f"Job {job_id} is no transport job that left a plan; ask of one that has."
    return RefusedInput([Problem(message, "no_plan", column="job_id", value=str(job_id))])
