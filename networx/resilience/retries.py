"""Whether a failed outbound call is made again, and when: a pure decision, and what a server asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
# The server says that it did not do the work now, and may later.
PASSING_STATUSES = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: any time up to `first` doubled with each attempt, and up to `longest`.

    A server that asks for a longer wait than `longest_asked` is not waited for.
    """

    attempts: int = 3
    first: timedelta = timedelta(milliseconds=500)
    longest: timedelta = timedelta(seconds=8)
    longest_asked: timedelta = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: before the request was sent or after, and for how many seconds the server asked."""

    passing: bool
    unsent: bool = False
    asked_seconds: float | None = None


def wait_before_retry(
    failure: Failure,
    *,
    attempt: int,
    repeatable: bool,
    left_seconds: float,
    backoff: Backoff,
    chance: Callable[[], float],
) -> float | None:
    """Seconds to wait before the next attempt, or None where there is none. `attempt` counts from 1.

    `repeatable`: doing it twice is as good as once. Without that, only what was certainly not done is done again.
    """
    if attempt >= backoff.attempts or not failure.passing or not (repeatable or failure.unsent):
        return None
    ceiling = min(backoff.first.total_seconds() * 2 ** (attempt - 1), backoff.longest.total_seconds())
    wait = ceiling * chance()
    if failure.asked_seconds is not None:
        if failure.asked_seconds > backoff.longest_asked.total_seconds():
            return None
        wait += failure.asked_seconds  # those who were told the same do not all come back at the same instant
    return wait if wait < left_seconds else None


def asked_wait(header: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, a number or a date; None where it says nothing that can be read."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max((at - now).total_seconds(), 0.0)
