"""Datasets out of the record: a network's tables as arrays, a million lanes in about a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.rows import class_row

from networx.db.keyset import CREATED, Key, Page, orders
from networx.db.pool import Connection
from networx.domain.network import (
    Assignments,
    CostLines,
    Demand,
    Destinations,
    Expansions,
    Facilities,
    FacilityYears,
    FittedRates,
    Forecast,
    InboundLanes,
    Lanes,
    NetworkTables,
    OperatingCosts,
    Rates,
    ServiceYears,
    Suppliers,
)
from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.storage import Skus, StatedValues
from networx.errors import NotFound
from networx.ingest.loading import table_name

# A binary COPY starts with a signature, flags and an extension length, and ends with a field count of -1.
_COPY_HEADER_BYTES = 19
_COPY_TRAILER_BYTES = 2
_WIRE = {"f": (">f8", 8), "i": (">i4", 4), "s": (">i4", 4)}
_ON_THE_WIRE = {
    "f": "coalesce({name}, 'NaN')",
    "i": "{name}",
    "s": "coalesce(array_position(%s::text[], {name}), 0)",
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """One row of `datasets`. `sha256` names the content, `source_sha256` the file it came from.

    `account` is of shipments alone: what became of every row and cent, tab by tab.
    """

    id: UUID
    tenant_id: UUID
    domain: str
    upload_id: UUID
    filename: str
    source_sha256: str
    sha256: str
    mapping_version: int
    counts: Mapping[str, int]
    warnings: Sequence[str]
    account: Sequence[Mapping[str, Any]] | None
    created_at: datetime


_COLUMNS = ", ".join(Dataset.__dataclass_fields__)

ORDERS = orders("-created_at", created_at=CREATED, filename=(Key("filename", "text"), Key("id", "uuid")))
_FILTERS = {
    "domain": "domain = %(domain)s",
    "upload_id": "upload_id = %(upload_id)s",
    "contains": "strpos(lower(filename), lower(%(contains)s)) > 0",
    "created_after": "created_at >= %(created_after)s",
    "created_before": "created_at < %(created_before)s",
}


def get_dataset(connection: Connection, dataset_id: UUID) -> Dataset:
    """One dataset. Raises NotFound."""
    with connection.cursor(row_factory=class_row(Dataset)) as cursor:
        found = cursor.execute(f"SELECT {_COLUMNS} FROM datasets WHERE id = %s", (dataset_id,)).fetchone()
    if found is None:
        raise NotFound(what="dataset", id=dataset_id)
    return found


def list_datasets(
    connection: Connection,
    *,
    domain: str | None = None,
    upload_id: UUID | None = None,
    contains: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    page: Page = Page(),  # noqa: B008  # frozen
) -> list[Dataset]:
    """A page of datasets, the newest first unless it says otherwise, of those that meet every filter that is given.

    `contains` is a part of the file's name in whatever case. `created_after` is the first instant that counts,
    `created_before` the first that no longer does.
    """
    given = {
        "domain": domain,
        "upload_id": upload_id,
        "contains": contains,
        "created_after": created_after,
        "created_before": created_before,
    }
    told, arguments = page.where(_FILTERS, given)
    with connection.cursor(row_factory=class_row(Dataset)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM datasets {told}", arguments).fetchall()


def read_parameters(connection: Connection, dataset_id: UUID) -> dict[str, str]:
    """The parameters of a network, as the client wrote them."""
    found = connection.execute(
        "SELECT name, value FROM network_parameters WHERE dataset_id = %s ORDER BY position", (dataset_id,)
    )
    return dict(found.fetchall())


def read_years(connection: Connection, dataset_id: UUID) -> int:
    """How many years the plan of a network has: those of its Forecast, else of its Demand, else one."""
    counted = connection.execute(
        """SELECT (SELECT count(*) FROM network_forecast WHERE dataset_id = %(id)s),
                  (SELECT count(DISTINCT year) FROM network_demand WHERE dataset_id = %(id)s)""",
        {"id": dataset_id},
    ).fetchone()
    assert counted is not None
    return int(counted[0] or counted[1] or 1)


def count_facilities(connection: Connection, dataset_id: UUID) -> dict[str, int]:
    """How many facilities of a network have each status; one that none has is absent."""
    counted = connection.execute(
        "SELECT status, count(*) FROM network_facilities WHERE dataset_id = %s GROUP BY status", (dataset_id,)
    )
    return dict(counted.fetchall())


def facility_names(connection: Connection, dataset_id: UUID) -> list[str]:
    """In the order of the client's sheet."""
    return _words(connection, "facilities", "name", dataset_id)


def prices_service(connection: Connection, dataset_id: UUID) -> bool:
    """Whether the network prices missed service in some year."""
    found = connection.execute(
        """SELECT EXISTS (SELECT FROM network_service_years
                          WHERE dataset_id = %s AND service_penalty_per_unit IS NOT NULL)""",
        (dataset_id,),
    ).fetchone()
    assert found is not None
    return bool(found[0])


