"""The published description of the API: the framework's, with our envelope, our failures and our keys in it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from networx.api.gate import is_open

SECURITY = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}
_REQUEST_ID = {"type": "string", "examples": ["f4a75728-c293-488f-bb9b-3149a352ef79"]}
_TEXT_OR_NULL = {"type": ["string", "null"]}
SCHEMAS: dict[str, Any] = {
    "Success": {
        "type": "object",
        "required": ["success", "data", "request_id"],
        "properties": {"success": {"const": True}, "data": {}, "request_id": _REQUEST_ID},
    },
    "Failure": {
        "type": "object",
        "required": ["success", "error", "code", "request_id"],
        "properties": {
            "success": {"const": False},
            "error": {"type": "string", "examples": ["There is no job with id 0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11."]},
            "code": {"type": "string", "examples": ["JOB_NOT_FOUND"]},
            "request_id": _REQUEST_ID,
            "problems": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
        },
    },
    "Problem": {
        "type": "object",
        "required": ["message", "rule"],
        "properties": {
            "message": {"type": "string", "examples": ["Demand cannot be negative."]},
            "rule": {"type": "string", "examples": ["range"]},
            "sheet": _TEXT_OR_NULL,
            "row": {"type": ["integer", "null"]},
            "column": _TEXT_OR_NULL,
            "value": _TEXT_OR_NULL,
        },
    },
}


def install(app: FastAPI) -> None:
    """Make `app.openapi()` give our document."""
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
        )
        components = made.setdefault("components", {})
        components["securitySchemes"] = SECURITY
        components["schemas"] = {
            # The framework's own shape of a refusal is never sent.
            **{name: schema for name, schema in components.get("schemas", {}).items() if "ValidationError" not in name},
            **SCHEMAS,
        }
        for path, operations in made["paths"].items():
            for operation in operations.values():
                operation["security"] = [] if is_open(path) else [{name: []} for name in SECURITY]
                operation["responses"] = dict(_responses(operation["responses"]))
        app.openapi_schema = made
    return app.openapi_schema


def _responses(declared: dict[str, Any]) -> list[tuple[str, Any]]:
    kept = []
    for status, response in declared.items():
        if status == "422":
            continue
        if "application/json" in response.get("content", {}):
            response["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/Success"}
        kept.append((status, response))
    failure = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    return [*kept, ("default", {"description": "Refused, and why", "content": failure})]
