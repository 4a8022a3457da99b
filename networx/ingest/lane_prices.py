"""What prices the lanes of a workbook: their own cells, the sheet Rates by mode, or cost_per_unit_mile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from networx.domain.schema import RATES
from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow

_RATE = [column.name for column in RATES.supported_columns]
BANDS = (("distance_from", "distance_to"), ("weight_from", "weight_to"))


class LanePrices:
    """Gathered while the sheets are read; lanes come last."""

    def __init__(self, log: ProblemLog) -> None:
        self._log = log
        self._modes: set[str] = set()
        self._by_the_mile = False

    def rates(self, rows: Iterable[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows of Rates: bands that hold something. Every mode met is known, its row good or not."""
        for row in rows:
            stated = dict(zip(_RATE, row.values, strict=True))
            if stated["mode"] is not None:
                self._modes.add(stated["mode"])
            good = not row.bad
            for low, high in BANDS:
                if stated[low] is not None and stated[high] is not None and not stated[low] < stated[high]:
                    good = False
                    message = f"{high} {stated[high]:g} must be above {low} {stated[low]:g}."
                    self._log.add(message, "band", sheet=row.tab, row=row.number, column=high, value=stated[high])
            if good:
                yield tuple(row.values)

    def parameters(self, rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The same rows."""
        for name, value in rows:
            self._by_the_mile |= name == "cost_per_unit_mile"
            yield name, value

    def required(self, rows: Iterable[TableRow], *, price: int, mode: int) -> Iterator[TableRow]:
        """The rows of Lanes, whose price and mode are at these places; one that nothing prices is named and bad."""
        for row in rows:
            if row.bad or row.values[price] is not None or self._by_the_mile or row.values[mode] in self._modes:
                yield row
                continue
            message = (
                "cost_per_unit is empty, and neither Rates has the lane's mode nor Parameters a cost_per_unit_mile; "
                "state one of them."
            )
            self._log.add(message, "required", sheet=row.tab, row=row.number, column="cost_per_unit")
            yield row._replace(bad=True)
