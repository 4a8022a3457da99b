"""Shipments as what a charge can be fitted to: miles, weight and dollars; what lacks one is left out by reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats, Ints
from networx.domain.geography import centroid
from networx.domain.shipments import MODES, Shipments
from networx.models.transport.distance import great_circle_miles

CENTS = 100


@dataclass(frozen=True, slots=True)
class Observed:
    """Shipments that can be fitted to, an element each. `mode` is a place in MODES, `day` counts from 1970-01-01.

    `left_out` counts the others by reason.
    """

    mode: Ints
    miles: Floats
    pounds: Floats
    dollars: Floats
    day: Ints
    left_out: dict[str, int]

    def __len__(self) -> int:
        return len(self.miles)

    def of_mode(self, name: str) -> Ints:
        """Their places."""
        return np.flatnonzero(self.mode == MODES.index(name)).astype(np.int64)


def observed(shipments: Shipments, circuity: float | None, lightest: float = 0.0) -> Observed:
    """Miles are those that a shipment states, else great-circle miles between its ZIPs' centroids x `circuity`.

    `lightest` is where the first weight band begins, in pounds.
    """
    miles = _miles(shipments, circuity)
    no_places = "no distance: a ZIP is missing or has no known place"
    reasons = {
        "no weight above 0": ~(shipments.weight_lb > 0),
        "no charge above 0": shipments.charge_cents <= 0,
        "no distance, and no circuity to compute it" if circuity is None else no_places: np.isnan(miles),
        "lighter than the first weight band": shipments.weight_lb < lightest,
    }
    good: Flags = np.ones(len(shipments), dtype=bool)
    left_out: dict[str, int] = {}
    for reason, faulty in reasons.items():
        count = int((good & faulty).sum())
        if count:
            left_out[reason] = count
        good &= ~faulty
    return Observed(
        mode=shipments.mode[good].astype(np.int64),
        miles=miles[good],
        pounds=shipments.weight_lb[good],
        dollars=shipments.charge_cents[good] / CENTS,
        day=shipments.ship_day[good].astype(np.int64),
        left_out=left_out,
    )


def _miles(shipments: Shipments, circuity: float | None) -> Floats:
    if circuity is None:
        return shipments.miles
    start, end = _places(shipments.origin_zip), _places(shipments.dest_zip)
    computed = circuity * great_circle_miles(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    miles: Floats = np.where(np.isnan(shipments.miles), computed, shipments.miles)
    return miles


def _places(zips: Codes) -> Floats:
    """Latitude and longitude of each, NaN where unknown."""
    known, which = np.unique(zips, return_inverse=True)
    points = [centroid(f"{zip5:05d}") if zip5 >= 0 else None for zip5 in known.tolist()]
    table = np.array([(np.nan, np.nan) if point is None else point for point in points], dtype=np.float64)
    return table.reshape(-1, 2)[which]
