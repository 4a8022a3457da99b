"""Charges fitted by mode and weight band: dollars = fixed + (per_mile + per_cwt_mile x cwt) x miles, none below 0.

The sum of Huber's losses is least, so that a few odd invoices move it little: squares near by, absolute values beyond
1.345 times the usual spread of what plain least squares leave (scipy.optimize.least_squares). What is told of a fit,
with its errors, speaks of all shipments of the band, odd ones too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from scipy.optimize import least_squares, nnls

from networx.domain.arrays import Floats, Ints
from networx.domain.fitted_bands import FittedBand, UnfittedBand
from networx.domain.shipments import MODES
from networx.models.rates.observed import Observed

FEWEST = 30  # shipments; below it a fit of three figures says little of the next shipment
BREAKS = (0.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0)  # pounds, as tariffs break them
LBS_IN_CWT = 100.0
HUBER = 1.345  # 95 % as good as least squares where errors are normal
SPREAD = 1.4826  # from the median of absolute errors to a standard deviation
DEPENDENT = 1e-6  # of scaled columns; less than this apart they say the same


def fit_rates(
    shipments: Observed, breaks: Sequence[float] = BREAKS, fewest: int = FEWEST
) -> list[FittedBand | UnfittedBand]:
    """Every mode and weight band that has shipments, by mode and weight. `breaks` ascend, the last band is open."""
    found: list[FittedBand | UnfittedBand] = []
    for name in MODES:
        rows = shipments.of_mode(name)
        for low, high in zip(breaks, (*breaks[1:], None), strict=True):
            pounds = shipments.pounds[rows]
            here = rows[(pounds >= low) & (pounds < (np.inf if high is None else high))]
            if len(here):
                found.append(_band(shipments, name, (low, high), here, fewest))
    return found


def _band(
    shipments: Observed, mode: str, band: tuple[float, float | None], rows: Ints, fewest: int
) -> FittedBand | UnfittedBand:
    miles, pounds, dollars = shipments.miles[rows], shipments.pounds[rows], shipments.dollars[rows]
    figures = None
    reason = f"fewer than {fewest} shipments"
    if len(rows) >= fewest:
        figures, reason = charge_of(miles, pounds, dollars), "all go the same distance"
    if figures is None:
        return UnfittedBand(mode, *band, len(rows), reason)
    fixed, per_mile, per_cwt_mile = figures
    modelled = fixed + (per_mile + per_cwt_mile * pounds / LBS_IN_CWT) * miles
    off = 100 * np.abs(modelled - dollars) / dollars
    spread = float(np.square(dollars - dollars.mean()).sum())
    left = float(np.square(dollars - modelled).sum())
    return FittedBand(
        mode,
        *band,
        *figures,
        miles_from=float(miles.min()),
        miles_to=float(miles.max()),
        pounds_from=float(pounds.min()),
        pounds_to=float(pounds.max()),
        shipments=len(rows),
        median_error_percent=float(np.median(off)),
        mean_error_percent=float(off.mean()),
        r_squared=max(1 - left / spread, 0.0) if spread > 0 else 0.0,
        total_error_percent=100 * float(modelled.sum() / dollars.sum() - 1),
        first_month=_month(int(shipments.day[rows].min())),
        last_month=_month(int(shipments.day[rows].max())),
    )


def charge_of(miles: Floats, pounds: Floats, dollars: Floats) -> tuple[float, float, float] | None:
    """Dollars a shipment, a mile, and a cwt-mile; None where distances do not tell them apart.

    Where weights do not, what a cwt-mile costs is 0 and in what a mile costs.
    """
    columns = np.stack([np.ones(len(miles)), miles, pounds / LBS_IN_CWT * miles], axis=1)
    used = next((count for count in (3, 2) if _apart(columns[:, :count])), None)
    if used is None:
        return None
    scale, paid = np.abs(columns[:, :used]).max(axis=0), float(dollars.mean())
    scaled: Floats = columns[:, :used] / scale
    start: Floats = nnls(scaled, dollars / paid)[0]

    def left(figures: Floats) -> Floats:
        apart: Floats = scaled @ figures - dollars / paid
        return apart

    def slope(_: Floats) -> Floats:
        return scaled

    usual = SPREAD * float(np.median(np.abs(left(start))))
    if usual > 0:
        bounds = (0.0, np.inf)
        start = least_squares(left, start, jac=slope, bounds=bounds, loss="huber", f_scale=HUBER * usual).x
    figures = np.zeros(3)
    figures[:used] = start * paid / scale
    return float(figures[0]), float(figures[1]), float(figures[2])


def _apart(columns: Floats) -> bool:
    """Whether no column is made of the others."""
    largest = np.abs(columns).max(axis=0)
    if not largest.all():
        return False
    values = np.linalg.svd(columns / largest, compute_uv=False)
    return bool(values[-1] > DEPENDENT * values[0])


def _month(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).strftime("%Y-%m")
