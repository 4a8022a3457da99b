"""`networx report`: how well the platform served, week by week. Every figure was measured, or is not known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.markup import escape

from cli.direct import join_platform
from cli.keys import AsJson
from cli.terminal import CommandFailed, Exit, out, plain_table, print_json, print_point
from networx.db import pool
from networx.weekly.figures import DOLLARS, SHARE, Figure, Measure, Verdict
from networx.weekly.report import WeekTold
from networx.weekly.report import report as weekly_report

_WEEKS_SHOWN = 4  # side by side on a narrow terminal
_MOST_WEEKS = 53
_STYLES = {Verdict.ALERT: "bold red", Verdict.MISSED: "yellow", Verdict.MET: "green"}


def report(
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=_MOST_WEEKS, help="How many, this one included.")] = 4,
    bill: Annotated[
        list[str] | None,
        typer.Option("--bill", metavar="WEEK=DOLLARS", help="What a week cost, such as 2026-W47=512.30; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show lost jobs, refusals, dead letters, service levels and cost of the latest weeks."""
    bills = dict(map(stated, bill or []))
    join_platform("networx report")
    told = weekly_report(weeks, bills=bills)
    pool.close_pools()
    if as_json:
        print_json([week.as_dict() for week in told])
    else:
        print_weeks(told)


def stated(text: str) -> tuple[str, Decimal]:
    """A week and its bill in dollars. Raises CommandFailed."""
    week, _, dollars = text.partition("=")
    try:
        amount = Decimal(dollars)
    except InvalidOperation:
        amount = Decimal(-1)
    if re.fullmatch(r"\d{4}-W\d{2}", week) is None or not amount.is_finite() or amount < 0:
        raise CommandFailed(f"{text} does not look like 2026-W47=512.30", Exit.WRONG_USE)
    return week, amount


def print_weeks(told: Sequence[WeekTold]) -> None:
    """A table for every few weeks, then what the figures of the newest one are made of, and why others are missing."""
    for first in range(0, len(told), _WEEKS_SHOWN):
        shown = told[first : first + _WEEKS_SHOWN]
        table = plain_table("Measure", "Target", *(_heading(week) for week in shown), numbers=True)
        for row in zip(*(week.figures for week in shown), strict=True):
            table.add_row(row[0].measure.name, target(row[0].measure), *map(_cell, row))
        out.print(table)
    out.print("Of the newest week", style="bold")
    for figure in told[0].figures:
        print_point(f"{figure.measure.name}: {figure.note}")


def _heading(week: WeekTold) -> str:
    return week.week.name if week.week.over else f"{week.week.name} so far"


def _cell(figure: Figure) -> str:
    style = _STYLES.get(figure.verdict)
    said = escape(value(figure))
    return f"[{style}]{said}[/{style}]" if style else said


def value(figure: Figure) -> str:
    """A figure as a person reads it; an alert is marked where no colour shows."""
    if figure.value is None:
        return "not known"
    mark = " !" if figure.verdict is Verdict.ALERT else ""
    return f"{_amount(figure.measure, figure.value)}{mark}"


def target(measure: Measure) -> str:
    """What a measure should be."""
    if measure.least is not None:
        return f"{measure.least:.1%} or more"
    if measure.most is None:
        return "-"
    return f"{measure.most:g}" if measure.most == 0 else f"up to {measure.most:g}"


def _amount(measure: Measure, amount: float) -> str:
    match measure.unit:
        case unit if unit == SHARE:
            return f"{amount:.2%}"
        case unit if unit == DOLLARS:
            return f"${amount:,.2f}"
        case _:
            return f"{amount:,.0f}"
