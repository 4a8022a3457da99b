"""Capacity analyses of networks with modes, full lanes, suppliers and service by year, by hand and at random.

The random ones are held against a linear program that is written down from the sheets by the readers of the transport
tests; `make fuzz-solver` asks for more of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.capacity import CapacityOutcome
from networx.domain.capacity_answer import FACILITY, INBOUND, LANE, SUPPLIER, Place
from networx.domain.network import NetworkTables, ServiceYears
from networx.domain.parameters import CapacityParameters, SitesAsked, TransportParameters
from networx.domain.plan import ResultStatus
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.verify.capacity import certify_capacity
from tests.core.models.capacity_by_sheets import assert_as_the_sheets_say
from tests.core.models.lane_networks import random_lanes, with_lanes, with_lanes_in, with_rates
from tests.core.models.mixed_networks import on_a_map, with_random_suppliers, with_service
from tests.core.models.small_networks import UNLIMITED, expansions, network, parameters, random_network, with_suppliers
from tests.core.models.test_capacity import with_a_mandatory_site
from tests.core.random_problems import seeds

GIVEN = parameters(lease_years=None)
SEEDS = seeds(20)


def analysed(tables: NetworkTables, stated: TransportParameters = GIVEN) -> CapacityOutcome:
    """The analysis of the mandatory sites, certified."""
    sites = chosen_sites(tables, stated, None)
    outcome = analyse_capacity(tables, stated, CapacityParameters(SitesAsked()), sites)
    certificate = certify_capacity(tables, stated, sites, outcome, tables.sha256())
    assert certificate.valid, [check for check in certificate.checks if not check.passed]
    return outcome


def one_site(*lanes: Mapping[str, Any], demand: float = 100, capacity: float = 200) -> NetworkTables:
    """North and Elm, with these rows of lanes between them."""
    tables = network([("North", capacity, 100, "mandatory")], [("Elm", demand)])
    return with_lanes(tables, [{"at": (0, 0), **lane} for lane in lanes])


def test_a_full_lane_is_a_bottleneck_worth_what_the_next_mode_costs_more():
    """60 by rail at $1, 40 by road at $4: a unit more of rail saves $3, up to the 100 that are asked."""
    outcome = analysed(one_site({"mode": "rail", "cost": 1.0, "most": 60.0}, {"mode": "road", "cost": 4.0}))
    (answer,), (one,) = outcome.base, outcome.bottlenecks
    assert (answer.cost, outcome.status) == (pytest.approx(220), ResultStatus.OPTIMAL)
    assert (one.place.kind, outcome.modes[one.place.mode]) == (LANE, "rail")
    assert one.price == pytest.approx(3)
    assert outcome.resolved[one.tenth].enlarged == pytest.approx(66)
    assert outcome.resolved[one.tenth].cost == pytest.approx(202)


def test_lanes_that_are_too_narrow_leave_demand_short_and_nothing_relieves_it():
    outcome = analysed(one_site({"mode": "rail", "cost": 1.0, "most": 60.0}))
    assert outcome.status is ResultStatus.INFEASIBLE
    assert [answer.short for answer in outcome.base] == pytest.approx([40])
    assert [(one.place.kind, one.price) for one in outcome.bottlenecks] == [(LANE, pytest.approx(1))]
    assert outcome.infeasibility is not None
    assert "of lane capacity that can reach" in (outcome.infeasibility.clashes[0].cure or "")


def test_a_supplier_is_a_bottleneck_worth_what_the_next_costs_more():
    """Mill sends 60 at $1, Forge any number at $3; North adds $2 a unit to Elm: 60 x 3 + 40 x 5 = 380."""
    tables = with_suppliers(one_site({"cost": 2.0}), [("Mill", 60), ("Forge", UNLIMITED)], [(0, 0, 1), (1, 0, 3)])
    outcome = analysed(tables)
    (answer,), (one,) = outcome.base, outcome.bottlenecks
    assert (answer.cost, answer.inbound_cost) == (pytest.approx(380), pytest.approx(180))
    assert (one.place, one.price) == (Place(SUPPLIER, supplier=0), pytest.approx(2))
    assert outcome.objective == pytest.approx(480)


def test_suppliers_that_have_too_little_leave_demand_short():
    outcome = analysed(with_suppliers(one_site({"cost": 2.0}), [("Mill", 60)], [(0, 0, 1)]))
    assert [answer.short for answer in outcome.base] == pytest.approx([40])
    assert [(one.place.kind, one.price) for one in outcome.bottlenecks] == [(SUPPLIER, pytest.approx(1))]
    assert outcome.infeasibility is not None
    assert "of supply that can reach" in (outcome.infeasibility.clashes[0].cure or "")


def inbound_rows(*rows: Mapping[str, Any]) -> NetworkTables:
    """North serves Elm's 100 of 2026 and of 2027 at $2, and gets them from Mill over lanes of these rows."""
    tables = network(
        [("North", 200, 100, "mandatory")], [("Elm", 100)], [(0, 0, 2)], forecast=[(2026, 100), (2027, 100)]
    )
    return with_lanes_in(with_suppliers(tables, [("Mill", 300)]), [{"at": (0, 0), **row} for row in rows])


