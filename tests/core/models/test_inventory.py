"""Stock: the figures by hand, what pooling does, and who serves whom as stated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.inventory import Service
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.network import Assignments
from networx.errors import RefusedInput
from networx.models.inventory import fixed_service, plan_inventory, planned_service
from tests.core.models.small_networks import two_sites

STATED: dict[str, Any] = {
    "service_level": 0.95,
    "lead_time_days": 9,
    "lead_time_std_days": 2,
    "demand_cv": 0.5,
    "holding_cost_per_unit_per_year": 4,
    "review_period_days": 7,
    "operating_days": 250,
}


def asked(**changes: Any) -> InventoryParameters:
    return InventoryParameters(**{**STATED, **changes})


def service(*rows: tuple[int, int, int, float], years: tuple[int, ...] = (2026,)) -> Service:
    """Rows are (year, facility, destination, units), by position."""
    columns = list(zip(*rows, strict=True)) or [()] * 4
    codes = [np.array(column, dtype=np.int32) for column in columns[:3]]
    return Service(years, *codes, np.array(columns[3], dtype=np.float64))


def fixed(*rules: tuple[int, int, str]) -> Any:
    """The two sites with these rows of Assignments."""
    site, place, word = zip(*rules, strict=True)
    codes = (np.array(site, dtype=np.int32), np.array(place, dtype=np.int32))
    return replace(two_sites(), assignments=Assignments(*codes, word))


def test_the_worked_example_of_the_page():
    # 1,000 and 750 units a year are 4 and 3 a day: mean 7, deviation 0.5 x sqrt(16 + 9) = 2.5. Nine days until an order
    # comes and seven until the next: 16. sqrt(16 x 6.25 + 49 x 4) = sqrt(296); z(95 %) = 1.644854.
    outcome = plan_inventory({0: asked()}, service((0, 0, 0, 1_000), (0, 0, 1, 750)))
    (stock,) = outcome.stocks
    assert (stock.daily_mean, stock.daily_deviation, stock.destinations) == (7, pytest.approx(2.5), 2)
    assert stock.z == pytest.approx(1.6448536269514722, rel=1e-12)
    assert stock.safety == pytest.approx(1.6448536269514722 * 296**0.5)
    # Apart: sqrt(16 x 4 + 16 x 4) and sqrt(16 x 2.25 + 9 x 4).
    assert stock.unpooled_safety == pytest.approx(1.6448536269514722 * (128**0.5 + 72**0.5))
    assert (stock.cycle, outcome.objective) == (24.5, pytest.approx(4 * (stock.safety + 24.5)))


def test_every_facility_has_its_own_parameters_and_year():
    rows = service((0, 0, 0, 500), (0, 1, 1, 250), (1, 0, 0, 1_000), years=(2026, 2027))
    outcome = plan_inventory({0: asked(lead_time_days=18), 1: asked(demand_cv=0)}, rows)
    assert [(stock.year, stock.facility) for stock in outcome.stocks] == [(0, 0), (0, 1), (1, 0)]
    first, second, later = outcome.stocks
    assert second.safety == pytest.approx(1.6448536269514722 * 2)  # only the lead time varies: 1 a day x 2 days
    assert later.safety == pytest.approx(2 * first.safety)


def test_ways_between_the_same_places_are_one_demand():
    whole = plan_inventory({0: asked()}, service((0, 0, 0, 1_000)))
    parts = plan_inventory({0: asked()}, service((0, 0, 0, 400), (0, 0, 0, 600)))
    assert parts.stocks == whole.stocks


def test_pooling_never_asks_for_more_and_nothing_for_one_destination():
    draw = np.random.default_rng(5)
    rows = [(0, int(draw.integers(3)), place, float(draw.uniform(1, 1e4))) for place in range(40)]
    outcome = plan_inventory(dict.fromkeys(range(3), asked()), service(*rows))
    assert all(stock.safety < stock.unpooled_safety for stock in outcome.stocks)
    alone = plan_inventory({0: asked()}, service((0, 0, 0, 77.0))).stocks[0]
    assert alone.safety == pytest.approx(alone.unpooled_safety)


def test_half_is_the_level_without_safety_stock():
    assert plan_inventory({0: asked(service_level=0.5)}, service((0, 0, 0, 10))).stocks[0].safety == 0


def test_fixed_rows_say_who_serves_whom():
    served = fixed_service(fixed((0, 0, "fixed"), (1, 1, "fixed"), (0, 1, "forbidden")), "assignment")
    assert served.years == (2026, 2027)
    assert served.facility.tolist() == [0, 1, 0, 1]
    assert served.units.tolist() == pytest.approx([40, 30, 60, 45])


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([(0, 0, "fixed")], "Oak has no fixed row"),
        ([(0, 0, "fixed"), (0, 1, "fixed"), (1, 1, "fixed")], "Oak has 2 fixed rows"),
    ],
)
def test_fixed_rows_that_leave_a_choice_are_refused(rules: Any, said: str):
    with pytest.raises(RefusedInput, match=said):
        fixed_service(fixed(*rules), "assignment")


def flow(**changes: Any) -> dict[str, Any]:
    return {"year": 2026, "facility": "North", "destination": "Elm", "units": 40.0, **changes}


def test_a_plan_of_other_data_is_refused_by_what_differs():
    rows = [flow(), flow(destination="Oak", units=30.0), flow(year=2027, units=60.0)]
    last = flow(year=2027, destination="Oak", facility="South", units=45.0)
    served = planned_service(two_sites(), [*rows, last], "assignment")
    assert (served.facility.tolist(), served.year.tolist()) == ([0, 0, 0, 1], [0, 0, 1, 1])
    with pytest.raises(RefusedInput, match="2026, West, Elm, which this network has not"):
        planned_service(two_sites(), [flow(facility="West")], "assignment")
    with pytest.raises(RefusedInput, match="serves 0 units of Oak in 2027, and its demand is 45"):
        planned_service(two_sites(), rows, "assignment")


def test_where_nobody_asks_for_anything_there_is_no_stock() -> None:
    nothing = service(years=(2026, 2027))
    outcome = plan_inventory({}, nothing, nothing)
    assert (outcome.stocks, outcome.compared, outcome.objective) == ((), (), 0.0)
