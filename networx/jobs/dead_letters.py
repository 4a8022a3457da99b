"""Messages that stand in a dead-letter queue, or come back from one, and what the record says of their jobs.

Two kinds get there. The outbox puts a dead job's message there, with its history: what on-call must look at. SQS puts a
token there that was received too often: a hint like every other, and never a reason to kill its job.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import orjson

from networx.db import audit
from networx.db.audit import Doer
from networx.db.pool import Connection
from networx.jobs import control
from networx.jobs.job import JobStatus

CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of ours. `tells_death`: it carries the history that the outbox gave a job that died at this fence."""

    job_id: UUID
    fence: int
    tells_death: bool


def read(body: str) -> Letter | None:
    """The letter in a message's body, or None where the message is not ours."""
    try:
        content = orjson.loads(body)
        if not isinstance(content, dict) or not isinstance(content["job_id"], str) or type(content["fence"]) is not int:
            return None
        return Letter(UUID(content["job_id"]), content["fence"], bool(content.get("history")))
    except (ValueError, LookupError):
        return None


class Fate(StrEnum):
    """What becomes of a letter in a dead-letter queue."""

    STAYS = "dead job"  # its job is dead: on-call looks at it
    UNKNOWN = "not ours"  # there is no such job: it stays, for a person to find out whose it is
    REPLACED = "replaced"  # SQS's own: its job waits, and was sent a fresh hint in its place
    SETTLED = "settled"  # its job needs it no more


# With another fence: the five minutes in which SQS swallows what it has seen cover deleted messages, too. A hint that
# is on its way already is enough.
_DISPATCH = """
WITH armed AS (
    UPDATE jobs SET fence = fence + 1, dispatched_at = NULL
    WHERE id = %(id)s AND status = 'queued' AND queue IS NOT NULL
      AND NOT EXISTS (SELECT FROM outbox WHERE job_id = jobs.id AND topic = 'job.ready')
    RETURNING id, tenant_id, queue, fence, run_at
)
INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
SELECT tenant_id, 'job.ready', queue, id, fence, run_at FROM armed
"""


def settle(connection: Connection, letter: Letter) -> Fate:
    """Decide by the record what becomes of a letter, and send a waiting job the hint that the letter was.

    A running job needs none: its lease and the monitor watch over it, and a hint under its present fence might later
    swallow the message of its death, were that sent back.
    """
    found = connection.execute("SELECT status, fence FROM jobs WHERE id = %s FOR UPDATE", (letter.job_id,)).fetchone()
    if found is None:
        return Fate.UNKNOWN
    status, fence = JobStatus(found[0]), int(found[1])
    if status is JobStatus.DEAD:
        # Of a job that died, was redriven and died again, the news of the first death is old.
        return Fate.SETTLED if letter.tells_death and letter.fence < fence else Fate.STAYS
    if status is JobStatus.QUEUED and not letter.tells_death:
        connection.execute(_DISPATCH, {"id": letter.job_id})
        return Fate.REPLACED
    return Fate.SETTLED


def may_tell_death(body: str) -> bool:
    """Whether it is worth a look: most messages of a queue are tokens, and show it."""
    return '"history"' in body


def redrive_sent_back(connection: Connection, body: str) -> UUID | None:
    """Redrive the dead job whose letter an operator moved back to its queue; the job, or None for every other message.

    Only the letter of the death that the job is in counts. A token that comes late, or twice, must not raise the dead.
    """
    letter = read(body) if may_tell_death(body) else None
    if letter is None or not letter.tells_death:
        return None
    found = connection.execute(
        "SELECT tenant_id FROM jobs WHERE id = %s AND status = 'dead' AND fence = %s FOR UPDATE",
        (letter.job_id, letter.fence),
    ).fetchone()
    if found is None:
        return None
    control.redrive(connection, [letter.job_id], CONSOLE)
    audit.write(
        connection,
        Doer(CONSOLE),
        "job.redriven",
        str(letter.job_id),
        tenant_id=found[0],
        facts={"job_ids": [str(letter.job_id)]},
    )
    return letter.job_id
