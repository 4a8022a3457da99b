"""Every error becomes an envelope that says what the caller may know, and nothing more."""

from __future__ import annotations

import json

import pytest

from networx import errors
from networx.api import faults
from networx.db import pool
from networx.db.pool import Role
from networx.errors import NetworxError, NotFound, Problem, RefusedInput
from networx.topology import TOPOLOGY


def leaves(kind: type[NetworxError]) -> set[type[NetworxError]]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*(leaves(each) for each in below))


def test_every_error_of_the_tree_has_its_status():
    ours = {kind for kind in leaves(NetworxError) if kind.__module__ == errors.__name__}
    assert {kind for kind in ours if not set(kind.__mro__) & set(faults.STATUS)} == set()


def test_what_a_retry_may_mend_is_503_and_says_when_to_come_back():
    spent = {errors.AssistantBudgetSpent}  # by the callers themselves
    for kind in leaves(errors.TransientError):
        if kind.__module__ != errors.__name__:
            continue  # a command's own, which the web never meets
        assert faults.status_of(kind) == (429 if kind in spent else 503)
    answer = faults.answer_to(errors.DatabaseUnavailable())
    assert answer.headers["Retry-After"] == str(faults.RETRY_AFTER_SECONDS)
    refused = faults.answer_to(errors.DatabaseUnavailable(code="CIRCUIT_OPEN", retry_after_seconds=17))
    assert refused.headers["Retry-After"] == "17"
    assert json.loads(bytes(refused.body))["code"] == "CIRCUIT_OPEN"


def test_a_circuit_that_is_open_fills_no_log_with_traces(caplog):
    """During an outage each of many requests is refused: those that found the outage left their trace."""
    for fault, traces in ((errors.DatabaseUnavailable(), 1), (errors.DatabaseUnavailable(code="CIRCUIT_OPEN"), 0)):
        caplog.clear()
        try:
            raise fault
        except errors.DatabaseUnavailable as raised:
            faults.answer_to(raised)
        assert sum(record.exc_info is not None for record in caplog.records) == traces
        assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "fault",
    [
        ValueError("SELECT secret FROM api_keys"),
        errors.ConfigurationError(what="password is hunter2"),
        errors.SolverFault(what="/work/secret/path"),
    ],
)
def test_nothing_of_an_inner_fault_leaves(fault):
    answer = faults.answer_to(fault)
    body = json.loads(answer.body)
    assert answer.status_code == 500
    assert body == {
        "success": False,
        "error": faults.INTERNAL[0],
        "code": "INTERNAL_ERROR",
        "request_id": body["request_id"],
    }


def test_a_refusal_carries_each_problem_with_its_place():
    problem = Problem("must be positive", "range", sheet="Lanes", row=3, column="cost_per_unit", value="-1")
    answer = faults.answer_to(RefusedInput([problem]))
    assert answer.status_code == 422
    assert json.loads(answer.body)["problems"] == [problem.as_dict()]


def test_a_refusal_with_a_narrower_word_has_a_narrower_status():
    answer = faults.answer_to(RefusedInput([Problem("absent", "required")], code="MISSING_SCENARIO"))
    assert (answer.status_code, json.loads(answer.body)["code"]) == (400, "MISSING_SCENARIO")


def test_when_all_connections_are_in_use_a_request_hears_that_the_database_is_busy(client, monkeypatch):
    pool.close_pools()
    monkeypatch.setattr(pool, "_maximum", 2)
    try:
        with pool.system(), pool.system(), monkeypatch.context() as hurried:
            hurried.setattr(pool.pool(Role.SYSTEM), "timeout", 0.1)
            for _ in range(TOPOLOGY.circuit("database").failures + 1):
                answer = client.get("/api/jobs")
                assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_BUSY")
                assert answer.headers["Retry-After"] == str(faults.RETRY_AFTER_SECONDS)
        assert client.get("/api/jobs").status_code == 200
    finally:
        pool.close_pools()


def test_what_is_not_found_is_named():
    answer = faults.answer_to(NotFound(what="job", id=7))
    assert (answer.status_code, json.loads(answer.body)["code"]) == (404, "JOB_NOT_FOUND")
