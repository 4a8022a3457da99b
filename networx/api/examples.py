"""An example of any JSON schema of ours: what its fields give as theirs, put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_REFERENCE = "#/components/schemas/"
_OF_FORMAT = {
    "uuid": "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11",
    "date-time": "2026-11-22T06:00:00.000000Z",
    "binary": "PK...",
}
_OF_TYPE: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}


def example_of(schema: Schema, schemas: Mapping[str, Any]) -> Any:
    """A value that the schema describes. `schemas` are those it may refer to by name."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(_REFERENCE)], schemas)
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    for word in ("example", "const", "default"):
        if schema.get(word) is not None:
            return schema[word]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return example_of(schema[word][0], schemas)
    match schema.get("type"):
        case "object":
            properties: Mapping[str, Schema] = schema.get("properties", {})
            return {name: example_of(one, schemas) for name, one in properties.items() if _shown(name, schema, one)}
        case "array":
            return [example_of(schema["items"], schemas)]
        case kind:
            return _OF_FORMAT.get(schema.get("format", ""), _OF_TYPE.get(str(kind)))


def _shown(name: str, schema: Schema, one: Schema) -> bool:
    # Of what may be absent only what somebody gave an example of.
    return name in schema.get("required", ()) or bool(one.get("examples"))
