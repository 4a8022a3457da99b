"""The square feet of a facility and what each costs: a part of its fixed cost, and never an addition to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from networx.domain.schema import FACILITIES
from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow

_AT = {column.name: at for at, column in enumerate(FACILITIES.supported_columns)}
_RATES = ("lease_rate_per_sqft", "operating_cost_per_sqft")
_ROUNDING = 0.005  # dollars; half a cent


def checked(rows: Iterable[TableRow], log: ProblemLog) -> Iterator[TableRow]:
    """The rows of Facilities; one whose space costs more than the facility, or without its size, is bad."""
    for row in rows:
        fault = None if row.bad else _fault(row)
        if fault is not None:
            column, message = fault
            log.add(message, "occupancy", sheet=row.tab, row=row.number, column=column)
        yield row if fault is None else row._replace(bad=True)


def _fault(row: TableRow) -> tuple[str, str] | None:
    feet, fixed = row.values[_AT["square_feet"]], row.values[_AT["fixed_cost_per_year"]]
    stated = [name for name in _RATES if row.values[_AT[name]] is not None]
    if not stated or fixed is None:
        return None
    if feet is None:
        return "square_feet", f"square_feet is empty; state it beside {' and '.join(stated)}."
    cost = feet * sum(row.values[_AT[name]] for name in stated)
    if cost <= fixed + _ROUNDING:
        return None
    message = (
        f"square_feet x {' + '.join(stated)} is {cost:,.2f} a year, above the fixed_cost_per_year {fixed:,.2f} that it "
        "is a part of; state the whole fixed cost there, rent included."
    )
    return "fixed_cost_per_year", message
