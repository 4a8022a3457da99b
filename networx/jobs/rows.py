"""What the statements on jobs share: the columns of a job, the event that each move writes, and rows as values.

`jobs` is where jobs are moved, `jobs_seen` where they are looked at: there a batch stands as its members make it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.jobs.job import JOB_COLUMNS, Job

COLUMNS = ", ".join(JOB_COLUMNS)
_EVENT = "tenant_id, job_id, event, actor, from_status, to_status, fence, attempt, reason"
EVENT = f"INSERT INTO job_events ({_EVENT})"
EVENT_WITH_FACTS = f"INSERT INTO job_events ({_EVENT}, facts)"


def rows(connection: Connection, statement: str, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement, each by column name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, arguments).fetchall()


def json_or_null(content: Mapping[str, Any] | None) -> Jsonb | None:
    """An argument for a column of JSON that may be empty."""
    return None if content is None else Jsonb(dict(content))


def one_job(connection: Connection, statement: str, arguments: Mapping[str, Any]) -> Job | None:
    """The first row of a statement as a job, or None without one."""
    found = rows(connection, statement, arguments)
    return Job.from_row(found[0]) if found else None
