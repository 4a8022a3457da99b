"""Everything that one tenant can have, as real rows and objects: what the others must never see or touch."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg.types.json import Jsonb

from local.postgres import Postgres
from local.resources import Emulator
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.db.bootstrap import DATABASE
from networx.db.pool import Role
from networx.identity import keys, users
from networx.jobs import claims, control, endings, relay
from networx.jobs.job import JobStatus
from networx.scenarios import store as scenarios
from tests.core.assistant.assisted import assist, suggest_columns
from tests.core.jobs import steps

UPLOAD_STATES = (
    "received",
    "validating",
    "needs_mapping",
    "needs_decision",
    "loading",
    "loaded",
    "rejected",
    "aborted",
)
BUCKETS = ("networx-input", "networx-results", "networx-quarantine")


@dataclass(frozen=True)
class Holdings:
    """A tenant, and under the word of each kind of thing the ids of those that it has."""

    tenant_id: UUID
    slug: str
    ids: Mapping[str, Sequence[str]]

    def one(self, kind: str) -> str:
        """The thing of a kind that takes part in a request that is in order."""
        return self.ids[kind][0]


def hold(slug: str, aws: Emulator) -> Holdings:
    """A new tenant that has something of everything, in every state."""
    with pool.system() as connection:
        row = connection.execute("INSERT INTO tenants (slug, name) VALUES (%s, 'A') RETURNING id", (slug,)).fetchone()
    assert row is not None
    tenant_id: UUID = row[0]
    uploads = [_upload(tenant_id, slug, status, aws) for status in UPLOAD_STATES]
    dataset = _dataset(tenant_id, uploads[UPLOAD_STATES.index("loaded")])
    with pool.tenant(tenant_id) as connection:
        project = scenarios.create_project(connection, tenant_id, "A project")
        scenario = scenarios.create_scenario(
            connection,
            tenant_id,
            project_id=project.id,
            name="A scenario",
            type="transport",
            network_dataset_id=dataset,
            parameters={},
        )
    jobs = _jobs(tenant_id, scenario.id, aws)
    assist(tenant_id, jobs[0])
    doer = Doer("a test")
    with pool.system() as connection:
        key, _ = keys.create(connection, doer, tenant_id=tenant_id, name="theirs", scopes=["read"])
        user = users.create(
            connection, doer, tenant_id=tenant_id, email=f"a@{slug}.example", subject=None, scopes=["read"]
        )
        control.pause(connection, control.Scope.TENANT, slug, "a test", "for a test")
        audit.write(connection, doer, "key.created", "theirs", tenant_id=tenant_id)
    # What is on its way to a queue is not held to be a change by whoever asks next.
    relay.send_soon()
    ids = {
        "upload": uploads,
        "dataset": [dataset],
        "project": [project.id],
        "scenario": [scenario.id],
        "job": jobs,
        "key": [key.id],
        "user": [user.id],
        "tenant": [slug],
    }
    return Holdings(tenant_id, slug, {kind: [str(one) for one in many] for kind, many in ids.items()})


def _upload(tenant_id: UUID, slug: str, status: str, aws: Emulator) -> UUID:
    upload_id = uuid4()
    key = f"uploads/{slug}/{upload_id}/network.xlsx"
    multipart_id = None
    if status == "received":
        multipart_id = aws.s3.create_multipart_upload(Bucket="networx-input", Key=key)["UploadId"]
    elif status != "aborted":
        aws.s3.put_object(Bucket="networx-input", Key=key, Body=status.encode())
    refused = status == "rejected"
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO uploads (id, tenant_id, bucket, key, multipart_id, filename, bytes, status, reason_code, "
            "reason, problem_count) VALUES (%s, %s, 'networx-input', %s, %s, 'network.xlsx', 1, %s, %s, %s, %s)",
            (
                upload_id,
                tenant_id,
                key,
                multipart_id,
                status,
                "INVALID_INPUT" if refused else None,
                "A cell is wrong." if refused else None,
                int(refused),
            ),
        )
        if refused:
            connection.execute(
                "INSERT INTO upload_problems (upload_id, position, tenant_id, message, rule) "
                "VALUES (%s, 0, %s, 'A cell is wrong.', 'range')",
                (upload_id, tenant_id),
            )
    if refused:
        suggest_columns(tenant_id, upload_id)
    return upload_id


def _dataset(tenant_id: UUID, upload_id: UUID) -> UUID:
    dataset_id = uuid4()
    sha256 = hashlib.sha256(dataset_id.bytes).hexdigest()
    with pool.tenant(tenant_id, Role.LOADER) as connection:
        connection.execute(
            "INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256, counts) "
            "VALUES (%s, %s, 'network', %s, 'network.xlsx', %s, %s, %s)",
            (dataset_id, tenant_id, upload_id, sha256, sha256, Jsonb({"facilities": 2})),
        )
        connection.execute(
            "INSERT INTO network_parameters VALUES (%s, 0, %s, 'single_sourcing', 'no')", (dataset_id, tenant_id)
        )
    return dataset_id


def _jobs(tenant_id: UUID, scenario_id: UUID, aws: Emulator) -> list[UUID]:
    """A job in every state, one of them solved with all its files, and a batch with a member."""
    of_scenario = {"scenario_id": scenario_id, "scenario_version": 1}
    solved = steps.submit(tenant_id, **of_scenario)
    mine = steps.claimed()
    _publish(tenant_id, mine.id, mine.fence, aws)
    with pool.system() as connection:
        assert endings.complete(
            connection, mine, {"status": "optimal", "files": _places(tenant_id, mine.id, mine.fence)}
        )
    ended = []
    for status in (JobStatus.FAILED, JobStatus.DEAD):
        ended.append(steps.submit(tenant_id, **of_scenario))
        with pool.system() as connection:
            assert endings.end(connection, steps.claimed(), status, {"code": "CHILD_LOST", "message": "gone"})
    running = steps.submit(tenant_id, **of_scenario)
    with pool.system() as connection:
        assert claims.store_incumbent(connection, steps.claimed(), {"status": "feasible"})
    parent = steps.submit(tenant_id, kind="batch")
    member = steps.submit(tenant_id, parent_id=parent.id, **of_scenario)
    queued = steps.submit(tenant_id, **of_scenario)
    return [job.id for job in (solved, *ended, running, parent, member, queued)]


def _places(tenant_id: UUID, job_id: UUID, fence: int) -> dict[str, str]:
    folder = f"results/{tenant_id}/{job_id}/{fence}"
    names = {"result_json": "result.json", "result_xlsx": "result.xlsx", "report_html": "report.html"}
    names["assignments"] = "assignments.parquet"
    return {name: f"{folder}/{file}" for name, file in names.items()}


def _publish(tenant_id: UUID, job_id: UUID, fence: int, aws: Emulator) -> None:
    flow: dict[str, Any] = {"year": 2026, "facility": "A", "destination": "B", "units": 1.0, "cost_per_unit": 1.0}
    flow |= {"cost": 1.0, "distance_miles": 1.0, "share_of_demand": 1.0}
    flow |= {"destination_latitude": 1.0, "destination_longitude": 1.0}
    flows = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([flow]), flows)
    contents = {"result_json": b'{"status": "optimal"}', "assignments": flows.getvalue()}
    for name, place in _places(tenant_id, job_id, fence).items():
        aws.s3.put_object(Bucket="networx-results", Key=place, Body=contents.get(name, b"file"))


def everything_of(held: Holdings, postgres: Postgres, aws: Emulator) -> dict[str, Any]:
    """Every row and object that a tenant has, to be compared: as the superuser sees them, who sees all."""
    seen: dict[str, Any] = {}
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE) as master:
        master.execute("SET search_path = networx")
        tables = master.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'networx' "
            "AND column_name = 'tenant_id' AND table_name IN (SELECT relname FROM pg_class WHERE relkind = 'r')"
        ).fetchall()
        for (table,) in tables:
            rows = master.execute(f"SELECT t::text FROM {table} t WHERE tenant_id = %s", (held.tenant_id,)).fetchall()
            seen[table] = sorted(row[0] for row in rows)
        seen["tenants"] = master.execute("SELECT t::text FROM tenants t WHERE id = %s", (held.tenant_id,)).fetchall()
    for bucket in BUCKETS:
        for prefix in (f"uploads/{held.slug}/", f"results/{held.tenant_id}/", f"models/{held.tenant_id}/"):
            listed = aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
            seen[f"{bucket}/{prefix}"] = sorted((one["Key"], one["ETag"]) for one in listed)
        begun = aws.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        seen[f"{bucket} begun"] = sorted(one["UploadId"] for one in begun if f"/{held.slug}/" in one["Key"])
    return seen
