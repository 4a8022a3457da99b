"""The API key that a request carries, wherever it carries it."""

from __future__ import annotations

from starlette.requests import HTTPConnection


def presented_key(connection: HTTPConnection) -> str | None:
    """What stands in X-API-Key, or else in Authorization: Bearer."""
    key = connection.headers.get("x-api-key")
    if key is not None:
        return key
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
