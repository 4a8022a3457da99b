"""Lanes priced by the client's Rates: arithmetic by hand, conversions of measure, and what is refused.

The random networks of test_transport_lanes.py have Rates of all bases too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from networx.domain.measures import amount_in
from networx.domain.network import Rates
from networx.domain.parameters import MEASURES
from networx.errors import RefusedInput
from networx.models.transport import prepare, solve_transport
from networx.results.kpis import transport_result
from networx.results.workbook import write_result_workbook
from networx.verify.transport import certify
from tests.core.models.lane_networks import with_lanes
from tests.core.models.small_networks import NOT_STATED, network, parameters
from tests.core.models.test_transport_plans import assert_certified

# 25 lb a unit, 2 units a package, 8 units (200 lb, 4 packages) a shipment.
FACTORS = {"pounds_per_unit": 25, "units_per_package": 2, "units_per_shipment": 8}


def rates(*rows):
    """Rows of (mode, basis, rate) and what else a row states."""
    numbers = ("distance_from", "distance_to", "weight_from", "weight_to", "minimum", "fuel_percent")
    return Rates(
        mode=tuple(row[0] for row in rows),
        basis=tuple(row[1] for row in rows),
        rate=np.array([float(row[2]) for row in rows]),
        zone=tuple((row[3] if len(row) > 3 else {}).get("zone") for row in rows),
        **{
            name: np.array([float((row[3] if len(row) > 3 else {}).get(name, np.nan)) for row in rows])
            for name in numbers
        },
    )


def one_lane(*rows, mode="ltl", miles=400.0, zone=None, cost=NOT_STATED):
    """10 units to Elm over one lane of 400 miles that Rates have to price."""
    tables = with_lanes(
        network([("North", 100, 0, "mandatory")], [("Elm", 10)]),
        [{"at": (0, 0), "cost": cost, "miles": miles, "mode": mode}],
    )
    return replace(tables, rates=rates(*rows), lanes=replace(tables.lanes, zone=(zone,)))


@pytest.mark.parametrize(
    ("row", "price"),
    [
        (("ltl", "unit", 3), 3),
        # A quarter of a hundredweight a unit.
        (("ltl", "cwt", 12), 3),
        # $2 a mile for a shipment of 8 units.
        (("ltl", "mile", 2), 100),
        (("ltl", "package", 5), 2.5),
        (("ltl", "shipment", 60), 7.5),
        # 2 cwt at $12 are $24 a shipment, $80 at least: $10 a unit; with 10 % fuel on all of it $11.
        (("ltl", "cwt", 12, {"minimum": 80}), 10),
        (("ltl", "cwt", 12, {"minimum": 80, "fuel_percent": 10}), 11),
        (("ltl", "cwt", 12, {"minimum": 20, "fuel_percent": 10}), 3.3),
        # The minimum of a rate by the package is a package's.
        (("ltl", "package", 5, {"minimum": 7}), 3.5),
        (("ltl", "unit", 3, {"minimum": 32}), 4),
        # From counts, to does not.
        (("ltl", "unit", 3, {"distance_from": 400, "distance_to": 401}), 3),
        # A shipment weighs 200 lb, a package 50.
        (("ltl", "unit", 3, {"weight_from": 200, "weight_to": 201}), 3),
        (("ltl", "package", 5, {"weight_to": 51}), 2.5),
        (("ltl", "unit", 0), 0),
    ],
)
def test_each_basis_prices_a_unit_as_the_arithmetic_says(row, price):
    tables, given = one_lane(row), parameters(**FACTORS)

    outcome = solve_transport(tables, given)

    assert outcome.objective == pytest.approx(10 * price)
    assert_certified(tables, given, outcome)
    result = transport_result(tables, given, outcome, None, identity={})
    assert result["kpis"]["transport_cost"] == pytest.approx(10 * price)
    assert result["pricing"] == {"own_price": 0, "rates": 1, "fitted_rates": 0, "cost_per_unit_mile": 0}


# Of a network whose demand is in this measure: 10 of it, at $12 a hundredweight and at $60 a shipment.
@pytest.mark.parametrize(
    ("basis", "by_weight", "by_shipment"),
    [
        ("unit", 30, 75),
        ("lb", 1.2, 3),
        ("cwt", 120, 300),
        ("package", 60, 150),
        ("shipment", 240, 600),
        # 40 units on a pallet: 10 cwt, 5 shipments. 4 cubic feet a unit.
        ("pallet", 1200, 3000),
        ("cubic_foot", 7.5, 18.75),
    ],
)
def test_demand_in_another_measure_is_converted_by_the_clients_factors(basis, by_weight, by_shipment):
    given = parameters(**FACTORS, units_per_pallet=40, cubic_feet_per_unit=4, demand_basis=basis)

    for row, cost in ((("ltl", "cwt", 12), by_weight), (("ltl", "shipment", 60), by_shipment)):
        outcome = solve_transport(one_lane(row), given)
        assert outcome.objective == pytest.approx(cost)
        assert_certified(one_lane(row), given, outcome)


def test_every_measure_is_as_much_of_another_as_the_other_way_round_says():
    given = parameters(**FACTORS, units_per_pallet=40, cubic_feet_per_unit=4)

    for one in MEASURES:
        for other in MEASURES:
            assert amount_in(given, one, other) * amount_in(given, other, one) == pytest.approx(1)
    assert amount_in(parameters(), "lb", "cwt") == 100  # needs no factor


@pytest.mark.parametrize(
    ("rows", "lane", "stated", "rule", "message"),
    [
        (
            [("ltl", "unit", 3, {"distance_to": 400})],
            {},
            {},
            "no_rate",
            (
                "The lane from North to Elm by ltl (400 miles, no zone) has no price, and no row of Rates fits; add "
                "one, or state the lane's cost_per_unit."
            ),
        ),
        (
            [("ltl", "unit", 3), ("ltl", "unit", 4, {"distance_from": 300})],
            {},
            {},
            "two_rates",
            "The lane from North to Elm by ltl (400 miles, no zone) is priced by 2 rows of Rates; let one of them fit.",
        ),
        (
            [("ltl", "unit", 3, {"zone": "a"}), ("ltl", "unit", 4, {"zone": "b"})],
            {"zone": "c"},
            {},
            "no_rate",
            (
                "The lane from North to Elm by ltl (400 miles, zone c) has no price, and no row of Rates fits; add "
                "one, or state the lane's cost_per_unit."
            ),
        ),
        (
            [("ltl", "unit", 3, {"distance_to": 500})],
            {"miles": NOT_STATED},
            {},
            "no_rate",
            (
                "The lane from North to Elm by ltl (unknown miles, no zone) has no price, and no row of Rates fits; "
                "add one, or state the lane's cost_per_unit."
            ),
        ),
        (
            [("ltl", "mile", 3)],
            {"miles": NOT_STATED},
            FACTORS,
            "missing_price",
            (
                "The lane from North to Elm by ltl is to be priced by the mile, but its miles are not known; state "
                "distance_miles."
            ),
        ),
        (
            [("ltl", "cwt", 3)],
            {},
            {},
            "required",
            (
                "pounds_per_unit is missing: the row of Rates for ltl by the cwt cannot price a lane without it; state "
                "it in Parameters."
            ),
        ),
        (
            [("ltl", "unit", 3, {"minimum": 5})],
            {},
            {},
            "required",
            (
                "units_per_shipment is missing: the row of Rates for ltl by the unit cannot price a lane without it; "
                "state it in Parameters."
            ),
        ),
        (
            [("parcel", "unit", 3)],
            {},
            {},
            "missing_price",
            (
                "The lane from North to Elm by ltl has no cost_per_unit, no row of Rates or FittedRates is for its "
                "mode, and there is no cost_per_unit_mile; state one."
            ),
        ),
        (
            [("parcel", "unit", 3)],
            {"miles": NOT_STATED},
            {"cost_per_unit_mile": 1, "circuity": 1},
            "missing_price",
            (
                "The lane from North to Elm by ltl is to be priced by the mile, but its miles are not known; state "
                "distance_miles, or where both places are."
            ),
        ),
        (
            [("ltl", "unit", -3)],
            {},
            {},
            "number",
            "rate of the row of Rates for ltl by the unit must be a number, 0 or more.",
        ),
    ],
)
def test_a_lane_that_nothing_prices_is_refused_with_what_is_missing(rows, lane, stated, rule, message):
    with pytest.raises(RefusedInput) as refused:
        prepare(one_lane(*rows, **lane), parameters(**stated))

    assert [(problem.rule, problem.message) for problem in refused.value.problems] == [(rule, message)]


def test_a_zone_prices_its_lanes():
    tables = one_lane(("ltl", "unit", 3, {"zone": "a"}), ("ltl", "unit", 4, {"zone": "b"}), zone="b")

    outcome = solve_transport(tables, parameters())

    assert outcome.objective == pytest.approx(40)
    assert_certified(tables, parameters(), outcome)


def test_own_prices_come_before_rates_and_rates_before_the_mile(tmp_path):
    bare = network([("North", 100, 0, "mandatory", 40, -90)], [(f"D{j}", 10, 41, -90) for j in range(4)])
    rows = [
        {"at": (0, 0), "cost": 7, "miles": 100, "mode": "ltl"},
        {"at": (0, 1), "cost": NOT_STATED, "miles": 100, "mode": "ltl"},
        {"at": (0, 2), "cost": NOT_STATED, "miles": 100, "mode": "tl"},
    ]
    tables = replace(with_lanes(bare, rows), rates=rates(("ltl", "unit", 3)))
    given = parameters(cost_per_unit_mile=0.05, circuity=1)

    outcome = solve_transport(tables, given)

    result = transport_result(tables, given, outcome, None, identity={})
    by_place = np.zeros(4)
    np.add.at(by_place, outcome.plan.flow_destination, outcome.plan.flow_units)
    assert by_place.tolist() == [10, 10, 10, 10]
    # D3 is not listed: about 69 miles by road.
    assert outcome.objective == pytest.approx(70 + 30 + 50 + 10 * 0.05 * 69.09, rel=1e-3)
    assert result["pricing"] == {"own_price": 1, "rates": 1, "fitted_rates": 0, "cost_per_unit_mile": 2}
    assert_certified(tables, given, outcome)
    write_result_workbook(tmp_path / "result.xlsx", result, ())
    lines = openpyxl.load_workbook(tmp_path / "result.xlsx")["Summary"].values
    assert {"Lanes priced by Rates": 1, "Lanes priced by the mile": 2}.items() <= {
        row[0]: row[1] for row in lines
    }.items()


def test_a_certificate_prices_lanes_by_its_own_reading_of_rates():
    tables, given = one_lane(("ltl", "cwt", 12, {"minimum": 80, "fuel_percent": 10})), parameters(**FACTORS)
    outcome = solve_transport(tables, given)

    def failing(data, stated):
        certificate = certify(
            data,
            stated,
            outcome.plan,
            objective=outcome.objective,
            bound=None,
            gap=None,
            status="feasible",
            bound_source="solver",
            dataset_sha256=data.sha256(),
        )
        return {check.name for check in certificate.checks if not check.passed}

    assert not failing(tables, given)
    for other in (
        ("ltl", "cwt", 12, {"minimum": 80}),
        ("ltl", "cwt", 12, {"fuel_percent": 10}),
        ("ltl", "cwt", 12, {"minimum": 80, "fuel_percent": 10, "distance_to": 400}),
        ("ltl", "cwt", 12, {"minimum": 80, "fuel_percent": 10, "weight_from": 201}),
        ("ltl", "unit", 12, {"minimum": 80, "fuel_percent": 10}),
        ("tl", "cwt", 12, {"minimum": 80, "fuel_percent": 10}),
    ):
        assert failing(one_lane(other), given) == {"cost"}
    assert failing(tables, parameters(**{**FACTORS, "units_per_shipment": 9})) == {"cost"}
    # Two rows that fit price nothing, whatever they say.
    twice = ("ltl", "cwt", 12, {"minimum": 80, "fuel_percent": 10})
    assert failing(one_lane(twice, twice), given) == {"cost"}
