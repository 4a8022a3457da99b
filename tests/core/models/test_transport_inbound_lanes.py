"""Lanes from suppliers with modes, capacities, years and Rates, by hand, and suppliers that limit nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.network import NetworkTables, Rates
from networx.domain.parameters import BENDERS, HIGHS, LAGRANGIAN, SINGLE_SOURCE, YEARS, TransportParameters
from networx.domain.plan import RECOMPUTED, Outcome, ResultStatus
from networx.errors import RefusedInput
from networx.models.transport import prepare, solve_transport
from networx.models.transport.free_supply import folded
from networx.results.fitted import fitted_figures
from networx.results.inbound import inbound_costs, inbound_priced_by
from tests.core.models.lane_networks import with_lanes_in
from tests.core.models.mixed_networks import random_mixed_case
from tests.core.models.small_networks import (
    NOT_STATED,
    UNLIMITED,
    network,
    parameters,
    spread_network,
    with_suppliers,
)
from tests.core.models.test_transport_plans import assert_certified
from tests.core.random_problems import seeds


def three_ways(**stated: Any) -> tuple[NetworkTables, TransportParameters]:
    """Worked out by hand. Elm takes 100 units in 2026 and 150 in 2027, all by West at $1.

    From Mill ($2 a unit) they come by rail at $3, at most 60 a year; by ltl, priced by Rates: $40 a shipment of 10
    units below 500 miles, which is $4 a unit, and in 2027 at $3.50 by a row of that year; by tl at $9. 2026: 60 by rail
    and 40 by ltl: 60 x 5 + 40 x 6 = 540. 2027: 60 x 5 + 90 x 5.5 = 795. With delivery 250 and West's 2 x 50: 1,685.
    """
    tables = network([("West", 200, 50)], [("Elm", 100)], [(0, 0, 1)], forecast=[(2026, 100), (2027, 150)])
    rows = [
        {"at": (0, 0), "mode": "rail", "cost": 3, "most": 60},
        {"at": (0, 0), "mode": "ltl", "miles": 300},
        {"at": (0, 0), "mode": "ltl", "cost": 3.5, "year": 2027},
        {"at": (0, 0), "mode": "tl", "cost": 9},
    ]
    tables = with_lanes_in(
        with_suppliers(tables, [("Mill", UNLIMITED, 2)]), [{"cost": NOT_STATED} | row for row in rows]
    )
    rates = Rates(mode=("ltl",), basis=("shipment",), rate=np.array([40.0]), distance_to=np.array([500.0]))
    return replace(tables, rates=rates), parameters(units_per_shipment=10.0, **stated)


def came_in(outcome: Outcome) -> dict[tuple[int, str], float]:
    plan = outcome.plan
    assert plan is not None
    return {
        (plan.years[year], plan.inbound_modes[mode]): units
        for year, mode, units in zip(plan.inbound_year, plan.inbound_mode, plan.inbound_units, strict=True)
    }


def test_lanes_from_suppliers_have_modes_capacities_years_and_rates():
    tables, given = three_ways()

    outcome = solve_transport(tables, given)

    assert outcome.objective == pytest.approx(1685)
    assert came_in(outcome) == pytest.approx({
        (2026, "rail"): 60, (2026, "ltl"): 40, (2027, "rail"): 60, (2027, "ltl"): 90
    })  # fmt: skip
    assert_certified(tables, given, outcome)
    assert outcome.plan is not None
    assert inbound_costs(tables, given, outcome.plan).cost.sum() == pytest.approx(540 + 795)
    assert inbound_priced_by(tables, given) == {"own_price": 3, "rates": 1, "fitted_rates": 0, "cost_per_unit_mile": 0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"distance_miles": np.array([NOT_STATED, 500.0, NOT_STATED, NOT_STATED])}, "by ltl (500 miles, no zone) has"),
        ({"year": np.array([NOT_STATED, NOT_STATED, 2030.0, NOT_STATED])}, "by ltl in 2030 is stated for 2030"),
        ({"year": np.full(4, NOT_STATED)}, "The lane from Mill to West by ltl is listed more than once"),
        ({"capacity_units": np.array([-1.0, 1.0, 1.0, 1.0])}, "capacity_units of the lane from Mill to West by rail"),
        ({"mode": ("rail", "air", "ltl", "tl")}, "from Mill to West by air has no cost_per_unit, no row of Rates"),
    ],
)
def test_a_lane_from_a_supplier_that_cannot_be_used_is_named(change: dict[str, Any], words: str):
    tables, given = three_ways()

    with pytest.raises(RefusedInput) as refused:
        solve_transport(replace(tables, inbound_lanes=replace(tables.inbound_lanes, **change)), given)

    assert words in str(refused.value)


def test_lanes_that_bring_too_little_leave_the_rest_unserved():
    tables, given = three_ways()
    lanes = replace(tables.inbound_lanes, capacity_units=np.array([60.0, 20, 20, 30]))

    outcome = solve_transport(replace(tables, inbound_lanes=lanes), given)

    # 60 + 20 + 30 units come in at most: enough in 2026, 40 short in 2027.
    assert outcome.infeasibility is not None
    (clash,) = outcome.infeasibility.clashes
    assert (clash.requirement, clash.year, clash.short_by) == ("capacity", 2027, pytest.approx(40))
    assert_certified(replace(tables, inbound_lanes=lanes), given, outcome)


def free_of_limits(sites: int, places: int, years: int, *, supply: float = UNLIMITED) -> NetworkTables:
    """A network on a map with two suppliers, each the cheaper one for some facilities; their lanes never bind."""
    tables = spread_network(sites, places, years, tightness=4.0)
    rng = np.random.default_rng(11)
    tables = with_suppliers(tables, [("Mill", supply, 1.5), ("Port", UNLIMITED, NOT_STATED)])
    ways = [{"at": (at, site), "cost": float(rng.uniform(5, 60))} for at in range(2) for site in range(sites)]
    return with_lanes_in(tables, ways)


@pytest.mark.parametrize(
    ("engine", "years", "stated"),
    [
        (LAGRANGIAN, 1, {}),
        (SINGLE_SOURCE, 1, {"single_sourcing": True}),
        (BENDERS, 2, {}),
        (YEARS, 2, {"lease_years": 1}),
    ],
)
def test_suppliers_that_limit_nothing_leave_a_network_to_the_engines(
    engine: str, years: int, stated: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    tables = free_of_limits(8, 20, years)
    if engine == BENDERS:
        sites = replace(tables.facilities, capacity_units=np.full(8, UNLIMITED))
        tables = replace(tables, facilities=sites)
    given = parameters(cost_per_unit_mile=0.02, circuity=1.2, gap=1e-7, **stated)

    outcome = solve_transport(tables, replace(given, engine=engine))

    assert (outcome.status, outcome.bound_source) == (ResultStatus.OPTIMAL, RECOMPUTED)
    assert_certified(tables, given, outcome)
    plan = outcome.plan
    assert plan is not None
    assert plan.inbound_units.sum() == pytest.approx(plan.flow_units.sum())
    monkeypatch.setattr("networx.models.transport.solve.folded", lambda instance: instance)
    with pytest.raises(RefusedInput, match=r"does not solve .*suppliers"):
        solve_transport(tables, replace(given, engine=engine))
    as_it_is = solve_transport(tables, replace(given, engine=HIGHS))
    assert outcome.objective == pytest.approx(as_it_is.objective, rel=1e-6)


def limited(tables: NetworkTables, **column: Any) -> NetworkTables:
    return replace(tables, inbound_lanes=replace(tables.inbound_lanes, **column))


def test_what_may_bind_or_differs_by_year_is_not_folded():
    tables = free_of_limits(4, 6, 2)
    given = parameters(cost_per_unit_mile=0.02, circuity=1.2)
    total = prepare(tables, given).demand.sum(axis=1)
    rows = tables.inbound_lanes
    count = len(rows)

    def is_folded(changed: NetworkTables) -> bool:
        return folded(prepare(changed, given)).free_supply is not None

    supply = np.array([total.max(), UNLIMITED])
    assert is_folded(replace(tables, suppliers=replace(tables.suppliers, supply_units=supply)))
    supply[0] *= 0.999
    assert not is_folded(replace(tables, suppliers=replace(tables.suppliers, supply_units=supply)))
    assert is_folded(limited(tables, capacity_units=np.full(count, total.max())))
    assert not is_folded(limited(tables, capacity_units=np.full(count, 10.0)))
    cheaper = {name: getattr(rows, name) for name in ("supplier", "facility", "cost_per_unit", "distance_miles")}
    first = int(np.argmin(np.where(rows.facility == 0, rows.cost_per_unit + 1.5 * (rows.supplier == 0), np.inf)))
    of_year = {name: np.append(column, column[first]) for name, column in cheaper.items()}
    of_year["cost_per_unit"][-1] *= 0.9
    longer = {"mode": (None,) * (count + 1), "zone": (None,) * (count + 1)}
    longer |= {"capacity_units": np.full(count + 1, NOT_STATED), "year": np.append(np.full(count, NOT_STATED), 2027.0)}
    assert not is_folded(limited(tables, **of_year, **longer))
    # A facility that nothing reaches can ship nothing.
    kept = rows.facility != 0
    given = parameters()
    lanes = [(i, j, 1.0) for i in range(4) for j in range(6)]
    listed = network([(f"F{i}", 9, 1) for i in range(4)], [(f"D{j}", 1) for j in range(6)], lanes)
    ways = [
        {"at": (int(s), int(f)), "cost": 1.0} for s, f in zip(rows.supplier[kept], rows.facility[kept], strict=True)
    ]
    assert not is_folded(with_lanes_in(with_suppliers(listed, [("Mill", UNLIMITED), ("Port", UNLIMITED)]), ways))


def test_the_random_networks_hold_what_they_should():
    seen = {"folded": 0, "modes": 0, "limited": 0, "of a year": 0, "fitted": 0}
    for seed in seeds(24):
        tables, given = random_mixed_case(seed)
        try:
            instance = prepare(tables, given)
        except RefusedInput:
            continue
        seen["folded"] += folded(instance).free_supply is not None
        seen["fitted"] += bool(fitted_figures(tables, given))
        seen["modes"] += bool(instance.inbound.lanes.modes)
        seen["limited"] += bool(len(instance.inbound)) and instance.inbound.lanes.limited
        seen["of a year"] += bool(len(instance.inbound)) and not instance.inbound.lanes.alike

    assert min(seen.values()) > 0, seen
