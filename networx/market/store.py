"""The record of market figures: added to and confirmed, never changed; and the pins of scenarios.

Each function works on a connection that its caller opened: as a tenant, or as the system for what is everybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from networx.db.pool import Connection
from networx.domain.market import ROADS
from networx.errors import NotFound
from networx.market.values import Confidence, MarketValue, Observation, Origin

_COLUMNS = (
    "id, kind, subject, as_of, value, unit, source, confidence, preliminary, licence, request, fetched_at, confirmed_at"
)
_OF_VALUES = ", ".join(f"market_values.{column}" for column in _COLUMNS.split(", "))


def keep(
    connection: Connection, observations: Sequence[Observation], now: datetime, tenant_id: UUID | None = None
) -> None:
    """Store what was observed; of what is known already, that it was seen again."""
    # In one order, so that two who store the same at once wait for one another instead of both failing.
    ordered = sorted(observations, key=lambda each: (each.kind, each.subject, each.source, each.as_of))
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO market_values (tenant_id, kind, subject, as_of, value, unit, source, confidence, preliminary,
                                          licence, request, fetched_at, confirmed_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
               ON CONFLICT (tenant_id, kind, subject, source, as_of, value, preliminary, confidence)
               DO UPDATE SET confirmed_at = greatest(market_values.confirmed_at, excluded.confirmed_at)""",
            [
                (
                    tenant_id,
                    each.kind,
                    each.subject,
                    each.as_of,
                    each.value,
                    each.unit,
                    each.source,
                    each.confidence.value,
                    each.preliminary,
                    each.licence,
                    each.request,
                    now,
                    now,
                )
                for each in ordered
            ],
        )


def newest(connection: Connection, kind: str, subject: str, *, own: bool) -> MarketValue | None:
    """The newest figure of a subject that the connection's tenant sees: its own, or everybody's."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            f"""SELECT {_COLUMNS} FROM market_values
                WHERE kind = %s AND subject = %s AND (tenant_id IS NOT NULL) = %s
                ORDER BY as_of DESC, confirmed_at DESC, id DESC LIMIT 1""",
            (kind, subject, own),
        ).fetchone()
    return None if row is None else _value(row)


def newest_of_many(connection: Connection, kind: str, subjects: Sequence[str]) -> dict[str, MarketValue]:
    """Everybody's newest figure of each subject that has one."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"""SELECT DISTINCT ON (subject) {_COLUMNS} FROM market_values
                WHERE kind = %s AND subject = ANY(%s) AND tenant_id IS NULL
                ORDER BY subject, as_of DESC, confirmed_at DESC, id DESC""",
            (kind, list(subjects)),
        ).fetchall()
    return {row["subject"]: _value(row) for row in rows}


def listed(connection: Connection, most: int = 500) -> list[MarketValue]:
    """The newest figure of each kind, subject and source that the tenant sees, ways by road left out."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"""SELECT DISTINCT ON (kind, subject, source, tenant_id) {_COLUMNS}, tenant_id IS NOT NULL AS own
                FROM market_values WHERE kind <> ALL(%s)
                ORDER BY kind, subject, source, tenant_id, as_of DESC, confirmed_at DESC, id DESC LIMIT %s""",
            (list(ROADS), most),
        ).fetchall()
    return [_value(row).used_as(Origin.OWN if row["own"] else Origin.STORED) for row in rows]


def ways_known(connection: Connection) -> int:
    """How many ways by road are stored."""
    row = connection.execute(
        "SELECT count(DISTINCT subject) FROM market_values WHERE kind = %s", (ROADS[0],)
    ).fetchone()
    return 0 if row is None else int(row[0])


def pin(connection: Connection, scenario_id: UUID, version: int, value: MarketValue, now: datetime) -> MarketValue:
    """Have a version of a scenario use this figure from now on; the one it used before, if it used one.

    Raises NotFound for a scenario's version, or a figure, that the connection's tenant does not have.
    """
    connection.execute(
        """INSERT INTO market_pins (tenant_id, scenario_id, scenario_version, kind, subject, value_id,
                                    origin, confidence, pinned_at)
           SELECT scenarios.tenant_id, scenarios.id, scenarios.version, market_values.kind, market_values.subject,
                  market_values.id, %s, %s, %s
           FROM scenarios, market_values
           WHERE scenarios.id = %s AND scenarios.version = %s AND market_values.id = %s
           ON CONFLICT DO NOTHING""",
        (value.origin.value, value.confidence.value, now, scenario_id, version, value.id),
    )
    found = [each for each in pinned(connection, scenario_id, version) if (each.kind, each.subject) == _of(value)]
    if not found:
        raise NotFound(what="scenario", id=f"{scenario_id} (version {version})")
    return found[0]


def pinned(connection: Connection, scenario_id: UUID, version: int) -> list[MarketValue]:
    """The figures that a version of a scenario uses, as they were labelled when it first did."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"""SELECT {_OF_VALUES}, market_pins.origin AS pinned_origin, market_pins.confidence AS pinned_confidence
                FROM market_pins JOIN market_values ON market_values.id = market_pins.value_id
                WHERE scenario_id = %s AND scenario_version = %s
                ORDER BY market_pins.kind, market_pins.subject""",
            (scenario_id, version),
        ).fetchall()
    return [
        replace(_value(row), origin=Origin(row["pinned_origin"]), confidence=Confidence(row["pinned_confidence"]))
        for row in rows
    ]


def _of(value: MarketValue) -> tuple[str, str]:
    return value.kind, value.subject


def _value(row: dict[str, Any]) -> MarketValue:
    facts = {column: row[column] for column in _COLUMNS.split(", ")}
    return MarketValue(**{**facts, "confidence": Confidence(row["confidence"])})
