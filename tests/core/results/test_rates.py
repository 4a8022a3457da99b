"""What is said of rates fitted to shipments."""

from __future__ import annotations

from networx.domain.fitted_bands import FittedBand, RateFit, UnfittedBand
from networx.domain.rate_parameters import RateParameters
from networx.results.rates import headline, sheet_notes

FITTED = FittedBand(
    mode="ltl",
    weight_from=0.0,
    weight_to=500.0,
    fixed=50.0,
    per_mile=0.5,
    per_cwt_mile=0.0,
    miles_from=50.0,
    miles_to=440.0,
    pounds_from=100.0,
    pounds_to=400.0,
    shipments=40,
    median_error_percent=1.0,
    mean_error_percent=1.0,
    r_squared=0.9,
    total_error_percent=0.1,
    first_month="2026-01",
    last_month="2026-02",
    odd_beyond=1.0,
)


def test_shipments_of_bands_without_figures_are_not_among_those_fitted_to():
    few = UnfittedBand("ltl", 500.0, None, 5, "fewer than 30 shipments")
    fit = RateFit((FITTED, few), {"no weight above 0": 2}, 0.0)
    assert sheet_notes(fit, RateParameters(), "freight.csv")[0] == "Fitted by networx to 40 shipments of freight.csv."
    assert "fitted to 40 of 47 shipments" in headline(fit)
