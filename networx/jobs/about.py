"""The jobs that ask about another job's plan: what they answered, or have answered so far while they run."""

from __future__ import annotations

from uuid import UUID

from networx.db.journeys import Statement
from networx.jobs.job import SHOWN

MOST = 20

# What a running job has kept is a result as it will be, of what is answered by now.
_ABOUT = f"""
SELECT {", ".join(SHOWN)}, coalesce(
    (SELECT result FROM results WHERE results.job_id = jobs.id),
    (SELECT result FROM incumbents WHERE incumbents.job_id = jobs.id)) AS result
FROM jobs WHERE kind = 'sensitivity' AND params ->> 'of_job_id' = %(id)s
ORDER BY created_at DESC, id DESC LIMIT {MOST}
"""


def asked_about(job_id: UUID) -> Statement:
    """What finds the newest of them, as they are shown, each with its `result` or None."""
    return _ABOUT, {"id": str(job_id)}
