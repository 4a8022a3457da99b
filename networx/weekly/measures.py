"""The measures, what they should be, and the questions to the record that answer them for every week at once.

Targets and alerts of lost jobs, 429s and dead letters are the originals' own. The objectives (`least`) are this
product's, and stand here alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from networx.db import hourly
from networx.db.pool import Connection
from networx.domain.phrases import counted
from networx.errors import (
    CertificateRefused,
    Conflict,
    Forbidden,
    NetworxError,
    NotFound,
    RefusedInput,
    TooLarge,
    Unauthenticated,
)
from networx.jobs.job import LOW
from networx.topology import TOPOLOGY
from networx.weekly.figures import DOLLARS, NUMBER, SHARE, Figure, Measure
from networx.weekly.weeks import Week

STALE = Measure("jobs that lost their worker, on the worst day", NUMBER, most=0, alert=5)
REFUSED = Measure("429s, in the worst hour", NUMBER, most=9, alert=100)
DIED = Measure("jobs that died", NUMBER, most=0)
DEAD_LETTERS = Measure("dead letters, now", NUMBER, most=0)
CERTIFICATES = Measure("answers that failed their check", NUMBER, most=0, alert=0)
ANSWERED = Measure("requests answered without a fault of ours", SHARE, least=0.999)
QUICK = Measure("requests answered within 30 s", SHARE, least=0.99)
STARTED = Measure("jobs started within 5 min", SHARE, least=0.99)
ENDED_WELL = Measure("jobs ended without a fault of ours", SHARE, least=0.99)
ASSISTANT = Measure("cost of the assistant", DOLLARS)
PER_JOB = Measure("dollars per job", DOLLARS)

# The record keeps jobs and their stories for so long; what was before is not known any more.
_KEPT_FOR = TOPOLOGY.limits.jobs_kept_for
_STARTED_WITHIN = timedelta(seconds=next(alarm.threshold for alarm in TOPOLOGY.alarms if alarm.metric == "StartDelay"))
# The second is what it was called before.
_CERTIFICATE = [CertificateRefused.code, "CERTIFICATE_REFUSED"]
_THE_CALLERS = (RefusedInput, NotFound, Conflict, Unauthenticated, Forbidden, TooLarge)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is made of: the weeks, the record, and what only the caller knows.

    `dead_letters` is how many stand in the dead-letter queues now, `bills` what was billed in a week, by its name.
    """

    weeks: Sequence[Week]
    connection: Connection
    began: datetime | None
    dead_letters: int | None
    bills: Mapping[str, Decimal]

    @property
    def since(self) -> datetime:
        return self.weeks[-1].since

    @property
    def until(self) -> datetime:
        return self.weeks[0].until

    def unknown(self, week: Week) -> str | None:
        """Why the record does not tell of a week, or None."""
        if self.began is None or week.end <= self.began:
            return "the record began later"
        if week.now - week.end > _KEPT_FOR:
            return f"the record keeps jobs for {_KEPT_FOR.days} days"
        return None


Answer = Callable[[Asked], Iterator[list[Figure]]]

_STORIES = """
SELECT date_trunc('day', at, 'UTC') AS day, count(*) FILTER (WHERE actor = 'stale-job-monitor') AS stale,
    count(*) FILTER (WHERE event = 'died') AS died
FROM job_events WHERE event IN ('recovered', 'died') AND at >= %s AND at < %s GROUP BY 1
"""


def lost_jobs(asked: Asked) -> Iterator[list[Figure]]:
    """Jobs that the monitor had to put back or end, and all that died, by the stories in the record."""
    days = asked.connection.execute(_STORIES, (asked.since, asked.until)).fetchall()
    for week in asked.weeks:
        why = asked.unknown(week)
        if why:
            yield [Figure(STALE, None, why), Figure(DIED, None, why)]
            continue
        within = [day for day in days if week.since <= day[0] < week.until]
        stale = sum(day[1] for day in within)
        yield [
            Figure(STALE, max((day[1] for day in within), default=0), f"{stale} in the week"),
            Figure(DIED, sum(day[2] for day in within), "attempts used up, or lost"),
        ]


def requests(asked: Asked) -> Iterator[list[Figure]]:
    """Requests by what the web processes counted; refusals that a readiness check brought about are left out."""
    found = hourly.between(asked.connection, asked.since, asked.until)
    for week in asked.weeks:
        hours = {hour: _of_hour(found, hour) for hour, name in found if name == hourly.ANSWERED and _in(week, hour)}
        if not hours:
            yield [Figure(measure, None, "no web process counted") for measure in (REFUSED, ANSWERED, QUICK)]
            continue
        total: Counter[str] = Counter()
        for numbers in hours.values():
            total.update(numbers)
        said = f"{counted(total[hourly.REFUSED], 'refusal')} in {counted(len(hours), 'hour')} counted"
        answered = total[hourly.ANSWERED]
        yield [
            Figure(REFUSED, max(numbers[hourly.REFUSED] for numbers in hours.values()), said),
            _share(ANSWERED, answered - total[hourly.FAILED], answered, "request"),
            _share(QUICK, answered - total[hourly.SLOW], answered, "request"),
        ]


def _in(week: Week, instant: datetime) -> bool:
    return week.since <= instant < week.until


