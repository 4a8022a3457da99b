"""The assistant's budget: with the platform's own limits, not a token and not a cent beyond them.

The ledger is tried in a transaction that is rolled back, for a day long before there was an assistant: no call of a
client waits for its rows.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from networx.assistant import ledger
from networx.assistant.budget import Budgets, Lack, Offer, Period
from networx.assistant.ledger import About, Reservation
from networx.assistant_terms import Budget
from networx.db.pool import Connection
from networx.readiness.check import NotExercised, Place, Unprotected
from networx.readiness.jobs import never_committed
from networx.readiness.web import asked, browser

_A_DAY = date(1970, 1, 1)
_CENT = Decimal("0.01")
_DO = "Switch the assistant off until its ledger keeps the limits: docs/runbook/assistant-budget.md."


def assistant_budget(place: Place) -> str:
    """All of a budget can be reserved, one token or cent more cannot; and no period of the platform is overspent."""
    with browser(place.url) as client:
        told = asked(client, "/api/assistant/budget", **{"X-API-Key": place.key}).json()["data"]["periods"]
    if any(period["token_limit"] is None for period in told):
        raise NotExercised("assistant is off")
    for period in told:
        _require_within(period)
    budgets = {Period(period["period"]): _limits(period) for period in told}
    tokens = min(budget.tokens for budget in budgets.values())
    dollars = min(budget.dollars for budget in budgets.values())
    if not (tokens and dollars):
        raise NotExercised("assistant is on with a budget of nothing: it is never asked")
    with never_committed() as (connection, tenant_id):
        _spend(connection, tenant_id, budgets, Offer("whole", tokens, Decimal(0)), Offer("more", 1, Decimal(0)))
        _spend(connection, tenant_id, budgets, Offer("whole", 1, dollars), Offer("more", 1, _CENT))
    return f"{tokens:,} tokens and ${dollars:,.2f} could be reserved, and not one more"


def _limits(period: dict[str, Any]) -> Budget:
    return Budget(period["token_limit"], Decimal(str(period["dollar_limit"])))


def _require_within(period: dict[str, Any]) -> None:
    for measure in ("token", "dollar"):
        used = period[f"spent_{measure}s"] + period[f"held_{measure}s"]
        if used > period[f"{measure}_limit"]:
            raise Unprotected(
                f"This {period['period']} {used:,} {measure}s are spent or held, "
                f"{period[f'{measure}_limit']:,} are the most",
                _DO,
            )


def _spend(connection: Connection, tenant_id: UUID, budgets: Budgets, whole: Offer, more: Offer) -> None:
    about = About(tenant_id, "summary", uuid4(), "networx doctor")
    with connection.transaction(force_rollback=True):
        if not isinstance(ledger.reserve_on(connection, about, [whole], budgets, _A_DAY), Reservation):
            raise Unprotected("A budget that nobody had touched could not be reserved", _DO)
        if not isinstance(ledger.reserve_on(connection, about, [more], budgets, _A_DAY), Lack):
            raise Unprotected(f"More than the budget was reserved: {more.tokens} token, ${more.dollars} beyond it", _DO)
