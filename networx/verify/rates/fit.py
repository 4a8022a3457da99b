"""The certificate of rates fitted to shipments: each band taken again from the rows as they are stored.

Which shipments it has, their range and months, the errors told, and that no three figures have a smaller loss, by a
bound of its own. It never raises on a wrong answer: what fails is named.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.fitted_bands import Band, FittedBand, RateFit, UnfittedBand
from networx.domain.plan import RECOMPUTED, Certificate, Check
from networx.domain.rate_parameters import RateParameters
from networx.domain.shipment_columns import TABLE
from networx.domain.shipment_record import ShipmentDigest
from networx.domain.shipments import MODES
from networx.verify.measure import check, counted
from networx.verify.rates.least import loss_and_bound, odd_beyond, scaled_columns, tell_apart
from networx.verify.rates.seen import Gathered, Seen

CLOSE = 1e-7  # relative, of figures that two formulas make of the same shipments
LEAST = 1e-6  # of the loss, by which another might be smaller
CENT = 0.01  # dollars; charges are whole cents, so that less is not told apart, nor odd
_EPOCH = dt.date(1970, 1, 1)


def certify_rates(
    batches: Iterable[Sequence[Sequence[Any]]], dataset_sha256: str, asked: RateParameters, fit: RateFit
) -> Certificate:
    """Check a fit against the rows of its dataset. `valid` is False unless every check passes."""
    digest, seen = ShipmentDigest(), Seen(asked)
    for rows in batches:
        digest.update_rows(TABLE, rows)
        seen.add(rows)
    actual = digest.hexdigest()
    checks = [
        counted("dataset", int(actual != dataset_sha256), "the fit is to another dataset than this one"),
        *fit_checks(seen, asked, fit),
    ]
    return Certificate(
        dataset_sha256=actual,
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=None,
        bound=None,
        gap=None,
        bound_source=RECOMPUTED,
    )


def fit_checks(seen: Seen, asked: RateParameters, fit: RateFit) -> list[Check]:
    """The same of shipments that were sorted already: a line for who is left out, and some for each band."""
    wrong = sorted(
        reason
        for reason in {*seen.left_out, *fit.left_out}
        if seen.left_out.get(reason, 0) != fit.left_out.get(reason, 0)
    )
    checks = [counted("shipments left out", len(wrong), "; ".join(wrong))]
    stated = [(band.mode, band.weight_from, band.weight_to) for band in fit.bands]
    ends = (*asked.weight_breaks[1:], None)
    there = sorted(seen.bands, key=lambda key: (MODES.index(key[0]), key[1]))
    if stated != [(mode, asked.weight_breaks[at], ends[at]) for mode, at in there]:
        return [*checks, counted("bands", 1, "other bands than those of the shipments")]
    for key, band in zip(there, fit.bands, strict=True):
        checks += _band(seen.bands[key], asked, band)
    return checks


def _band(known: Gathered, asked: RateParameters, band: Band) -> list[Check]:
    end = "and more" if band.weight_to is None else f"to {band.weight_to:g}"
    name = f"{band.mode}, {band.weight_from:g} {end} lb"
    wrong = [] if band.shipments == len(known.miles) else [f"it has {len(known.miles)} shipments"]
    miles, pounds, dollars = (np.array(part) for part in (known.miles, known.pounds, known.dollars))
    columns, scale = scaled_columns(miles, pounds)
    few = len(miles) < asked.fewest_shipments
    used = 0 if few else next((count for count in (3, 2) if tell_apart(columns[:, :count])), 0)
    if isinstance(band, UnfittedBand):
        reason = f"fewer than {asked.fewest_shipments} shipments" if few else "all go the same distance"
        wrong += [] if used == 0 and band.reason == reason else ["it could be fitted, or for another reason not"]
        return [counted(f"shipments of {name}", len(wrong), "; ".join(wrong))]
    wrong += [] if used else ["nothing can be fitted to it"]
    months = tuple((_EPOCH + dt.timedelta(days=day)).isoformat()[:7] for day in (known.first_day, known.last_day))
    wrong += [] if months == (band.first_month, band.last_month) else [f"its months are {' to '.join(months)}"]
    figures = np.array([band.fixed, band.per_mile, band.per_cwt_mile])
    wrong += [] if (figures >= 0).all() and not figures[used:].any() else ["a figure that it cannot have"]
    checks = [counted(f"shipments of {name}", len(wrong), "; ".join(wrong))]
    if wrong:
        return checks
    apart, what = _told(band, miles, pounds, dollars)
    checks.append(check(f"range and errors of {name}", apart, CLOSE, what))
    return [*checks, *_least(name, band, columns[:, :used], dollars, figures[:used] * scale[:used])]


def _told(band: FittedBand, miles: Floats, pounds: Floats, dollars: Floats) -> tuple[float, str]:
    """What is told of the band that is furthest from what its shipments say, relative, and its name."""
    modelled = band.fixed + band.per_mile * miles + band.per_cwt_mile * (miles * pounds) / 100
    errors = np.abs(modelled / dollars - 1) * 100
    variation = float(np.var(dollars)) * len(dollars)
    explained = 1 - float(((modelled - dollars) ** 2).sum()) / variation if variation > 0 else 0.0
    known = {
        "miles_from": miles.min(), "miles_to": miles.max(), "pounds_from": pounds.min(), "pounds_to": pounds.max(),
        "median_error_percent": np.median(errors), "mean_error_percent": errors.mean(),
        "r_squared": max(explained, 0.0), "total_error_percent": (modelled.sum() / dollars.sum() - 1) * 100,
    }  # fmt: skip
    off = {name: abs(getattr(band, name) - right) / max(abs(float(right)), 1.0) for name, right in known.items()}
    name = max(off, key=lambda one: math.inf if math.isnan(off[one]) else off[one])
    return float(off[name]), f"{name}, recomputed {float(known[name])!r}"


def _least(name: str, band: FittedBand, columns: Floats, dollars: Floats, figures: Floats) -> list[Check]:
    """With dollars of a mean charge of 1, as the columns are."""
    mean = float(dollars.mean())
    odd = odd_beyond(columns, dollars / mean, CENT / mean)
    rounding = len(dollars) * (CENT / mean) ** 2 / 2
    stated = band.odd_beyond / mean
    loss, bound = loss_and_bound(columns, dollars / mean, figures / mean, odd)
    could = max(0.0, loss - bound - rounding) / max(loss, rounding)
    return [
        check(f"what is odd in {name}", abs(stated - odd) / max(odd, 1.0), CLOSE, f"recomputed {odd * mean!r} dollars"),
        check(f"least loss of {name}", could, LEAST, f"the loss is {loss!r}, others might have {bound!r}"),
    ]
