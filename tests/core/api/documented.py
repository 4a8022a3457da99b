"""Holds answers to the published document: every status, word, shape and header in them is one that it names."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from networx.api.app import create_app


@cache
def document() -> dict[str, Any]:
    return create_app().openapi()


@cache
def _addresses() -> list[tuple[re.Pattern[str], str]]:
    # The more literal of two addresses comes first, as with the routes.
    paths = sorted(document()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in paths]


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """What the document says of a request; None for pages, files and what is no address of the API."""
    found = next((template for pattern, template in _addresses() if pattern.fullmatch(path)), None)
    return None if found is None else document()["paths"][found].get(method.lower())


def validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document()["components"], **schema},
        validate_formats=True,
    )


@cache
def _validator_of(method: str, path: str, status: str) -> jsonschema_rs.Validator:
    operation = operation_of(method, path)
    assert operation is not None
    return validator(operation["responses"][status]["content"]["application/json"]["schema"])


def require_documented(answer: httpx.Response) -> None:
    """Fails where the answer is not one that the document names for its operation."""
    method, path = answer.request.method, answer.request.url.path
    operation = operation_of(method, path)
    if operation is None:
        return
    status, said = str(answer.status_code), f"{method} {path}: {answer.status_code}"
    assert status in operation["responses"], f"{said} is not in the document"
    declared = operation["responses"][status]
    for name in declared["headers"]:
        if document()["components"]["headers"][name]["required"]:
            assert name in answer.headers, f"{said} lacks the header {name}"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if "content" not in declared:
        assert answer.read() == b"", f"{said} has a body that is not in the document"
        return
    assert kind in declared["content"], f"{said} is {kind}, which is not in the document"
    if kind == "application/json":
        answer.read()
        template = next(template for pattern, template in _addresses() if pattern.fullmatch(path))
        errors = [
            f"{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in _validator_of(method, template, status).iter_errors(answer.json())
        ]
        assert not errors, f"{said}: {errors[:5]} in {answer.text[:600]}"
