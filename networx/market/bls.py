"""Wages of the United States Bureau of Labor Statistics: its public data API, version 2, by series.

https://www.bls.gov/developers/api_signature_v2.htm and https://www.bls.gov/help/hlpforma.htm: what a series measures
is written in its id, and only those that measure dollars an hour are taken. A query has 50 series and 20 years at most,
a registered user 500 queries a day; a refusal comes with HTTP 200.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from networx.domain.market import MARKET_KINDS
from networx.market.sources import Caller, Told, ask, failed, member
from networx.market.values import Observation, Standing, Unusable, confidence_of, plausible, usable_day
from networx.observability.logs import REDACTED
from networx.resilience.exchange import Call
from networx.resilience.http import Terms
from networx.resilience.limits import Limit

PATH = "/publicAPI/v2/timeseries/data/"
SERIES_AT_ONCE = 50
YEARS = 3
TERMS = Terms(
    rate=Limit("outbound-bls", 25, timedelta(seconds=10)),
    daily=Limit("outbound-bls-day", 500, timedelta(days=1)),
    total=timedelta(seconds=20),
    largest_bytes=4 * 1024**2,
)
# National, and by state and area: data types 03 and 08 are average hourly earnings.
_EARNINGS = re.compile(r"(CE[SU]\d{8}|SM[SU]\d{15})(03|08)", re.ASCII)
# By area, industry and occupation: data types 03 and 08 are the hourly mean and median wage.
_OCCUPATION = re.compile(r"OEU[NMS]\d{19}(03|08)", re.ASCII)
_YEAR = re.compile(r"(19|2[01])\d\d", re.ASCII)
_MONTH = re.compile(r"M(0[1-9]|1[0-2])", re.ASCII)
_REASON_CHARACTERS = 200
_OF_THE_SURVEY = (5, 31)  # the estimates by occupation of a year are those of May


def kind_of(series: str) -> str | None:
    """The kind of figure that a series tells, or None for one that is no hourly wage."""
    if _EARNINGS.fullmatch(series):
        return "hourly_wage"
    return "occupation_wage" if _OCCUPATION.fullmatch(series) else None


@dataclass(frozen=True, slots=True)
class Bls:
    """Series of one kind, by subject, such as transportation_and_warehousing: CES4300000003."""

    address: str
    key: Callable[[], str]
    kind: str
    series: Mapping[str, str]
    caller: Caller

    name = "bls"
    standing = Standing.PUBLISHER
    licence = "United States government work, public domain; BLS.gov cannot vouch for what is made of the data"

    @property
    def subjects(self) -> Sequence[str]:
        return tuple(self.series)

    def observe(self, subjects: Sequence[str], now: datetime) -> Told:
        """The newest figure of each."""
        observations: dict[str, Observation] = {}
        failures: dict[str, str] = {}
        for start in range(0, len(subjects), SERIES_AT_ONCE):
            part = subjects[start : start + SERIES_AT_ONCE]
            try:
                told = self._ask(part, now)
            except Unusable as fault:
                failures |= failed(part, str(fault)).failures
                continue
            for subject in part:
                try:
                    observations[subject] = self._newest(subject, told, now)
                except Unusable as fault:
                    failures[subject] = str(fault)
        return Told(observations, failures)

    def _ask(self, subjects: Sequence[str], now: datetime) -> Mapping[str, Sequence[Any]]:
        """The figures of each series that the answer knows."""
        key = self.key()
        body = {
            "seriesid": [self.series[subject] for subject in subjects],
            "startyear": str(now.year - YEARS + 1),
            "endyear": str(now.year),
            "registrationkey": key,
        }
        # A query, though it is sent by POST.
        said = ask(self.caller, Call("POST", self.address + PATH, json=body, repeatable=True), TERMS)
        if member(said, "status") != "REQUEST_SUCCEEDED":
            messages = said.get("message") or ["no reason given"]
            reason = " ".join(str(message) for message in messages) if isinstance(messages, list) else str(messages)
            raise Unusable(f"it refuses: {reason.replace(key, REDACTED)[:_REASON_CHARACTERS]}")
        results = member(said, "Results")
        # The published samples wrap them in a list, the service does not.
        listed = member(results[0] if isinstance(results, list) and results else results, "series")
        if not isinstance(listed, list):
            raise Unusable("its answer has no series")
        return {
            str(series.get("seriesID")): series["data"]
            for series in listed
            if isinstance(series, dict) and isinstance(series.get("data"), list)
        }

    def _newest(self, subject: str, told: Mapping[str, Sequence[Any]], now: datetime) -> Observation:
        kind, series = MARKET_KINDS[self.kind], self.series[subject]
        dated = [(as_of, row) for row in told.get(series, ()) if (as_of := _end_of(row)) is not None]
        if not dated:
            raise Unusable(f"the series {series} has no figure of the last {YEARS} years")
        as_of, row = max(dated, key=lambda each: each[0])
        notes = row.get("footnotes")
        preliminary = isinstance(notes, list) and any(
            isinstance(note, dict) and note.get("code") == "P" for note in notes
        )
        return Observation(
            kind=self.kind,
            subject=subject,
            as_of=usable_day(kind, as_of, now),
            value=plausible(kind, row["value"], kind.unit),
            source=self.name,
            confidence=confidence_of(self.standing, preliminary=preliminary),
            licence=self.licence,
            request=f"POST {self.address}{PATH} seriesid={series}",
            preliminary=preliminary,
        )


def _end_of(row: Any) -> date | None:
    """The last day of what a row speaks of; None for a row without a figure, or of a span that is not looked at."""
    if not isinstance(row, dict) or str(row.get("value", "-")).strip() in {"-", ""}:
        return None
    year, period = str(row.get("year")), str(row.get("period"))
    if _YEAR.fullmatch(year) is None:
        return None
    month = _MONTH.fullmatch(period)
    if month is not None:
        return date(int(year), int(month[1]), monthrange(int(year), int(month[1]))[1])
    return date(int(year), *_OF_THE_SURVEY) if period == "A01" else None
