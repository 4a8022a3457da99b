"""The sheets Expansions and Suppliers, and the rows of Lanes that bring units in: read, stored and refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.reading import read_workbook
from networx.db import pool
from networx.domain.parameters import transport_parameters
from networx.ingest.datasets import read_network
from networx.models.transport import solve_transport
from tests.core.ingest.conftest import Rows
from tests.core.ingest.filled_templates import filled_template
from tests.core.models.test_transport_plans import assert_certified
from tests.core.work.steps import load

Network = dict[str, Rows]
Change = Callable[[Network], None]
TIERS = ["facility", "tier", "capacity_units", "fixed_cost_per_year", "one_time_cost"]
SUPPLIERS = ["name", "zip", "latitude", "longitude", "supply_units", "cost_per_unit"]


@pytest.fixture
def wider(network: Network) -> Network:
    """The small network with tiers and suppliers. Denver is a destination, and here a facility too."""
    network["Facilities"].append(["Denver", None, None, None, 39.7, -104.9, 90, 10, "candidate"])
    network["Expansions"] = [
        TIERS,
        ["Newark", 1, 50, 10.5, 200],
        ["Denver", 2, 30, 7, None],
        ["Denver", "1", 40, 0, 0],
    ]
    network["Suppliers"] = [
        SUPPLIERS,
        ["Mill", "60601", None, None, 400, 1.5],
        ["Port", None, 33.7, -118.2, "Unlimited", None],
    ]
    network["Lanes"] += [["Mill", "Newark", 2.5, 700], ["Denver", "Denver", 0.5, 3], ["Port", "Denver", 4, None]]
    return network


def read(write_book: Callable[..., Path], sheets: Network) -> Any:
    return read_workbook(write_book(sheets))


def test_they_become_tables_of_their_own(write_book, wider):
    tables, summary = read(write_book, wider)

    tiers, suppliers, inbound = tables.expansions, tables.suppliers, tables.inbound_lanes
    assert (tiers.facility.tolist(), tiers.tier.tolist()) == ([1, 2, 2], [1, 2, 1])
    assert (tiers.capacity_units.tolist(), tiers.fixed_cost_per_year.tolist()) == ([50, 30, 40], [10.5, 7, 0])
    assert str(tiers.one_time_cost.tolist()) == "[200.0, nan, 0.0]"
    assert suppliers.name == ("Mill", "Port")
    assert suppliers.supply_units.tolist() == [400, float("inf")]
    assert str(suppliers.cost_per_unit.tolist()) == "[1.5, nan]"
    assert suppliers.latitude.tolist() == [41.885155, 33.7]
    assert (inbound.supplier.tolist(), inbound.facility.tolist()) == ([0, 1], [1, 2])
    assert (inbound.cost_per_unit.tolist(), str(inbound.distance_miles.tolist())) == ([2.5, 4], "[700.0, nan]")
    # From the facility Denver to the destination of that name: the origin says where to look.
    assert (tables.lanes.facility.tolist()[-1], tables.lanes.destination.tolist()[-1]) == (2, 1)
    assert len(tables.lanes) == 4
    assert summary.located == {"facilities": 1, "destinations": 1, "suppliers": 1}
    assert [warning.split(":")[0] for warning in summary.warnings] == ["Facilities", "Destinations", "Suppliers"]


def test_they_come_through_the_template(wider, tmp_path, write_book):
    path = filled_template(tmp_path / "filled.xlsx", wider)

    assert read_workbook(path)[0].sha256() == read_workbook(write_book(wider))[0].sha256()


def test_the_record_gives_them_back_to_the_bit(write_book, wider, record):
    tables, _ = read_workbook(write_book(wider))

    dataset_id = load(record.tenant_id, tables)
    with pool.tenant(record.tenant_id) as connection:
        again = read_network(connection, dataset_id)

    # The parameters are not loaded by this way of publishing.
    assert again.sha256() == replace(tables, parameters={}).sha256()
    assert again.inbound_lanes.facility.dtype == tables.inbound_lanes.facility.dtype
    assert again.expansions.tier.tolist() == tables.expansions.tier.tolist()


def test_a_workbook_of_them_is_solved_and_its_answer_certified(write_book, wider):
    # Chicago has no lane from a supplier: all comes by Newark and, for the destination Denver, by the facility Denver.
    tables, _ = read_workbook(write_book(wider))
    given = transport_parameters(tables.parameters)

    outcome = solve_transport(tables, given)

    plan = outcome.plan
    assert plan is not None
    assert set(plan.flow_facility.tolist()) == {1, 2}
    assert plan.inbound_units.sum() == pytest.approx(plan.flow_units.sum())
    assert_certified(tables, given, outcome)


def test_a_workbook_without_suppliers_takes_the_name_of_one_for_a_strange_origin(read, network):
    network["Lanes"].append(["Mill", "Newark", 2.5, 700])

    summary, _ = read(network)

    assert {(problem.rule, problem.column) for problem in summary.problems} == {
        ("unknown_name", "origin"),
        ("unknown_name", "destination"),
    }


def cell(sheet: str, row: int, column: int, value: Any) -> Change:
    def change(network: Network) -> None:
        network[sheet][row - 1][column] = value

    return change


def added(sheet: str, *row: Any) -> Change:
    return lambda network: network[sheet].append(list(row))


def column_added(sheet: str, header: str, value: Any) -> Change:
    def change(network: Network) -> None:
        network[sheet][0].append(header)
        network[sheet][1].append(value)

    return change


CASES: list[tuple[str, Change, tuple[Any, ...]]] = [
    ("a tier of nobody", cell("Expansions", 2, 0, "Nowark"), ("unknown_name", "Expansions", 2, "facility")),
    ("half a tier", cell("Expansions", 2, 1, 1.5), ("ordinal", "Expansions", 2, "tier")),
    ("tier 0", cell("Expansions", 2, 1, 0), ("ordinal", "Expansions", 2, "tier")),
    ("no tier", cell("Expansions", 2, 1, None), ("required", "Expansions", 2, "tier")),
    ("a tier twice", cell("Expansions", 3, 1, 1), ("duplicate_row", "Expansions", 4, "facility and tier")),
    ("a tier left out", cell("Expansions", 3, 1, 3), ("tier_gap", "Expansions", 3, "tier")),
    ("no first tier", cell("Expansions", 2, 1, 2), ("tier_gap", "Expansions", 2, "tier")),
    ("less capacity", cell("Expansions", 2, 2, -1), ("not_negative", "Expansions", 2, "capacity_units")),
    ("endless capacity", cell("Expansions", 2, 2, "unlimited"), ("number", "Expansions", 2, "capacity_units")),
    ("no capacity", cell("Expansions", 2, 2, None), ("required", "Expansions", 2, "capacity_units")),
    ("no cost of a tier", cell("Expansions", 2, 3, None), ("required", "Expansions", 2, "fixed_cost_per_year")),
    ("a tier that pays", cell("Expansions", 2, 4, -5), ("not_negative", "Expansions", 2, "one_time_cost")),
    ("a supplier twice", added("Suppliers", "Mill", None, 1, 1, 5, 1), ("duplicate_name", "Suppliers", 4, "name")),
    (
        "a supplier that is a facility",
        added("Suppliers", "Newark", None, 1, 1, 5, 1),
        ("duplicate_name", "Suppliers", 4, "name"),
    ),
    ("a supplier nowhere", cell("Suppliers", 3, 2, None), ("coordinates", "Suppliers", 3, "latitude")),
    ("a supplier beyond the pole", cell("Suppliers", 3, 2, 95), ("latitude", "Suppliers", 3, "latitude")),
    ("a supplier beyond the line", cell("Suppliers", 3, 3, 195), ("longitude", "Suppliers", 3, "longitude")),
    ("an unknown ZIP", cell("Suppliers", 2, 1, "00000"), ("unknown_zip", "Suppliers", 2, "zip")),
    ("no supply", cell("Suppliers", 2, 4, None), ("required", "Suppliers", 2, "supply_units")),
    ("a word for supply", cell("Suppliers", 2, 4, "much"), ("capacity", "Suppliers", 2, "supply_units")),
    ("negative supply", cell("Suppliers", 2, 4, -1), ("not_negative", "Suppliers", 2, "supply_units")),
    ("a supplier that pays", cell("Suppliers", 2, 5, -1), ("not_negative", "Suppliers", 2, "cost_per_unit")),
    ("a product", column_added("Suppliers", "product", "A"), ("not_supported", "Suppliers", 2, "product")),
    ("a strange origin", cell("Lanes", 5, 0, "Mil"), ("unknown_name", "Lanes", 5, "origin")),
    ("a supplier to a customer", cell("Lanes", 5, 1, "Boston"), ("unknown_name", "Lanes", 5, "destination")),
    ("a facility to a facility", cell("Lanes", 6, 1, "Newark"), ("unknown_name", "Lanes", 6, "destination")),
    ("no price inbound", cell("Lanes", 5, 2, None), ("required", "Lanes", 5, "cost_per_unit")),
    ("an inbound lane twice", added("Lanes", "Mill", "Newark", 1, 1), ("duplicate_row", "Lanes", 8, "origin and")),
    ("a lane twice", added("Lanes", "Newark", "Boston", 1, 1), ("duplicate_row", "Lanes", 8, "origin and")),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_fault_is_named_once_by_its_cell(read, wider, change, expected):
    change(wider)

    summary, _ = read(wider)

    rule, sheet, row, column = expected
    (problem,) = summary.problems
    assert (problem.rule, problem.sheet, problem.row) == (rule, sheet, row)
    assert problem.column is not None
    assert problem.column.startswith(column)
    assert problem.message.endswith((".", "?"))