def test_a_full_lane_from_a_supplier_is_a_bottleneck_worth_what_the_next_mode_costs_more():
    """60 come by rail at $1, 40 by road at $4: a unit more of rail saves $3, in both years."""
    outcome = analysed(inbound_rows({"mode": "rail", "cost": 1.0, "most": 60.0}, {"mode": "road", "cost": 4.0}))
    assert [(answer.cost, answer.inbound_cost) for answer in outcome.base] == [pytest.approx((420, 220))] * 2
    first, second = outcome.bottlenecks
    assert (first.place.kind, first.place.ends[:2], first.price) == (INBOUND, (0, 0), pytest.approx(3))
    assert outcome.inbound_modes[first.place.mode] == "rail"
    assert outcome.resolved[first.tenth].enlarged == pytest.approx(66)
    assert {first.year, second.year} == {0, 1}


def test_a_lane_from_a_supplier_may_be_another_in_one_year():
    """In 2027 Mill's lane brings 70 at $5, so that 30 stay unserved, and a unit more of it serves one."""
    outcome = analysed(inbound_rows({"cost": 1.0}, {"cost": 5.0, "most": 70.0, "year": 2027.0}))
    assert [answer.short for answer in outcome.base] == pytest.approx([0, 30])
    assert [answer.inbound_cost for answer in outcome.base] == pytest.approx([100, 350])
    assert [(one.year, one.place.kind, one.price) for one in outcome.bottlenecks] == [(1, INBOUND, pytest.approx(1))]
    assert outcome.infeasibility is not None
    assert "of capacity of lanes from suppliers in" in (outcome.infeasibility.clashes[0].cure or "")


def test_a_lane_from_a_supplier_that_only_a_larger_facility_would_fill_still_limits_it():
    """North holds 60 of 100 and its lane from Mill 63: of a tenth more North, half can come in. South costs $9 more."""
    tables = network(
        [("North", 60, 0, "mandatory"), ("South", 100, 0, "mandatory")], [("Elm", 100)], [(0, 0, 1), (1, 0, 10)]
    )
    rows = [{"at": (0, 0), "cost": 0.0, "most": 63.0}, {"at": (0, 1), "cost": 0.0}]
    outcome = analysed(with_lanes_in(with_suppliers(tables, [("Mill", UNLIMITED)]), rows))
    (one,) = outcome.bottlenecks
    assert (one.place, one.price) == (Place(FACILITY, 0), pytest.approx(9))
    assert outcome.resolved[one.holds_in].enlarged == pytest.approx(63)
    assert outcome.resolved[one.tenth].cost == pytest.approx(63 + 37 * 10)


def test_a_relief_brings_its_own_ways_in():
    """Mill has enough for all, and West is the only way to what Oak asks: it opens, and is supplied."""
    tables = network(
        [("North", 60, 100, "mandatory"), ("West", 80, 50)],
        [("Elm", 50), ("Oak", 30)],
        [(0, 0, 1), (1, 1, 1)],
    )
    outcome = analysed(with_suppliers(tables, [("Mill", 100)], [(0, 0, 1), (0, 1, 2)]))
    assert outcome.relief is not None
    # 150 for both sites, 50 x (1 + 1) to Elm and 30 x (1 + 2) to Oak.
    assert (outcome.status, outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(150 + 100 + 90))
    assert outcome.relief.years[0].inbound_cost == pytest.approx(50 + 60)


def test_a_missed_level_is_paid_for_and_its_price_is_in_what_capacity_saves():
    """South is near and holds 40 of the 100; North is far. The level asks 80 near, 40 are lacking at $5 each. A unit
    more at South saves the $5 and the dollar that North is dearer."""
    tables = network(
        [("North", UNLIMITED, 0, "mandatory"), ("South", 40, 0, "mandatory")],
        [("Elm", 100)],
        [(0, 0, 2, 300), (1, 0, 1, 9)],
    )
    stated = parameters(lease_years=None, service_level=0.8, max_distance_miles=50.0, service_penalty_per_unit=5.0)
    outcome = analysed(tables, stated)
    (answer,), (one,) = outcome.base, outcome.bottlenecks
    assert (answer.cost, answer.penalty) == (pytest.approx(120 + 40 + 200), pytest.approx(200))
    assert (one.place, one.price) == (Place(FACILITY, 1), pytest.approx(6))


