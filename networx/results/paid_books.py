"""Shipments beside the books: every cost line of a year as it was paid, modelled and booked, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from networx.domain.control_totals import ControlTotals
from networx.domain.network import NetworkTables
from networx.domain.phrases import listed
from networx.results.baseline import CALIBRATED, NOT_COMPARED, TOTAL, UNCALIBRATED, by_line, compared_lines, folded

TRANSPORT = "transport"
Rows = Sequence[Mapping[str, Any]]


def cost_lines(
    years: Rows, tables: NetworkTables | None, stated: ControlTotals, modelled: Rows, tolerance: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every cost line of a year, and years whose transport OperatingCosts states as well: the shipments stand.

    `years` are what was paid for shipments; `stated` are the scenario's control totals, which stand over the sheet's.
    """
    paid = {} if tables is None else by_line(tables.operating_costs)
    control = ({} if tables is None else by_line(tables.control_totals)) | folded(stated)
    twice = [
        {"year": row["year"], "shipments": row["paid_cost"], "operating_costs": paid[row["year"], TRANSPORT]}
        for row in years
        if (row["year"], TRANSPORT) in paid
    ]
    paid |= {(row["year"], TRANSPORT): row["paid_cost"] for row in years}
    for year in {year for year, _ in paid} - {year["year"] for year in modelled}:
        # Shipments alone have no place to state other lines in: a total that has some in it is not theirs.
        if tables is not None or not other_lines(control, year):
            parts = [amount for (of_year, line), amount in paid.items() if of_year == year and line != TOTAL]
            paid.setdefault((year, TOTAL), math.fsum(parts))
    return compared_lines(modelled, paid, control, tolerance), twice


def other_lines(control: ControlTotals, year: int) -> list[str]:
    """What the books of a year name that shipments say nothing of."""
    return [line for of_year, line in control if of_year == year and line not in (TRANSPORT, TOTAL)]


def calibration_of(lines: Rows, twice: Rows, tolerance: float, *, modelled: bool) -> str:
    """Whether what was compared agrees; where something is modelled, only what is held against it calibrates."""
    off = [line for line in lines if line["within_tolerance"] is False or line["reconciled"] is False]
    apart = [one for one in twice if not math.isclose(one["shipments"], one["operating_costs"], rel_tol=tolerance)]
    if off or apart:
        return UNCALIBRATED
    by = "within_tolerance" if modelled else "reconciled"
    return CALIBRATED if any(line[by] for line in lines) else NOT_COMPARED


def compared_with_nothing(lines: Rows, years: Rows) -> Iterator[str]:
    """Of shipments alone, each control total that nothing of theirs can meet, and why."""
    shipped = {row["year"] for row in years}
    control = {(line["year"], line["line"]): line["control"] for line in lines if line["control"] is not None}
    for line in lines:
        if line["control"] is None or line["paid"] is not None:
            continue
        year, name = line["year"], line["line"]
        if year not in shipped:
            why = f"no shipment is of {year}"
        elif name == TOTAL:
            why = f"{listed(other_lines(control, year), 'and')} of the books is in it, of which shipments say nothing"
        else:
            why = "shipments say what transport cost, and nothing else"
        yield f"Control total {name} of {year}, ${line['control']:,.2f}, was held against nothing: {why}."
