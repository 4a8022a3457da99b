"""The decision about a failed attempt, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from networx.blueprint import JobKind
from networx.errors import (
    CertificateRefused,
    ChildLost,
    DatabaseUnavailable,
    LimitExceeded,
    Problem,
    RefusedInput,
)
from networx.jobs.job import JobStatus
from networx.jobs.retry import decide, error_facts

KIND = JobKind("k", "q.fifo", 1, timedelta(1), max_attempts=3, first_backoff=timedelta(seconds=1))


@pytest.mark.parametrize(
    ("error", "attempt", "status", "delay"),
    [
        (ChildLost(how="signal 9"), 1, JobStatus.QUEUED, 1),
        (ChildLost(how="signal 9"), 2, JobStatus.QUEUED, 2),
        (ChildLost(how="signal 9"), 3, JobStatus.DEAD, 0),
        (DatabaseUnavailable(), 1, JobStatus.QUEUED, 1),
        (KeyError("a bug"), 1, JobStatus.QUEUED, 1),
        (KeyError("a bug"), 3, JobStatus.DEAD, 0),
        (RefusedInput([Problem("bad", "rule")]), 1, JobStatus.FAILED, 0),
        (LimitExceeded(limit="1 s"), 1, JobStatus.FAILED, 0),
        (CertificateRefused(failed="cost"), 1, JobStatus.FAILED, 0),
    ],
)
def test_what_becomes_of_a_failed_attempt(error, attempt, status, delay):
    decision = decide(error, attempt, KIND)
    assert (decision.status, decision.delay) == (status, timedelta(seconds=delay))


def test_a_delay_grows_to_its_longest_and_is_spread_by_up_to_a_half():
    kind = replace(KIND, max_attempts=20, longest_backoff=timedelta(seconds=5))
    seconds = [decide(KeyError(), attempt, kind).delay.total_seconds() for attempt in range(1, 6)]
    assert seconds == [1, 2, 4, 5, 5]
    spread = [decide(KeyError(), 1, kind, lot=lot).delay.total_seconds() for lot in (0.0, 0.5, 1.0)]
    assert spread == [1, 1.25, 1.5]


def test_an_unexpected_error_tells_no_detail():
    assert "secret" not in error_facts(ValueError("a secret"))["message"]
    assert error_facts(ChildLost(how="signal 9")) == {
        "code": "CHILD_LOST",
        "message": "The process doing the work ended without an answer (signal 9).",
    }


def test_of_refused_data_every_problem_is_told_up_to_a_bound_and_all_are_counted():
    problems = [Problem(f"{row} is wrong.", "number", "Lanes", row, "cost_per_unit", "x") for row in range(2, 200)]
    told = error_facts(RefusedInput(problems))
    assert told["problems"] == [problem.as_dict() for problem in problems[:50]]
    assert (told["code"], told["problem_count"]) == ("INVALID_INPUT", 198)
    assert told["message"].endswith("(and 197 more)")
