"""How rows look to a client: uploads, datasets, projects, scenarios and jobs as JSON; storage places stay inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from networx.api.archived import archived_job, result_of
from networx.api.batch_view import batch_result
from networx.db import pool
from networx.db.pool import Connection
from networx.errors import NotFound
from networx.ingest.datasets import Dataset
from networx.ingest.records import Upload
from networx.jobs import control, progress, store
from networx.jobs.archive import ArchivedJob
from networx.jobs.batches import MemberResult, member_results
from networx.jobs.control import Pause, Scope
from networx.jobs.job import BATCH_KIND, Job, JobStatus, job_json
from networx.scenarios.store import Scenario


def upload_view(upload: Upload) -> dict[str, Any]:
    """One upload. `reason` says in words why it was refused, `problem_count` how many cells are wrong.

    `kind` is `workbook` or `model` once the file was looked at; `model` then has its format and its name.
    """
    return {
        "upload_id": upload.id,
        "filename": upload.filename,
        "bytes": upload.bytes,
        "status": upload.status,
        "kind": upload.kind,
        "model": upload.model,
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
    """One job as it stands, with its result object and, while it runs, its newest progress. Raises NotFound.

    A batch has the result that its members make it. One that was archived is shown as it stood then.
    """
    try:
        with pool.tenant(tenant_id) as connection:
            job = store.get_job(connection, job_id)
            batch = job.kind == BATCH_KIND
            members = member_results(connection, job_id) if batch else []
            result = batch_result(job, members) if batch else store.get_result(connection, job_id)
    except NotFound:
        return _archived_view(archived_job(tenant_id, job_id))
    shown = job_json(job, _without_places(result), _standing(members))
    paused = _pause_view(pause_of(job, pauses_over([job])))
    return _with_newest_progress(job, shown) | {"paused": paused, "archived_at": None}


def _archived_view(archived: ArchivedJob) -> dict[str, Any]:
    shown = job_json(archived.job, _without_places(result_of(archived)), _standing(archived.members))
    return shown | {"paused": None, "archived_at": archived.archived_at.isoformat()}


def _standing(members: Sequence[MemberResult]) -> dict[UUID, JobStatus]:
    return {member.id: member.status for member in members}


def job_summaries(jobs: Sequence[Job], connection: Connection) -> list[dict[str, Any]]:
    """The jobs of a list, on a connection of their tenant: of each result only the verdict and the cost."""
    verdicts = store.verdicts(connection, [job.id for job in jobs])
    members = store.members(connection, [job.id for job in jobs if job.kind == BATCH_KIND])
    pauses = pauses_over(jobs)
    return [
        job_json(job, verdicts.get(job.id), members.get(job.id))
        | {"paused": _pause_view(pause_of(job, pauses)), "archived_at": None}
        for job in jobs
    ]


def pauses_over(jobs: Sequence[Job]) -> list[Pause]:
    """The pauses that may hold one of these jobs back: none is asked for unless one of them waits."""
    if all(job.status is not JobStatus.QUEUED for job in jobs):
        return []
    with pool.at_once() as connection:
        return control.pauses(connection)


def pause_of(job: Job, pauses: Sequence[Pause]) -> Pause | None:
    """The oldest of the pauses that keeps a waiting job waiting."""
    named = {Scope.QUEUE.value: job.queue, Scope.KIND.value: job.kind}
    held = (pause for pause in pauses if pause.tenant_id == job.tenant_id or pause.name == named.get(pause.scope))
    return next(held, None) if job.status is JobStatus.QUEUED else None


def _pause_view(pause: Pause | None) -> dict[str, Any] | None:
    # A tenant learns what is paused and why; who of the operators did it is theirs.
    if pause is None:
        return None
    since = pause.paused_at.isoformat()
    return {"scope": pause.scope, "name": pause.name, "reason": pause.reason, "since": since}


def _with_newest_progress(job: Job, shown: dict[str, Any]) -> dict[str, Any]:
    # A batch has no hot copy: its progress is counted from its members.
    if job.status is JobStatus.RUNNING and job.kind != BATCH_KIND:
        shown["progress"] = progress.read(job.id) or shown["progress"]
    return shown


def _without_places(result: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if result is None else {name: value for name, value in result.items() if name != "files"}
