"""How rows look to a client: uploads, datasets, projects, scenarios and jobs as JSON; storage places stay inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from networx.api.batch_view import batch_result
from networx.api.provisional import settled
from networx.db import pool
from networx.db.journeys import Statement
from networx.errors import NotFound
from networx.ingest.datasets import Dataset
from networx.ingest.records import Upload
from networx.jobs import control, progress, store
from networx.jobs.control import Pause, Scope
from networx.jobs.job import BATCH_KIND, JobStatus, row_json
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

    A batch has the result that its members make it.
    """
    (found,) = pool.read(tenant_id, store.with_result(job_id))
    row = next(iter(found.rows()), None)
    if row is None:
        raise NotFound(what="job", id=job_id)
    result, members = row["result"], {}
    if row["kind"] == BATCH_KIND:
        with pool.tenant(tenant_id) as connection:
            result = batch_result(connection, store.get_job(connection, job_id))
            members = store.members(connection, [job_id])
    shown = row_json(row, _without_places(result), members.get(job_id))
    # A batch has no hot copy: its progress is counted from its members.
    if row["status"] == JobStatus.RUNNING and row["kind"] != BATCH_KIND:
        shown["progress"] = progress.read(job_id) or shown["progress"]
    shown["paused"] = _pause_view(_pause_of(row, tenant_id, _pauses_over([row])))
    return shown


def job_summaries(tenant_id: UUID, listing: Statement) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of a list of jobs, and how each is shown: of its result only the verdict and the cost."""
    (found,) = pool.read(tenant_id, listing)
    rows = found.rows()
    batches = [row["id"] for row in rows if row["kind"] == BATCH_KIND]
    members: dict[UUID, dict[UUID, JobStatus]] = {}
    if batches:
        with pool.tenant(tenant_id) as connection:
            members = store.members(connection, batches)
    pauses = _pauses_over(rows)
    shown = [row_json(row, row["verdict"], members.get(row["id"])) for row in rows]
    for row, each in zip(rows, shown, strict=True):
        each["paused"] = _pause_view(_pause_of(row, tenant_id, pauses)) if pauses else None
    return rows, shown


def _pauses_over(rows: Sequence[Mapping[str, Any]]) -> list[Pause]:
    """The pauses that may hold one of these jobs back: none is asked for unless one of them waits."""
    if all(row["status"] != JobStatus.QUEUED for row in rows):
        return []
    # Asked with the key, where that was asked meanwhile.
    found = settled()
    if found:
        return control.read_pauses(found[0].rows())
    with pool.at_once() as connection:
        return control.pauses(connection)


def _pause_of(row: Mapping[str, Any], tenant_id: UUID, pauses: Sequence[Pause]) -> Pause | None:
    """The oldest of the pauses that keeps a waiting job waiting."""
    if row["status"] != JobStatus.QUEUED:
        return None
    named = {Scope.QUEUE.value: row["queue"], Scope.KIND.value: row["kind"]}
    return next(
        (pause for pause in pauses if pause.tenant_id == tenant_id or pause.name == named.get(pause.scope)), None
    )


def _pause_view(pause: Pause | None) -> dict[str, Any] | None:
    # A tenant learns what is paused and why; who of the operators did it is theirs.
    if pause is None:
        return None
    since = pause.paused_at.isoformat()
    return {"scope": pause.scope, "name": pause.name, "reason": pause.reason, "since": since}


def _without_places(result: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if result is None else {name: value for name, value in result.items() if name != "files"}