def _of_hour(found: Mapping[tuple[datetime, str], int], hour: datetime) -> Counter[str]:
    numbers = Counter({name: found.get((hour, name), 0) for name in hourly.REQUESTS})
    on_purpose = found.get((hour, hourly.REFUSED_ON_PURPOSE), 0)
    numbers[hourly.REFUSED] = max(numbers[hourly.REFUSED] - on_purpose, 0)
    return numbers


def _share(measure: Measure, good: int, of_all: int, what: str) -> Figure:
    if not of_all:
        return Figure(measure, None, f"no {what}")
    return Figure(measure, good / of_all, f"{good:,} of {counted(of_all, what)}")


# Low priority may wait, and what waits for less than the limit is neither in time nor late.
_STARTS = """
SELECT date_trunc('week', created_at, 'UTC') AS week,
    count(*) FILTER (WHERE started_at <= created_at + %(within)s) AS good,
    count(*) FILTER (WHERE started_at IS NOT NULL OR (status = 'queued' AND created_at < now() - %(within)s)) AS total
FROM jobs WHERE queue IS NOT NULL AND priority < %(low)s AND created_at >= %(since)s AND created_at < %(until)s
GROUP BY 1
"""
_ENDS = """
SELECT date_trunc('week', finished_at, 'UTC') AS week,
    count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
    count(*) FILTER (WHERE status = 'dead' OR (status = 'failed' AND error ->> 'code' = ANY(%(ours)s))) AS ours,
    count(*) FILTER (WHERE error ->> 'code' = ANY(%(certificate)s) AND status = 'failed') AS certificate
FROM jobs WHERE queue IS NOT NULL AND finished_at >= %(since)s AND finished_at < %(until)s GROUP BY 1
"""


def jobs(asked: Asked) -> Iterator[list[Figure]]:
    """Jobs by when they were submitted, and by how they ended; refused input and infeasible are no failures."""
    span = {"since": asked.since, "until": asked.until}
    starts = _by_week(asked.connection, _STARTS, {**span, "within": _STARTED_WITHIN, "low": LOW})
    ends = _by_week(
        asked.connection, _ENDS, {**span, "ours": [*faults_of_ours(), *_CERTIFICATE], "certificate": _CERTIFICATE}
    )
    for week in asked.weeks:
        why = asked.unknown(week)
        if why:
            yield [Figure(measure, None, why) for measure in (CERTIFICATES, STARTED, ENDED_WELL, PER_JOB)]
            continue
        good, total = starts.get(week.since, (0, 0))
        succeeded, ours, certificate = ends.get(week.since, (0, 0, 0))
        yield [
            Figure(CERTIFICATES, certificate, "none of them was published"),
            _share(STARTED, good, total, "job"),
            _share(ENDED_WELL, succeeded, succeeded + ours, "job"),
            _per_job(asked.bills.get(week.name), succeeded),
        ]


def _by_week(connection: Connection, question: str, arguments: Mapping[str, Any]) -> dict[datetime, tuple[int, ...]]:
    return {row[0]: tuple(row[1:]) for row in connection.execute(question, arguments).fetchall()}


def _per_job(bill: Decimal | None, succeeded: int) -> Figure:
    if bill is None:
        return Figure(PER_JOB, None, "no bill of this week was stated")
    if not succeeded:
        return Figure(PER_JOB, None, "no job succeeded")
    return Figure(PER_JOB, float(bill / succeeded), f"${bill:,.2f} as stated, over {counted(succeeded, 'job')}")


def faults_of_ours() -> list[str]:
    """The codes of errors that no caller can cause."""
    return sorted({kind.code for kind in _kinds(NetworxError) if not issubclass(kind, _THE_CALLERS)})


def _kinds(root: type[NetworxError]) -> Iterator[type[NetworxError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _kinds(kind)


def dead_letters(asked: Asked) -> Iterator[list[Figure]]:
    """What stands in the dead-letter queues: of the present alone, for nobody writes down how many there were."""
    for week in asked.weeks:
        if week.over:
            yield [Figure(DEAD_LETTERS, None, "only the present depth is to be seen")]
        elif asked.dead_letters is None:
            yield [Figure(DEAD_LETTERS, None, "the queues cannot be reached")]
        else:
            yield [Figure(DEAD_LETTERS, asked.dead_letters, "in all dead-letter queues")]


_LEDGER = """
SELECT date_trunc('week', starts::timestamp AT TIME ZONE 'UTC', 'UTC') AS week, sum(spent_dollars), sum(spent_tokens)
FROM assistant_periods WHERE period = 'day' AND starts >= %(since)s::date AND starts < %(until)s::date GROUP BY 1
"""


def assistant(asked: Asked) -> Iterator[list[Figure]]:
    """What the assistant's ledger says was spent; an assistant that is off has spent nothing."""
    spent = {
        row[0]: row[1:]
        for row in asked.connection.execute(_LEDGER, {"since": asked.since, "until": asked.until}).fetchall()
    }
    for week in asked.weeks:
        dollars, tokens = spent.get(week.since, (0, 0))
        yield [Figure(ASSISTANT, float(dollars), f"{counted(int(tokens), 'token')}, by the ledger")]


ANSWERS: tuple[Answer, ...] = (lost_jobs, requests, dead_letters, jobs, assistant)
# In which order they are told.
MEASURES = (
    *(STALE, REFUSED, DEAD_LETTERS, DIED, CERTIFICATES),
    *(ANSWERED, QUICK, STARTED, ENDED_WELL, ASSISTANT, PER_JOB),
)
