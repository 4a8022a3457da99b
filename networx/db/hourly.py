"""Counts by the hour, in the record: added to by every process that counts, read by the weekly report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from networx.db.pool import Connection

# Requests that the web answered; of them those that failed for a fault of ours, were refused as too many, or were slow.
ANSWERED, FAILED, REFUSED, SLOW = REQUESTS = (
    "requests.answered",
    "requests.failed",
    "requests.refused",
    "requests.slow",
)
# Refusals that the readiness check brought about on purpose; they are among REFUSED, and no client's.
REFUSED_ON_PURPOSE = "requests.refused_on_purpose"

Counts = Mapping[tuple[datetime, str], int]


def hour_of(instant: datetime) -> datetime:
    """The beginning of its hour, in UTC."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def add(connection: Connection, counts: Counts) -> None:
    """Add to what was counted; zero says that somebody was there to count. In one order, whoever adds."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO hourly_counts (hour, name, number) VALUES (%s, %s, %s)
               ON CONFLICT (hour, name) DO UPDATE SET number = hourly_counts.number + excluded.number""",
            [(hour, name, number) for (hour, name), number in sorted(counts.items())],
        )


def between(connection: Connection, since: datetime, until: datetime) -> dict[tuple[datetime, str], int]:
    """What was counted in the hours that begin from `since` on and before `until`."""
    found = connection.execute(
        "SELECT hour, name, number FROM hourly_counts WHERE hour >= %s AND hour < %s", (since, until)
    ).fetchall()
    return {(hour, name): int(number) for hour, name, number in found}
