"""The peer: a bare FastAPI application that does the same durable work and nothing else.

`python -m bench.api.bare PORT CONNINFO TENANT`. No authentication, no limit, no row level security (its role owns the
tables and bypasses it), no idempotency, no log line, no metric, no headers, no checks of the scenario. It writes the
job, its event and its outbox row with the very statement of ours in one transaction over a plain pool, and reads a
job, or a list of jobs, with one statement each. One process, as the platform's web.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import psycopg
import uvicorn
from fastapi import FastAPI, Response
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

from networx.jobs.job import JOB_COLUMNS
from networx.jobs.store import _SUBMIT as SUBMIT
from networx.topology import TOPOLOGY

COLUMNS = ", ".join(f"jobs.{name}" for name in JOB_COLUMNS)
ONE = f"SELECT {COLUMNS}, results.result FROM jobs LEFT JOIN results ON results.job_id = jobs.id WHERE jobs.id = %s"
MANY = f"SELECT {COLUMNS} FROM jobs ORDER BY created_at DESC, id DESC LIMIT %s"
QUEUED = "SELECT count(*) FROM jobs WHERE status = 'queued'"


class RunBatch(BaseModel):
    """What to run."""

    scenario_id: UUID


def create_app(conninfo: str, tenant_id: UUID) -> FastAPI:
    """The application; its pool is open while it serves."""
    pool: ConnectionPool[psycopg.Connection[dict[str, Any]]] = ConnectionPool(
        conninfo,
        min_size=1,
        max_size=TOPOLOGY.limits.web_connections,
        kwargs={"row_factory": dict_row, "options": "-c search_path=networx"},
        open=False,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        pool.open()
        yield
        pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/api/health/live")
    def live() -> Response:
        return _answer({"status": "alive"})

    @app.get("/api/health")
    def health() -> Response:
        with pool.connection() as connection:
            (queued,) = connection.execute(QUEUED).fetchone() or {"count": 0}
        return _answer({"status": "healthy", "queued": queued})

    @app.post("/api/optimize/run-batch", status_code=202)
    def run_batch(body: RunBatch) -> Response:
        described = TOPOLOGY.kind("transport")
        with pool.connection() as connection:
            job = connection.execute(
                SUBMIT,
                {
                    "id": None,
                    "tenant_id": tenant_id,
                    "kind": described.name,
                    "queue": described.queue,
                    "params": Jsonb({}),
                    "scenario_id": body.scenario_id,
                    "scenario_version": 1,
                    "parent_id": None,
                    "priority": 1,
                    "max_attempts": described.max_attempts,
                    "correlation_id": None,
                    "actor": "bare",
                },
            ).fetchone()
        assert job is not None
        return _answer({"job_id": job["id"], "queue_id": job["queue"], "status": job["status"]}, 202)

    @app.get("/api/jobs/{job_id}")
    def job(job_id: UUID) -> Response:
        with pool.connection() as connection:
            return _answer(connection.execute(ONE, (job_id,)).fetchone())

    @app.get("/api/jobs")
    def jobs(limit: int = 50) -> Response:
        with pool.connection() as connection:
            return _answer(connection.execute(MANY, (limit,)).fetchall())

    return app


def _answer(data: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(data), status, media_type="application/json")


if __name__ == "__main__":
    port, conninfo, tenant = sys.argv[1:]
    uvicorn.run(
        create_app(conninfo, UUID(tenant)), host="127.0.0.1", port=int(port), access_log=False, log_level="warning"
    )
