"""Charges fitted to shipments: what made them is found again, odd invoices and all; what cannot be fitted is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.fitted_bands import FittedBand, UnfittedBand
from networx.domain.geography import centroid
from networx.domain.shipments import MODES, NOT_STATED, Shipments
from networx.models.rates import Observed, fit_rates, observed
from networx.models.rates.fit import charge_of

LTL, TL = MODES.index("ltl"), MODES.index("tl")


def drawn(count: int = 400, *, seed: int = 3, noise: float = 0.05, odd: float = 0.0, mode: int = LTL) -> Observed:
    """Shipments of 500 to 1,000 lb that cost $80 + $0.30 a mile + $0.04 a cwt-mile; some five times that."""
    rng = np.random.default_rng(seed)
    miles, pounds = rng.uniform(20, 900, count), rng.uniform(500, 1_000, count)
    dollars = (80 + (0.3 + 0.04 * pounds / 100) * miles) * rng.normal(1, noise, count)
    dollars = np.where(rng.random(count) < odd, 5 * dollars, dollars)
    day = rng.integers(20_100, 20_400, count)
    return Observed(np.full(count, mode), miles, pounds, dollars, day, {})


@pytest.mark.parametrize(("odd", "within"), [(0.0, 0.02), (0.05, 0.08)])
def test_what_made_the_charges_is_found_again_though_some_invoices_are_odd(odd: float, within: float):
    # One in twenty at five times its charge raises what is paid in all by a fifth.
    seen = drawn(odd=odd)

    (band,) = fit_rates(seen)

    assert isinstance(band, FittedBand)
    assert (band.mode, band.weight_from, band.weight_to, band.shipments) == ("ltl", 500, 1_000, 400)
    charge = band.fixed + (band.per_mile + band.per_cwt_mile * 7.5) * np.array([100, 400, 800])
    assert charge == pytest.approx(80 + (0.3 + 0.04 * 7.5) * np.array([100, 400, 800]), rel=within)
    assert band.median_error_percent < 5
    assert (band.miles_from, band.miles_to) == (seen.miles.min(), seen.miles.max())
    assert (band.pounds_from, band.pounds_to) == (seen.pounds.min(), seen.pounds.max())
    assert (band.first_month, band.last_month) == ("2025-01", "2025-11")


def test_the_errors_told_are_those_of_all_shipments():
    (clean,), (odd,) = fit_rates(drawn()), fit_rates(drawn(odd=0.05))

    assert isinstance(clean, FittedBand)
    assert isinstance(odd, FittedBand)
    seen = drawn(odd=0.05)
    modelled = odd.fixed + (odd.per_mile + odd.per_cwt_mile * seen.pounds / 100) * seen.miles
    off = 100 * np.abs(modelled - seen.dollars) / seen.dollars
    assert (odd.median_error_percent, odd.mean_error_percent) == pytest.approx((np.median(off), off.mean()))
    assert odd.total_error_percent == pytest.approx(100 * (modelled.sum() / seen.dollars.sum() - 1))
    assert odd.total_error_percent < -10 < -1 < clean.total_error_percent < 1
    assert odd.r_squared < 0.5 < 0.9 < clean.r_squared


def test_charges_without_noise_are_fitted_to_the_cent():
    seen = drawn(noise=0.0)

    assert charge_of(seen.miles, seen.pounds, seen.dollars) == pytest.approx((80, 0.3, 0.04, 0.01), rel=1e-6)


def test_no_figure_is_below_0_where_longer_ways_cost_less():
    miles, pounds = np.linspace(10, 500, 50), np.linspace(500, 900, 50)

    figures = charge_of(miles, pounds, 400 - 0.5 * miles)

    assert figures is not None
    assert min(figures) >= 0
    assert figures[1:3] == pytest.approx((0, 0), abs=1e-6)


def test_weights_that_say_nothing_leave_a_price_a_mile():
    miles = np.linspace(10, 500, 50)

    assert charge_of(miles, np.full(50, 700.0), 50 + 2 * miles) == pytest.approx((50, 2, 0, 0.01), rel=1e-6, abs=1e-9)


def test_what_cannot_be_fitted_is_told_with_its_reason():
    few, same = drawn(29), drawn(40, mode=TL)
    both = Observed(
        *(np.concatenate([getattr(few, name), getattr(same, name)]) for name in ("mode",)),
        miles=np.concatenate([few.miles, np.full(40, 100.0)]),
        pounds=np.concatenate([few.pounds, same.pounds]),
        dollars=np.concatenate([few.dollars, same.dollars]),
        day=np.concatenate([few.day, same.day]),
        left_out={},
    )

    bands = list(fit_rates(both))

    assert bands == [
        UnfittedBand("ltl", 500, 1_000, 29, "fewer than 30 shipments"),
        UnfittedBand("tl", 500, 1_000, 40, "all go the same distance"),
    ]


def test_bands_begin_where_asked_and_the_last_is_open():
    found = list(fit_rates(drawn(), (0.0, 750.0)))

    assert [(band.weight_from, band.weight_to) for band in found] == [(0, 750), (750, None)]
    assert sum(band.shipments for band in found) == 400
    assert not list(fit_rates(drawn(), (2_000.0,)))


def shipped(**columns: Any) -> Shipments:
    """Five from Chicago to Newark, all good but for what `columns` say."""
    told: dict[str, Any] = {
        "origin_zip": np.full(5, 60601), "dest_zip": np.full(5, 7102), "weight_lb": np.full(5, 800.0),
        "miles": np.full(5, np.nan), "charge_cents": np.full(5, 12_345), **columns,
    }  # fmt: skip
    unsaid = {name: np.full(5, np.nan) for name in ("cube_cf", "units", "pkgs")}
    codes = {name: np.full(5, NOT_STATED) for name in ("origin", "destination", "direction")}
    return Shipments(ship_day=np.full(5, 20_100), mode=np.full(5, LTL), **unsaid, **codes, **told)


def test_shipments_without_weight_charge_or_distance_are_left_out_by_reason():
    seen = observed(
        shipped(
            weight_lb=np.array([800.0, np.nan, 0.0, 800.0, 800.0]),
            charge_cents=np.array([12_345, 1, 1, -5, 100]),
            dest_zip=np.array([7102, 7102, 7102, 7102, NOT_STATED]),
        ),
        1.2,
    )

    assert len(seen) == 1
    assert seen.dollars.tolist() == [123.45]
    assert seen.left_out == {
        "no weight above 0": 2, "no charge above 0": 1, "no distance: a ZIP is missing or has no known place": 1
    }  # fmt: skip


def test_miles_are_those_stated_else_those_between_the_places_of_the_zips():
    seen = observed(
        shipped(miles=np.array([900.0, *[np.nan] * 4]), dest_zip=np.array([7102, 7102, 1, 7102, 7102])), 1.2
    )

    here, there = centroid("60601"), centroid("07102")
    assert here is not None
    assert there is not None
    (north, east), (other_north, other_east) = np.deg2rad(here), np.deg2rad(there)
    cosine = np.sin(north) * np.sin(other_north) + np.cos(north) * np.cos(other_north) * np.cos(east - other_east)
    between = 1.2 * 3958.7613 * float(np.arccos(cosine))
    assert seen.miles == pytest.approx([900, *[between] * 3])
    assert seen.left_out == {"no distance: a ZIP is missing or has no known place": 1}
    only = observed(replace(shipped(), miles=np.array([900.0, *[np.nan] * 4])), None)
    assert (len(only), only.left_out) == (1, {"no distance, and no circuity to compute it": 4})
