"""Diesel prices of the United States Energy Information Administration: its API, version 2, by series.

https://www.eia.gov/opendata/documentation.php: numbers are written as text, a week without a price has null, and an
answer holds 5,000 rows at most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from networx.domain.market import MARKET_KINDS
from networx.market.sources import Caller, Told, ask, failed, member
from networx.market.values import Observation, Standing, Unusable, confidence_of, plausible, usable_day
from networx.resilience.exchange import Call
from networx.resilience.http import Terms
from networx.resilience.limits import Limit

PATH = "/v2/petroleum/pri/gnd/data/"
ROWS_AT_MOST = 5_000
WEEKS = 12
SERIES_AT_ONCE = ROWS_AT_MOST // WEEKS
TERMS = Terms(
    rate=Limit("outbound-eia", 60, timedelta(minutes=1)),
    daily=Limit("outbound-eia-day", 1_000, timedelta(days=1)),
    total=timedelta(seconds=20),
    largest_bytes=4 * 1024**2,
)
_UNITS = {"$/GAL": "$/gal"}


@dataclass(frozen=True, slots=True)
class Eia:
    """Weekly prices. `series` by subject, such as US: EMD_EPD2D_PTE_NUS_DPG."""

    address: str
    key: Callable[[], str]
    series: Mapping[str, str]
    caller: Caller

    name = "eia"
    kind = "diesel_price"
    standing = Standing.PUBLISHER
    licence = "United States government work, public domain; source: U.S. Energy Information Administration"

    @property
    def subjects(self) -> Sequence[str]:
        return tuple(self.series)

    def observe(self, subjects: Sequence[str], now: datetime) -> Told:
        """The newest price of each."""
        observations: dict[str, Observation] = {}
        failures: dict[str, str] = {}
        for start in range(0, len(subjects), SERIES_AT_ONCE):
            part = subjects[start : start + SERIES_AT_ONCE]
            try:
                rows = member(ask(self.caller, self._call(part), TERMS), "response", "data")
                if not isinstance(rows, list):
                    raise Unusable("its answer has no rows")
            except Unusable as fault:
                failures |= failed(part, str(fault)).failures
                continue
            for subject in part:
                try:
                    observations[subject] = self._newest(subject, rows, now)
                except Unusable as fault:
                    failures[subject] = str(fault)
        return Told(observations, failures)

    def _call(self, subjects: Sequence[str]) -> Call:
        parameters = [
            ("api_key", self.key()),
            ("frequency", "weekly"),
            ("data[0]", "value"),
            *(("facets[series][]", self.series[subject]) for subject in subjects),
            ("sort[0][column]", "period"),
            ("sort[0][direction]", "desc"),
            ("offset", "0"),
            ("length", str(WEEKS * len(subjects))),
        ]
        return Call("GET", self.address + PATH, parameters)

    def _newest(self, subject: str, rows: Sequence[Any], now: datetime) -> Observation:
        kind, series = MARKET_KINDS[self.kind], self.series[subject]
        ours = [row for row in rows if isinstance(row, dict) and row.get("series") == series]
        priced = [(_day(row), row) for row in ours if row.get("value") not in (None, "")]
        if not priced:
            weeks = "no week" if not ours else f"none of the last {len(ours)} weeks"
            raise Unusable(f"{weeks} of the series {series} has a price")
        as_of, row = max(priced, key=lambda dated: dated[0])
        unit = str(row.get("units"))
        return Observation(
            kind=self.kind,
            subject=subject,
            as_of=usable_day(kind, as_of, now),
            value=plausible(kind, row["value"], _UNITS.get(unit, unit)),
            source=self.name,
            confidence=confidence_of(self.standing, preliminary=False),
            licence=self.licence,
            request=f"GET {self.address}{PATH}?frequency=weekly&facets[series][]={series}",
        )


def _day(row: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(str(row.get("period")))
    except ValueError:
        raise Unusable(f"{str(row.get('period'))[:40]!r} is no day") from None
