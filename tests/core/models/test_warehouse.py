"""Warehouse space: the figures of a year by hand, and the cheapest way to have them against every other way."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import pytest

from networx.domain.plan import ResultStatus
from networx.errors import RefusedInput
from networx.models.warehouse import network_units, plan_warehouse
from tests.core.models.small_networks import network, two_sites
from tests.core.models.small_warehouses import asked, stored


def planned(**changes: Any) -> Any:
    tables = stored(**changes)
    years, units = network_units(tables)
    return plan_warehouse(tables, asked(**changes), years, units.tolist())


def test_a_year_asks_for_what_was_worked_out_by_hand():
    outcome = planned()
    assert (outcome.levels, [need.year for need in outcome.needs]) == (5, [2026, 2027])
    first, second = outcome.needs
    assert (first.throughput_pallets, first.stock_pallets) == (pytest.approx(1400), pytest.approx(168))
    assert (first.floor_positions, first.outbound_doors, first.inbound_doors) == (34, 3, 2)
    assert (second.floor_positions, second.outbound_doors, second.inbound_doors) == (51, 5, 3)
    areas = [(one.storage_area, one.door_area, one.support_area, one.gross_area) for one in outcome.needs]
    assert areas[0] == pytest.approx((1133.3333333, 1200, 400, 3416.6666667))
    assert areas[1] == pytest.approx((1700, 1900, 400, 5000))


def test_space_is_hired_where_a_building_costs_more():
    outcome = planned()
    assert (outcome.status, outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(77_000))
    assert [year.buildings for year in outcome.space] == [0, 0]
    assert [year.hired_area for year in outcome.space] == pytest.approx([416.6666667, 2000])


def test_space_is_added_where_it_pays():
    # Without the cost of opening a building is $5,000 a year for what hired costs $6,000: four in 2027, $20,000 for
    # $24,000, and none in 2026, where it is $5,000 either way.
    outcome = planned(facility_opening_cost=None, max_facilities=None)
    assert [year.buildings for year in outcome.space][1] == 4
    assert outcome.objective == pytest.approx(2 * 24_000 + 5_000 + 20_000)
    limited = planned(facility_opening_cost=None, max_facilities=3)
    assert limited.space[1].buildings == 3
    assert limited.objective == pytest.approx(2 * 24_000 + 5_000 + 15_000 + 6_000)


def test_what_no_space_and_no_door_can_do_is_said_with_numbers():
    outcome = planned(thirdparty_cost_per_sqft=None, max_outbound_doors=4)
    assert (outcome.status, outcome.objective, outcome.space) == (ResultStatus.INFEASIBLE, None, ())
    doors, space = outcome.infeasibility.clashes
    assert (doors.requirement, doors.short_by, doors.year) == ("max_outbound_doors", 1, 2027)
    assert doors.message == "The warehouse needs 5 outbound doors, and there may be 4."
    assert (space.requirement, space.short_by, space.year) == ("max_facilities", pytest.approx(500), 2027)
    assert space.cure == "Allow max_facilities 4, or state thirdparty_cost_per_sqft, so that space can be hired."
    assert planned(thirdparty_cost_per_sqft=None, max_facilities=4).status is ResultStatus.OPTIMAL
    alone = planned(
        thirdparty_cost_per_sqft=None,
        facility_design_area=None,
        max_facilities=None,
        facility_fixed_cost_annual=None,
        facility_opening_cost=None,
    )
    assert alone.infeasibility.clashes[0].requirement == "initial_facility_area"


def test_a_ratio_that_is_whole_but_for_rounding_takes_no_door_more():
    # 1,400 pallets over 250 days by 0.7 a door and day are 8 doors; the quotient in floats is 8.000000000000002.
    assert planned(outbound_pallets_per_door_per_day=0.7).needs[0].outbound_doors == 8
    assert planned(ceiling_height_inches=0.3, rack_height_inches=0.1).levels == 3


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"ceiling_height_inches": 60}, "rack_height_inches"),
        ({"facility_design_area": None}, "facility_design_area"),
        ({"facility_design_area": 0.01, "max_facilities": None}, "facility_design_area"),
    ],
)
def test_what_leaves_the_space_unknown_is_refused_by_name(changes: dict[str, Any], column: str):
    with pytest.raises(RefusedInput) as caught:
        planned(**changes)
    assert {problem.column for problem in caught.value.problems} == {column}


def test_without_skus_or_base_demand_nothing_can_be_planned():
    nothing = network([("A", 1, 1)], [("B", 0.0)], [(0, 0, 1)], demand=[(0, 2026, 5.0)])
    with pytest.raises(RefusedInput) as caught:
        plan_warehouse(nothing, asked(), (2026,), [5.0])
    assert [(one.sheet, one.rule) for one in caught.value.problems] == [
        ("SKUs", "no_rows"),
        ("Destinations", "not_scalable"),
    ]


def test_a_need_of_millions_of_buildings_takes_none_that_hired_space_is_cheaper_than():
    # 18 million times the design area: a limit on what can be hired, rounded, once forced a building.
    outcome = planned(
        facility_design_area=56.01347420413139,
        max_facilities=1,
        initial_facility_area=6.179055154639926,
        thirdparty_cost_per_sqft=2e-4,
        cost_per_sqft_annual=2772.2719130062924,
        days_on_hand=6762.93245857458,
        aisle_factor=6615.520826778406,
    )
    assert [year.buildings for year in outcome.space] == [0, 0]


def by_hand(parameters: Any, gross: list[float]) -> float | None:
    """The least cost over every way of having buildings, by trying all."""
    most = range(5 if parameters.max_facilities is None else parameters.max_facilities + 1)
    costs = []
    for way in itertools.product(most, repeat=len(gross)):
        if any(later < earlier for earlier, later in itertools.pairwise(way)):
            continue
        cost = (parameters.facility_opening_cost or 0) * way[-1]
        for need, there in zip(gross, way, strict=True):
            own = parameters.initial_facility_area + parameters.facility_design_area * there
            lacking = max(need - own, 0.0)
            if lacking > 1e-6 and parameters.thirdparty_cost_per_sqft is None:
                cost = math.inf
            cost += parameters.cost_per_sqft_annual * own + (parameters.facility_fixed_cost_annual or 0) * there
            cost += (parameters.thirdparty_cost_per_sqft or 0) * lacking
        costs.append(cost)
    return None if min(costs) == math.inf else min(costs)


@pytest.mark.parametrize("seed", range(25))
def test_no_way_is_cheaper_than_the_plan(seed: int):
    draw = random.Random(seed)
    changes = {
        "initial_facility_area": draw.choice([0, 2_000, 4_000]),
        "facility_design_area": draw.choice([1_700, 2_500]),
        "max_facilities": draw.choice([1, 2, 4]),
        "facility_fixed_cost_annual": draw.choice([None, 500, 9_000]),
        "facility_opening_cost": draw.choice([None, 4_000, 30_000]),
        "thirdparty_cost_per_sqft": draw.choice([None, 3, 12, 40]),
    }
    forecast = [(2026 + year, draw.choice([20, 70, 105, 130])) for year in range(3)]
    tables = stored(two_sites(forecast=forecast), **changes)
    parameters = asked(**changes)
    outcome = plan_warehouse(tables, parameters, *network_units(tables))
    expected = by_hand(parameters, [need.gross_area for need in outcome.needs])
    if expected is None:
        assert outcome.status is ResultStatus.INFEASIBLE
    else:
        assert (outcome.status, outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(expected, rel=1e-9))
        assert outcome.bound == pytest.approx(expected, rel=1e-9)
