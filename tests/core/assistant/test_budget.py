"""Which model may be asked with so much spent and held, and which level of use is warned of: decisions as tables."""

from __future__ import annotations

from decimal import Decimal

import pytest

from networx.assistant.budget import Lack, Offer, Period, Standing, choose, percent_spent, warning_due
from networx.assistant_terms import Budget

LARGE, SMALL = Offer("large", 100, Decimal("0.10")), Offer("small", 100, Decimal("0.01"))
ROOMY = Budget(10**9, Decimal(10**6))


def chosen(offers: list[Offer], day: Standing, month: Standing, daily: Budget, monthly: Budget = ROOMY) -> Offer | Lack:
    return choose(offers, {Period.MONTH: month, Period.DAY: day}, {Period.MONTH: monthly, Period.DAY: daily})


NONE = Standing()
BUDGET = Budget(1_000, Decimal(1))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (NONE, "large"),
        (Standing(spent_tokens=699), "large"),
        # With the call 800 of 1,000 would be used.
        (Standing(spent_tokens=700), "small"),
        (Standing(held_tokens=700), "small"),
        (Standing(spent_tokens=400, held_tokens=300), "small"),
        (Standing(spent_dollars=Decimal("0.69")), "large"),
        (Standing(spent_dollars=Decimal("0.7")), "small"),
        # Room for the cheaper one alone.
        (Standing(spent_dollars=Decimal("0.95")), "small"),
        (Standing(spent_tokens=900, spent_dollars=Decimal("0.99")), "small"),
        (Standing(spent_tokens=901), Lack(Period.DAY, "tokens")),
        (Standing(held_tokens=901), Lack(Period.DAY, "tokens")),
        (Standing(spent_dollars=Decimal("0.991")), Lack(Period.DAY, "dollars")),
    ],
)
def test_a_model_is_chosen_by_what_is_left(day: Standing, expected: str | Lack) -> None:
    found = chosen([LARGE, SMALL], day, NONE, BUDGET)
    assert (found.model if isinstance(found, Offer) else found) == expected


def test_without_a_cheaper_model_the_one_there_is_asked_to_the_end() -> None:
    assert chosen([LARGE], Standing(spent_tokens=900), NONE, BUDGET) == LARGE
    assert chosen([LARGE], Standing(spent_tokens=901), NONE, BUDGET) == Lack(Period.DAY, "tokens")


def test_the_month_counts_like_the_day() -> None:
    spent = Standing(spent_tokens=901)
    assert chosen([LARGE], NONE, spent, ROOMY, BUDGET) == Lack(Period.MONTH, "tokens")


@pytest.mark.parametrize("budget", [Budget(0, Decimal(1)), Budget(1_000, Decimal(0))])
def test_a_limit_of_nothing_lets_nothing_through(budget: Budget) -> None:
    assert isinstance(chosen([LARGE, SMALL], NONE, NONE, budget), Lack)
    assert percent_spent(NONE, Budget(0, Decimal(0))) == 100


def test_the_nearer_limit_is_what_counts() -> None:
    assert percent_spent(Standing(spent_tokens=500, spent_dollars=Decimal("0.25")), BUDGET) == 50
    assert percent_spent(Standing(spent_tokens=100, spent_dollars=Decimal("0.95")), BUDGET) == 95


@pytest.mark.parametrize(
    ("percent", "warned", "due"),
    [(49.9, 0, None), (50, 0, 50), (79.9, 50, None), (80, 50, 80), (99, 50, 95), (99, 95, None), (200, 80, 95)],
)
def test_a_level_is_warned_of_once(percent: float, warned: int, due: int | None) -> None:
    assert warning_due(percent, warned) == due
