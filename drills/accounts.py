"""What the record must say once all is calm: every accepted job is there, has ended, ended once, and has its result."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg

from tests.chaos.invariants import INVARIANTS

Database = psycopg.Connection[Any]
# Those of the chaos suite that hold of every platform, whatever its jobs do.
_OF_EVERY_PLATFORM = (
    "every job has ended",
    "a job has a result if it succeeded, a partial one only if it was cancelled",
    "a job ends once, and once more for each redrive",
    "no job has more attempts than it may, and each start counts",
    "the story ends where the job stands",
    "nothing is left to be sent",
)
_SHOWN = 3


def unended(database: Database) -> int:
    """Jobs that have not ended yet, and messages that were not sent."""
    row = database.execute(
        """SELECT (SELECT count(*) FROM jobs_seen WHERE status IN ('queued', 'running'))
                  + (SELECT count(*) FROM outbox)"""
    ).fetchone()
    assert row is not None
    return int(row[0])


def wait_for_the_end(database: Database, seconds: float) -> bool:
    """Whether every job ended in time."""
    end = time.monotonic() + seconds
    while unended(database):
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def violations(database: Database, accepted: Sequence[str]) -> list[str]:
    """What is not as it must be, by name; `accepted` are the ids of the jobs that were answered with 202."""
    found = [
        f"not so: {name}: {_shown(rows)}"
        for name in _OF_EVERY_PLATFORM
        if (rows := database.execute(INVARIANTS[name]).fetchall())
    ]
    missing = database.execute(
        "SELECT wanted FROM unnest(%s::uuid[]) AS wanted WHERE NOT EXISTS (SELECT FROM jobs WHERE jobs.id = wanted)",
        (list(accepted),),
    ).fetchall()
    if missing:
        found.append(f"accepted and not in the record: {_shown(missing)}")
    return found


def outcomes(database: Database, ids: Sequence[str] | None = None) -> dict[str, int]:
    """How many jobs there are in each state, of these or of all."""
    rows = database.execute(
        "SELECT status, count(*) FROM jobs WHERE %(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s) GROUP BY status",
        {"ids": None if ids is None else list(ids)},
    )
    return dict(rows.fetchall())


def events(database: Database) -> dict[str, int]:
    """How often each thing happened to a job."""
    rows = database.execute("SELECT event, count(*) FROM job_events GROUP BY event ORDER BY event")
    return dict(rows.fetchall())


def _shown(rows: list[tuple[Any, ...]]) -> str:
    first = "; ".join(", ".join(map(str, row)) for row in rows[:_SHOWN])
    return first if len(rows) <= _SHOWN else f"{first}; and {len(rows) - _SHOWN} more"
