"""Charges fitted by mode and weight band: dollars = fixed + (per_mile + per_cwt_mile x cwt) x miles, none below 0.

The sum of Huber's losses is least, so that a few odd invoices move it little: squares near by, absolute values beyond
1.345 times the usual spread of what plain least squares leave (scipy.optimize.least_squares). What is told of a fit,
with its errors, speaks of all shipments of the band, odd ones too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from networx.domain.arrays import Floats, Ints
from networx.domain.fitted_bands import Band, FittedBand, UnfittedBand
from networx.domain.rate_parameters import BREAKS, FEWEST
from networx.domain.shipments import MODES
from networx.models.rates.observed import Observed

LBS_IN_CWT = 100.0
CENT = 0.01  # dollars; charges are whole cents, so that no shipment is odd within one
HUBER = 1.345  # 95 % as good as least squares where errors are normal
SPREAD = 1.4826  # from the median of absolute errors to a standard deviation
SETTLED = 1e-12  # of the loss, by which one more round makes it less
MOST_ROUNDS = 200
DEPENDENT = 1e-6  # of scaled columns; less than this apart they say the same


def fit_rates(shipments: Observed, breaks: Sequence[float] = BREAKS, fewest: int = FEWEST) -> Iterator[Band]:
    """Every mode and weight band that has shipments, by mode and weight. `breaks` ascend, the last band is open."""
    for name in MODES:
        rows = shipments.of_mode(name)
        for low, high in zip(breaks, (*breaks[1:], None), strict=True):
            pounds = shipments.pounds[rows]
            here = rows[(pounds >= low) & (pounds < (np.inf if high is None else high))]
            if len(here):
                yield _band(shipments, name, (low, high), here, fewest)


def _band(shipments: Observed, mode: str, band: tuple[float, float | None], rows: Ints, fewest: int) -> Band:
    miles, pounds, dollars = shipments.miles[rows], shipments.pounds[rows], shipments.dollars[rows]
    charge = None
    reason = f"fewer than {fewest} shipments"
    if len(rows) >= fewest:
        charge, reason = charge_of(miles, pounds, dollars), "all go the same distance"
    if charge is None:
        return UnfittedBand(mode, *band, len(rows), reason)
    modelled = charge.fixed + (charge.per_mile + charge.per_cwt_mile * pounds / LBS_IN_CWT) * miles
    off = 100 * np.abs(modelled - dollars) / dollars
    spread = float(np.square(dollars - dollars.mean()).sum())
    left = float(np.square(dollars - modelled).sum())
    return FittedBand(
        mode,
        *band,
        charge.fixed,
        charge.per_mile,
        charge.per_cwt_mile,
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
        odd_beyond=charge.odd_beyond,
    )


class Charge(NamedTuple):
    """Dollars a shipment, a mile, and a cwt-mile; and from how many dollars off a shipment counts as odd."""

    fixed: float
    per_mile: float
    per_cwt_mile: float
    odd_beyond: float


def charge_of(miles: Floats, pounds: Floats, dollars: Floats) -> Charge | None:
    """The figures of least loss; None where distances do not tell them apart.

    Where weights do not, what a cwt-mile costs is 0 and in what a mile costs.
    """
    from scipy.optimize import least_squares, nnls  # half a second, which only a process that fits is to wait for

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

    odd = max(HUBER * SPREAD * float(np.median(np.abs(left(start)))), CENT / paid)
    near = least_squares(left, start, jac=slope, bounds=(0.0, np.inf), loss="huber", f_scale=odd).x
    figures = np.zeros(3)
    figures[:used] = _settled(scaled, dollars / paid, near, odd) * paid / scale
    return Charge(float(figures[0]), float(figures[1]), float(figures[2]), odd * paid)


def _settled(columns: Floats, dollars: Floats, figures: Floats, odd: float) -> Floats:
    """The figures of least loss, from some near by, with those that are 0 exactly so.

    Rounds of least squares with no figure below 0, odd shipments weighed less: each makes the loss less, and where none
    does, none can.
    """
    from scipy.optimize import nnls

    least = np.inf
    for _ in range(MOST_ROUNDS):
        far = np.abs(columns @ figures - dollars)
        loss = float(np.where(far <= odd, far * far / 2, odd * (far - odd / 2)).sum())
        if loss >= least * (1 - SETTLED):
            break
        least, weight = loss, np.sqrt(odd / np.maximum(far, odd))
        figures = nnls(columns * weight[:, None], dollars * weight)[0]
    return figures


def _apart(columns: Floats) -> bool:
    """Whether no column is made of the others."""
    largest = np.abs(columns).max(axis=0)
    if not largest.all():
        return False
    values = np.linalg.svd(columns / largest, compute_uv=False)
    return bool(values[-1] > DEPENDENT * values[0])


def _month(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).strftime("%Y-%m")
