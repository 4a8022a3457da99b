"""Weeks as the report counts them: ISO weeks, from Monday to Monday, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """One week: from `since` on and before `until`, of which `now` may lie inside."""

    since: datetime
    now: datetime

    @property
    def until(self) -> datetime:
        return self.since + _WEEK

    @property
    def name(self) -> str:
        """As ISO 8601 names it: `2026-W47`."""
        year, week, _ = self.since.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def over(self) -> bool:
        return self.now >= self.until

    @property
    def end(self) -> datetime:
        """Up to where it can be looked at."""
        return min(self.until, self.now)


def latest(number: int, now: datetime) -> list[Week]:
    """The week that `now` lies in and those before it, the newest first."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    return [Week(monday - back * _WEEK, now) for back in range(number)]
