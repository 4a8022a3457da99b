"""OperatingCosts, ControlTotals and OneTimeCosts, and what a facility's space costs: read, stored and refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.reading import read_workbook
from networx.errors import RefusedInput
from tests.core.ingest.conftest import Rows

Network = dict[str, Rows]
Change = Callable[[Network], None]
COSTS = ["year", "line", "amount"]


@pytest.fixture
def priced(network: Network) -> Network:
    network["OperatingCosts"] = [
        ["facility", *COSTS],
        ["Newark", 2025, "fixed: rent", 700.5],
        ["Newark", 2025, "fixed: rebate", -12],
        ["Newark", 2026, "fixed: rent", 710],
    ]
    network["ControlTotals"] = [COSTS, [2025, "total", 1000]]
    network["OneTimeCosts"] = [COSTS, [2025, "Racks", 5000], [2026, "Sale of a truck", -800]]
    return network


def test_they_become_tables_of_their_own(write_book, priced):
    tables, summary = read_workbook(write_book(priced))

    site = tables.facilities.name.index("Newark")
    paid, once = tables.operating_costs, tables.one_time_costs
    assert paid.facility.tolist() == [site] * 3
    assert (paid.year.tolist(), paid.amount.tolist()) == ([2025, 2025, 2026], [700.5, -12, 710])
    assert paid.line == ("fixed: rent", "fixed: rebate", "fixed: rent")
    assert (tables.control_totals.line, tables.control_totals.amount.tolist()) == (("total",), [1000])
    assert (once.line, once.amount.tolist()) == (("Racks", "Sale of a truck"), [5000, -800])
    counts = [summary.rows[name] for name in ("operating_costs", "control_totals", "one_time_costs")]
    assert counts == [3, 1, 2]


def widened(network: Network, **cells: float | None) -> None:
    """The first facility has these beside its other columns."""
    network["Facilities"][0] = [*network["Facilities"][0], *cells]
    network["Facilities"][1] = [*network["Facilities"][1], *cells.values()]


def space(**cells: float | None) -> Change:
    return lambda network: widened(network, **cells)


def added(sheet: str, *row: object) -> Change:
    return lambda network: network[sheet].append(list(row))


@pytest.mark.parametrize(
    ("change", "rule", "sheet", "said"),
    [
        (
            added("OperatingCosts", "Nowhere", 2025, "rent", 1),
            "unknown_name",
            "OperatingCosts",
            "not a name in the sheet",
        ),
        (added("OperatingCosts", "Newark", 2026, "fixed: rent", 1), "duplicate_row", "OperatingCosts", "row 4"),
        (added("OneTimeCosts", 2026, "racks", 1), "another_spelling", "OneTimeCosts", "is written Racks in OneTimeC"),
        (added("ControlTotals", 2025, "Fixed: Rent", 1), "another_spelling", "ControlTotals", "written fixed: rent"),
        (added("ControlTotals", 2025, "tax", "n/a"), "number", "ControlTotals", "is not a number"),
        (
            added("OneTimeCosts", 2026, "tax", None),
            "required",
            "OneTimeCosts",
            "must be a number; a credit is negative",
        ),
        (added("OneTimeCosts", "soon", "tax", 1), "number", "OneTimeCosts", "year"),
        (space(lease_rate_per_sqft=1), "occupancy", "Facilities", "state it beside lease_rate_per_sqft."),
        (
            space(square_feet=1e9, lease_rate_per_sqft=2, operating_cost_per_sqft=1),
            "occupancy",
            "Facilities",
            "is 3,000,000,000.00 a year, above the fixed_cost_per_year",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(write_book, priced, change: Change, rule, sheet, said):
    change(priced)
    with pytest.raises(RefusedInput) as refused:
        read_workbook(write_book(priced))
    problem = refused.value.problems[0]
    assert (problem.sheet, said in problem.message) == (sheet, True), problem
    assert problem.rule == rule
    assert len(refused.value.problems) == 1


def test_the_size_of_a_space_and_its_rates_are_kept_as_they_are(write_book: Callable[..., Path], network: Network):
    space(square_feet=10, lease_rate_per_sqft=0.5, operating_cost_per_sqft=None)(network)
    sites = read_workbook(write_book(network))[0].facilities
    assert str([sites.square_feet.tolist(), sites.lease_rate_per_sqft.tolist()]) == "[[10.0, nan], [0.5, nan]]"
    assert str(sites.operating_cost_per_sqft.tolist()) == "[nan, nan]"
