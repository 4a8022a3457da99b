"""Schemas of what is downloaded, for programs that read it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from networx.api.declared import sends
from networx.results.schema import schema_bytes

router = APIRouter(prefix="/api/schemas", tags=["results"])
SCHEMA_TYPE = "application/schema+json"


@router.get("/result.json", summary="The JSON schema of results", response_class=Response, responses=sends(SCHEMA_TYPE))
def result_schema() -> Response:
    """What `GET /api/jobs/{id}/result`, result.json and `networx solve --json` hold, for every type of scenario."""
    return Response(schema_bytes(), media_type=SCHEMA_TYPE)
