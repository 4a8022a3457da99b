"""Shipments in the record, scenarios of them, and what their jobs published."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import orjson

from networx import settings
from networx.db import pool
from networx.db.pool import Role
from networx.ingest.loading import TRANSPORT, DatasetLoad
from networx.jobs import relay, store
from networx.jobs.job import Job
from networx.scenarios import store as scenarios


def load_shipments(tenant_id: UUID, rows: list[tuple[Any, ...]]) -> UUID:
    cents = sum(row[-1] for row in rows)
    kept = {"rows": len(rows), "cents": cents}
    with pool.tenant(tenant_id) as app:
        upload = app.execute(
            """INSERT INTO uploads (tenant_id, bucket, key, version_id, filename, bytes)
               VALUES (%s, 'input', %s, 'v', 'freight.csv', 1) RETURNING id""",
            (tenant_id, f"uploads/{uuid4()}"),
        ).fetchone()
    assert upload is not None
    dataset_id = uuid4()
    with pool.connect(Role.LOADER) as connection:
        pool.enter_tenant(connection, tenant_id)
        loading = DatasetLoad(connection, TRANSPORT)
        loading.write("shipments", rows)
        loading.publish(
            dataset_id=dataset_id,
            tenant_id=tenant_id,
            upload_id=upload[0],
            filename="freight.csv",
            source_sha256=uuid4().hex,
            mapping_version=1,
            warnings=["A warning of the file."],
            account=[{"tab": "CSV", "read": kept, "kept": kept, "left_out": {}, "shipments": len(rows)}],
        )
    return dataset_id


def submit_of(kind: str, record: Any, transport: UUID, network: UUID | None = None, **stated: Any) -> Job:
    """A scenario of this type, and its job."""
    with pool.tenant(record.tenant_id) as connection:
        project = scenarios.create_project(connection, record.tenant_id, "P")
        scenario = scenarios.create_scenario(
            connection,
            record.tenant_id,
            project_id=project.id,
            name="Of shipments",
            type=kind,
            network_dataset_id=network,
            transport_dataset_id=transport,
            parameters=stated,
        )
        job = store.submit(
            connection,
            tenant_id=record.tenant_id,
            kind=kind,
            params={},
            scenario_id=scenario.id,
            scenario_version=scenario.version,
        )
    relay.send_soon()
    return job


def published(aws: Any, result: dict[str, Any]) -> dict[str, Any]:
    """The result as a client gets it."""
    body = aws.s3.get_object(Bucket=settings.current().buckets["results"], Key=result["files"]["result_json"])["Body"]
    found: dict[str, Any] = orjson.loads(body.read())
    return found
