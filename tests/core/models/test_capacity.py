"""Capacity analyses worked out by hand, and random ones held against an independent solver and brute force."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from networx.domain.capacity import CapacityOutcome
from networx.domain.network import NetworkTables
from networx.domain.parameters import CapacityParameters, SitesAsked, TransportParameters
from networx.domain.plan import ResultStatus
from networx.errors import RefusedInput
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.verify.capacity import certify_capacity
from networx.verify.transport.facts import facts_of
from networx.verify.transport.lanes import lane_facts
from tests.core.models.small_networks import (
    UNLIMITED,
    growing,
    network,
    parameters,
    priced,
    random_network,
)

MANDATORY = CapacityParameters(SitesAsked())
GIVEN = parameters(lease_years=None)


def analysed(
    tables: NetworkTables,
    stated: TransportParameters = GIVEN,
    names: tuple[str, ...] | None = None,
    **options: Any,
) -> CapacityOutcome:
    """The analysis, certified."""
    sites = chosen_sites(tables, stated, names)
    outcome = analyse_capacity(tables, stated, MANDATORY, sites, **options)
    certificate = certify_capacity(tables, stated, sites, outcome, tables.sha256())
    assert certificate.valid, [check for check in certificate.checks if not check.passed]
    return outcome


def test_the_first_year_of_shortage_and_by_how_much():
    outcome = analysed(growing())
    assert [answer.short for answer in outcome.base] == pytest.approx([0, 10, 60])
    assert [answer.cost for answer in outcome.base] == pytest.approx([100, 140, 140])


def test_the_cheapest_relief_over_the_years():
    outcome = analysed(growing())
    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.relief is not None
    assert outcome.relief.opened == ((3, 1), (2, 2))
    assert outcome.objective == pytest.approx(1650)
    assert outcome.bound == pytest.approx(1650)


def test_in_a_short_year_a_unit_of_capacity_serves_a_unit():
    outcome = analysed(growing())
    found = {(one.year, one.place.facility): one for one in outcome.bottlenecks}
    assert set(found) == {(1, 0), (1, 1), (2, 0), (2, 1)}
    for one in found.values():
        assert one.price == pytest.approx(1)
    tenth = outcome.resolved[found[2, 0].tenth]
    assert tenth.enlarged == pytest.approx(88)
    assert tenth.short == pytest.approx(52)


def test_no_candidate_suffices_and_the_evidence_says_by_how_much():
    small = [("North", 80, 100, "mandatory"), ("South", 60, 50, "mandatory"), ("West", 20, 500), ("Hut", 30, 90)]
    outcome = analysed(growing(facilities=small))
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.infeasibility is not None
    (clash,) = outcome.infeasibility.clashes
    # All four hold 190 of 200.
    assert (clash.year, clash.short_by) == (2028, pytest.approx(10))
    assert (outcome.objective, outcome.bound, outcome.relief) == (None, None, None)


def test_a_relief_that_max_facilities_forbids_is_told_with_the_least_shortage():
    # 2028 needs 60 more: West alone does, as the third facility; with at most two there is no room for it.
    assert analysed(growing(), replace(GIVEN, max_facilities=3)).relief is not None
    outcome = analysed(growing(), replace(GIVEN, max_facilities=2))
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "elastic_model"
    (clash,) = outcome.infeasibility.clashes
    assert clash.requirement == "max_facilities"
    assert clash.short_by == pytest.approx(70)


def test_a_unit_more_saves_what_it_saves_and_the_range_is_told():
    outcome = analysed(priced(40))
    (one,) = outcome.bottlenecks
    assert (one.place.facility, one.price) == (0, pytest.approx(3))
    assert outcome.resolved[one.holds_in].enlarged == pytest.approx(44)
    assert outcome.base[0].cost - outcome.resolved[one.tenth].cost == pytest.approx(12)
    assert outcome.objective == pytest.approx(150 + 40 + 20 * 4)
    assert outcome.bound_source == "multipliers"


def test_a_price_that_ends_within_the_tenth_is_told_with_its_end():
    # From 58 on, two units more save 3 each, and what comes after saves nothing: 5.8 more save 6 in all.
    outcome = analysed(priced(58))
    (one,) = outcome.bottlenecks
    assert one.price == pytest.approx(3)
    assert outcome.resolved[one.holds_in].enlarged == pytest.approx(60)
    assert outcome.base[0].cost - outcome.resolved[one.tenth].cost == pytest.approx(6)


def test_a_full_facility_of_which_more_saves_nothing_is_no_bottleneck():
    # Degenerate: at 60 the capacity is used up and a unit less would cost 3, but a unit more saves nothing.
    outcome = analysed(priced(60))
    assert outcome.base[0].units.tolist() == pytest.approx([60])
    assert outcome.bottlenecks == ()


def test_at_a_bend_the_price_is_the_one_of_more_capacity():
    # Elm's 50 are best from North, Oak's 30 too, but less so: at 50 a unit less costs 9, a unit more saves 2.
    tables = network(
        [("North", 50, 0, "mandatory"), ("South", 100, 0, "mandatory")],
        [("Elm", 50), ("Oak", 30)],
        [(0, 0, 1), (0, 1, 3), (1, 0, 10), (1, 1, 5)],
    )
    outcome = analysed(tables)
    (one,) = outcome.bottlenecks
    assert one.price == pytest.approx(2)


def test_unlimited_sites_are_never_short_and_have_no_price():
    sites = [("North", UNLIMITED, 100, "mandatory"), ("South", UNLIMITED, 50, "mandatory")]
    outcome = analysed(growing(facilities=sites, lanes=[(0, 0, 1), (0, 1, 3), (1, 0, 4), (1, 1, 1)]))
    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.bottlenecks == ()
    assert outcome.objective == pytest.approx(450 + 100 + 150 + 200)


def test_no_demand_costs_the_facilities_alone():
    outcome = analysed(growing(destinations=[("Elm", 0), ("Oak", 0)], forecast=[(2026, 0), (2027, 0)]))
    assert (outcome.status, outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(300))
    assert [len(answer.units) for answer in outcome.base] == [0, 0]


def test_a_place_without_a_lane_is_short_though_capacity_is_left():
    tables = growing(lanes=[(0, 0, 1), (1, 0, 4)])
    outcome = analysed(tables)
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.base[0].short == pytest.approx(40)
    assert outcome.base[0].unserved.tolist() == pytest.approx([0, 40])
    assert [one for one in outcome.bottlenecks if one.year == 0] == []


def test_a_site_without_capacity_in_a_year_serves_nobody_and_its_data_stands():
    tables = growing(facility_years=[(0, 2026, float("nan"), 0.0)])
    outcome = analysed(tables)
    # South alone: 60 of 100 units.
    assert outcome.base[0].short == pytest.approx(40)


def test_a_service_level_is_kept_and_counts_as_a_shortage_where_it_cannot_be():
    # 90 % of the 100 units within 50 miles: North reaches Elm (60), nobody reaches Oak (40).
    near = [(0, 0, 1, 10), (0, 1, 3, 90), (1, 0, 4, 90), (1, 1, 1, 90)]
    tables = growing(lanes=near, forecast=[(2026, 100)])
    stated = replace(GIVEN, service_level=0.9, max_distance_miles=50.0)
    outcome = analysed(tables, stated)
    # An unserved unit counts as served near by: 30 of Oak's 40 are more than the 10 % that may travel far.
    assert outcome.base[0].short == pytest.approx(30)


def test_named_sites_are_analysed_in_place_of_the_mandatory_ones():
    free = [("North", 80, 100), ("South", 60, 50), ("West", 100, 500), ("Hut", 30, 90)]
    outcome = analysed(growing(facilities=free), names=("West",))
    assert outcome.sites.tolist() == [False, False, True, False]
    assert [answer.short for answer in outcome.base] == pytest.approx([0, 50, 100])
    assert outcome.relief is not None


@pytest.mark.parametrize(
    ("names", "changes", "said"),
    [
        (("Nowhere",), {}, '"Nowhere" is no facility'),
        (("North",), {}, "South is mandatory"),
        (("North", "South", "West"), {"status": "forbidden"}, "West is forbidden"),
    ],
)
def test_sites_that_contradict_the_data_are_refused(names: tuple[str, ...], changes: dict[str, str], said: str):
    sites = [
        ("North", 80, 100, "mandatory"),
        ("South", 60, 50, "mandatory"),
        ("West", 100, 500, changes.get("status", "candidate")),
        ("Hut", 30, 90),
    ]
    with pytest.raises(RefusedInput) as refused:
        chosen_sites(growing(facilities=sites), GIVEN, names)
    assert said in refused.value.problems[0].message


def test_a_network_without_mandatory_sites_has_none_to_analyse():
    with pytest.raises(RefusedInput, match="name the sites"):
        chosen_sites(growing(facilities=[("North", 80, 100)], lanes=[(0, 0, 1)]), GIVEN, None)


def test_more_sites_than_may_be_open_are_refused():
    with pytest.raises(RefusedInput, match="above max_facilities 1"):
        chosen_sites(growing(), replace(GIVEN, max_facilities=1), None)


@pytest.mark.parametrize(
    ("stated", "column"),
    [
        (replace(GIVEN, single_sourcing=None), "single_sourcing"),
        (replace(GIVEN, single_sourcing=True), "single_sourcing"),
        (replace(GIVEN, service_level=0.5), "max_distance_miles"),
    ],
)
def test_incomplete_parameters_are_refused(stated: TransportParameters, column: str):
    with pytest.raises(RefusedInput) as refused:
        analyse_capacity(growing(), stated, MANDATORY, np.array([True, True, False, False]))
    assert [problem.column for problem in refused.value.problems] == [column]


def test_without_time_nothing_is_claimed():
    outcome = analysed(growing(), replace(GIVEN, time_limit_seconds=1e-9))
    assert (outcome.status, outcome.base, outcome.objective) == (ResultStatus.NO_SOLUTION, (), None)


def test_stopped_after_the_years_the_rest_is_counted_as_not_examined():
    seen: list[str] = []
    outcome = analysed(
        growing(),
        progress=lambda now: seen.append(now.stage),
        stop=lambda: any("more capacity" in stage for stage in seen),
    )
    assert (outcome.status, outcome.not_examined, len(outcome.base)) == (ResultStatus.NO_SOLUTION, 4, 3)
    assert outcome.relief is None


def test_what_is_known_before_the_relief_is_told():
    told: list[CapacityOutcome] = []
    analysed(growing(), so_far=told.append)
    assert [len(outcome.bottlenecks) for outcome in told] == [0, 4]
    assert all(outcome.status is ResultStatus.NO_SOLUTION for outcome in told)


@pytest.mark.parametrize("dollars", [0.0, 1e-6, 1e6])
@pytest.mark.parametrize("units", [1e-4, 1e7])
@pytest.mark.parametrize("seed", [1112, 1128, 1176, 1185, 1277])
def test_any_unit_of_cost_and_demand_gives_the_same_answer(seed: int, units: float, dollars: float):
    """These seeds once failed their check, or made the solver fail, where costs are very small or very large."""
    tables = with_a_mandatory_site(random_network(np.random.default_rng(seed), sites=6, places=8, years=2))
    plain, other = analysed(tables), analysed(in_other_units(tables, units, dollars))
    assert other.status is plain.status
    for one, same in zip(other.base, plain.base, strict=True):
        assert same.cost is not None
        assert one.short == pytest.approx(same.short * units, rel=1e-6, abs=1e-9 * units)
        assert one.cost == pytest.approx(same.cost * units * dollars, rel=1e-6, abs=1e-9 * units * dollars)


def in_other_units(tables: NetworkTables, units: float, dollars: float) -> NetworkTables:
    """The same network with units so much smaller or larger, and prices of a unit in another currency."""
    own = tables.facility_years
    return replace(
        tables,
        facilities=replace(tables.facilities, capacity_units=tables.facilities.capacity_units * units),
        destinations=replace(tables.destinations, demand_units=tables.destinations.demand_units * units),
        demand=replace(tables.demand, units=tables.demand.units * units),
        forecast=replace(tables.forecast, annual_units=tables.forecast.annual_units * units),
        facility_years=replace(own, capacity_units=own.capacity_units * units),
        lanes=replace(tables.lanes, cost_per_unit=tables.lanes.cost_per_unit * dollars),
    )


def with_a_mandatory_site(tables: NetworkTables) -> NetworkTables:
    if "mandatory" in tables.facilities.status:
        return tables
    return replace(tables, facilities=replace(tables.facilities, status=("mandatory", *tables.facilities.status[1:])))


@pytest.mark.parametrize("seed", range(25))
def test_random_networks_agree_with_an_independent_solver(seed: int):
    rng = np.random.default_rng(seed)
    tables = with_a_mandatory_site(random_network(rng, sites=4, places=5, years=2))
    outcome = analysed(tables)
    sites = np.array([status == "mandatory" for status in tables.facilities.status])
    for answer in outcome.base:
        short, cost = independent(tables, answer.year, sites)
        assert answer.short == pytest.approx(short, abs=1e-6)
        assert answer.cost == pytest.approx(cost, rel=1e-7, abs=1e-6)
    for one in outcome.bottlenecks:
        more = independent(tables, one.year, sites, {one.place.facility: 1e-3})
        now = independent(tables, one.year, sites)
        measure = 0 if outcome.base[one.year].short > 0 else 1
        assert (now[measure] - more[measure]) / 1e-3 == pytest.approx(one.price, rel=1e-4, abs=1e-5)
    if outcome.short:
        assert_relief_as_by_brute_force(tables, outcome, sites)


def assert_relief_as_by_brute_force(tables: NetworkTables, outcome: CapacityOutcome, sites: np.ndarray) -> None:
    """Every year of opening, or none, of every candidate."""
    candidates = [site for site, status in enumerate(tables.facilities.status) if status == "candidate"]
    fixed = facts_of(tables, GIVEN).fixed_cost
    best = np.inf
    for starts in itertools.product(range(len(outcome.years) + 1), repeat=len(candidates)):
        total = 0.0
        for year in range(len(outcome.years)):
            opened = sites.copy()
            opened[[site for site, start in zip(candidates, starts, strict=True) if start <= year]] = True
            short, cost = independent(tables, year, opened)
            total += np.inf if short > 1e-6 else cost + fixed[year, opened].sum()
        best = min(best, total)
    if np.isinf(best):
        assert outcome.status is ResultStatus.INFEASIBLE
    else:
        assert outcome.objective == pytest.approx(best, rel=1e-6, abs=1e-6)


def independent(
    tables: NetworkTables, year: int, opened: np.ndarray, more: dict[int, float] | None = None
) -> tuple[float, float]:
    """Least units short and, with no more than that, least transport cost, by another formulation and interface."""
    facts = facts_of(tables, GIVEN)
    shape = (len(tables.facilities), len(tables.destinations))
    grid = [part.ravel().astype(np.int64) for part in np.indices(shape)]
    exists, price = lane_facts(tables, GIVEN, facts.years, *grid)
    lanes = np.flatnonzero(exists & opened[grid[0]])
    places, demand = shape[1], facts.demand[year]
    capacity = facts.capacity[year].copy()
    for site, units in (more or {}).items():
        capacity[site] += units
    met = np.hstack([(grid[1][lanes] == np.arange(places)[:, None]).astype(float), np.eye(places)])
    limited = np.flatnonzero(np.isfinite(capacity))
    sent = np.hstack([(grid[0][lanes] == limited[:, None]).astype(float), np.zeros((len(limited), places))])
    unserved = np.concatenate([np.zeros(len(lanes)), np.ones(places)])
    least = linprog(unserved, A_ub=sent, b_ub=capacity[limited], A_eq=met, b_eq=demand, method="highs")
    cost = np.concatenate([price[lanes], np.zeros(places)])
    cheapest = linprog(
        cost,
        A_ub=np.vstack([sent, unserved]),
        b_ub=np.append(capacity[limited], least.fun + 1e-9),
        A_eq=met,
        b_eq=demand,
        method="highs",
    )
    return float(least.fun), float(cheapest.fun)
