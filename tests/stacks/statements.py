"""Reading policies the way the services do."""

from __future__ import annotations

from typing import Any


def denies_plain_http(document: dict[str, Any]) -> bool:
    """Whether everybody is denied everything that does not come over TLS."""
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return any(
        statement["Effect"] == "Deny" and statement["Principal"] == {"AWS": "*"} and statement["Condition"] == plain
        for statement in document["Statement"]
        if "Condition" in statement
    )
