"""A result in plain words, by a model that is told its figures; shown only if every figure in it is the result's.

    facts -> ask -> check -> (what is wrong, ask once more -> check) -> names put back -> kept under its job

A result never changes, so one summary of it is enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from networx.assistant.asking import Assistant
from networx.assistant.chat import Message
from networx.assistant.fact import Facts
from networx.assistant.facts import facts_of
from networx.assistant.figures import check, named
from networx.assistant.ledger import About
from networx.db.pool import Connection
from networx.errors import AssistantAnswerRefused
from networx.observability.logs import Log

log = Log(__name__)

PURPOSE = "summary"
# A load balancer gives a request up after a minute.
TIME = timedelta(seconds=50)
LEAST_TIME_TO_ASK_AGAIN = timedelta(seconds=10)
MOST_TOKENS = 2_000
_PROBLEMS_TOLD = 12

_RULES = """You write a short summary of the result of a supply-chain network optimisation, for a manager.
Rules:
- At most 150 words, plain sentences in English, no lists, no headings, no markup.
- Use only the figures below. Do not add, subtract, divide or compare them into new figures.
- Write every number in digits, and after a count what it counts, such as 6 facilities.
- Money: in full, or as $1.23 million with three significant digits. Percentages with %.
- Call facilities only as they are called below, such as [F1]. Mention no other name, place or company.
- Say nothing of savings, of today's network or of what is not below.
- Do not call the plan optimal or proven unless the status is optimal."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary as it is kept. `figures` are those in the text, each with the facts of the result that it may be."""

    job_id: UUID
    text: str
    figures: Sequence[Mapping[str, Any]]
    model: str
    written_at: datetime


_COLUMNS = ", ".join(Summary.__dataclass_fields__)


def write(
    assistant: Assistant,
    about: About,
    result: Mapping[str, Any],
    clock: Callable[[], float] = time.monotonic,
) -> tuple[str, list[dict[str, Any]], str]:
    """Text, figures and model of a summary of a result.

    Raises AssistantAnswerRefused where the model writes twice what the result does not say, and what asking raises.
    """
    facts = facts_of(result)
    messages = [Message("system", _RULES), Message("user", _told(facts))]
    ends = clock() + TIME.total_seconds()
    while True:
        left = timedelta(seconds=ends - clock())
        written = assistant.ask(about, messages, most_tokens=MOST_TOKENS, total=left)
        figures, problems = check(written.text, facts)
        if not problems:
            return named(written.text, facts), [asdict(figure) for figure in figures], written.model
        log.warning("assistant.summary_refused", model=written.model, problems=len(problems))
        if len(messages) > 2 or ends - clock() < LEAST_TIME_TO_ASK_AGAIN.total_seconds():
            raise AssistantAnswerRefused(reason="; ".join(problems[:3]))
        messages += [Message("assistant", written.text), Message("user", _wrong(problems))]


def _told(facts: Facts) -> str:
    lines = [f"Status: {facts.status}{', stopped early' if facts.partial else ''}"]
    if facts.clashing:
        lines.append(f"No plan meets all of these requirements: {', '.join(facts.clashing)}")
    return "\n".join([*lines, *facts.lines()])


def _wrong(problems: Sequence[str]) -> str:
    said = "\n".join(f"- {problem}" for problem in problems[:_PROBLEMS_TOLD])
    return f"That broke the rules:\n{said}\nWrite it again, by the rules, with nothing but the summary."


def keep(connection: Connection, tenant_id: UUID, job_id: UUID, text: str, figures: Any, model: str) -> Summary:
    """Keep a summary under its job; where two were written at once, the first."""
    connection.execute(
        """INSERT INTO result_summaries (job_id, tenant_id, text, figures, model) VALUES (%s, %s, %s, %s, %s)
           ON CONFLICT (job_id) DO NOTHING""",
        (job_id, tenant_id, text, Jsonb(figures), model),
    )
    kept = find(connection, job_id)
    assert kept is not None
    return kept


def find(connection: Connection, job_id: UUID) -> Summary | None:
    """The summary of a job's result, if there is one."""
    with connection.cursor(row_factory=class_row(Summary)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM result_summaries WHERE job_id = %s", (job_id,)).fetchone()
