"""Shipments sorted into bands one row at a time, and those left out by reason; shares no code with the fit."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from networx.domain.geography import centroid
from networx.domain.rate_parameters import RateParameters
from networx.domain.shipment_columns import PLACES
from networx.verify.transport.lanes import MEAN_EARTH_RADIUS_MILES

_AT = tuple(PLACES[name] for name in ("mode", "ship_date", "origin_zip", "dest_zip", "miles", "weight_lb", "charge"))
CENTS_IN_DOLLAR = 100


def _floats() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Gathered:
    """The shipments of one band, a place each; days count from 1970-01-01."""

    miles: array[float] = field(default_factory=_floats)
    pounds: array[float] = field(default_factory=_floats)
    dollars: array[float] = field(default_factory=_floats)
    first_day: int = 10**9
    last_day: int = -(10**9)


class Seen:
    """`bands` by mode and the number of the break that they begin at, `left_out` by reason."""

    def __init__(self, asked: RateParameters) -> None:
        self.bands: dict[tuple[str, int], Gathered] = {}
        self.left_out: Counter[str] = Counter()
        self._asked = asked
        self._points: dict[str, tuple[float, float, float] | None] = {}

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Raises nothing: each shipment is in a band or left out."""
        for row in rows:
            mode, day, origin, destination, miles, pounds, cents = (row[at] for at in _AT)
            if pounds is None or pounds <= 0:
                self.left_out["no weight above 0"] += 1
                continue
            if cents <= 0:
                self.left_out["no charge above 0"] += 1
                continue
            far = self._miles(origin, destination) if miles is None else miles
            if far is None:
                self.left_out[self._why()] += 1
                continue
            at = bisect_right(self._asked.weight_breaks, pounds) - 1
            if at < 0:
                self.left_out["lighter than the first weight band"] += 1
                continue
            band = self.bands.setdefault((mode, at), Gathered())
            band.miles.append(far)
            band.pounds.append(pounds)
            band.dollars.append(cents / CENTS_IN_DOLLAR)
            band.first_day, band.last_day = min(band.first_day, day), max(band.last_day, day)

    def _why(self) -> str:
        if self._asked.circuity is None:
            return "no distance, and no circuity to compute it"
        return "no distance: a ZIP is missing or has no known place"

    def _miles(self, origin: str | None, destination: str | None) -> float | None:
        if self._asked.circuity is None or origin is None or destination is None:
            return None
        start, end = self._point(origin[:5]), self._point(destination[:5])
        if start is None or end is None:
            return None
        apart = math.dist(start, end)
        together = math.dist(start, tuple(-part for part in end))
        return 2 * MEAN_EARTH_RADIUS_MILES * math.atan2(apart, together) * self._asked.circuity

    def _point(self, zip5: str) -> tuple[float, float, float] | None:
        """On the unit sphere."""
        if zip5 not in self._points:
            known = centroid(zip5)
            if known is None:
                self._points[zip5] = None
            else:
                north, east = map(math.radians, known)
                flat = math.cos(north)
                self._points[zip5] = (flat * math.cos(east), flat * math.sin(east), math.sin(north))
        return self._points[zip5]