def read_network(connection: Connection, dataset_id: UUID) -> NetworkTables:
    """All tables of a network, rows in the order of the client's sheets. Raises NotFound."""
    get_dataset(connection, dataset_id)
    facilities = _mixed(connection, "facilities", dataset_id)
    destinations = _mixed(connection, "destinations", dataset_id)
    demand = _numbers(connection, "demand", dataset_id)
    forecast = _numbers(connection, "forecast", dataset_id)
    lanes = _numbers(connection, "lanes", dataset_id)
    years = _mixed(connection, "facility_years", dataset_id)
    assignments = _mixed(connection, "assignments", dataset_id)
    expansions = _numbers(connection, "expansions", dataset_id)
    inbound = _numbers(connection, "inbound_lanes", dataset_id)
    paid = _mixed(connection, "operating_costs", dataset_id)
    return NetworkTables(
        facilities=Facilities(**facilities),
        destinations=Destinations(**destinations),
        demand=Demand(demand["destination"].astype(np.int32), demand["year"].astype(np.int64), demand["units"]),
        forecast=Forecast(forecast["year"].astype(np.int64), forecast["annual_units"]),
        lanes=Lanes(
            **{**lanes, **{name: lanes[name].astype(np.int32) for name in ("facility", "destination")}},
        ),
        facility_years=FacilityYears(
            np.asarray(years["facility"], dtype=np.int32),
            np.asarray(years["year"], dtype=np.int64),
            years["fixed_cost"],
            years["capacity_units"],
            years["status"],
        ),
        parameters=read_parameters(connection, dataset_id),
        assignments=Assignments(
            np.asarray(assignments["facility"], dtype=np.int32),
            np.asarray(assignments["destination"], dtype=np.int32),
            assignments["rule"],
        ),
        skus=Skus(**_mixed(connection, "skus", dataset_id)),
        warehouse=StatedValues(**_mixed(connection, "warehouse", dataset_id)),
        inventory=StatedValues(**_mixed(connection, "inventory", dataset_id)),
        expansions=Expansions(**{**expansions, "facility": expansions["facility"].astype(np.int32)}),
        suppliers=Suppliers(**_mixed(connection, "suppliers", dataset_id)),
        rates=Rates(**_mixed(connection, "rates", dataset_id)),
        fitted_rates=FittedRates(**_mixed(connection, "fitted_rates", dataset_id)),
        service_years=ServiceYears(**_numbers(connection, "service_years", dataset_id)),
        inbound_lanes=InboundLanes(
            **{**inbound, **{name: inbound[name].astype(np.int32) for name in ("supplier", "facility")}},
        ),
        operating_costs=OperatingCosts(
            np.asarray(paid["facility"], dtype=np.int32),
            np.asarray(paid["year"], dtype=np.int64),
            paid["line"],
            paid["amount"],
        ),
        control_totals=_cost_lines(connection, "control_totals", dataset_id),
        one_time_costs=_cost_lines(connection, "one_time_costs", dataset_id),
    )


def _cost_lines(connection: Connection, table: str, dataset_id: UUID) -> CostLines:
    stated = _mixed(connection, table, dataset_id)
    return CostLines(np.asarray(stated["year"], dtype=np.int64), stated["line"], stated["amount"])


def _mixed(connection: Connection, table: str, dataset_id: UUID) -> dict[str, Any]:
    columns = DIGEST_COLUMNS[table]
    names = ", ".join(name for name, _ in columns)
    rows = connection.execute(
        f"SELECT {names} FROM {table_name(table)} WHERE dataset_id = %s ORDER BY position", (dataset_id,)
    ).fetchall()
    by_column: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return {
        name: np.asarray(values, dtype=np.float64) if kind == "f" else tuple(values)
        for (name, kind), values in zip(columns, by_column, strict=True)
    }


def _numbers(connection: Connection, table: str, dataset_id: UUID) -> dict[str, Any]:
    # Every field is a number of fixed width and never null on the wire, so the stream is one structured array. Of a
    # text goes its place among those that the column has, from 1; 0 is an empty cell.
    columns = DIGEST_COLUMNS[table]
    words = {name: _words(connection, table, name, dataset_id) for name, kind in columns if kind == "s"}
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in columns:
        layout += [(f"length_{name}", ">i4"), (name, _WIRE[kind][0])]
    asked = ", ".join(_ON_THE_WIRE[kind].format(name=name) for name, kind in columns)
    pieces: list[bytes] = []
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY (SELECT {asked} FROM {table_name(table)} WHERE dataset_id = %s ORDER BY position) "
            "TO STDOUT (FORMAT BINARY)",
            (*words.values(), dataset_id),
        ) as copy,
    ):
        pieces += [bytes(piece) for piece in copy]
    wire = np.frombuffer(b"".join(pieces)[_COPY_HEADER_BYTES:-_COPY_TRAILER_BYTES], dtype=np.dtype(layout))
    return {
        name: _named(words[name], wire[name])
        if kind == "s"
        else wire[name].astype(np.float64 if kind == "f" else np.int64)
        for name, kind in columns
    }


def _words(connection: Connection, table: str, column: str, dataset_id: UUID) -> list[str]:
    """The different texts of a column, which are few."""
    found = connection.execute(
        f"SELECT DISTINCT {column} FROM {table_name(table)} WHERE dataset_id = %s AND {column} IS NOT NULL",
        (dataset_id,),
    ).fetchall()
    return [word for (word,) in found]


def _named(words: Sequence[str], places: np.ndarray) -> tuple[str | None, ...]:
    return tuple(np.array([None, *words], dtype=object)[places.astype(np.intp)].tolist()) if words else ()
