"""A workbook of what shipments say of demand: Destinations and Lanes to be put into a network's, and what they are of.

Sources has what is behind each lane, and Notes what was left out; no loader reads these two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from networx.domain.geography import CENTROID_SOURCE, centroid
from networx.domain.paid_demand import MONTHS_OF_A_YEAR, PaidDemand, Tally, added
from networx.domain.phrases import counted, in_full
from networx.domain.schema import DESTINATIONS, LANES
from networx.errors import Problem, RefusedInput
from networx.results.wording import money

WIDTH = 18
LAST_ROW = 1_048_576
_SOURCES = ("origin", "destination", "mode", "shipments", "units", "paid_usd", "paid_usd_per_unit")
_DESTINATION = {"zip3": "ZIP3", "zip5": "ZIP5", "name": "destination"}
_ACCOUNT = ("what", "shipments", "units", "usd")


def write_demand(
    target: Path, demand: PaidDemand, account: Sequence[Mapping[str, Any]], filename: str, warnings: Sequence[str] = ()
) -> None:
    """Write it. `account` and `warnings` are the dataset's, and its sums must be the demand's and what was left out.

    Raises RefusedInput where there are more lanes than a sheet has rows.
    """
    _require_sums(demand, account)
    if len(demand.lanes) >= LAST_ROW:
        message = f"{counted(len(demand.lanes), 'lane')} are more than a sheet holds; ask by zip3."
        raise RefusedInput([Problem(message, "limit", column="by")])
    by_zip, unpriced = demand.asked.by == "zip5", demand.unpriced
    with xlsxwriter.Workbook(str(target), {"constant_memory": True, "tmpdir": str(target.parent)}) as book:
        _sheet(
            book,
            DESTINATIONS.name,
            ("name", "zip", "demand_units"),
            ((name, _zip(name) if by_zip else None, demand.demand_units(name)) for name in demand.destinations),
        )
        _sheet(
            book,
            LANES.name,
            ("origin", "destination", "cost_per_unit", "mode"),
            (
                (origin, destination, tally.cost_per_unit, mode)
                for (origin, destination, mode), tally in demand.lanes.items()
                if (origin, destination, mode) not in unpriced
            ),
        )
        _sheet(
            book,
            "Sources",
            _SOURCES,
            (
                (*key, tally.shipments, float(tally.units), tally.cents / 100, tally.cost_per_unit)
                for key, tally in demand.lanes.items()
            ),
        )
        notes = [(line,) for line in [*demand_words(demand, filename), *warnings]]
        _sheet(book, "Notes", _ACCOUNT, [*account_rows(demand), (), *notes])


def demand_words(demand: PaidDemand, filename: str) -> list[str]:
    """What the figures are, line by line."""
    first, last = (np.datetime64(day, "D") for day in (demand.first_day, demand.last_day))
    asked, origins = demand.asked, len({origin for origin, _, _ in demand.lanes})
    shipments = counted(demand.counted.shipments, "shipment")
    of_year = "" if asked.year is None else f" in {asked.year}"
    made_of = f"Demand by {_DESTINATION[asked.by]} and lanes of {shipments} of {filename}{of_year}"
    as_they_stand = "demand_units are the units of these days as they stand, and nothing is multiplied to a year."
    of_a_year = (
        f"demand_units are the units of these days x {MONTHS_OF_A_YEAR} / {asked.months}: that they cover "
        f"{counted(asked.months or 0, 'month')} was stated."
    )
    price = (
        "cost_per_unit is what was paid on a lane by its mode, less credits, divided by its units; Sources says of how "
        "many shipments, units and dollars."
    )
    return [
        f"{made_of}, shipped from {first} to {last}.",
        as_they_stand if asked.months is None else of_a_year,
        price,
        *_not_priced(demand),
        *_undirected(demand.undirected),
        *_places(demand),
        f"The lanes begin at {counted(origins, 'origin')}: Facilities has to name each as Lanes does.",
    ]


def account_rows(demand: PaidDemand) -> list[tuple[str, int, float, float]]:
    """What became of every shipment, unit and dollar of the dataset: what, shipments, units and dollars."""
    stated = {
        "Shipments of the dataset": demand.whole,
        "Demand": demand.counted,
        **{f"Left out, {reason}": tally for reason, tally in demand.left_out.items()},
    }
    return [(what, tally.shipments, float(tally.units), tally.cents / 100) for what, tally in stated.items()]


def _require_sums(demand: PaidDemand, account: Sequence[Mapping[str, Any]]) -> None:
    """Every shipment and cent that the reader kept is in the demand or among what was left out."""
    kept = sum(tab["shipments"] for tab in account), sum(tab["kept"]["cents"] for tab in account)
    if kept != (demand.whole.shipments, demand.whole.cents):
        raise ValueError(f"{demand.whole.shipments} shipments, {demand.whole.cents} cents; the account says {kept}")


def _not_priced(demand: PaidDemand) -> Iterable[str]:
    lanes = demand.unpriced
    if lanes:
        yield (
            f"{counted(len(lanes), 'lane')} left out of Lanes, on which credits are more than charges: "
            f"{_figures(added(lanes.values()))}. Sources has them, and their units are demand."
        )


def _undirected(tally: Tally) -> Iterable[str]:
    if tally.shipments:
        yield f"No direction is stated by {_figures(tally)}: they count as deliveries to customers."


def _figures(tally: Tally) -> str:
    return f"{counted(tally.shipments, 'shipment')}, {in_full(float(tally.units))} units, {money(tally.cents / 100)}"


def _places(demand: PaidDemand) -> Iterable[str]:
    if demand.asked.by == "zip3":
        yield "A ZIP3 is an area and has no coordinates here: write them where something asks for a distance."
    if demand.asked.by == "name":
        yield "The column zip is empty: write ZIP codes or coordinates where something asks for a distance."
    if demand.asked.by != "zip5":
        return
    unknown = [name for name in demand.destinations if _zip(name) is None]
    if unknown:
        shown = ", ".join(unknown[:10]) + (" and others" if len(unknown) > 10 else "")
        yield (
            f"{counted(len(unknown), 'ZIP')} not among those of the {CENTROID_SOURCE}: {shown}. Their column zip is "
            "empty: write coordinates where something asks for a distance."
        )


def _zip(name: str) -> str | None:
    """A ZIP that the reader of networks can place."""
    return name if centroid(name) is not None else None


def _sheet(book: Any, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    page, bold = book.add_worksheet(name), book.add_format({"bold": True})
    page.freeze_panes(1, 0)
    page.set_column(0, len(header) - 1, WIDTH)
    for at, word in enumerate(header):
        page.write_string(0, at, word, bold)
    for line, row in enumerate(rows, 1):
        for at, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(line, at, cell)
            elif cell is not None:
                page.write_number(line, at, cell)
