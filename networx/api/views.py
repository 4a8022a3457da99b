"""How rows look to a client: uploads, datasets, projects, scenarios and jobs as JSON; storage places stay inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from networx.api.archived import archived_job, result_of
from networx.api.batch_view import batch_result
from networx.api.provisional import settled
from networx.db import pool
from networx.db.journeys import Statement
from networx.db.pool import Connection
from networx.ingest.datasets import Dataset
from networx.ingest.records import Upload
from networx.jobs import about, control, progress, store
from networx.jobs.archive import ArchivedJob
from networx.jobs.batches import MemberResult, member_results
from networx.jobs.control import Pause, Scope
from networx.jobs.job import BATCH_KIND, JobStatus, job_json, row_json
from networx.jobs.rows import rows as rows_of
from networx.scenarios.store import Scenario


def upload_view(upload: Upload) -> dict[str, Any]:
    """One upload. `reason` says in words why it was refused, `problem_count` how many cells are wrong.

    `kind` is `workbook`, `shipments`, `model` or `correction` once the file was looked at; `model` then has its format
    and its name. `bad_rows` is what the rows carry that a decision is or was about; a correction `corrects` an upload.
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
        "bad_rows": _bad_rows(upload.bad_rows),
        "corrects": upload.corrects,
        "corrected_rows": upload.corrected_rows,
        "sha256": upload.sha256,
        "dataset_id": upload.dataset_id,
        "job_id": upload.job_id,
        "created_at": upload.created_at,
        "updated_at": upload.updated_at,
    }


def _bad_rows(bad: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if bad is None:
        return None
    return {"rows": bad["rows"], "usd": bad["cents"] / 100, "units": bad["units"], "uncharged": bad["uncharged"]}


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
        "account": None if dataset.account is None else [account_view(tab) for tab in dataset.account],
        "created_at": dataset.created_at,
    }


def account_view(tab: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the rows and dollars of one tab: read is kept and left out."""
    return {
        "tab": tab["tab"],
        "shipments": tab["shipments"],
        "read": _rows_and_dollars(tab["read"]),
        "kept": _rows_and_dollars(tab["kept"]),
        "left_out": {reason: _rows_and_dollars(counted) for reason, counted in tab["left_out"].items()},
    }


def _rows_and_dollars(counted: Mapping[str, int]) -> dict[str, Any]:
    return {"rows": counted["rows"], "usd": counted["cents"] / 100}


def scenario_view(scenario: Scenario) -> dict[str, Any]:
    """One version of a scenario."""
    return {
        "scenario_id": scenario.id,
        "version": scenario.version,
        "project_id": scenario.project_id,
        "name": scenario.name,
        "type": scenario.type,
        "datasets": scenario.datasets,
        "parameters": scenario.parameters,
        "created_at": scenario.created_at,
    }


def job_view(tenant_id: UUID, job_id: UUID) -> dict[str, Any]:
    """One job as it stands, with its result object and, while it runs, its newest progress. Raises NotFound.

    A batch has the result that its members make it. One that was archived is shown as it stood then.
    """
    (found,) = pool.read(tenant_id, store.with_result(job_id))
    row = next(iter(found.rows()), None)
    if row is None:
        settled()
        return _archived_view(archived_job(tenant_id, job_id))
    result, members = row["result"], []
    if row["kind"] == BATCH_KIND:
        with pool.tenant(tenant_id) as connection:
            members = member_results(connection, job_id)
            result = batch_result(store.get_job(connection, job_id), members)
    shown = row_json(row, _without_places(result), _standing(members))
    # A batch has no hot copy: its progress is counted from its members.
    if row["status"] == JobStatus.RUNNING and row["kind"] != BATCH_KIND:
        shown["progress"] = progress.read(job_id) or shown["progress"]
    return shown | {"paused": _pause_view(_pause_of(row, tenant_id, _pauses_over([row]))), "archived_at": None}


def _archived_view(archived: ArchivedJob) -> dict[str, Any]:
    shown = job_json(archived.job, _without_places(result_of(archived)), _standing(archived.members))
    return shown | {"paused": None, "archived_at": archived.archived_at.isoformat()}


def _standing(members: Sequence[MemberResult]) -> dict[UUID, JobStatus]:
    return {member.id: member.status for member in members}


# The rows of a list of jobs, and where the members of its batches stand.
Listed = tuple[list[dict[str, Any]], dict[UUID, dict[UUID, JobStatus]]]


def jobs_on(connection: Connection, listing: Statement) -> Listed:
    """The jobs that a listing finds, on a connection of their tenant."""
    rows = rows_of(connection, *listing)
    return rows, store.members(connection, _batches(rows))


def jobs_of(tenant_id: UUID, listing: Statement) -> Listed:
    """The same in one journey, unless there are batches among them."""
    (found,) = pool.read(tenant_id, listing)
    rows = found.rows()
    batches = _batches(rows)
    if not batches:
        return rows, {}
    with pool.tenant(tenant_id) as connection:
        return rows, store.members(connection, batches)


def _batches(rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    return [row["id"] for row in rows if row["kind"] == BATCH_KIND]


def job_summaries(tenant_id: UUID, listed: Listed) -> list[dict[str, Any]]:
    """How the jobs of a list are shown: of each result only the verdict and the cost."""
    rows, members = listed
    pauses = _pauses_over(rows)
    return [
        row_json(row, row["verdict"], members.get(row["id"]))
        | {"paused": _pause_view(_pause_of(row, tenant_id, pauses)), "archived_at": None}
        for row in rows
    ]


def jobs_about(tenant_id: UUID, job_id: UUID) -> list[dict[str, Any]]:
    """The jobs that ask about another's plan, each with its result, or with what it has answered so far."""
    (found,) = pool.read(tenant_id, about.asked_about(job_id))
    listed = found.rows()
    pauses = _pauses_over(listed)
    return [_about_view(row, tenant_id, pauses) for row in listed]


def _about_view(row: Mapping[str, Any], tenant_id: UUID, pauses: Sequence[Pause]) -> dict[str, Any]:
    shown = row_json(row, _without_places(row["result"]))
    if row["status"] == JobStatus.RUNNING:
        shown["progress"] = progress.read(row["id"]) or shown["progress"]
    return shown | {"paused": _pause_view(_pause_of(row, tenant_id, pauses)), "archived_at": None}


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
