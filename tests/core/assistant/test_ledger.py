"""The budget in the record: held, settled, given back, lost; days, months, warnings, and what outlives a tenant."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from decimal import Decimal

import pytest

from networx.assistant import ledger
from networx.assistant.budget import Offer, Period, Standing
from networx.assistant.ledger import About, Spent
from networx.assistant_terms import Budget
from networx.db import pool
from networx.db.audit import Doer
from networx.errors import AssistantBudgetSpent
from networx.work import tenant_erasure
from tests.conftest import Record
from tests.core.assistant.conftest import calls

OFFER = Offer("large", 400, Decimal("0.004"))
BUDGETS = {Period.MONTH: Budget(2_000, Decimal(1)), Period.DAY: Budget(1_000, Decimal("0.5"))}
DAY = date(2026, 11, 30)


def so_far(day: date = DAY) -> dict[Period, Standing]:
    with pool.system() as connection:
        return ledger.standings(connection, day)


def emitted(capsys: pytest.CaptureFixture[str], name: str) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if f'"{name}"' in line]


def test_a_call_is_held_and_then_settled_by_what_it_took(about: About) -> None:
    held = ledger.reserve(about, [OFFER], BUDGETS, on=DAY)
    expected = Standing(held_tokens=400, held_dollars=Decimal("0.004"))
    assert so_far() == {Period.MONTH: expected, Period.DAY: expected}
    ledger.settle(held, BUDGETS, outcome="answered", spent=Spent(200, 50, Decimal("0.001")))
    spent = Standing(250, Decimal("0.001"), 0, Decimal(0))
    assert so_far() == {Period.MONTH: spent, Period.DAY: spent}
    (call,) = calls()
    assert (call["status"], call["input_tokens"], call["output_tokens"], call["tokens"]) == ("spent", 200, 50, 250)
    assert (call["asked_by"], call["request_id"], call["purpose"]) == ("a test", "a-request", "summary")


def test_what_the_endpoint_did_not_count_is_taken_in_full(about: About) -> None:
    ledger.settle(ledger.reserve(about, [OFFER], BUDGETS, on=DAY), BUDGETS, outcome="timeout")
    assert so_far()[Period.DAY] == Standing(400, Decimal("0.004"), 0, Decimal(0))
    (call,) = calls()
    assert (call["status"], call["outcome"], call["input_tokens"]) == ("in_full", "timeout", None)


def test_a_call_that_was_never_made_costs_nothing(about: About) -> None:
    ledger.release(ledger.reserve(about, [OFFER], BUDGETS, on=DAY), BUDGETS, outcome="unreachable")
    assert so_far()[Period.DAY] == Standing(0, Decimal(0), 0, Decimal(0))
    assert [(call["status"], call["tokens"]) for call in calls()] == [("unspent", 0)]


def test_a_call_is_settled_once(about: About) -> None:
    held = ledger.reserve(about, [OFFER], BUDGETS, on=DAY)
    ledger.settle(held, BUDGETS, outcome="answered", spent=Spent(10, 10, Decimal("0.0001")))
    ledger.settle(held, BUDGETS, outcome="again")
    ledger.release(held, BUDGETS, outcome="again")
    assert so_far()[Period.DAY].spent_tokens == 20


def test_what_is_held_is_not_there_for_others(about: About) -> None:
    for _ in range(2):
        ledger.reserve(about, [OFFER], BUDGETS, on=DAY)
    with pytest.raises(AssistantBudgetSpent, match=r"the 1,000 tokens of this day are spent or held") as refused:
        ledger.reserve(about, [OFFER], BUDGETS, on=DAY)
    assert refused.value.facts["retry_after_seconds"] >= 1
    assert so_far()[Period.DAY].held_tokens == 800


def test_a_new_day_has_its_own_budget_and_the_month_goes_on(about: About) -> None:
    for day in (date(2026, 11, 28), date(2026, 11, 29)):
        for _ in range(2):
            ledger.settle(ledger.reserve(about, [OFFER], BUDGETS, on=day), BUDGETS, outcome="timeout")
    assert so_far(date(2026, 11, 29))[Period.DAY].spent_tokens == 800
    ledger.settle(ledger.reserve(about, [OFFER], BUDGETS, on=DAY), BUDGETS, outcome="timeout")
    with pytest.raises(AssistantBudgetSpent, match=r"the 2,000 tokens of this month"):
        ledger.reserve(about, [OFFER], BUDGETS, on=DAY)
    ledger.reserve(about, [OFFER], BUDGETS, on=date(2026, 12, 1))


def test_dollars_are_a_limit_too(about: About) -> None:
    dear = Offer("large", 10, Decimal("0.3"))
    ledger.reserve(about, [dear], BUDGETS, on=DAY)
    with pytest.raises(AssistantBudgetSpent, match=r"the \$0.50 of this day"):
        ledger.reserve(about, [dear], BUDGETS, on=DAY)


def test_near_the_limit_the_cheaper_model_is_held(about: About) -> None:
    cheaper = Offer("small", 400, Decimal("0.0004"))
    models = [ledger.reserve(about, [OFFER, cheaper], BUDGETS, on=DAY).offer.model for _ in range(2)]
    assert models == ["large", "small"]
    assert [call["model"] for call in calls()] == models


def test_a_call_that_nobody_settles_counts_in_full_after_a_while_and_is_told(about: About, caplog) -> None:
    held = ledger.reserve(about, [OFFER], BUDGETS, on=DAY)
    assert ledger.settle_lost(BUDGETS) == 0
    with pool.system() as connection:
        connection.execute("UPDATE assistant_calls SET overdue_at = now() - interval '1 second'")
    with caplog.at_level(logging.WARNING):
        assert ledger.settle_lost(BUDGETS) == 1
    assert "assistant.call_lost" in caplog.messages
    assert ledger.settle_lost(BUDGETS) == 0
    assert so_far()[Period.DAY] == Standing(400, Decimal("0.004"), 0, Decimal(0))
    # Who comes back all the same changes nothing any more.
    ledger.settle(held, BUDGETS, outcome="answered", spent=Spent(1, 1, Decimal(0)))
    assert [(call["status"], call["tokens"]) for call in calls()] == [("lost", 400)]


def test_more_than_was_held_is_recorded_as_it_is_and_said(about: About, caplog) -> None:
    held = ledger.reserve(about, [OFFER], BUDGETS, on=DAY)
    with caplog.at_level(logging.WARNING):
        ledger.settle(held, BUDGETS, outcome="answered", spent=Spent(900, 200, Decimal("0.01")))
    assert "assistant.more_than_held" in caplog.messages
    assert so_far()[Period.DAY].spent_tokens == 1_100
    with pytest.raises(AssistantBudgetSpent):
        ledger.reserve(about, [OFFER], BUDGETS, on=DAY)


def test_each_level_is_warned_of_once_a_period(about: About, caplog, capsys) -> None:
    warned = []
    for _ in range(10):
        held = ledger.reserve(about, [Offer("large", 100, Decimal(0))], BUDGETS, on=DAY)
        with caplog.at_level(logging.WARNING):
            caplog.clear()
            ledger.settle(held, BUDGETS, outcome="answered", spent=Spent(99, 1, Decimal(0)))
        warned.append(
            [(each.fields["period"], each.fields["percent"]) for each in caplog.records if hasattr(each, "fields")]
        )
    said = [one for each in warned for one in each]
    assert said == [("day", 50), ("day", 80), ("month", 50), ("day", 95)]
    assert warned[4] == [("day", 50)]
    assert len(emitted(capsys, "AssistantBudgetWarnings")) == 4


def test_spending_is_told_as_metrics(about: About, capsys) -> None:
    with pool.system() as connection:
        today = connection.execute("SELECT (now() AT TIME ZONE 'UTC')::date").fetchone()[0]
    held = ledger.reserve(about, [OFFER], BUDGETS)
    ledger.settle(held, BUDGETS, outcome="answered", spent=Spent(300, 100, Decimal("0.004")))
    out = capsys.readouterr().out
    assert '"Model":"large","AssistantTokens":400' in out
    assert '"Period":"day","AssistantCostSoFar":0.004' in out
    assert '"Period":"day","AssistantBudgetUsed":40.0' in out
    assert '"Period":"month","AssistantBudgetUsed":20.0' in out
    # A call of yesterday says nothing about today.
    late = ledger.reserve(about, [OFFER], BUDGETS, on=today - timedelta(days=40))
    ledger.settle(late, BUDGETS, outcome="timeout")
    assert emitted(capsys, "AssistantBudgetUsed") == []


def test_money_stays_spent_when_its_tenant_is_gone(about: About, whole_budget: Record) -> None:
    ledger.settle(ledger.reserve(about, [OFFER], BUDGETS, on=DAY), BUDGETS, outcome="timeout")
    assert tenant_erasure.erase(whole_budget.slug, Doer("operator")).left.nothing
    assert calls() == []
    assert so_far()[Period.DAY].spent_tokens == 400
