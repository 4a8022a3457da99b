"""A result in a terminal: the verdict, what it costs by kind and year, which facilities are open, and the proof."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from cli.terminal import out, plain_table, print_figures, print_point
from networx.domain.phrases import counted, years_listed
from networx.results.proof import result_bytes
from networx.results.wording import (
    EVIDENCE_WORDS,
    NOT_KNOWN,
    TERMS,
    certificate_verdict,
    count,
    gap_words,
    miles,
    money,
    money_short,
    percent,
    saving_sentence,
    tiers_words,
    verdict,
)

_MOST_IN_FULL = 3


def print_result(result: dict[str, Any]) -> None:
    """The whole result object as JSON, as result.json holds it."""
    out.file.write(result_bytes(result).decode())


def print_answer(result: dict[str, Any]) -> None:
    """The whole result object (the one in result.json), for a person."""
    out.print()
    out.print(f"[bold]{escape(verdict(result))}[/bold]")
    if result["infeasibility"] is not None:
        print_clashes(result["infeasibility"])
    if result["kpis"] is not None:
        _print_costs(result)
        _print_facilities(result)
        if result.get("savings") is not None:
            out.print(escape(saving_sentence(result["savings"])))
    print_proof(result)


def print_clashes(infeasibility: dict[str, Any]) -> None:
    """Which requirements clash, by how much, and what would work."""
    for clash in infeasibility["clashes"]:
        print_point(clash["message"])
        if clash["cure"]:
            print_point(f"What would work: {clash['cure']}", " ")
    out.print(f"  {EVIDENCE_WORDS.get(infeasibility['evidence'], infeasibility['evidence'])}")


def _print_costs(result: dict[str, Any]) -> None:
    inbound, missed = ([name] * bool(result["kpis"].get(name)) for name in ("inbound_cost", "service_penalty_cost"))
    sums = ["transport_cost", *inbound, "facility_cost", *missed, "total_cost"]
    # More kinds of cost than these leave no room for dollars in full, nor for those of a unit: the workbook has them.
    many = len(sums) > _MOST_IN_FULL
    asked = result["kpis"]["service_level"] is not None
    columns = [*sums, *["cost_per_unit"] * (not many), *["service_level"] * asked]
    headings = ("Year", "Open", *(TERMS[name].label for name in columns))
    table = plain_table(*headings, title="Cost by kind and year", numbers=True)
    for year in [*result["years"], {"year": "all", **result["kpis"]}]:
        cells = [str(year["year"]), str(year["facilities_open"])]
        cells += [money_short(year[name]) if many else money(year[name], 0) for name in sums]
        cells += [money(year["cost_per_unit"], 4)] * (not many) + [percent(year["service_level"])] * asked
        table.add_row(*cells, style="bold" if year["year"] == "all" else None)
    print_figures(table)


def _print_facilities(result: dict[str, Any]) -> None:
    opened = [facility for facility in result["facilities"] if facility["open"]]
    kpis = result["kpis"]
    out.print(
        f"[bold]{len(opened)} of {counted(len(result['facilities']), 'facility', 'facilities')} open[/bold], "
        f"average distance {miles(kpis['weighted_distance_miles'])}"
    )
    changes = any(len(facility["years"]) < len(result["years"]) for facility in opened)
    # What it costs by kind stands in the workbook; when it is open matters more, and the line is full.
    headings = ["Open in", "Cost"] if changes else ["Transport", "Facility"]
    table = plain_table("Facility", "Units, all years", "Fullest year", *headings, numbers=True)
    for facility in opened:
        used = [year["utilization"] for year in facility["years"] if year["utilization"] is not None]
        costs = facility["transport_cost"], facility["facility_cost"]
        when = years_listed(year["year"] for year in facility["years"])
        table.add_row(
            escape(facility["name"]),
            count(sum(year["units"] for year in facility["years"])),
            percent(max(used)) if used else "no limit",
            *([when, money(sum(costs), 0)] if changes else [money(cost, 0) for cost in costs]),
        )
    print_figures(table)
    for facility in opened:
        if any(year.get("tiers") for year in facility["years"]):
            out.print(f"Tiers of {escape(facility['name'])}: {tiers_words(facility['years'])}")


def print_proof(result: dict[str, Any]) -> None:
    """How sure the answer is, and by what."""
    lines = [("Status", result["status"])]
    if result["objective"] is not None:
        lines.append((TERMS["objective"].label, money(result["objective"])))
    if result["bound"] is not None:
        lines.append((TERMS["bound"].label, f"{money(result['bound'])} ({result['bound_source']})"))
    lines.append((TERMS["gap"].label, gap_words(result["gap"]) if result["gap"] is not None else NOT_KNOWN))
    lines.append((TERMS["engine"].label, f"{result['engine']} in {result['seconds']:.2f} s"))
    if result["certificate"] is not None:
        lines.append(("Certificate", certificate_verdict(result)))
        lines.append((TERMS["dataset_sha256"].label, result["certificate"]["dataset_sha256"]))
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        out.print(f"{name:<{width}}  {escape(str(value))}", soft_wrap=True)
