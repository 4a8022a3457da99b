"""What tests of solving do again and again: load a dataset, ask for a solve of it, wait for its end, and look."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID, uuid4

import numpy as np

from local.resources import Emulator
from networx import settings
from networx.db import pool
from networx.db.pool import Role
from networx.domain.network import NetworkTables
from networx.domain.network_digest import DIGEST_COLUMNS
from networx.ingest.loading import DatasetLoad
from networx.jobs import relay, resuming, store
from networx.jobs.job import Job
from networx.scenarios import store as scenarios

STATED = {"single_sourcing": "no", "lease_years": 2}


def load(tenant_id: UUID, tables: NetworkTables) -> UUID:
    """Publish a dataset the way the file worker does."""
    with pool.connect(Role.LOADER) as connection:
        pool.enter_tenant(connection, tenant_id)
        row = connection.execute("SELECT uuidv7()").fetchone()
        assert row is not None
        with pool.tenant(tenant_id) as app:
            upload = app.execute(
                """INSERT INTO uploads (tenant_id, bucket, key, version_id, filename, bytes)
                   VALUES (%s, 'input', %s, 'v', 'two sites.xlsx', 1) RETURNING id""",
                (tenant_id, f"uploads/{uuid4()}"),
            ).fetchone()
        assert upload is not None
        loading = DatasetLoad(connection)
        for table, columns in DIGEST_COLUMNS.items():
            if table == "parameters":
                continue
            source = getattr(tables, table)
            rows = list(zip(*(_plain(getattr(source, column)) for column, _ in columns), strict=True))
            if rows:
                loading.write(table, rows)
        loading.publish(
            dataset_id=row[0],
            tenant_id=tenant_id,
            upload_id=upload[0],
            filename="two sites.xlsx",
            source_sha256=uuid4().hex,
            mapping_version=1,
            warnings=[],
        )
    made: UUID = row[0]
    return made


def _plain(values: Any) -> list[Any]:
    return [None if isinstance(value, float) and np.isnan(value) else value for value in np.asarray(values).tolist()]


def submit(
    record: Any,
    dataset_id: UUID,
    over: dict[str, Any] | None = None,
    *,
    kind: str = "transport",
    parent_id: UUID | None = None,
    **stated: Any,
) -> Job:
    """A scenario with these parameters, and a job of it that sets others `over` them."""
    with pool.tenant(record.tenant_id) as connection:
        project = scenarios.create_project(connection, record.tenant_id, "P")
        scenario = scenarios.create_scenario(
            connection,
            record.tenant_id,
            project_id=project.id,
            name="Two sites",
            type=kind,
            network_dataset_id=dataset_id,
            parameters={**STATED, **stated},
        )
        job = store.submit(
            connection,
            tenant_id=record.tenant_id,
            kind=kind,
            params={} if over is None else {"parameters": over},
            scenario_id=scenario.id,
            scenario_version=scenario.version,
            parent_id=parent_id,
        )
    relay.send_soon()
    return job


def ended(job: Job, seconds: float = 40) -> Job:
    deadline = time.monotonic() + seconds
    while True:
        with pool.system() as connection:
            now = store.get_job(connection, job.id)
        if now.status.terminal:
            return now
        assert time.monotonic() < deadline, now
        time.sleep(0.05)


def result_of(job: Job) -> dict[str, Any] | None:
    with pool.system() as connection:
        return store.get_result(connection, job.id)


def files_of(aws: Emulator, job: Job) -> set[str]:
    listed = aws.s3.list_objects_v2(
        Bucket=settings.current().buckets["results"], Prefix=f"results/{job.tenant_id}/{job.id}/"
    )
    return {found["Key"].split("/", 3)[3] for found in listed.get("Contents", [])}


def refusals_of(aws: Emulator, job: Job) -> list[str]:
    """The names of the files that answers which failed their check have left."""
    listed = aws.s3.list_objects_v2(
        Bucket=settings.current().buckets["results"], Prefix=f"refused/{job.tenant_id}/{job.id}/"
    )
    return [found["Key"].rsplit("/", 1)[1] for found in listed.get("Contents", [])]


def checkpoint_of(job: Job) -> dict[str, Any] | None:
    with pool.system() as connection:
        return resuming.checkpoint_of(connection, job.id)


def story(job: Job) -> list[dict[str, Any]]:
    with pool.system() as connection:
        return store.events(connection, job.id)
