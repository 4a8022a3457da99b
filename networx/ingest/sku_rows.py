"""The rows of SKUs: each item once, and a case and a pallet hold something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow

_HOLDING = {2: "units_per_case", 3: "cases_per_pallet"}  # by their place in a row


def sku_rows(rows: Iterable[TableRow], log: ProblemLog) -> Iterator[tuple[Any, ...]]:
    """The good rows; a fault of any other is named."""
    seen: dict[str, int] = {}
    for row in rows:
        sku = row.values[0]
        good = not row.bad
        if sku is not None and seen.setdefault(sku, row.number) != row.number:
            message = f"sku is the same as in row {seen[sku]}; add the rows up."
            log.add(message, "duplicate_name", sheet=row.tab, row=row.number, column="sku", value=sku)
            good = False
        for place, column in _HOLDING.items():
            if row.values[place] == 0:
                message = f"{column} is 0; it must be above 0."
                log.add(message, "above_zero", sheet=row.tab, row=row.number, column=column, value=0)
                good = False
        if good:
            yield tuple(row.values)
