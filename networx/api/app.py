"""The web application, put together: the middlewares from outside in, the routes, and what runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from networx import __version__
from networx.api import faults, openapi
from networx.api import health as health_of_parts
from networx.api.body_limit import BodyLimit
from networx.api.directory import Directory
from networx.api.gate import Gate
from networx.api.json_body import JsonBody
from networx.api.limits import RateLimit
from networx.api.page_templates import STATIC
from networx.api.provisional import Known
from networx.api.request_log import RequestLog
from networx.api.routes import (
    archived_jobs,
    assistant,
    audit,
    datasets,
    health,
    job_events,
    job_files,
    jobs,
    keys,
    market,
    operations,
    optimize,
    pages,
    projects,
    redrive,
    schemas,
    sensitivity,
    tenants,
    upload_decisions,
    upload_outcomes,
    uploads,
    users,
)
from networx.api.streams import Streams
from networx.api.tally import Tally
from networx.api.wakeups import Wakeups
from networx.db import pool, replica
from networx.db.pool_health import PoolWatch
from networx.jobs import relay
from networx.resilience.http import close_outbound
from networx.resilience.limits import Limiter
from networx.topology import TOPOLOGY

ROUTERS = (
    upload_decisions,
    upload_outcomes,
    uploads,
    datasets,
    projects,
    optimize,
    # Before the jobs by id: its address is none.
    archived_jobs,
    jobs,
    redrive,
    job_events,
    job_files,
    sensitivity,
    schemas,
    keys,
    users,
    tenants,
    audit,
    market,
    assistant,
    operations,
    health,
    pages,
)
# From outside in: nothing of a request is read before it is known whose it is.
LAYERS: tuple[Callable[[ASGIApp], ASGIApp], ...] = (RequestLog, BodyLimit, Gate, RateLimit, JsonBody)
VITAL_SIGNS_SECONDS = 30


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
        middleware=[Middleware(layer) for layer in LAYERS],
        lifespan=_lifespan,
    )
    app.state.wakeups = Wakeups()
    app.state.streams = Streams()
    app.state.limiter = Limiter()
    app.state.known = Known()
    app.state.tally = Tally()
    directory = Directory(route for routes in ROUTERS for route in routes.router.routes)
    # Who answers before the router does looks here which route was asked for.
    app.state.directory = directory
    faults.install(app)
    app.router.routes.append(directory)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    openapi.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    pool.limit_connections(TOPOLOGY.limits.web_connections)
    sweeper = relay.Sweeper()
    sweeper.start()
    pools = PoolWatch(warn_at=TOPOLOGY.limits.web_connections_warning)
    pools.start()
    beside = [asyncio.create_task(work) for work in (app.state.wakeups.run(), _watch_itself(app.state.tally))]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        await asyncio.to_thread(sweeper.stop, 2)
        if not app.state.tally.empty:
            with suppress(TimeoutError):  # a record that is away holds up no stop
                await asyncio.wait_for(asyncio.to_thread(app.state.tally.flush), 1)
        await asyncio.to_thread(pools.stop, 2)
        await asyncio.to_thread(close_outbound)
        await asyncio.to_thread(replica.close)
        await asyncio.to_thread(pool.close_pools)


async def _watch_itself(tally: Tally) -> None:
    while True:
        health_of_parts.emit_vital_signs()
        await asyncio.sleep(VITAL_SIGNS_SECONDS)
        await asyncio.to_thread(tally.flush)
