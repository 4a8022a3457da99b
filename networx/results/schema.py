"""The shape of the result object of every scenario type, as code: the published JSON schema is made from it.

Members that every result has come first. A reader passes over members that it does not know: a later version may add
some. `null` means not known or not asked, never 0.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import orjson
from pydantic import Field, TypeAdapter

from networx.results.kpis import SCHEMA
from networx.results.shapes.baseline import BaselineResult
from networx.results.shapes.batch import BatchResult
from networx.results.shapes.capacity import CapacityResult
from networx.results.shapes.greenfield import GreenfieldResult
from networx.results.shapes.model import ModelResult
from networx.results.shapes.rates import RatesResult
from networx.results.shapes.sensitivity import SensitivityResult
from networx.results.shapes.storage import IntegratedResult, InventoryResult, WarehouseResult
from networx.results.shapes.transport import TransportResult

TITLE = "NetWORX result"

AnyResult = Annotated[
    TransportResult
    | CapacityResult
    | WarehouseResult
    | InventoryResult
    | IntegratedResult
    | BaselineResult
    | GreenfieldResult
    | RatesResult
    | SensitivityResult
    | ModelResult
    | BatchResult,
    Field(discriminator="type"),
]


@cache
def result_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of a result object."""
    made = TypeAdapter(AnyResult).json_schema(by_alias=True)
    about = (__doc__ or "").replace("\n", " ").strip()
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "$id": SCHEMA, "title": TITLE, "description": about, **made}


def schema_bytes() -> bytes:
    """The same as it is published."""
    return orjson.dumps(result_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
