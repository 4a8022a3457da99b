"""Plain words for what was paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from networx.domain.phrases import counted
from networx.results.baseline import CALIBRATED, NOT_COMPARED, UNCALIBRATED
from networx.results.wording import count, money, money_short

NOTES = {
    CALIBRATED: "Calibrated: what is modelled and what the books say are within the tolerance of what was paid.",
    UNCALIBRATED: "Uncalibrated: what is modelled, or what the books say, is further from what was paid than the "
    "tolerance; a saving that is stated against this model says so.",
    NOT_COMPARED: "Nothing that is modelled was held against what was paid, so that nothing is called calibrated.",
}


def paid_headline(result: Mapping[str, Any]) -> str:
    """The answer in a line."""
    kpis, paid = result["kpis"], result["paid"]
    shipments = counted(kpis["shipments"], "shipment")
    return f"{money_short(kpis['paid_cost'])} paid for {shipments}, {paid['first_day']} to {paid['last_day']}"


def paid_verdict(result: Mapping[str, Any]) -> str:
    """What it says, in a few sentences."""
    kpis = result["kpis"]
    said = f"{paid_headline(result)}, on {counted(kpis['lanes'], 'lane')}."
    if kpis["cost_per_unit"] is not None:
        of = _of(kpis["shipments_with_units"], kpis["shipments"])
        said += f" A unit cost {money(kpis['cost_per_unit'])} ({of} state their units)."
    if kpis["modelled_cost"] is not None:
        said += f" Today's network is modelled at {money_short(kpis['modelled_cost'])} over the years of its plan."
    return said


def paid_tiles(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The key figures: what it is, the figure, and what stands small below it."""
    kpis = result["kpis"]
    with_units = _of(kpis["shipments_with_units"], kpis["shipments"])
    weighed = _of(kpis["shipments_weighed"], kpis["shipments"])
    tiles = (
        ("paid_cost", "Paid", money_short, "all shipments"),
        ("shipments", "Shipments", count, ""),
        ("lanes", "Lanes", count, ""),
        ("cost_per_shipment", "Per shipment", money, ""),
        ("cost_per_unit", "Per unit", money, f"{with_units} state their units"),
        ("cost_per_cwt", "Per 100 lb", money, f"{weighed} state their weight"),
        ("modelled_cost", "Modelled", money_short, "today's network, all years of its plan"),
    )
    return [(label, shown(kpis[name]), below) for name, label, shown, below in tiles if kpis[name] is not None]


def _of(some: int, whole: int) -> str:
    return "all shipments" if some == whole else f"{count(some)} of {counted(whole, 'shipment')}"
