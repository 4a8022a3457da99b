"""What a workbook of demand refuses to say, and how it says large numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from networx.domain.fitted_bands import UnfittedBand
from networx.domain.paid_demand import DemandAsked
from networx.errors import RefusedInput
from networx.ingest.freight_account import bad_rows_words
from networx.models.paid_demand import cells_of, paid_demand
from networx.results import demand_workbook
from networx.results.demand_workbook import demand_words, write_demand
from networx.results.fitted_workbook import band_words
from tests.core.models.small_freight import shipment

ROWS = [
    shipment(units=1_234_567.0, direction=None, charge=500),
    shipment(units=0.25, origin="North", dest_zip="00001-1234", charge=100),
    shipment(units=None, charge=-7),
]


def account(cents: int, shipments: int = 3) -> list[dict[str, Any]]:
    return [{"tab": "CSV", "shipments": shipments, "kept": {"rows": 9, "cents": cents}}]


def test_nothing_is_written_whose_sums_are_not_those_of_the_account(tmp_path: Path):
    demand, target = paid_demand(cells_of([ROWS]), DemandAsked("zip3")), tmp_path / "demand.xlsx"
    for wrong in (account(594), account(593, 2)):
        with pytest.raises(ValueError, match="3 shipments, 593 cents; the account says"):
            write_demand(target, demand, wrong, "freight.csv")
    assert not target.exists()
    write_demand(target, demand, account(593), "freight.csv")
    assert target.exists()


def test_more_lanes_than_a_sheet_has_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(demand_workbook, "LAST_ROW", 2)
    demand = paid_demand(cells_of([ROWS]), DemandAsked("zip5"))
    with pytest.raises(RefusedInput, match="2 lanes are more than a sheet holds; ask by zip3"):
        write_demand(tmp_path / "demand.xlsx", demand, account(593), "freight.csv")


def test_the_words_leave_no_digit_out():
    words = " ".join(demand_words(paid_demand(cells_of([ROWS]), DemandAsked("zip5", months=6)), "freight.csv"))
    assert "No direction is stated by 1 shipment, 1,234,567 units, $5.00" in words
    assert "1 ZIP not among those of the" in words
    assert ": 00001. Their column zip is empty" in words
    assert "x 12 / 6: that they cover 6 months was stated" in words
    assert "The lanes begin at 2 origins" in words
    bad = {"rows": 2, "cents": 100, "units": 1_234_567.5, "uncharged": 0}
    assert "$1.00 and 1,234,567.5 units" in bad_rows_words(bad)
    assert "tl, 1,234,567 and more lb" in band_words(UnfittedBand("tl", 1_234_567.0, None, 3, "few"))
