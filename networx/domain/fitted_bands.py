"""What a fit of charges to shipments found, band by band: what a person looks at before accepting it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FittedBand:
    """One mode and weight band, in the words of the sheet FittedRates; no upper end is None."""

    mode: str
    weight_from: float
    weight_to: float | None
    fixed: float
    per_mile: float
    per_cwt_mile: float
    miles_from: float
    miles_to: float
    pounds_from: float
    pounds_to: float
    shipments: int
    median_error_percent: float
    mean_error_percent: float
    r_squared: float
    total_error_percent: float  # what the fit makes of all shipments together against what was paid, signed
    first_month: str
    last_month: str


@dataclass(frozen=True, slots=True)
class UnfittedBand:
    """Shipments of a mode and weight band to which nothing is fitted, and why."""

    mode: str
    weight_from: float
    weight_to: float | None
    shipments: int
    reason: str
