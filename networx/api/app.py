"""The web application, put together: the middlewares from outside in, the routes, and what runs beside them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from networx import __version__
from networx.api import faults
from networx.api.body_limit import BodyLimit
from networx.api.gate import Gate, is_open
from networx.api.request_log import RequestLog
from networx.api.routes import datasets, health, job_events, job_files, jobs, optimize, pages, projects, uploads
from networx.api.wakeups import Wakeups
from networx.db import pool
from networx.jobs import relay
from networx.topology import TOPOLOGY

ROUTERS = (uploads, datasets, projects, optimize, jobs, job_events, job_files, health, pages)
SECURITY = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}


def create_app() -> FastAPI:
    """The application. Nothing is connected to before its lifespan begins or a request asks for it."""
    app = FastAPI(
        title="NetWORX",
        version=__version__,
        summary="Supply-chain network optimisation with proven answers",
        description="Every answer is an envelope: `{success, data}` or `{success, error, code}`, with `request_id`.",
        # Their pages load scripts from elsewhere; the document itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(RequestLog), Middleware(BodyLimit), Middleware(Gate)],
        lifespan=_lifespan,
    )
    app.state.wakeups = Wakeups()
    faults.install(app)
    for routes in ROUTERS:
        app.include_router(routes.router)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's own way to extend the document
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    pool.limit_connections(TOPOLOGY.limits.web_connections)
    stop = threading.Event()
    sweeper = threading.Thread(target=relay.run, args=(stop,), name="relay", daemon=True)
    sweeper.start()
    listener = asyncio.create_task(app.state.wakeups.run())
    try:
        yield
    finally:
        listener.cancel()
        stop.set()
        await asyncio.to_thread(sweeper.join, 2)
        await asyncio.to_thread(pool.close_pools)


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
        )
        document.setdefault("components", {})["securitySchemes"] = SECURITY
        for path, operations in document["paths"].items():
            for operation in operations.values():
                operation["security"] = [] if is_open(path) else [{name: []} for name in SECURITY]
        app.openapi_schema = document
    return app.openapi_schema
