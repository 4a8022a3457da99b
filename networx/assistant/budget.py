"""Which model may be asked, and when to warn: pure decisions over what is spent and held. The record is ledger.py's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from networx.assistant_terms import AssistantTerms, Budget

# From this share of a limit on, the cheaper model is asked.
NEAR = Decimal("0.8")
WARNED_AT = (50, 80, 95)


class Period(StrEnum):
    """What a budget is for, by UTC's calendar. Rows are locked in this order."""

    MONTH = "month"
    DAY = "day"


Budgets = Mapping[Period, Budget]


def budgets_of(terms: AssistantTerms) -> Budgets:
    return {Period.MONTH: terms.monthly, Period.DAY: terms.daily}


@dataclass(frozen=True, slots=True)
class Standing:
    """One period so far: what was spent, and what calls under way may spend at most."""

    spent_tokens: int = 0
    spent_dollars: Decimal = Decimal(0)
    held_tokens: int = 0
    held_dollars: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that may be asked, and the most that it then uses."""

    model: str
    tokens: int
    dollars: Decimal


@dataclass(frozen=True, slots=True)
class Lack:
    """Which limit of which period leaves no room: `tokens` or `dollars`."""

    period: Period
    measure: str


@dataclass(frozen=True, slots=True)
class _Use:
    """What one measure of one period would come to."""

    lack: Lack
    amount: Decimal
    limit: Decimal

    @property
    def fits(self) -> bool:
        return self.amount <= self.limit

    @property
    def near(self) -> bool:
        return self.amount >= NEAR * self.limit


def choose(offers: Sequence[Offer], standings: Mapping[Period, Standing], budgets: Budgets) -> Offer | Lack:
    """The first offer while the limits are far; near them the last that fits, which is the cheaper; else what lacks."""
    preferred = list(_uses(offers[0], standings, budgets))
    if not any(use.near for use in preferred):
        return offers[0]
    for offer in reversed(offers):
        if all(use.fits for use in _uses(offer, standings, budgets)):
            return offer
    return next(use.lack for use in _uses(offers[-1], standings, budgets) if not use.fits)


def _uses(offer: Offer, standings: Mapping[Period, Standing], budgets: Budgets) -> Iterator[_Use]:
    for period, budget in budgets.items():
        so_far = standings[period]
        tokens = so_far.spent_tokens + so_far.held_tokens + offer.tokens
        yield _Use(Lack(period, "tokens"), Decimal(tokens), Decimal(budget.tokens))
        yield _Use(Lack(period, "dollars"), so_far.spent_dollars + so_far.held_dollars + offer.dollars, budget.dollars)


def percent_spent(standing: Standing, budget: Budget) -> float:
    """Of the limit that is nearer: 0 to 100, and more where an endpoint used more than it was allowed to."""
    shares = [Decimal(standing.spent_tokens) / budget.tokens] if budget.tokens else []
    shares += [standing.spent_dollars / budget.dollars] if budget.dollars else []
    return float(100 * max(shares, default=Decimal(1)))


def warning_due(percent: float, warned_percent: int) -> int | None:
    """The highest level that is reached, if it was not warned of yet."""
    reached = max((level for level in WARNED_AT if percent >= level), default=0)
    return reached if reached > warned_percent else None
