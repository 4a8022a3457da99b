"""What is looked at before a scenario runs, found by one statement: one version of it, and its data's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from networx.db.journeys import Statement
from networx.db.pool import Connection
from networx.domain.storage import StatedValues
from networx.errors import NotFound
from networx.scenarios.store import Scenario


@dataclass(frozen=True, slots=True)
class Standing:
    """A version of a scenario, what its network's sheets of parameters say, and the plan's years.

    `facilities` says whether there are any, `skus` whether it states what is stored. `job_id` is free for a job that is
    made of it.
    """

    scenario: Scenario
    sheet: Mapping[str, str]
    years: int
    job_id: UUID
    facilities: bool
    skus: bool
    warehouse: StatedValues
    inventory: StatedValues


_COLUMNS = tuple(Scenario.__dataclass_fields__)
_STANDING = f"""
SELECT {", ".join(_COLUMNS)}, uuidv7() AS job_id,
    (SELECT json_object_agg(name, value ORDER BY position) FROM network_parameters
     WHERE dataset_id = network_dataset_id) AS sheet,
    -- A forecast says the years, else the demand does, else there is one.
    coalesce(nullif((SELECT count(*) FROM network_forecast WHERE dataset_id = network_dataset_id), 0),
             nullif((SELECT count(DISTINCT year) FROM network_demand WHERE dataset_id = network_dataset_id), 0),
             1) AS years,
    EXISTS (SELECT FROM datasets WHERE id = network_dataset_id
            AND coalesce((counts ->> 'facilities')::bigint, 0) > 0) AS facilities,
    EXISTS (SELECT FROM network_skus WHERE dataset_id = network_dataset_id) AS skus,
    (SELECT json_agg(json_build_array(name, value, facility) ORDER BY position) FROM network_warehouse
     WHERE dataset_id = network_dataset_id) AS warehouse,
    (SELECT json_agg(json_build_array(name, value, facility) ORDER BY position) FROM network_inventory
     WHERE dataset_id = network_dataset_id) AS inventory
FROM scenarios WHERE id = %(id)s AND (%(version)s::int IS NULL OR version = %(version)s)
ORDER BY version DESC LIMIT 1
"""


def standing(scenario_id: UUID, version: int | None = None) -> Statement:
    """What to ask as the tenant; of the newest version unless one is named."""
    return _STANDING, {"id": scenario_id, "version": version}


def stands_on(connection: Connection, scenario: Scenario) -> Standing:
    """The same of a version that is known, asked at once. Raises NotFound."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return read_standing(scenario.id, cursor.execute(*standing(scenario.id, scenario.version)).fetchall())


def read_standing(scenario_id: UUID, rows: Sequence[Mapping[str, Any]]) -> Standing:
    """What was found. Raises NotFound."""
    if not rows:
        raise NotFound(what="scenario", id=scenario_id)
    row = rows[0]
    scenario = Scenario(**{name: row[name] for name in _COLUMNS})
    return Standing(
        scenario,
        row["sheet"] or {},
        row["years"],
        row["job_id"],
        row["facilities"],
        row["skus"],
        _values(row["warehouse"]),
        _values(row["inventory"]),
    )


def _values(rows: Sequence[Sequence[Any]] | None) -> StatedValues:
    return StatedValues(*map(tuple, zip(*rows, strict=True))) if rows else StatedValues()
