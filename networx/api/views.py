"""How rows look to a client: uploads, datasets, projects, scenarios and jobs as JSON; storage places stay inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from networx.db import pool
from networx.ingest.datasets import Dataset
from networx.ingest.records import Upload
from networx.jobs import progress, store
from networx.jobs.job import Job, JobStatus, job_json
from networx.scenarios.store import Scenario

# What a list of jobs shows of each result.
_SUMMARY = ("status", "objective", "bound", "gap")


def upload_view(upload: Upload) -> dict[str, Any]:
    """One upload. `reason` says in words why it was refused, `problem_count` how many cells are wrong."""
    return {
        "upload_id": upload.id,
        "filename": upload.filename,
        "bytes": upload.bytes,
        "status": upload.status,
        "reason_code": upload.reason_code,
        "reason": upload.reason,
        "counts": upload.counts,
        "warnings": upload.warnings,
        "problem_count": upload.problem_count,
        "sha256": upload.sha256,
        "dataset_id": upload.dataset_id,
        "job_id": upload.job_id,
        "created_at": upload.created_at,
        "updated_at": upload.updated_at,
    }


def dataset_view(dataset: Dataset) -> dict[str, Any]:
    """One dataset; `sha256` is of its content and is what certificates name."""
    return {
        "dataset_id": dataset.id,
        "domain": dataset.domain,
        "upload_id": dataset.upload_id,
        "filename": dataset.filename,
        "source_sha256": dataset.source_sha256,
        "sha256": dataset.sha256,
        "counts": dataset.counts,
        "warnings": dataset.warnings,
        "created_at": dataset.created_at,
    }


def scenario_view(scenario: Scenario) -> dict[str, Any]:
    """One version of a scenario."""
    return {
        "scenario_id": scenario.id,
        "version": scenario.version,
        "project_id": scenario.project_id,
        "name": scenario.name,
        "type": scenario.type,
        "datasets": {"network": scenario.network_dataset_id},
        "parameters": scenario.parameters,
        "created_at": scenario.created_at,
    }


def job_view(tenant_id: UUID, job_id: UUID) -> dict[str, Any]:
    """One job as it stands, with its result object and, while it runs, its newest progress. Raises NotFound."""
    with pool.tenant(tenant_id) as connection:
        job = store.get_job(connection, job_id)
        result = store.get_result(connection, job_id)
    return _with_newest_progress(job, job_json(job, _without_places(result)))


def job_summary(job: Job, result: Mapping[str, Any] | None) -> dict[str, Any]:
    """One job of a list: of its result only the verdict and the cost."""
    return job_json(job, None if result is None else {name: result.get(name) for name in _SUMMARY})


def _with_newest_progress(job: Job, shown: dict[str, Any]) -> dict[str, Any]:
    if job.status is JobStatus.RUNNING:
        shown["progress"] = progress.read(job.id) or shown["progress"]
    return shown


def _without_places(result: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if result is None else {name: value for name, value in result.items() if name != "files"}
