"""The record of projects and scenarios in Postgres. A scenario's version never changes: revising makes the next one.

Each function works on a connection that its caller opened as the tenant. Whether the parameters make sense for the
scenario's data is decided where a scenario is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from networx.db.keyset import CREATED, Key, Page, orders
from networx.db.pool import Connection
from networx.domain.phrases import listed
from networx.errors import Conflict, NotFound, Problem, RefusedInput

# The types that read shipments, which may stand beside a network; all others read a network alone.
OF_SHIPMENTS = ("baseline", "rates")
TYPES = ("transport", "capacity", "warehouse", "inventory", "integrated", "greenfield", *OF_SHIPMENTS)


@dataclass(frozen=True, slots=True)
class Project:
    """A client's folder of scenarios."""

    id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version of a scenario. `parameters` override those of the dataset's sheet; None takes one away."""

    id: UUID
    version: int
    project_id: UUID
    name: str
    type: str
    network_dataset_id: UUID | None
    parameters: Mapping[str, Any]
    created_at: datetime
    transport_dataset_id: UUID | None = None

    @property
    def datasets(self) -> dict[str, UUID | None]:
        """Its datasets by domain; shipments only where its type reads them."""
        transport = self.transport_dataset_id
        return {"network": self.network_dataset_id, **({} if transport is None else {"transport": transport})}

    @property
    def network(self) -> UUID:
        """The dataset of its network. Only a type of OF_SHIPMENTS may be without."""
        assert self.network_dataset_id is not None
        return self.network_dataset_id


_PROJECT = "id, name, created_at"
_SCENARIO = ", ".join(Scenario.__dataclass_fields__)
_NAMED = (Key("name", "text"), Key("id", "uuid"))
PROJECT_ORDERS = orders("-created_at", created_at=CREATED, name=_NAMED)
SCENARIO_ORDERS = orders("-created_at", created_at=CREATED, name=_NAMED)
_CONTAINS = {
    "contains": "strpos(lower(name), lower(%(contains)s)) > 0",
    "created_after": "created_at >= %(created_after)s",
    "created_before": "created_at < %(created_before)s",
}
_SCENARIO_FILTERS = {**_CONTAINS, "project_id": "project_id = %(project_id)s", "type": "type = %(type)s"}


def create_project(connection: Connection, tenant_id: UUID, name: str) -> Project:
    """A new project. Raises RefusedInput without a name."""
    _require_name(name)
    with connection.cursor(row_factory=class_row(Project)) as cursor:
        row = cursor.execute(
            f"INSERT INTO projects (tenant_id, name) VALUES (%s, %s) RETURNING {_PROJECT}", (tenant_id, name.strip())
        ).fetchone()
    assert row is not None
    return row


def list_projects(
    connection: Connection,
    *,
    contains: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    page: Page = Page(),  # noqa: B008  # frozen
) -> list[Project]:
    """A page of the tenant's projects, the newest first unless it says otherwise.

    `contains` is a part of the name in whatever case. `created_after` is the first instant that counts,
    `created_before` the first that no longer does.
    """
    told, arguments = page.where(
        _CONTAINS, {"contains": contains, "created_after": created_after, "created_before": created_before}
    )
    with connection.cursor(row_factory=class_row(Project)) as cursor:
        return cursor.execute(f"SELECT {_PROJECT} FROM projects {told}", arguments).fetchall()


def get_project(connection: Connection, project_id: UUID) -> Project:
    """One project. Raises NotFound."""
    with connection.cursor(row_factory=class_row(Project)) as cursor:
        row = cursor.execute(f"SELECT {_PROJECT} FROM projects WHERE id = %s", (project_id,)).fetchone()
    if row is None:
        raise NotFound(what="project", id=project_id)
    return row


def create_scenario(
    connection: Connection,
    tenant_id: UUID,
    *,
    project_id: UUID,
    name: str,
    type: str,  # noqa: A002  # the contract's name
    network_dataset_id: UUID | None,
    parameters: Mapping[str, Any],
    transport_dataset_id: UUID | None = None,
) -> Scenario:
    """Version 1 of a new scenario. Raises RefusedInput, or NotFound for a project or dataset that is not there.

    A type of OF_SHIPMENTS has shipments (`transport_dataset_id`) and may have a network; others have a network alone.
    """
    _require_name(name)
    if type not in TYPES:
        raise RefusedInput([Problem(f"type must be {listed(TYPES)}.", "not_supported", column="type", value=type)])
    get_project(connection, project_id)
    _require_datasets(connection, type, network_dataset_id, transport_dataset_id)
    return _insert(
        connection,
        {
            "id": None,
            "version": 1,
            "tenant_id": tenant_id,
            "project_id": project_id,
            "name": name.strip(),
            "type": type,
            "network_dataset_id": network_dataset_id,
            "transport_dataset_id": transport_dataset_id,
            "parameters": Jsonb(dict(parameters)),
        },
    )


