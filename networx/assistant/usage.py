"""What the assistant has used: of a tenant its calls and sums, of the installation its budget and who used it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from networx.assistant.budget import Period
from networx.db.keyset import CREATED, Page, orders
from networx.db.pool import Connection


@dataclass(frozen=True, slots=True)
class CallMade:
    """One call. `tokens` and `dollars` are what it took, None while it is under way."""

    id: UUID
    purpose: str
    subject_id: UUID
    model: str
    asked_by: str
    request_id: str | None
    status: str
    outcome: str | None
    reserved_tokens: int
    reserved_dollars: Decimal
    input_tokens: int | None
    output_tokens: int | None
    tokens: int | None
    dollars: Decimal | None
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Used:
    """What a model took since a day, for one tenant or, where `tenant` is None, for whoever was asked about."""

    model: str
    tenant: str | None
    calls: int
    tokens: int
    dollars: Decimal


_COLUMNS = ", ".join(CallMade.__dataclass_fields__)
ORDERS = orders("-created_at", created_at=CREATED)
_FILTERS = {"purpose": "purpose = %(purpose)s"}
_SUMS = "count(*) AS calls, coalesce(sum(tokens), 0)::bigint AS tokens, coalesce(sum(dollars), 0) AS dollars"


def calls(connection: Connection, *, purpose: str | None = None, page: Page) -> list[CallMade]:
    """A page of the calls that the connection's tenant made, the newest first."""
    told, arguments = page.where(_FILTERS, {"purpose": purpose})
    with connection.cursor(row_factory=class_row(CallMade)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM assistant_calls {told}", arguments).fetchall()


def used_since(connection: Connection, day: date) -> list[Used]:
    """By model, what the connection's tenant used from a day on."""
    with connection.cursor(row_factory=class_row(Used)) as cursor:
        return cursor.execute(
            f"SELECT model, NULL AS tenant, {_SUMS} FROM assistant_calls WHERE day >= %s GROUP BY model ORDER BY model",
            (day,),
        ).fetchall()


def used_by_tenants(connection: Connection, day: date) -> list[Used]:
    """By tenant and model, the dearest first, on a connection of the system."""
    with connection.cursor(row_factory=class_row(Used)) as cursor:
        return cursor.execute(
            f"""SELECT model, slug AS tenant, {_SUMS} FROM assistant_calls JOIN tenants ON tenants.id = tenant_id
                WHERE day >= %s GROUP BY slug, model ORDER BY dollars DESC, slug, model LIMIT 1000""",
            (day,),
        ).fetchall()


def days(connection: Connection) -> dict[Period, date]:
    """When the month and the day began that count now, by the record's clock and UTC."""
    row: Any = connection.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date").fetchone()
    return {Period.MONTH: row[0].replace(day=1), Period.DAY: row[0]}
