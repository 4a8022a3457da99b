"""What must hold at the end of every case, whatever happened in it: each a query that finds the rows that break it.

The queries see the record as the master does, and what the witness saw as the temporary table `witness`. A case may
leave no job unended and nothing unsent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from networx.db.bootstrap import DATABASE
from tests.chaos.witness import Line

INVARIANTS = {
    "every accepted submission is in the record": """
        SELECT job_id FROM witness LEFT JOIN jobs ON jobs.id = job_id
        WHERE what = 'accepted' AND jobs.id IS NULL""",
    "every job has ended": """
        SELECT id, kind, seen.status, attempt, fence, run_at, dispatched_at, heartbeat_at, worker
        FROM jobs JOIN (SELECT id, status FROM jobs_seen) AS seen USING (id)
        WHERE seen.status IN ('queued', 'running')""",
    "a job has a result if it succeeded, a partial one only if it was cancelled": """
        SELECT jobs.id, status, jobs.partial, results.partial FROM jobs FULL JOIN results ON job_id = jobs.id
        WHERE jobs.id IS NULL OR (status = 'succeeded') <> (job_id IS NOT NULL AND NOT results.partial)
           OR (results.partial AND status <> 'cancelled') OR jobs.partial <> coalesce(results.partial, false)""",
    "a result was written under the fence that its row names, and the winner's is the job's": """
        SELECT job_id, results.fence, result, jobs.fence FROM results JOIN jobs ON jobs.id = job_id
        WHERE result ->> 'fence' IS DISTINCT FROM results.fence::text
           OR (NOT results.partial AND results.fence <> jobs.fence) OR results.fence > jobs.fence""",
    "every acknowledged completion has its result": """
        SELECT witness.job_id, witness.fence, witness.worker, results.fence FROM witness
        LEFT JOIN results ON results.job_id = witness.job_id AND results.fence = witness.fence AND NOT partial
        WHERE what = 'completed' AND results.job_id IS NULL""",
    "an attempt starts once, under a fence of its own": """
        SELECT job_id, fence, count(*) FROM witness WHERE what = 'started'
        GROUP BY job_id, fence HAVING count(*) > 1""",
    "an attempt starts only after it was claimed": """
        SELECT job_id, fence FROM witness WHERE what = 'started' AND NOT EXISTS (
            SELECT FROM job_events AS event WHERE event.job_id = witness.job_id AND event.fence = witness.fence
            AND event.event IN ('claimed', 'taken over'))""",
    "a job ends once, and once more for each redrive": """
        SELECT job_id, array_agg(event ORDER BY job_events.id) FROM job_events GROUP BY job_id
        HAVING count(*) FILTER (WHERE to_status IN ('succeeded', 'failed', 'cancelled', 'dead'))
            <> 1 + count(*) FILTER (WHERE event = 'redriven')
           AND NOT (count(*) = 1 AND min(event) = 'submitted'
                    AND EXISTS (SELECT FROM jobs WHERE id = job_id AND kind = 'batch'))""",
    "no job has more attempts than it may, and each start counts": """
        SELECT id, attempt, max_attempts, counted FROM jobs LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE event IN ('claimed', 'taken over'))
                - count(*) FILTER (WHERE event = 'released') AS counted
            FROM job_events WHERE job_id = jobs.id AND id > coalesce((
                SELECT max(id) FROM job_events AS again WHERE again.job_id = jobs.id AND event = 'redriven'), 0)
        ) AS story ON true
        WHERE attempt > max_attempts OR attempt <> counted""",
    "the fence grows with every change of owner": """
        SELECT job_id, id, event, before, fence FROM (
            SELECT *, lag(fence) OVER (PARTITION BY job_id ORDER BY id) AS before FROM job_events) AS story
        WHERE fence < before OR (fence = before AND event NOT IN ('finished', 'failed', 'died'))
        UNION ALL
        SELECT jobs.id, NULL, 'now', max(job_events.fence), jobs.fence FROM jobs JOIN job_events ON job_id = jobs.id
        GROUP BY jobs.id HAVING max(job_events.fence) > jobs.fence""",
    "every move is lawful and begins where the last one ended": """
        SELECT job_id, id, event, before, from_status, to_status FROM (
            SELECT *, lag(to_status) OVER (PARTITION BY job_id ORDER BY id) AS before FROM job_events) AS story
        WHERE from_status IS DISTINCT FROM before
           OR (from_status IS NULL AND (event, to_status) <> ('submitted', 'queued'))
           OR (from_status IS NOT NULL AND event <> 'taken over'
               AND NOT EXISTS (SELECT FROM job_moves WHERE (job_moves.from_status, job_moves.to_status)
                               = (story.from_status, story.to_status)))
           OR (event = 'taken over' AND (from_status, to_status) <> ('running', 'running'))""",
    "the story ends where the job stands": """
        SELECT jobs.id, status, last.to_status FROM jobs LEFT JOIN LATERAL (
            SELECT to_status FROM job_events WHERE job_id = jobs.id ORDER BY id DESC LIMIT 1) AS last ON true
        WHERE last.to_status IS DISTINCT FROM status""",
    "nothing is left to be sent": "SELECT topic, job_id, fence, not_before FROM outbox",
}
_SHOWN = 3


def violations(master_conninfo: str, seen: Sequence[Line]) -> list[str]:
    """Every invariant that does not hold, with its first rows."""
    with psycopg.connect(master_conninfo, dbname=DATABASE) as master:
        master.execute("SET search_path = networx")
        master.execute("CREATE TEMPORARY TABLE witness (what text, job_id uuid, fence bigint, worker text)")
        with master.cursor() as cursor, cursor.copy("COPY witness FROM STDIN") as copy:
            for line in seen:
                copy.write_row((line.what, line.job, line.fence, line.worker))
        master.execute("ANALYZE witness")
        found = {name: master.execute(query).fetchall() for name, query in INVARIANTS.items()}
    return [f"not so: {name}: {_shown(rows)}" for name, rows in found.items() if rows]


def _shown(rows: list[tuple[Any, ...]]) -> str:
    first = "; ".join(", ".join(map(str, row)) for row in rows[:_SHOWN])
    return first if len(rows) <= _SHOWN else f"{first}; and {len(rows) - _SHOWN} more"
