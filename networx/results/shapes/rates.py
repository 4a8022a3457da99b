"""The result of a fit of rates to shipments."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from networx.results.shapes.baseline import NetworkBeside
from networx.results.shapes.parts import Dollars, OfNetwork, Part


class Band(Part):
    """A mode and weight band."""

    mode: Literal["parcel", "ltl", "tl", "air", "ocean", "intermodal"]
    weight_from: float = Field(description="pounds; counts")
    weight_to: float | None = Field(description="pounds; does not count; null: no end")
    shipments: int
    note: str


class FittedBand(Band):
    """dollars of a shipment = fixed + (per_mile + per_cwt_mile x weight / 100) x miles, and how far that is off."""

    fixed: Dollars
    per_mile: Dollars
    per_cwt_mile: Dollars
    miles_from: float
    miles_to: float
    pounds_from: float
    pounds_to: float
    median_error_percent: float = Field(description="of what was paid for a shipment; half of them are off by no more")
    mean_error_percent: float
    r_squared: float
    total_error_percent: float = Field(description="of all shipments together, signed")
    first_month: str
    last_month: str
    odd_beyond: Dollars = Field(description="off, beyond which a shipment counts as odd")


class UnfittedBand(Band):
    """Shipments to which nothing is fitted, and why."""

    reason: str


class RatesKpis(Part):
    """How many shipments there were, and what became of them."""

    shipments: int
    shipments_fitted: int
    shipments_left_out: int
    bands: int
    bands_fitted: int


class RatesResult(OfNetwork):
    """Rates fitted to shipments: docs/models/rates.md. `objective`, `bound` and `gap` are null: each band has its own,
    in the certificate. Its dataset is the shipments."""

    type: Literal["rates"]
    kpis: RatesKpis
    bands: list[FittedBand]
    not_fitted: list[UnfittedBand]
    left_out: dict[str, int] = Field(description="shipments by the reason they are left out for")
    network: NetworkBeside | None = Field(description="whose circuity was read")
    notes: list[str]
    headline: str
