"""A capacity analysis in a terminal: the verdict, the years, how full each facility is, bottlenecks and relief."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from cli.answer import print_clashes, print_proof
from cli.terminal import out, plain_table, print_figures
from networx.results.capacity_wording import (
    EXTRA_COSTS,
    bottleneck_words,
    changed_name,
    once,
    price_words,
    units,
    until_words,
)
from networx.results.wording import count, money, percent

_MOST_ROWS = 20


def print_capacity(result: dict[str, Any]) -> None:
    """The whole result object (the one in result.json), for a person."""
    out.print()
    out.print(f"[bold]{escape(result['verdict'])}[/bold]")
    if result["infeasibility"] is not None:
        print_clashes(result["infeasibility"])
    if result["kpis"] is not None:
        _print_years("As it is", result["years"])
        _print_use(result)
        _print_bottlenecks(result)
    if result["relief"] is not None:
        _print_relief(result["relief"])
    print_proof(result)


def _print_years(title: str, years: list[dict[str, Any]]) -> None:
    extra = [(named, name) for named, name in EXTRA_COSTS if any(year.get(name) for year in years)]
    headings = (
        "Year",
        "Demand",
        "Short",
        "Capacity",
        "Used",
        "Transport",
        *(title for title, _ in extra),
        "Facilities",
    )
    table = plain_table(*headings, title=title, numbers=True)
    for year in years:
        table.add_row(
            str(year["year"]),
            count(year["demand_units"]),
            count(year["units_short"]) if year["units_short"] > 0 else "none",
            "no limit" if year["capacity_units"] is None else count(year["capacity_units"]),
            "" if year["utilisation"] is None else percent(year["utilisation"]),
            money(year["transport_cost"], 0),
            *(money(year[name], 0) for _, name in extra),
            money(year["fixed_cost"], 0),
        )
    print_figures(table)


def _print_use(result: dict[str, Any]) -> None:
    years = [year["year"] for year in result["years"]]
    table = plain_table("Facility", *map(str, years), title="Use of capacity", numbers=True)
    for name in result["sites"]:
        used = {row["year"]: row for row in result["utilisation"] if row["facility"] == name}
        table.add_row(escape(name), *(_share(used, year) for year in years))
    print_figures(table)


def _share(used: Mapping[int, Mapping[str, Any]], year: int) -> str:
    """How full it is in a year, or that it is closed in it, has no limit, or holds nothing."""
    if year not in used:
        return "closed"
    share, capacity = used[year]["utilisation"], used[year]["capacity"]
    if share is None:
        return "no limit" if capacity is None else "no capacity"
    return percent(share)


def _print_bottlenecks(result: dict[str, Any]) -> None:
    found = result["bottlenecks"]
    if not found:
        if result["bottlenecks_not_examined"]:
            out.print("What holds anything back could not be examined in time.")
        elif any(year["units_short"] > 0 for year in result["years"]):
            out.print(
                "What is short has no way from these facilities that has capacity and is within any service level."
            )
        else:
            out.print("No facility, lane or supplier holds anything back.")
        return
    table = plain_table("What is full", "Year", "One more unit", "A tenth more, solved again", title="Bottlenecks")
    for one in found[:_MOST_ROWS]:
        table.add_row(escape(one["name"]), str(one["year"]), price_words(one), bottleneck_words(one))
    out.print(table)
    if len(found) > _MOST_ROWS:
        out.print(f"  and {len(found) - _MOST_ROWS} more; --json prints them all")


def _print_relief(relief: dict[str, Any]) -> None:
    paid_once = any(once(change) for change in relief["changes"])
    headings = ("Open or take", "From", "To", "Capacity", "Facility cost")
    table = plain_table(*headings, *["Opening and closing"] * paid_once, title="Relief", numbers=True)
    for change in relief["changes"]:
        table.add_row(
            escape(changed_name(change)),
            str(change["from_year"]),
            until_words(change),
            "no limit" if change["capacity"] is None else units(change["capacity"]),
            money(change["fixed_cost"], 0),
            *[money(once(change), 0)] * paid_once,
        )
    print_figures(table)
    _print_years("With the relief", relief["years"])
