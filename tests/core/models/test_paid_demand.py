"""Demand and lanes out of shipments: every sum recomputed by brute force, in whole cents and exact units."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from networx.domain.paid_demand import DemandAsked, PaidDemand
from networx.domain.shipment_columns import PLACES
from networx.errors import RefusedInput
from networx.models.paid_demand import INBOUND, NO_NAME, NO_UNITS, NO_ZIP, OTHER_YEAR, TRANSFER, cells_of, paid_demand
from tests.core.models.small_freight import drawn, shipment

Sums = dict[Any, tuple[int, int, Fraction]]


def made(rows: list[tuple[Any, ...]], by: str = "zip3", **asked: int) -> PaidDemand:
    # Batches of a few rows, as the record gives them.
    return paid_demand(cells_of(rows[at : at + 7] for at in range(0, len(rows), 7)), DemandAsked(by, **asked))


def place_of(cell: dict[str, Any], by: str) -> str | None:
    code = cell["dest_zip"]
    return cell["destination"] if by == "name" else code and code[: 3 if by == "zip3" else 5]


def reason_of(cell: dict[str, Any], by: str, year: int | None) -> str | None:
    month = dt.date(1970, 1, 1) + dt.timedelta(days=cell["ship_date"])
    if cell["direction"] == "inbound":
        return INBOUND
    if cell["direction"] == "transfer":
        return TRANSFER
    if year is not None and month.year != year:
        return OTHER_YEAR
    if place_of(cell, by) is None:
        return NO_NAME if by == "name" else NO_ZIP
    return None if cell["units"] else NO_UNITS


def by_hand(rows: list[tuple[Any, ...]], key_of: Any) -> Sums:
    """Shipments, cents and units by key; of no key where it is None."""
    shipments: Counter[Any] = Counter()
    cents: Counter[Any] = Counter()
    units: dict[Any, Fraction] = {}
    for row in rows:
        cell = dict(zip(PLACES, row, strict=True))
        key = key_of(cell)
        if key is not None:
            shipments[key] += 1
            cents[key] += cell["charge"]
            units[key] = units.get(key, Fraction(0)) + Fraction(cell["units"] or 0)
    return {key: (shipments[key], cents[key], units[key]) for key in shipments}


def sums(tallies: Any) -> Sums:
    return {key: (tally.shipments, tally.cents, Fraction(tally.units)) for key, tally in tallies.items()}


@pytest.mark.parametrize("seed", range(30))
def test_every_sum_is_that_of_its_shipments_to_the_cent(seed: int):
    chance = random.Random(seed)
    rows = [
        shipment(
            **dict(zip(PLACES, row, strict=True))
            | {"units": chance.choice((None, 0.0, 0.1, float(chance.randint(1, 500)), chance.random() * 9))}
        )
        for row in drawn(chance, chance.randint(40, 120))
    ]
    by = ("zip3", "zip5", "name")[seed % 3]
    year, months = chance.choice((None, 2025)), chance.choice((24, 36))

    found = made(rows, by, **({} if year is None else {"year": year}), months=months)

    def counts(cell: dict[str, Any]) -> bool:
        return reason_of(cell, by, year) is None

    def lane(cell: dict[str, Any]) -> tuple[str, str | None, str]:
        return cell["origin"] or cell["origin_zip"][:5], place_of(cell, by), cell["mode"]

    assert sums(found.destinations) == by_hand(rows, lambda cell: place_of(cell, by) if counts(cell) else None)
    assert sums(found.lanes) == by_hand(rows, lambda cell: lane(cell) if counts(cell) else None)
    assert sums(found.left_out) == by_hand(rows, lambda cell: reason_of(cell, by, year))
    assert sums({"all": found.whole}) == by_hand(rows, lambda _cell: "all")
    undirected = by_hand(rows, lambda cell: "none" if counts(cell) and cell["direction"] is None else None)
    assert sums({"none": found.undirected} if undirected else {}) == undirected
    days = [row[PLACES["ship_date"]] for row in rows if counts(dict(zip(PLACES, row, strict=True)))]
    assert (found.first_day, found.last_day) == (min(days), max(days))
    for name, tally in found.destinations.items():
        assert found.demand_units(name) == float(tally.units * Fraction(12, months))
    assert list(found.unpriced) == [key for key, tally in found.lanes.items() if tally.cents < 0]


def test_a_quarter_is_multiplied_only_where_somebody_states_its_months():
    rows = [shipment(f"2026-0{month}-15", units=10.0) for month in (1, 2, 3)]
    assert made(rows).demand_units("100") == 30
    assert made(rows, months=3).demand_units("100") == 120
    assert made(rows, "zip5", year=2026, months=12).demand_units("10001") == 30


@pytest.mark.parametrize(
    ("days", "asked", "said"),
    [
        (("2025-01-01", "2026-01-01"), {}, "of 366 days, and demand is of a year: ask for one year of them"),
        (("2024-02-29", "2025-03-01"), {}, "of 367 days"),
        (("2025-01-01", "2025-03-05"), {"months": 2}, "of 64 days, more than 2 months have"),
        (("2025-01-01",), {"year": 2024}, "None of the shipments is demand. 1 shipment: shipped in another year than"),
        (("2025-01-01",), {"months": 0}, "months is 0; write a whole number from 1 to 1,200"),
        (("2025-01-01",), {"year": 0}, "year is 0; write a year such as 2025"),
    ],
)  # fmt: skip
def test_days_that_do_not_fit_what_is_asked_are_refused(days: tuple[str, ...], asked: dict[str, int], said: str):
    with pytest.raises(RefusedInput, match=said):
        made([shipment(day, units=1.0) for day in days], **asked)


def test_a_year_to_the_day_is_a_year():
    assert made([shipment(day, units=1.0) for day in ("2025-01-01", "2025-12-31")]).counted.units == 2
    assert made([shipment(day, units=1.0) for day in ("2024-02-29", "2025-02-28")]).counted.units == 2


def test_what_is_no_destination_is_refused():
    with pytest.raises(RefusedInput, match="by is state; write zip3, zip5 or name"):
        DemandAsked("state")
    with pytest.raises(
        RefusedInput, match=r"1 shipment: inbound.*1 shipment: no destination ZIP; fill in dest_zip, or ask by name"
    ):
        made([shipment(direction="inbound", units=1.0), shipment(dest_zip=None, destination="Riga", units=1.0)])
