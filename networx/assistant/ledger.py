"""The record of the assistant's budget: reserved before a call, settled after it, by any number of processes at once.

    reserve:  lock the month's row and the day's -> choose a model that fits -> hold its most -> write the call
    settle:   end the call, once -> give back what was held, add what was spent -> warn of a level once a period

A reservation locks both rows until it is committed, so that no two can take the same room. Days and months are UTC's,
by the record's clock. A call is counted where it was reserved, however late it ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from networx.assistant.budget import Budgets, Lack, Offer, Period, Standing, choose, percent_spent, warning_due
from networx.db import pool
from networx.db.pool import Connection
from networx.errors import AssistantBudgetSpent
from networx.observability import metrics
from networx.observability.logs import Log

log = Log(__name__)

# Longer than any call lasts, both attempts of the client included.
OVERDUE_AFTER = timedelta(minutes=5)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class About:
    """Who asks the assistant, and about what: an upload's columns (`mapping`) or a job's result (`summary`)."""

    tenant_id: UUID
    purpose: str
    subject_id: UUID
    asked_by: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """Room in the budget for one call."""

    id: UUID
    offer: Offer


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call took, as its endpoint counted. `dollars` at the model's price."""

    input_tokens: int
    output_tokens: int
    dollars: Decimal

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


def reserve(about: About, offers: Sequence[Offer], budgets: Budgets, *, on: date | None = None) -> Reservation:
    """Hold the most that one of the offers may use; `on` is today unless a test says otherwise.

    Raises AssistantBudgetSpent, DatabaseUnavailable.
    """
    with pool.system() as connection:
        today, now = _today(connection)
        day = on or today
        made = reserve_on(connection, about, offers, budgets, day)
    if isinstance(made, Reservation):
        return made
    metrics.emit("AssistantRefusals", 1, Period=made.period.value)
    log.warning("assistant.budget_spent", period=made.period.value, measure=made.measure, purpose=about.purpose)
    ends = _starts(made.period, day, following=True)
    wait = (datetime(ends.year, ends.month, ends.day, tzinfo=now.tzinfo) - now).total_seconds()
    raise AssistantBudgetSpent(what=_said(made, budgets), retry_after_seconds=max(int(wait) + 1, 1))


def reserve_on(
    connection: Connection, about: About, offers: Sequence[Offer], budgets: Budgets, day: date
) -> Reservation | Lack:
    """Hold the most that one of the offers may use on that day, or what lacks; within the caller's transaction."""
    chosen = choose(offers, _locked(connection, day), budgets)
    return chosen if isinstance(chosen, Lack) else _hold(connection, about, chosen, day)


def settle(reservation: Reservation, budgets: Budgets, *, outcome: str, spent: Spent | None = None) -> None:
    """End a call by what it took; without `spent` it is taken to have used all that was held."""
    _settle(reservation.id, budgets, "in_full" if spent is None else "spent", outcome, spent)


def release(reservation: Reservation, budgets: Budgets, *, outcome: str) -> None:
    """End a call that certainly took nothing: it was never sent, or turned away."""
    _settle(reservation.id, budgets, "unspent", outcome, Spent(0, 0, Decimal(0)))


def settle_lost(budgets: Budgets) -> int:
    """End calls whose process never came back: all that they held counts as spent. How many."""
    with pool.system() as connection:
        overdue = connection.execute(
            """SELECT id FROM assistant_calls WHERE status = 'reserved' AND overdue_at < clock_timestamp()
               ORDER BY overdue_at LIMIT %s""",
            (_AT_ONCE,),
        ).fetchall()
    return sum(_settle(call_id, budgets, "lost", "lost", None) for (call_id,) in overdue)


def standings(connection: Connection, day: date | None = None) -> dict[Period, Standing]:
    """The month and the day so far, on a connection of the system."""
    return _read(connection, _today(connection)[0] if day is None else day)


def tell(budgets: Budgets) -> None:
    """Emit what is spent so far."""
    with pool.system() as connection:
        found = standings(connection)
    _emit(found, budgets)


def _today(connection: Connection) -> tuple[date, datetime]:
    row = connection.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date, clock_timestamp()").fetchone()
    assert row is not None
    return row[0], row[1]


def _starts(period: Period, day: date, *, following: bool = False) -> date:
    """The first day of the day's period, or of the one after it."""
    if period is Period.DAY:
        return day + timedelta(days=1) if following else day
    first = day.replace(day=1)
    return (first + timedelta(days=32)).replace(day=1) if following else first


def _locked(connection: Connection, day: date) -> dict[Period, Standing]:
    for period in Period:
        connection.execute(
            "INSERT INTO assistant_periods (period, starts) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (period.value, _starts(period, day)),
        )
    return _read(connection, day, "FOR UPDATE")


def _read(connection: Connection, day: date, locking: str = "") -> dict[Period, Standing]:
    found: dict[Period, Standing] = {}
    for period in Period:  # one after the other, so that all lock in one order
        row = connection.execute(
            f"""SELECT spent_tokens, spent_dollars, held_tokens, held_dollars FROM assistant_periods
                WHERE period = %s AND starts = %s {locking}""",
            (period.value, _starts(period, day)),
        ).fetchone()
        found[period] = Standing() if row is None else Standing(*row)
    return found


