"""Plain words for a capacity analysis: its verdict and headline, and what each bottleneck and relief says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from networx.domain.phrases import SINGLE_YEAR, counted, listed
from networx.domain.plan import ResultStatus
from networx.results.wording import count, gap_words, money, money_short

# Of a year, shown where they are not zero.
EXTRA_COSTS = (
    ("Handling", "handling_cost"),
    ("Coming in", "inbound_cost"),
    ("Lacking service", "service_penalty"),
    ("Opening and closing", "one_time_cost"),
)
FAR_AWAY = "What has capacity is too far away for the service level"
NO_SHORTAGE = "The capacity suffices"


def headline(result: Mapping[str, Any]) -> str:
    """The answer in a line."""
    first = result["shortage"]["first_year"]
    if result["kpis"] is None and result["infeasibility"] is not None:
        years = [clash["year"] for clash in result["infeasibility"]["clashes"]]
        when = (
            f"in {year_words(years[0])}"
            if len(years) == 1
            else f"in {years[0]} and {counted(len(years) - 1, 'more year', 'more years')}"
        )
        return f"The sites cannot ship their minimum throughput {when}"
    if result["kpis"] is None:
        return "The years could not be solved in time"
    if first is None:
        return f"{NO_SHORTAGE} in {_span(result)}"
    year = result["shortage"]["by_year"][0]
    return f"{_what_runs_out(year)} in {year_words(first)}: {units(year['units'])} cannot be served"


def _what_runs_out(year: Mapping[str, Any]) -> str:
    """Of a short year: what a unit more of would serve more, capacity or what a service level lets it do."""
    if not year.get("held_back_by_service"):  # older results do not say
        return "Capacity runs out"
    return "Capacity near enough for the service level runs out" if year["held_back_by"] else FAR_AWAY


def held_back_words(year: Mapping[str, Any]) -> str:
    """What holds back a short year: `Held back by Reno and the service level.`"""
    held = [*(year.get("held_back_by") or year["facilities"])]
    held += ["the service level"] if year.get("held_back_by_service") else []
    return f"Held back by {', '.join(held)}." if held else "No facility with capacity reaches them."


def verdict(result: Mapping[str, Any]) -> str:
    """What the analysis says, in a few sentences."""
    sentence = f"{headline(result)}. {_consequence(result)}"
    return f"Stopped early. {sentence}" if result["partial"] else sentence


def _consequence(result: Mapping[str, Any]) -> str:
    status = result["status"]
    if result["kpis"] is None and result["infeasibility"] is not None:
        return "No way of serving meets it, and so nothing else is analysed."
    if result["kpis"] is None:
        return "Nothing is proven: give it more time."
    if result["shortage"]["first_year"] is None:
        return f"Serving all demand costs {money_short(result['objective'])}, and no other way costs less."
    if status == ResultStatus.INFEASIBLE:
        return "Opening what the data offers does not remove the shortage."
    if result["relief"] is None:
        return "Whether and how it can be relieved is not known: the limit came first."
    cost, bound = money_short(result["objective"]), money_short(result["bound"])
    openings = relief_words(result["relief"])
    if status == ResultStatus.OPTIMAL:
        return f"The cheapest relief is to {openings}: the whole network then costs {cost}, proven within its gap."
    left = gap_words(result["gap"])
    return f"A relief is to {openings}: the network then costs {cost}. None can cost less than {bound}; {left} is open."


def relief_words(relief: Mapping[str, Any]) -> str:
    """The changes of a relief in a clause: `open Reno in 2027 and take Erie, tier 1 in 2028`; long ones are counted."""
    opened = [change for change in relief["changes"] if change.get("tier") is None]
    kept = [change for change in opened if change.get("change") == "keep"]
    begun = [change for change in opened if change.get("change") != "keep"]
    taken = [change for change in relief["changes"] if change.get("tier") is not None]
    parts = [
        _changed("keep open", kept, ("facility", "facilities")),
        _changed("open", begun, ("facility", "facilities")),
        _changed("take", taken, ("tier", "tiers")),
    ]
    return listed([part for part in parts if part], "and")


def _changed(verb: str, changes: Sequence[Mapping[str, Any]], kinds: tuple[str, str]) -> str:
    if len(changes) > 4:
        years = [change["from_year"] for change in changes]
        when = f"in {years[0]}" if len(set(years)) == 1 else f"between {min(years)} and {max(years)}"
        return f"{verb} {counted(len(changes), *kinds)} {when}"
    named = [f"{change_name(change)} {_span_of(change)}" for change in changes]
    return f"{verb} {listed(named, 'and')}" if named else ""


def _span_of(change: Mapping[str, Any]) -> str:
    """When a change begins, and when its facility closes again, if it does."""
    first, last = change["from_year"], change.get("to_year")
    if last is not None and change.get("tier") is None:
        return f"in {first} alone" if first == last else f"from {first} to {last}"
    return f"in {year_words(first)}"


def until_words(change: Mapping[str, Any]) -> str:
    """The last year of a change, in a table."""
    return "the end" if change.get("to_year") is None else str(change["to_year"])


def once(change: Mapping[str, Any]) -> float:
    """Dollars of a change for opening and closing."""
    return float(change.get("opening_cost", 0.0)) + float(change.get("closing_cost", 0.0))


def change_name(change: Mapping[str, Any]) -> str:
    """A facility, or a tier of one."""
    tier = change.get("tier")  # older results have none
    return str(change["facility"]) if tier is None else f"{change['facility']}, tier {tier}"


def changed_name(change: Mapping[str, Any]) -> str:
    """`change_name` in a table, where nothing else says that a facility was open before."""
    return f"{change_name(change)}, kept" if change.get("change") == "keep" else change_name(change)


def bottleneck_words(bottleneck: Mapping[str, Any]) -> str:
    """What a tenth more capacity does: `10 % more (110 units) saves $1,200 a year`."""
    tenth = bottleneck["tenth_more"]
    if tenth["unit"] == "units served":
        return f"10 % more ({units(tenth['capacity'])}) serves {units(tenth['saves'])} more"
    return f"10 % more ({units(tenth['capacity'])}) saves {money(tenth['saves'], 0)} a year"


def price_words(bottleneck: Mapping[str, Any]) -> str:
    """What one more unit of capacity does: `$1.25 a year`, or in a short year `1 unit served`."""
    if bottleneck["tenth_more"]["unit"] == "units served":
        return f"{units(bottleneck['shadow_price'])} served"
    return f"{money(bottleneck['shadow_price'])} a year"


def units(number: float) -> str:
    """Whole units, or two decimals of few."""
    number = round(number, 6)  # what two ways to sum it may differ by is not worth decimals
    whole = abs(number) >= 100 or number == int(number)
    return f"{count(number, 0 if whole else 2)} {'unit' if number == 1 else 'units'}"


def _span(result: Mapping[str, Any]) -> str:
    years = result["years"]
    return f"{years[0]['year']} to {years[-1]['year']}" if len(years) > 1 else year_words(years[0]["year"])


def year_words(year: int) -> str:
    """A year in a sentence; the only year of a plan that names none has no number of its own."""
    return "the one year planned" if year == SINGLE_YEAR else str(year)
