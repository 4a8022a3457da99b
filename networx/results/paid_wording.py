"""Plain words for what was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from networx.domain.phrases import counted
from networx.results.baseline import CALIBRATED, NOT_COMPARED, UNCALIBRATED
from networx.results.wording import count, money, money_short, percent, words

HALF_A_CENT = 0.005
NOTES = {
    CALIBRATED: "Calibrated: what is modelled and what the books say are within the tolerance of what was paid.",
    UNCALIBRATED: "Uncalibrated: what is modelled, or what the books say, is further from what was paid than the "
    "tolerance; a saving that is stated against this model says so.",
    NOT_COMPARED: "Nothing that is modelled was held against what was paid, so that nothing is called calibrated.",
}

# The same where nothing is modelled: the books alone say whether what was paid is all of it.
NOTES_OF_BOOKS = {
    CALIBRATED: "Calibrated: what was paid meets the control totals within the tolerance; nothing is modelled here.",
    UNCALIBRATED: "Uncalibrated: what was paid is further from the control totals than the tolerance. Find what is "
    "missing or counted twice before a saving is stated on these shipments.",
}


def calibration_note(
    calibration: str, lines: Sequence[Mapping[str, Any]], modelled: Sequence[Mapping[str, Any]] | None
) -> str:
    """What the word means in this result."""
    booked = modelled is None and any(line["control"] is not None for line in lines)
    return NOTES_OF_BOOKS.get(calibration, NOTES[calibration]) if booked else NOTES[calibration]


def paid_headline(result: Mapping[str, Any]) -> str:
    """The answer in a line."""
    kpis, paid = result["kpis"], result["paid"]
    shipments = counted(kpis["shipments"], "shipment")
    return f"{money_short(kpis['paid_cost'])} paid for {shipments}, {paid['first_day']} to {paid['last_day']}"


def paid_verdict(result: Mapping[str, Any]) -> str:
    """What it says, in a few sentences."""
    kpis = result["kpis"]
    said = f"{paid_headline(result)}. They went over {counted(kpis['lanes'], 'lane')}."
    if kpis["cost_per_unit"] is not None:
        of = _of(kpis["shipments_with_units"], kpis["shipments"])
        said += f" A unit cost {money(kpis['cost_per_unit'])} ({of} state their units)."
    if kpis["modelled_cost"] is not None:
        said += f" Today's network is modelled at {money_short(kpis['modelled_cost'])} over the years of its plan."
    return said + _beside_books(result)


def _beside_books(result: Mapping[str, Any]) -> str:
    """Of shipments alone, how far they are from the control total that they are furthest from."""
    compared = [line for line in result["lines"] if line["paid_difference"] is not None]
    if result["network"] is not None or not compared:
        return ""
    # Unreconciled first: of books that say 0, no share tells how far they are.
    line = max(compared, key=lambda line: (not line["reconciled"], abs(line["paid_difference_share"] or 0.0)))
    apart = line["paid_difference"]
    what = f"{line['line']} in {line['year']}"
    if abs(apart) < HALF_A_CENT:
        return f" Calibrated: for {what} and whatever else was compared, the books say the same to the cent."
    share = line["paid_difference_share"]
    by = "" if share is None else f" ({percent(abs(share))})"
    more = "more" if apart > 0 else "less"
    stands = "within" if line["reconciled"] else "beyond"
    return (
        f" {words(result['calibration'])}: for {what}, {money(abs(apart))}{by} {more} was paid than the books say, "
        f"{stands} the tolerance of {percent(result['tolerance'])}."
    )


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