def _hold(connection: Connection, about: About, offer: Offer, day: date) -> Reservation:
    for period in Period:
        connection.execute(
            """UPDATE assistant_periods SET held_tokens = held_tokens + %s, held_dollars = held_dollars + %s
               WHERE period = %s AND starts = %s""",
            (offer.tokens, offer.dollars, period.value, _starts(period, day)),
        )
    row = connection.execute(
        """INSERT INTO assistant_calls (tenant_id, purpose, subject_id, model, asked_by, request_id, day,
                                        reserved_tokens, reserved_dollars, overdue_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp() + %s) RETURNING id""",
        (
            about.tenant_id,
            about.purpose,
            about.subject_id,
            offer.model,
            about.asked_by,
            about.request_id,
            day,
            offer.tokens,
            offer.dollars,
            OVERDUE_AFTER,
        ),
    ).fetchone()
    assert row is not None
    return Reservation(row[0], offer)


def _settle(call_id: UUID, budgets: Budgets, status: str, outcome: str, spent: Spent | None) -> bool:
    """End a call that is still held; False where somebody has ended it already."""
    with pool.system() as connection:
        with connection.cursor(row_factory=dict_row) as cursor:
            call = cursor.execute(
                """UPDATE assistant_calls
                   SET status = %(status)s, outcome = %(outcome)s, settled_at = clock_timestamp(),
                       input_tokens = %(input)s, output_tokens = %(output)s,
                       tokens = coalesce(%(tokens)s, reserved_tokens), dollars = coalesce(%(dollars)s, reserved_dollars)
                   WHERE id = %(id)s AND status = 'reserved' RETURNING *""",
                {
                    "id": call_id,
                    "status": status,
                    "outcome": outcome,
                    "input": None if spent is None else spent.input_tokens,
                    "output": None if spent is None else spent.output_tokens,
                    "tokens": None if spent is None else spent.tokens,
                    "dollars": None if spent is None else spent.dollars,
                },
            ).fetchone()
        if call is None:
            log.warning("assistant.settled_before", callId=call_id, outcome=outcome)
            return False
        found, due = {}, {}
        for period in Period:
            found[period], due[period] = _moved(connection, period, call, budgets)
    _say(call, found, budgets, {period: level for period, level in due.items() if level is not None})
    return True


def _moved(
    connection: Connection, period: Period, call: Mapping[str, Any], budgets: Budgets
) -> tuple[Standing, int | None]:
    """Move what the call held to what was spent; the period as it stands then, and the level to warn of."""
    key = (period.value, _starts(period, call["day"]))
    row = connection.execute(
        """UPDATE assistant_periods SET held_tokens = held_tokens - %s, held_dollars = held_dollars - %s,
               spent_tokens = spent_tokens + %s, spent_dollars = spent_dollars + %s
           WHERE period = %s AND starts = %s
           RETURNING spent_tokens, spent_dollars, held_tokens, held_dollars, warned_percent""",
        (call["reserved_tokens"], call["reserved_dollars"], call["tokens"], call["dollars"], *key),
    ).fetchone()
    assert row is not None
    standing = Standing(*row[:4])
    level = warning_due(percent_spent(standing, budgets[period]), row[4])
    if level is not None:
        connection.execute(
            "UPDATE assistant_periods SET warned_percent = %s WHERE period = %s AND starts = %s", (level, *key)
        )
    return standing, level


def _say(
    call: Mapping[str, Any], found: Mapping[Period, Standing], budgets: Budgets, due: Mapping[Period, int]
) -> None:
    said = {"callId": call["id"], "model": call["model"], "purpose": call["purpose"], "outcome": call["outcome"]}
    log.info("assistant.settled", **said, status=call["status"], used=call["tokens"], dollars=str(call["dollars"]))
    if call["status"] == "lost":
        log.warning("assistant.call_lost", **said, held=call["reserved_tokens"])
    if call["tokens"] > call["reserved_tokens"]:
        # An endpoint that does not keep to the bound it is given; what it used counts all the same.
        log.warning("assistant.more_than_held", **said, held=call["reserved_tokens"], used=call["tokens"])
    metrics.emit("AssistantTokens", call["tokens"], Model=call["model"])
    metrics.emit("AssistantCost", float(call["dollars"]), Model=call["model"])
    metrics.emit("AssistantCalls", 1, Purpose=call["purpose"], Outcome=call["outcome"])
    # Of a call that ends after midnight the period is over: it says nothing about today.
    ended: date = call["settled_at"].date()
    _emit(
        {period: found[period] for period in found if _starts(period, ended) == _starts(period, call["day"])}, budgets
    )
    for period, level in due.items():
        log.warning("assistant.budget_warning", period=period.value, percent=level)
        metrics.emit("AssistantBudgetWarnings", 1, Period=period.value, Level=str(level))


def _emit(found: Mapping[Period, Standing], budgets: Budgets) -> None:
    for period, standing in found.items():
        metrics.emit("AssistantCostSoFar", float(standing.spent_dollars), Period=period.value)
        metrics.emit("AssistantBudgetUsed", percent_spent(standing, budgets[period]), Period=period.value)


def _said(lack: Lack, budgets: Budgets) -> str:
    budget = budgets[lack.period]
    most = f"{budget.tokens:,} tokens" if lack.measure == "tokens" else f"${budget.dollars:,.2f}"
    return f"the {most} of this {lack.period.value} are spent or held by calls under way"
