"""A job's events read as a story: how long it waited, each attempt, who did what to it. Pure: events in, story out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from networx.jobs.job import JobStatus

_QUEUED, _RUNNING = JobStatus.QUEUED.value, JobStatus.RUNNING.value
_LOST = "taken over"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One stretch of work by one worker. `outcome` is the event that ended it, None while it lasts.

    `number` counts the stretches, `attempt` the tries that count against the job's limit.
    """

    number: int
    attempt: int
    worker: str
    started_at: datetime
    waited_seconds: float | None
    resumed_from: str | None = None
    ended_at: datetime | None = None
    seconds: float | None = None
    peak_mib: float | None = None
    outcome: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did to the job from outside: submitted, redriven, cancelled."""

    at: datetime
    event: str
    actor: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """The course of a job. `waiting_since` is set while it waits for a worker."""

    acts: tuple[Act, ...]
    attempts: tuple[Attempt, ...]
    waited_seconds: float
    worked_seconds: float
    waiting_since: datetime | None


def read(events: Sequence[Mapping[str, Any]], now: datetime) -> Story:
    """The story that a job's events tell, oldest first, as of `now`. An event of a name unknown here is no obstacle."""
    acts: list[Act] = []
    attempts: list[Attempt] = []
    waiting_since: datetime | None = None
    waited_in_all = 0.0
    for event in events:
        before, after, at = event["from_status"], event["to_status"], event["at"]
        running = before == _RUNNING
        waited = None if waiting_since is None else (at - waiting_since).total_seconds()
        waited_in_all += waited or 0.0
        if running and (after != _RUNNING or event["event"] == _LOST):
            attempts[-1:] = [_ended(attempt, event) for attempt in attempts[-1:]]
        if after == _RUNNING and (not running or event["event"] == _LOST):
            attempts.append(Attempt(len(attempts) + 1, event["attempt"], event["actor"], at, waited))
        elif event["event"] == "resumed":
            attempts[-1:] = [replace(attempt, resumed_from=event["reason"]) for attempt in attempts[-1:]]
        if event["event"] == "cancelled" or (not running and after != _RUNNING):
            acts.append(Act(at, event["event"], event["actor"], event["reason"]))
        waiting_since = at if after == _QUEUED else None
    still = 0.0 if waiting_since is None else (now - waiting_since).total_seconds()
    return Story(
        acts=tuple(acts),
        attempts=tuple(attempts),
        waited_seconds=round(waited_in_all + still, 3),
        worked_seconds=round(sum(_worked(attempt, now) for attempt in attempts), 3),
        waiting_since=waiting_since,
    )


def _ended(attempt: Attempt, event: Mapping[str, Any]) -> Attempt:
    facts = event.get("facts") or {}
    lost = event["event"] == _LOST
    return replace(
        attempt,
        ended_at=event["at"],
        # A worker that was lost never said how long it worked; until it was missed is the most there is to say.
        seconds=facts.get("seconds", round((event["at"] - attempt.started_at).total_seconds(), 3)),
        peak_mib=facts.get("peak_mib"),
        outcome="lost" if lost else event["event"],
        reason=event["reason"],
    )


def _worked(attempt: Attempt, now: datetime) -> float:
    return attempt.seconds if attempt.seconds is not None else (now - attempt.started_at).total_seconds()