def get_scenario(connection: Connection, scenario_id: UUID, version: int | None = None) -> Scenario:
    """One version of a scenario, the newest unless it is named. Raises NotFound."""
    with connection.cursor(row_factory=class_row(Scenario)) as cursor:
        row = cursor.execute(
            f"""SELECT {_SCENARIO} FROM scenarios
                WHERE id = %(id)s AND (%(version)s::int IS NULL OR version = %(version)s)
                ORDER BY version DESC LIMIT 1""",
            {"id": scenario_id, "version": version},
        ).fetchone()
    if row is None:
        raise NotFound(what="scenario", id=scenario_id)
    return row


def list_scenarios(
    connection: Connection,
    project_id: UUID | None = None,
    *,
    type: str | None = None,  # noqa: A002  # the contract's name
    contains: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    as_of: datetime | None = None,
    page: Page = Page(),  # noqa: B008  # frozen
) -> list[Scenario]:
    """A page of the newest version of each scenario, the newest first unless it says otherwise.

    Versions made after `as_of` are unseen: while somebody walks the pages, a scenario that is revised stays in its
    place. `contains` is a part of the name in whatever case. `created_after` is the first instant that counts,
    `created_before` the first that no longer does; both are of the newest version.
    """
    given = {
        "project_id": project_id,
        "type": type,
        "contains": contains,
        "created_after": created_after,
        "created_before": created_before,
    }
    told, arguments = page.where(_SCENARIO_FILTERS, given)
    with connection.cursor(row_factory=class_row(Scenario)) as cursor:
        return cursor.execute(
            f"""SELECT * FROM (
                    SELECT DISTINCT ON (id) {_SCENARIO} FROM scenarios
                    WHERE %(as_of)s::timestamptz IS NULL OR created_at <= %(as_of)s ORDER BY id, version DESC) newest
                {told}""",
            {**arguments, "as_of": as_of},
        ).fetchall()


def revise_scenario(connection: Connection, scenario_id: UUID, changes: Mapping[str, Any]) -> Scenario:
    """The next version, with `name`, the datasets or `parameters` replaced. Earlier versions stay as they were.

    Raises NotFound, RefusedInput, or Conflict when another revision came first.
    """
    current = get_scenario(connection, scenario_id)
    name = changes.get("name", current.name)
    network_dataset_id = changes.get("network_dataset_id", current.network_dataset_id)
    transport_dataset_id = changes.get("transport_dataset_id", current.transport_dataset_id)
    _require_name(name)
    _require_datasets(connection, current.type, network_dataset_id, transport_dataset_id)
    values = {
        "id": scenario_id,
        "version": current.version + 1,
        "project_id": current.project_id,
        "name": name.strip(),
        "type": current.type,
        "network_dataset_id": network_dataset_id,
        "transport_dataset_id": transport_dataset_id,
        "parameters": Jsonb(dict(changes.get("parameters", current.parameters))),
        "tenant_id": None,
    }
    try:
        return _insert(connection, values)
    except psycopg.errors.UniqueViolation as clash:
        raise Conflict(what="This scenario was changed by someone else just now; read it again.") from clash


def _insert(connection: Connection, values: Mapping[str, Any]) -> Scenario:
    with connection.cursor(row_factory=class_row(Scenario)) as cursor:
        row = cursor.execute(
            f"""INSERT INTO scenarios (id, version, tenant_id, project_id, name, type, network_dataset_id,
                                       transport_dataset_id, parameters)
                VALUES (coalesce(%(id)s, uuidv7()), %(version)s, coalesce(%(tenant_id)s, current_tenant()),
                        %(project_id)s, %(name)s, %(type)s, %(network_dataset_id)s, %(transport_dataset_id)s,
                        %(parameters)s)
                RETURNING {_SCENARIO}""",
            values,
        ).fetchone()
    assert row is not None
    return row


def _require_name(name: str) -> None:
    if not name.strip():
        raise RefusedInput([Problem("A name is required.", "required", column="name")])


def _require_datasets(connection: Connection, kind: str, network: UUID | None, transport: UUID | None) -> None:
    of_shipments = kind in OF_SHIPMENTS
    if (transport is not None) != of_shipments:
        elsewhere = f"Shipments belong to a scenario of type {listed(OF_SHIPMENTS)}."
        message = f"A scenario of type {kind} needs shipments." if of_shipments else elsewhere
        raise RefusedInput([Problem(message, "required", column="datasets.transport")])
    if network is None and not of_shipments:
        raise RefusedInput([Problem("A network is required.", "required", column="datasets.network")])
    for domain, dataset_id in (("network", network), ("transport", transport)):
        if dataset_id is not None:
            _require(connection, domain, dataset_id)


def _require(connection: Connection, domain: str, dataset_id: UUID) -> None:
    # A foreign key does not ask whose the row is; row level security does.
    found = connection.execute("SELECT 1 FROM datasets WHERE id = %s AND domain = %s", (dataset_id, domain)).fetchone()
    if found is None:
        raise NotFound(what="dataset", id=dataset_id)
