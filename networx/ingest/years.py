"""The years of a workbook: which Forecast and Demand speak of, each stated once and none left out.

The years are Forecast's; without it they are Demand's, which then must state every destination in every year, since
nothing else says what its demand is. Those of FacilityYears and Lanes have to be among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from networx.ingest.names import Names
from networx.ingest.pairs import PairTable
from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow

MISSING_NAMED = 100  # rows that are not there, named one by one
_YEAR = 1  # its place in Demand and FacilityYears


class Years:
    """The years of one workbook, gathered table by table, each with the row that states it first."""

    def __init__(self, log: ProblemLog) -> None:
        self._log = log
        self._forecast: dict[int, TableRow] = {}
        self._demand: dict[int, TableRow] = {}

    @property
    def forecast(self) -> bool:
        """Whether the workbook has a Forecast."""
        return bool(self._forecast)

    def forecast_rows(self, rows: Iterable[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows of Forecast: each year once, none left out."""
        for row in rows:
            year = row.values[0]
            if year is None:
                continue
            earlier = self._forecast.setdefault(year, row)
            if earlier is not row:
                self._fault(row, year, f"is the same as in row {earlier.number}; state each year once", "duplicate_row")
            elif not row.bad:
                yield tuple(row.values)
        self._refuse_gap(self._forecast)

    def of_demand(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The rows of Demand whose year is the Forecast's, where there is one; any year where there is none."""
        for row in rows:
            year = row.values[_YEAR]
            if year is not None:
                self._demand.setdefault(year, row)
                if self._forecast and year not in self._forecast:
                    self._unknown(row, year, self._forecast, "Forecast")
                    continue
            yield row

    def of_facilities(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The rows of FacilityYears whose year the plan has."""
        return self.of_plan(rows, _YEAR)

    def once_each(self, rows: Iterable[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows of a table that states each year of the plan once, at its first place."""
        seen: dict[int, TableRow] = {}
        for row in self.of_plan(rows, 0):
            year = row.values[0]
            earlier = seen.setdefault(year, row)
            if year is not None and earlier is not row:
                self._fault(row, year, f"is the same as in row {earlier.number}; state each year once", "duplicate_row")
            elif not row.bad:
                yield tuple(row.values)

    def of_plan(self, rows: Iterable[TableRow], place: int) -> Iterator[TableRow]:
        """The rows whose year, at this place, is one of the plan, or empty."""
        years, source = (self._forecast, "Forecast") if self._forecast else (self._demand, "Demand")
        for row in rows:
            year = row.values[place]
            if year is not None and year not in years:
                self._unknown(row, year, years, source)
            else:
                yield row

    def require_all_demand(self, names: Names, demand: PairTable) -> None:
        """Without Forecast: refuse a gap in Demand's years, and a destination without a row in one of them."""
        if self._forecast or not self._demand:
            return
        self._refuse_gap(self._demand)
        named = 0
        for year in sorted(self._demand):
            for code, name in enumerate(names):
                if demand.holds(year, code):
                    continue
                named += 1
                if named > MISSING_NAMED:
                    self._log.count += 1
                    continue
                message = f"{name} has no row for {year}; add it, or state Forecast, which scales demand_units."
                self._log.add(message, "missing_row", sheet=self._demand[year].tab, column="year", value=year)

    def _unknown(self, row: TableRow, year: int, years: dict[int, TableRow], source: str) -> None:
        if years:
            message = f"is not among the years of {source}, {min(years)} to {max(years)}; correct one of the two sheets"
        else:
            message = "has no meaning without Forecast or Demand, since the plan is one year; state one of them"
        self._fault(row, year, message, "unknown_year")

    def _refuse_gap(self, years: dict[int, TableRow]) -> None:
        ordered = sorted(years)
        for earlier, later in pairwise(ordered):
            if later != earlier + 1:
                message = f"follows {earlier}, and the years between are missing; state them too"
                self._fault(years[later], later, message, "year_gap")

    def _fault(self, row: TableRow, year: int, message: str, rule: str) -> None:
        self._log.add(f"year {year} {message}.", rule, sheet=row.tab, row=row.number, column="year", value=year)
