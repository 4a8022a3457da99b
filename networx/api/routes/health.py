"""Health: is each part there and quick enough. The load balancer's check says only that the process serves."""

from __future__ import annotations

import os

from fastapi import APIRouter
from starlette.responses import Response

from networx.api import health
from networx.api.envelope import success
from networx.api.shapes.envelope import Success
from networx.api.shapes.operations import HealthReport, Live

router = APIRouter(prefix="/api/health", tags=["health"])


@router.get(
    "",
    summary="Health of every part",
    response_model=Success[HealthReport],
    responses={503: {"model": Success[HealthReport], "description": "At least one part is unhealthy"}},
)
def check() -> Response:
    """healthy, degraded or unhealthy for database, redis, job queue and memory, with latency; 503 when unhealthy."""
    report = health.report()
    return success(report, 503 if report["status"] == health.UNHEALTHY else 200)


@router.get("/live", summary="The process serves", response_model=Success[Live])
def live() -> Response:
    """Says nothing of what the process needs, so that a database outage restarts no web task."""
    return success({"status": health.HEALTHY, "pid": os.getpid()})
