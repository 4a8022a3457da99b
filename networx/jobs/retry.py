"""Whether and when a failed attempt is tried again: a pure decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from networx.blueprint import JobKind
from networx.errors import NetworxError, PermanentError, RefusedInput
from networx.jobs.job import JobStatus

JITTER = 0.5
PROBLEMS_KEPT = 50


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the job goes. `delay` is set for a retry only."""

    status: JobStatus
    delay: timedelta = timedelta(0)


def decide(error: BaseException, attempt: int, kind: JobKind, *, lot: float = 0.0) -> Decision:
    """What becomes of a job whose `attempt`-th attempt ended with `error`. `lot`, drawn from [0, 1), sets its jitter.

    What cannot succeed (a PermanentError) fails at once. Everything else, a bug of ours too, may be a passing fault
    and is tried until the attempts are used up, twice as long apart each time. Up to half of the delay comes on top,
    so that jobs that failed together do not come back together.
    """
    if isinstance(error, PermanentError):
        return Decision(JobStatus.FAILED)
    if attempt >= kind.max_attempts:
        return Decision(JobStatus.DEAD)
    return Decision(JobStatus.QUEUED, backoff(attempt, kind, lot=lot))


def backoff(times: int, kind: JobKind, *, lot: float) -> timedelta:
    """How long a job waits that goes back into its queue for the `times`-th time, from 1."""
    pause: timedelta = min(kind.first_backoff * 2 ** (times - 1), kind.longest_backoff)
    return pause * (1 + JITTER * lot)


def error_facts(error: BaseException) -> dict[str, Any]:
    """An error as the record and the API keep it: code and message; an unexpected one says no more than its type.

    Of data that was refused it has the first problems too, and how many there are.
    """
    if isinstance(error, RefusedInput):
        told = [problem.as_dict() for problem in error.problems[:PROBLEMS_KEPT]]
        return {"code": error.code, "message": str(error), "problems": told, "problem_count": len(error.problems)}
    if isinstance(error, NetworxError):
        return {"code": error.code, "message": str(error)}
    return {"code": NetworxError.code, "message": f"An unexpected fault ended the work ({type(error).__name__})."}
