"""The published description of the API: the framework's, with our envelope, our failures and our keys in it.

A route declares its own shape and words (declared.py); what any request may be answered is told here, from its traits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from networx.api.declared import CODES, SENTENCES, status_of
from networx.api.examples import example_of
from networx.api.gate import is_open
from networx.api.limit_rules import rule_for
from networx.api.shapes.envelope import SOME_ID, Problem

Operation = dict[str, Any]

SECURITY = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}
_REQUEST_ID = {"type": "string", "examples": ["f4a75728-c293-488f-bb9b-3149a352ef79"]}
_FAILURE: dict[str, Any] = {
    "type": "object",
    "title": "Failure",
    "description": "What every refusal and fault is: a sentence for a person, and a word for a program.",
    "required": ["success", "error", "code", "request_id"],
    "properties": {
        "success": {"const": False},
        "error": {"type": "string"},
        "code": {"type": "string"},
        "request_id": _REQUEST_ID,
        "problems": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
    },
    "additionalProperties": False,
}

_NOBODY = ("UNAUTHENTICATED", "KEY_EXPIRED", "KEY_REVOKED", "SIGN_IN_EXPIRED", "SIGN_IN_REFUSED")
_NOT_ALLOWED = ("FORBIDDEN", "USER_UNKNOWN", "USER_REVOKED", "TENANT_REVOKED")
_AWAY = (
    "DATABASE_UNAVAILABLE",
    "DATABASE_BUSY",
    "CIRCUIT_OPEN",
    "CACHE_UNAVAILABLE",
    "SECRETS_UNAVAILABLE",
    "SIGN_IN_UNAVAILABLE",
)
_BODY = ("REQUEST_TIMEOUT", "BODY_TOO_LARGE", "INVALID_INPUT")

_WHOLE = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}


def _header(description: str, schema: Mapping[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": schema}


HEADERS: dict[str, Any] = {
    "X-Request-Id": _header("The request's id, as in the body.", _REQUEST_ID),
    "RateLimit-Limit": _header("How many requests are taken.", _WHOLE),
    "RateLimit-Remaining": _header("How many are left.", _WHOLE),
    "RateLimit-Reset": _header("In how many seconds all of them are again.", _WHOLE),
    "RateLimit-Policy": _header("The limit and its seconds.", _TEXT),
    "Retry-After": _header("Seconds to wait.", _WHOLE),
    "WWW-Authenticate": _header("`Bearer`: send a key.", _TEXT),
    "ETag": _header("Of what never changes: to be sent back in If-None-Match.", _TEXT, required=False),
    "Link": _header("Where the next page and the first are.", _TEXT, required=False),
    "Idempotent-Replayed": _header("`true` where the answer is an earlier request's.", _TEXT, required=False),
}
# What is answered before anybody has counted the request, or where nobody could.
_UNCOUNTED = frozenset({"413", "500", "503"})


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
            routes=app.state.directory.routes,
        )
        components = made.setdefault("components", {})
        components["securitySchemes"] = SECURITY
        components["headers"] = HEADERS
        _, shared = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
        components["schemas"] = {
            # The framework's own shape of a refusal is never sent.
            **{name: schema for name, schema in components.get("schemas", {}).items() if "ValidationError" not in name},
            **shared["$defs"],
            "Failure": _FAILURE,
        }
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _complete(method.upper(), path, operation, components["schemas"])
        app.openapi_schema = made
    return app.openapi_schema


def _complete(method: str, path: str, operation: Operation, schemas: Mapping[str, Any]) -> None:
    operation["security"] = [] if is_open(path) else [{name: []} for name in SECURITY]
    for parameter in operation.get("parameters", ()):
        parameter.setdefault("example", _example_of_parameter(parameter, schemas))
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content.setdefault("example", example_of(content["schema"], schemas))
    declared = operation["responses"]
    # The framework would refuse so in its own shape.
    framework = declared.get("422")
    if framework is not None and CODES not in framework:
        del declared["422"]
    codes: dict[int, list[str]] = {}
    for code in (*_codes_of_traits(method, path, operation), *_declared_codes(declared)):
        codes.setdefault(status_of(code), []).append(code)
    responses = {status: _answer(response, schemas) for status, response in declared.items() if CODES not in response}
    for status, words in codes.items():
        responses[str(status)] = _refusal(status, list(dict.fromkeys(words)))
    for status, response in responses.items():
        response["headers"] = {
            name: {"$ref": f"#/components/headers/{name}"} for name in _headers(method, path, operation, status)
        }
    operation["responses"] = dict(sorted(responses.items()))


def _declared_codes(declared: Mapping[str, Any]) -> Iterator[str]:
    for response in declared.values():
        yield from response.get(CODES, ())


def _codes_of_traits(method: str, path: str, operation: Operation) -> Iterator[str]:
    """What a request may be answered for what it is, whatever its route does."""
    parameters = operation.get("parameters", ())
    if not is_open(path):
        yield from (*_NOBODY, *_NOT_ALLOWED, *_AWAY)
    if _limited(method, path):
        yield "RATE_LIMITED"
    yield "INTERNAL_ERROR"
    if "requestBody" in operation:
        yield from _BODY
    if any(parameter["in"] == "query" for parameter in parameters):
        yield "INVALID_INPUT"
    if any(parameter["name"] == "cursor" for parameter in parameters):
        yield "INVALID_CURSOR"
    if any(parameter["in"] == "path" for parameter in parameters):
        yield "NOT_FOUND"
    if _once(operation):
        yield from ("BAD_REQUEST", "CONFLICT")


def _limited(method: str, path: str) -> bool:
    rule = rule_for(method, path)
    return (rule.stranger if is_open(path) else rule.known) is not None


def _once(operation: Operation) -> bool:
    return any(parameter["name"].lower() == "idempotency-key" for parameter in operation.get("parameters", ()))


def _answer(response: dict[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    content = response.get("content", {})
    # A route that sends only files leaves nothing of the framework's own guess.
    kept = {kind: made for kind, made in content.items() if made.get("schema") or len(content) == 1}
    for made in kept.values():
        if "schema" in made and "example" not in made:
            made["example"] = example_of(made["schema"], schemas)
    return {**response, "content": kept} if kept else {name: response[name] for name in response if name != "content"}


def _refusal(status: int, codes: list[str]) -> dict[str, Any]:
    """A refusal with one of these words."""
    examples = {
        code: {"value": {"success": False, "error": SENTENCES[code], "code": code, "request_id": SOME_ID}}
        for code in codes
    }
    schema = {"allOf": [{"$ref": "#/components/schemas/Failure"}, {"properties": {"code": {"enum": codes}}}]}
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in codes)}",
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def _headers(method: str, path: str, operation: Operation, status: str) -> Iterator[str]:
    yield "X-Request-Id"
    if _limited(method, path) and status not in _UNCOUNTED:
        yield from ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")
    if status in {"429", "503"} and not is_open(path):
        yield "Retry-After"
    if status == "401":
        yield "WWW-Authenticate"
    if status == "304" or (status == "200" and "304" in operation["responses"]):
        yield "ETag"
    if status == "200" and any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
        yield "Link"
    if status.startswith("2") and _once(operation):
        yield "Idempotent-Replayed"


def _example_of_parameter(parameter: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    schema = parameter["schema"]
    if schema.get("format") == "uuid" or any(one.get("format") == "uuid" for one in schema.get("anyOf", ())):
        return SOME_ID
    return example_of(schema, schemas)
