"""What a row of Lanes says beside its price: mode, capacity, days and year, read, stored and refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.reading import read_workbook
from networx.db import pool
from networx.domain.network import NetworkTables
from networx.ingest.datasets import read_network
from tests.core.ingest.conftest import Rows
from tests.core.ingest.filled_templates import filled_template
from tests.core.work.steps import load

Network = dict[str, Rows]
Change = Callable[[Network], None]
HEADER = ["origin", "destination", "cost_per_unit", "distance_miles", "transit_days", "capacity_units", "mode", "year"]


@pytest.fixture
def rich(network: Network) -> Network:
    """The small network with modes, capacities and rows of 2027."""
    network["Lanes"] = [
        HEADER,
        ["Chicago", "Boston", 3.5, 983, 3, 100, "LTL", None],
        ["Chicago", "Boston", 2.5, 983, 5, "Unlimited", "Rail", None],
        ["Chicago", "Boston", 4.5, 983, 2, None, "ltl", 2027],
        ["Newark", "Boston", 1.25, None, None, None, None, None],
        ["Newark", "Boston", 1.5, None, None, 0, None, 2026],
        ["Chicago", "Denver", 4, 1003.5, 4, 70, None, None],
    ]
    network["Lanes"][0] = [*HEADER, "zone"]
    network["Lanes"][1] += ["A4"]
    network["Lanes"][2][2] = None
    network["Rates"] = [
        ["mode", "basis", "rate", "zone", "distance_from", "distance_to", "weight_to", "minimum", "fuel_percent"],
        ["RAIL", "CWT", 12.5, None, 500, 1000, None, 80, 7.5],
        ["ltl", "unit", 3, "a4", None, None, 150, None, None],
    ]
    network["FittedRates"] = [
        [
            *("mode", "weight_from", "weight_to", "fixed", "per_mile", "per_cwt_mile", "miles_from", "miles_to"),
            *("pounds_from", "pounds_to", "shipments", "median_error_percent", "mean_error_percent", "r_squared"),
            *("first_month", "last_month", "accepted_by", "accepted_on"),
        ],
        [
            *("Air", 500, 1000, 80, 0.25, 0.04, 20, 900.5, 510, 990, 1234, 8.25, 11.5, 0.875),
            *("2025-01", "2025-12", "Ana Diaz", "2026-11-22"),
        ],
    ]
    network["ServiceYears"] = [
        ["year", "service_level", "max_transit_days", "service_penalty_per_unit"],
        [2027, 0.9, 3, None],
        [2026, None, None, 2.5],
    ]
    return network


def assert_the_lanes(tables: NetworkTables) -> None:
    lanes = tables.lanes
    assert lanes.mode == ("ltl", "rail", "ltl", None, None, None)
    assert str(lanes.capacity_units.tolist()) == "[100.0, inf, nan, nan, 0.0, 70.0]"
    assert str(lanes.transit_days.tolist()) == "[3.0, 5.0, 2.0, nan, nan, 4.0]"
    assert str(lanes.year.tolist()) == "[nan, nan, 2027.0, nan, 2026.0, nan]"
    assert lanes.zone == ("a4", None, None, None, None, None)
    assert str(lanes.cost_per_unit.tolist()) == "[3.5, nan, 4.5, 1.25, 1.5, 4.0]"
    rates = tables.rates
    assert (rates.mode, rates.basis, rates.zone) == (("rail", "ltl"), ("cwt", "unit"), (None, "a4"))
    assert str(rates.distance_to.tolist()) == "[1000.0, nan]"
    assert str([rates.weight_to.tolist(), rates.minimum.tolist()]) == "[[nan, 150.0], [80.0, nan]]"
    fits = tables.fitted_rates
    assert (fits.mode, fits.accepted_by, fits.accepted_on) == (("air",), ("Ana Diaz",), ("2026-11-22",))
    numbers = (fits.weight_to, fits.fixed, fits.per_cwt_mile, fits.miles_to, fits.shipments, fits.r_squared)
    assert [number.tolist() for number in numbers] == [[1000], [80], [0.04], [900.5], [1234], [0.875]]
    service = tables.service_years
    assert (service.year.tolist(), str(service.service_level.tolist())) == ([2027, 2026], "[0.9, nan]")
    assert str(service.max_transit_days.tolist()) == "[3.0, nan]"
    assert str(service.service_penalty_per_unit.tolist()) == "[nan, 2.5]"
    assert np.isnan(service.max_distance_miles).all()


def test_they_are_read_as_they_stand(write_book: Callable[..., Path], rich: Network) -> None:
    tables, _ = read_workbook(write_book(rich))

    assert_the_lanes(tables)


def test_prices_of_a_mode_that_no_lane_has_are_said(write_book: Callable[..., Path], rich: Network) -> None:
    _, summary = read_workbook(write_book(rich))

    assert [warning for warning in summary.warnings if "price" in warning] == [
        "FittedRates: no lane in Lanes has the mode air, so that its rows price nothing."
    ]


def test_prices_beside_no_lanes_at_all_are_said(write_book: Callable[..., Path], rich: Network) -> None:
    del rich["Lanes"]
    rich["Parameters"] += [["cost_per_unit_mile", 0.1, None], ["circuity", 1.2, None]]

    _, summary = read_workbook(write_book(rich))

    assert [warning for warning in summary.warnings if "price" in warning] == [
        "Rates: no lane in Lanes has the mode ltl or rail, so that its rows price nothing.",
        "FittedRates: no lane in Lanes has the mode air, so that its rows price nothing.",
    ]


def test_they_come_through_the_template(rich: Network, tmp_path: Path) -> None:
    path = filled_template(tmp_path / "filled.xlsx", rich)

    assert_the_lanes(read_workbook(path)[0])


def test_the_record_gives_them_back_to_the_bit(write_book: Callable[..., Path], rich: Network, record: Any) -> None:
    tables, _ = read_workbook(write_book(rich))

    dataset_id = load(record.tenant_id, tables)
    with pool.tenant(record.tenant_id) as connection:
        again = read_network(connection, dataset_id)

    assert_the_lanes(again)
    assert again.lanes.mode == tables.lanes.mode
    # The parameters are not loaded by this way of publishing.
    assert (
        again.sha256()
        == NetworkTables(
            **{name: getattr(tables, name) for name in NetworkTables.__dataclass_fields__ if name != "parameters"}
        ).sha256()
    )


def cell(row: int, column: int, value: Any, sheet: str = "Lanes") -> Change:
    def change(network: Network) -> None:
        network[sheet][row - 1][column] = value

    return change


def added(*row: Any) -> Change:
    return lambda network: network["Lanes"].append(list(row))


CASES: list[tuple[str, Change, tuple[Any, ...]]] = [
    ("days of the past", cell(2, 4, -1), ("not_negative", 2, "transit_days")),
    ("days in words", cell(2, 4, "two"), ("number", 2, "transit_days")),
    ("less than nothing", cell(2, 5, -1), ("not_negative", 2, "capacity_units")),
    ("a word for a capacity", cell(2, 5, "much"), ("capacity", 2, "capacity_units")),
    ("a mode that is a date", cell(2, 6, True), ("text", 2, "mode")),
    ("no year", cell(4, 7, "next"), ("number", 4, "year")),
    ("a year of nobody", cell(4, 7, 2031), ("unknown_year", 4, "year")),
    ("no price at all", cell(7, 2, None), ("required", 7, "cost_per_unit")),
    ("the same mode twice", added("Chicago", "Boston", 1, 1, 1, 1, "RAIL", None), ("duplicate_row", 8, "origin and")),
    ("the same year twice", added("Newark", "Boston", 1, 1, 1, 1, None, 2026), ("duplicate_row", 8, "origin and")),
    ("the same pair twice", added("Newark", "Boston", 1, 1, 1, 1, None, None), ("duplicate_row", 8, "origin and")),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_fault_is_named_once_by_its_cell(read: Any, rich: Network, change: Change, expected: Any) -> None:
    change(rich)

    (problem,) = read(rich)[0].problems

    rule, row, column = expected
    assert (problem.rule, problem.sheet, problem.row) == (rule, "Lanes", row)
    assert problem.column.startswith(column)


@pytest.mark.parametrize(
    ("change", "rule", "row", "column"),
    [
        (cell(2, 1, 90, "ServiceYears"), "share", 2, "service_level"),
        (cell(2, 1, "most", "ServiceYears"), "number", 2, "service_level"),
        (cell(2, 2, -1, "ServiceYears"), "not_negative", 2, "max_transit_days"),
        (cell(3, 3, -1, "ServiceYears"), "not_negative", 3, "service_penalty_per_unit"),
        (cell(3, 0, None, "ServiceYears"), "required", 3, "year"),
        (cell(3, 0, 2027, "ServiceYears"), "duplicate_row", 3, "year"),
        (cell(3, 0, 2031, "ServiceYears"), "unknown_year", 3, "year"),
        (cell(2, 0, None, "Rates"), "required", 2, "mode"),
        (cell(2, 1, "kilo", "Rates"), "choice", 2, "basis"),
        (cell(2, 2, -1, "Rates"), "not_negative", 2, "rate"),
        (cell(2, 5, 500, "Rates"), "band", 2, "distance_to"),
        (cell(2, 8, "7.5 %", "Rates"), "number", 2, "fuel_percent"),
        (cell(2, 7, 10, "FittedRates"), "band", 2, "miles_to"),
        (cell(2, 13, 1.5, "FittedRates"), "share", 2, "r_squared"),
        (cell(2, 16, None, "FittedRates"), "required", 2, "accepted_by"),
        (cell(2, 17, "soon", "FittedRates"), "date", 2, "accepted_on"),
    ],
)
def test_each_fault_of_a_service_year_or_a_rate_is_named_once(
    read: Any, rich: Network, change: Change, rule: str, row: int, column: str
) -> None:
    change(rich)
    rich["Lanes"][2][2] = 2.5  # has its own price, so that it does not ask for the rate

    (problem,) = read(rich)[0].problems

    assert (problem.rule, problem.row, problem.column) == (rule, row, column)
    assert problem.sheet in {"ServiceYears", "Rates", "FittedRates"}


def test_a_lane_without_a_price_may_go_by_the_mile(read: Any, rich: Network) -> None:
    del rich["Rates"]
    assert [(problem.rule, problem.row) for problem in read(rich)[0].problems] == [("required", 3)]

    rich["Parameters"] += [["cost_per_unit_mile", 0.1, None], ["circuity", 1.2, None]]
    assert read(rich)[0].problems == ()


def test_a_lane_from_a_supplier_needs_its_price(read: Any, rich: Network) -> None:
    rich["Suppliers"] = [["name", "latitude", "longitude", "supply_units"], ["Mill", 40, -90, 500]]
    rich["Lanes"].append(["Mill", "Newark", None, 10])

    assert [(problem.rule, problem.row) for problem in read(rich)[0].problems] == [("required", 8)]


def test_a_repetition_is_named_with_its_mode_and_year_and_the_row_it_repeats(read: Any, rich: Network) -> None:
    rich["Lanes"] += [["Chicago", "Boston", 9, 1, 1, 1, "Ltl", 2027], ["Chicago", "Boston", 9, 1, 1, 1, "rail", None]]

    assert [problem.message for problem in read(rich)[0].problems] == [
        "The lane from Chicago to Boston by ltl in 2027 is in row 4 already; state it once.",
        "The lane from Chicago to Boston by rail is in row 3 already; state it once.",
    ]


def test_a_year_has_no_meaning_without_years(read: Any, rich: Network) -> None:
    for sheet in ("Forecast", "Demand", "FacilityYears", "ServiceYears"):
        del rich[sheet]

    problems = read(rich)[0].problems

    assert [(problem.rule, problem.row) for problem in problems] == [("unknown_year", 4), ("unknown_year", 6)]
    assert "has no meaning without Forecast or Demand" in problems[0].message


def test_more_modes_than_can_be_told_apart_are_refused(
    read: Any, rich: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("networx.ingest.lane_tables.MAX_PAIRS", 6)

    (problem,) = read(rich)[0].problems

    assert (problem.rule, problem.sheet) == ("too_many_pairs", "Lanes")


@pytest.fixture
def supplied(rich: Network) -> Network:
    """With lanes from a supplier that have what others have, but for days."""
    rich["Suppliers"] = [["name", "latitude", "longitude", "supply_units"], ["Mill", 40, -90, 500]]
    rich["Lanes"] += [
        ["Mill", "Newark", 2, 700, None, 5, "TL", None, "B 2"],
        ["Mill", "Newark", None, 700, None, "unlimited", "rail", None, None],
        ["Mill", "Newark", 1.5, None, None, None, "tl", 2027, None],
    ]
    return rich


def test_lanes_from_suppliers_have_modes_and_years_too(
    write_book: Callable[..., Path], supplied: Network, record: Any
) -> None:
    tables, _ = read_workbook(write_book(supplied))

    dataset_id = load(record.tenant_id, tables)
    with pool.tenant(record.tenant_id) as connection:
        again = read_network(connection, dataset_id)

    for one in (tables.inbound_lanes, again.inbound_lanes):
        assert (one.supplier.tolist(), one.facility.tolist()) == ([0, 0, 0], [1, 1, 1])
        assert (one.mode, one.zone) == (("tl", "rail", "tl"), ("b 2", None, None))
        assert str(one.cost_per_unit.tolist()) == "[2.0, nan, 1.5]"
        assert str(one.capacity_units.tolist()) == "[5.0, inf, nan]"
        assert str(one.year.tolist()) == "[nan, nan, 2027.0]"
    assert again.inbound_lanes.facility.dtype == tables.inbound_lanes.facility.dtype
    assert again.sha256() == replace(tables, parameters={}).sha256()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["Mill", "Newark", 2, 10, 3, None, "air", None, None], ("not_supported", 11, "transit_days")),
        (["Mill", "Newark", None, 10, None, None, "sea", None, None], ("required", 11, "cost_per_unit")),
        (["Mill", "Newark", 2, 10, None, None, "air", 2031, None], ("unknown_year", 11, "year")),
        (["Mill", "Newark", 2, 10, None, -1, "air", None, None], ("not_negative", 11, "capacity_units")),
        (["Mill", "Newark", 2, 10, None, None, "tl", 2027, None], ("duplicate_row", 11, "origin and destination")),
    ],
)
def test_a_fault_of_a_lane_from_a_supplier_is_named_once(
    read: Any, supplied: Network, row: list[Any], expected: tuple[str, int, str]
) -> None:
    supplied["Lanes"].append(row)

    (problem,) = read(supplied)[0].problems

    assert (problem.rule, problem.row, problem.column) == expected
