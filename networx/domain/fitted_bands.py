"""What a fit of charges to shipments found, band by band: what a person looks at before accepting it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


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
    odd_beyond: float  # dollars off, beyond which a shipment counts by its absolute value


@dataclass(frozen=True, slots=True)
class UnfittedBand:
    """Shipments of a mode and weight band to which nothing is fitted, and why."""

    mode: str
    weight_from: float
    weight_to: float | None
    shipments: int
    reason: str


Band = FittedBand | UnfittedBand


@dataclass(frozen=True, slots=True)
class RateFit:
    """Every mode and weight band that has shipments, and how many others there were by the reason they are left out."""

    bands: tuple[Band, ...]
    left_out: Mapping[str, int]
    seconds: float

    @property
    def fitted(self) -> list[FittedBand]:
        return [band for band in self.bands if isinstance(band, FittedBand)]

    @property
    def shipments(self) -> int:
        """Those that bands were made of, fitted or not."""
        return sum(band.shipments for band in self.bands)

    @property
    def fitted_to(self) -> int:
        """Shipments of the bands that have figures."""
        return sum(band.shipments for band in self.fitted)


def band_figures(band: Band) -> dict[str, Any]:
    """A band as plain values, which `read_band` reads."""
    return asdict(band)


def read_band(told: Mapping[str, Any]) -> Band:
    """Raises TypeError for what is no band."""
    return UnfittedBand(**told) if "reason" in told else FittedBand(**told)
