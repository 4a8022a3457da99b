"""The certificate of fitted rates: a right fit passes with a bound of its own, and every lie in one is named."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import pytest

from networx.domain.fitted_bands import FittedBand, RateFit, UnfittedBand
from networx.domain.plan import Certificate
from networx.domain.rate_parameters import RateParameters
from networx.ingest.freight_datasets import shipments_of
from networx.models.rates import fit_rates, observed
from networx.verify.rates import certify_rates
from tests.core.models.small_freight import digest_of, shipment

ASKED = RateParameters(circuity=1.2)
ZIPS = ("60601", "07102", "80202-1234", "33128", "98101", "00001", None)


def drawn(seed: int, count: int = 150, weights: tuple[float, ...] = ()) -> list[tuple[Any, ...]]:
    """Shipments of two modes; miles of some are stated, others have ZIPs; a few lack what a fit needs."""
    chance = random.Random(seed)

    def one() -> tuple[Any, ...]:
        miles = chance.uniform(20, 900) if chance.random() < 0.7 else None
        pounds = chance.choice(weights) if weights else chance.uniform(100, 900)
        paid = (60 + (0.4 + 0.03 * pounds / 100) * (miles or 500)) * chance.gauss(1, 0.1)
        odd = 5 if chance.random() < 0.05 else 1
        day = dt.date(2026, 1, 1) + dt.timedelta(days=chance.randrange(300))
        return shipment(
            day.isoformat(),
            mode=chance.choice(("ltl", "ltl", "tl")),
            origin_zip=chance.choice(ZIPS),
            dest_zip=chance.choice(ZIPS),
            origin="Here",
            destination="There",
            miles=miles,
            weight_lb=None if chance.random() < 0.05 else pounds,
            charge=-500 if chance.random() < 0.03 else round(100 * paid * odd),
        )

    return [one() for _ in range(count)]


def fitted(rows: list[tuple[Any, ...]], asked: RateParameters = ASKED) -> RateFit:
    seen = observed(shipments_of([rows]), asked.circuity, asked.weight_breaks[0])
    return RateFit(tuple(fit_rates(seen, asked.weight_breaks, asked.fewest_shipments)), seen.left_out, 0.0)


def checked(rows: list[tuple[Any, ...]], fit: RateFit, asked: RateParameters = ASKED) -> Certificate:
    return certify_rates([rows[:70], rows[70:]], digest_of(rows), asked, fit)


def failed(certificate: Certificate) -> list[str]:
    assert certificate.valid == all(check.passed for check in certificate.checks)
    return [check.name for check in certificate.checks if not check.passed]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "asked", [ASKED, RateParameters((150.0, 500.0), 30, None), RateParameters((0.0, 333.0), 4, 1.0)]
)
def test_a_fit_is_certified(seed: int, asked: RateParameters):
    rows = drawn(seed)
    fit = fitted(rows, asked)
    assert fit.fitted
    assert sum(fit.left_out.values()) + fit.shipments == len(rows)
    assert failed(checked(rows, fit, asked)) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_fit_whose_figures_are_held_at_0_or_cannot_be_told_apart_is_certified(seed: int):
    same_weight = drawn(seed, weights=(700.0,))
    cheaper = [  # the longer the way, the less it costs
        shipment(miles=10.0 + at, weight_lb=500.0 + at, charge=50_000 - 100 * at + seed) for at in range(50)
    ]
    exact = [shipment(miles=10.0 + at * seed, weight_lb=700.0, charge=5_000 + 200 * at * seed) for at in range(50)]
    for rows in (same_weight, cheaper, exact):
        assert failed(checked(rows, fitted(rows))) == [], rows[0]


def test_what_is_claimed_wrongly_is_named():
    rows = drawn(1)
    right = fitted(rows)
    first = right.bands[0]
    assert isinstance(first, FittedBand)
    band = "ltl, 0 to 500 lb"
    told = f"range and errors of {band}"
    lies: list[tuple[FittedBand, list[str]]] = [
        (replace(first, per_mile=first.per_mile * 1.01), [told, f"least loss of {band}"]),
        (replace(first, fixed=-1.0), [f"shipments of {band}"]),
        (replace(first, shipments=first.shipments + 1), [f"shipments of {band}"]),
        (replace(first, first_month="2025-01"), [f"shipments of {band}"]),
        (replace(first, median_error_percent=first.median_error_percent / 2), [told]),
        (replace(first, r_squared=0.999), [told]),
        (replace(first, miles_to=5_000.0), [told]),
        (replace(first, pounds_from=float("nan")), [told]),
        (replace(first, odd_beyond=2 * first.odd_beyond + 1), [f"what is odd in {band}"]),
    ]
    for lie, names in lies:
        assert failed(checked(rows, replace(right, bands=(lie, *right.bands[1:])))) == names, lie
    unfitted = UnfittedBand("ltl", 0.0, 500.0, first.shipments, "fewer than 30 shipments")
    assert failed(checked(rows, replace(right, bands=(unfitted, *right.bands[1:])))) == [f"shipments of {band}"]
    assert failed(checked(rows, replace(right, bands=right.bands[1:]))) == ["bands"]
    assert failed(checked(rows, replace(right, left_out={}))) == ["shipments left out"]
    assert failed(checked(rows[1:], right))[0] == "shipments left out" or not checked(rows[1:], right).valid
    assert failed(certify_rates([rows], digest_of(rows[:1]), ASKED, right)) == ["dataset"]


def test_figures_of_plain_least_squares_are_not_the_least_where_invoices_are_odd():
    rows = drawn(2)
    right = fitted(rows)
    plain = [replace(band, odd_beyond=0.0) for band in right.fitted]
    for at, band in enumerate(plain):
        names = failed(checked(rows, replace(right, bands=(*right.bands[:at], band, *right.bands[at + 1 :]))))
        assert any(name.startswith("what is odd") for name in names)
