"""What is measured, and when somebody hears of it: metrics of our own, and alarms on them and on those of AWS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name, its CloudWatch unit, and its dimensions besides the aggregate without any."""

    name: str
    unit: str
    dimensions: tuple[str, ...] = ()


def runbook_of(page: str) -> str:
    """Where a page of the runbook stands."""
    return f"docs/runbook/{page}.md"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm on a metric's aggregate. `pages` calls on-call at once; otherwise it is a ticket."""

    name: str
    metric: str
    threshold: float
    statistic: str
    period: timedelta
    periods: int
    page: str
    pages: bool = False

    @property
    def runbook(self) -> str:
        return runbook_of(self.page)


class Part(StrEnum):
    """The kinds of parts that AWS itself measures."""

    QUEUE = "queue"
    DEAD_LETTERS = "dead-letter queue"
    FUNCTION = "function"
    SCHEDULE = "scheduled function"
    WEB = "load balancer"
    WEB_HOSTS = "web tasks behind the load balancer"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class PartAlarm:
    """An alarm on a metric of AWS's own, one for each part of its kind; several are told apart by the part's name.

    A `threshold` of None is the part's own (a queue's `depth_warning`). `below` fires under the threshold, and then
    silence fires too: what should be there and says nothing is not well.
    """

    name: str
    part: Part
    metric: str
    threshold: float | None
    statistic: str
    minutes: int
    periods: int
    page: str
    pages: bool = False
    below: bool = False

    @property
    def period(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def runbook(self) -> str:
        return runbook_of(self.page)
