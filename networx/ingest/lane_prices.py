"""What prices the lanes of a workbook: their own cells, the sheet Rates by mode, or cost_per_unit_mile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from networx.domain.phrases import listed
from networx.domain.schema import FITTED_RATES, RATES
from networx.ingest.freight_cells import day
from networx.ingest.problems import ProblemLog
from networx.ingest.reader import Cell
from networx.ingest.tables import TableRow

_RATE = [column.name for column in RATES.supported_columns]
_FITTED = [column.name for column in FITTED_RATES.supported_columns]
BANDS = (("distance_from", "distance_to"), ("weight_from", "weight_to"))
EPOCH = dt.date(1970, 1, 1)
RANGES = (("miles_from", "miles_to"), ("pounds_from", "pounds_to"))


class LanePrices:
    """Gathered while the sheets are read; lanes come last."""

    def __init__(self, log: ProblemLog) -> None:
        self._log = log
        self._modes: dict[str, set[str]] = {RATES.name: set(), FITTED_RATES.name: set()}
        self._modes_of_lanes: set[str] = set()
        self._by_the_mile = False

    def rates(self, rows: Iterable[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows of Rates: bands that hold something. Every mode met is known, its row good or not."""
        for row in rows:
            if self._bands(row, RATES.name, _RATE, BANDS):
                yield tuple(row.values)

    def fitted(self, rows: Iterable[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows of FittedRates, whose ranges may hold a single distance or weight."""
        for row in rows:
            if self._bands(row, FITTED_RATES.name, _FITTED, BANDS[1:], RANGES):
                yield tuple(row.values)

    def _bands(
        self,
        row: TableRow,
        sheet: str,
        names: list[str],
        bands: tuple[tuple[str, str], ...],
        ranges: tuple[tuple[str, str], ...] = (),
    ) -> bool:
        """Whether the row is good: from is below to in its bands, and not above it in its ranges."""
        stated = dict(zip(names, row.values, strict=True))
        if stated["mode"] is not None:
            self._modes[sheet].add(stated["mode"])
        good = not row.bad
        for pair in (*bands, *ranges):
            low, high = (stated[name] for name in pair)
            if low is None or high is None or low < high or (pair in ranges and low == high):
                continue
            good = False
            message = f"{pair[1]} {high:g} must be above {pair[0]} {low:g}."
            self._log.add(message, "band", sheet=row.tab, row=row.number, column=pair[1], value=high)
        return good

    def parameters(self, rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The same rows."""
        for name, value in rows:
            self._by_the_mile |= name == "cost_per_unit_mile"
            yield name, value

    def required(self, rows: Iterable[TableRow], *, price: int, mode: int) -> Iterator[TableRow]:
        """The rows of Lanes, whose price and mode are at these places; one that nothing prices is named and bad."""
        known = set[str]().union(*self._modes.values())
        for row in rows:
            self._modes_of_lanes.add(row.values[mode])
            if row.bad or row.values[price] is not None or self._by_the_mile or row.values[mode] in known:
                yield row
                continue
            message = (
                "cost_per_unit is empty, and neither Rates nor FittedRates has the lane's mode nor Parameters a "
                "cost_per_unit_mile; "
                "state one of them."
            )
            self._log.add(message, "required", sheet=row.tab, row=row.number, column="cost_per_unit")
            yield row._replace(bad=True)

    def warnings(self) -> list[str]:
        """Modes with prices that no lane has: to be asked for once the lanes were read."""
        unused = {sheet: sorted(modes - self._modes_of_lanes) for sheet, modes in self._modes.items()}
        return [
            f"{sheet}: no lane in Lanes has the mode {listed(modes)}, so that its rows price nothing."
            for sheet, modes in unused.items()
            if modes
        ]


def day_written(cell: Cell) -> str:
    """A date in whatever form, as 2026-11-22."""
    return (EPOCH + dt.timedelta(days=day(cell))).isoformat()
