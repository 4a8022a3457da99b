"""The report: every measure in every week, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from networx import settings
from networx.db import pool
from networx.errors import QueueUnavailable
from networx.topology import TOPOLOGY
from networx.weekly.figures import Figure
from networx.weekly.measures import ANSWERS, MEASURES, Asked
from networx.weekly.weeks import Week, latest
from networx.work.queue_depths import depth_of


@dataclass(frozen=True, slots=True)
class WeekTold:
    """One week and its figures, in the order of MEASURES."""

    week: Week
    figures: tuple[Figure, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "week": self.week.name,
            "since": self.week.since.isoformat(),
            "until": self.week.until.isoformat(),
            "over": self.week.over,
            "figures": [figure.as_dict() for figure in self.figures],
        }


def report(number: int, *, bills: Mapping[str, Decimal], now: datetime | None = None) -> list[WeekTold]:
    """The latest weeks, the newest first. Raises DatabaseUnavailable."""
    letters = dead_letters_now()
    with pool.system() as connection:
        weeks = latest(number, now or pool.now(connection))
        began = connection.execute("SELECT min(created_at) FROM tenants").fetchone()
        asked = Asked(weeks, connection, None if began is None else began[0], letters, bills)
        found: list[dict[str, Figure]] = [{} for _ in weeks]
        for answer in ANSWERS:
            for week, figures in zip(found, answer(asked), strict=True):
                week.update({figure.measure.name: figure for figure in figures})
    return [
        WeekTold(week, tuple(figures[measure.name] for measure in MEASURES))
        for week, figures in zip(weeks, found, strict=True)
    ]


def dead_letters_now() -> int | None:
    """How many messages stand in the dead-letter queues; None where one cannot be reached."""
    urls = settings.current().dead_letter_urls
    try:
        depths = [depth_of(urls[queue.name]) for queue in TOPOLOGY.queues]
    except QueueUnavailable:
        return None
    return sum(depth.waiting + depth.in_flight for depth in depths)