def test_a_year_may_ask_for_more_service_than_the_others():
    """Only in 2027 a level is asked, which South's 40 units cannot reach: 40 of 80 units stay unserved."""
    tables = replace(
        network(
            [("North", UNLIMITED, 0, "mandatory"), ("South", 40, 0, "mandatory")],
            [("Elm", 100)],
            [(0, 0, 2, 300), (1, 0, 1, 9)],
            forecast=[(2026, 100), (2027, 100)],
        ),
        service_years=ServiceYears(
            year=np.array([2027]), service_level=np.array([0.8]), max_distance_miles=np.array([50.0])
        ),
    )
    outcome = analysed(tables)
    assert [answer.short for answer in outcome.base] == pytest.approx([0, 40])


def test_a_tier_is_a_relief_where_it_is_cheaper_than_a_site():
    """North lacks 10 of 90 in 2027 and 20 of 100 in 2028. West costs $300 a year; North's first tier adds 15 at $40 a
    year and $10 once, its second 10 at $60: the first from 2027, the second in 2028. In 2026 nothing is asked."""
    tables = network(
        [("North", 80, 100, "mandatory"), ("West", 100, 300)],
        [("Elm", 100)],
        [(0, 0, 1), (1, 0, 1)],
        forecast=[(2026, 50), (2027, 90), (2028, 100)],
    )
    outcome = analysed(replace(tables, expansions=expansions([(0, 1, 15, 40, 10), (0, 2, 10, 60, 0)])))
    assert [answer.short for answer in outcome.base] == pytest.approx([0, 10, 20])
    assert outcome.relief is not None
    assert (outcome.relief.opened, outcome.relief.tiers) == ((), ((0, 1, 1), (0, 2, 2)))
    # 300 for North, 2 x 40 + 10 and 60 for its tiers, 240 units at $1.
    assert (outcome.status, outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(300 + 90 + 60 + 240))


def test_with_all_tiers_in_use_what_is_short_stays_so():
    tables = network([("North", 80, 100, "mandatory")], [("Elm", 100)], [(0, 0, 1)])
    outcome = analysed(replace(tables, expansions=expansions([(0, 1, 15, 40, 10)])))
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.infeasibility is not None
    (clash,) = outcome.infeasibility.clashes
    assert clash.short_by == pytest.approx(5)
    assert "Even with all 1 allowed facility open and all their tiers in use, 5 units" in clash.message


def case(seed: int, years: int = 2) -> tuple[NetworkTables, TransportParameters]:
    """Lanes with modes and limits, rates, suppliers, service by year, and ways by the mile, each with a chance."""
    rng = np.random.default_rng([seed, 31])
    tables = with_a_mandatory_site(random_network(rng, 4, 5, years))
    labels = sorted({*tables.demand.year.tolist(), *tables.forecast.year.tolist()}) or [1]
    stated: dict[str, Any] = {"lease_years": 9, "single_sourcing": False, "gap": 0.0}
    if rng.random() < 0.7:
        tables = random_lanes(rng, tables, tuple(labels))
        if rng.random() < 0.4:
            tables, factors = with_rates(rng, tables)
            stated |= factors
    else:
        days = rng.integers(1, 6, len(tables.lanes)).astype(float)
        tables = replace(tables, lanes=replace(tables.lanes, transit_days=days))
    if rng.random() < 0.5:
        tables = with_random_suppliers(rng, tables, labels)
    if rng.random() < 0.5:
        sites = sorted(rng.choice(4, 2, replace=False).tolist())
        tiers = [
            (site, 1, float(rng.integers(5, 80)), float(rng.integers(0, 90)), float(rng.integers(0, 50)))
            for site in sites
        ]
        tables = replace(tables, expansions=expansions(tiers))
    by_mile = rng.random() < 0.3
    if rng.random() < 0.6:
        tables, more = with_service(rng, tables, labels, in_days=not by_mile and rng.random() < 0.5)
        stated |= more
    if by_mile:
        tables = on_a_map(rng, tables)
        stated |= {"cost_per_unit_mile": 0.5, "circuity": 1.2}
    return tables, parameters(**stated)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_networks_agree_with_a_program_from_the_sheets(seed: int):
    tables, stated = case(seed)
    sites = chosen_sites(tables, stated, None)
    assert_as_the_sheets_say(tables, stated, sites, analysed(tables, stated))
