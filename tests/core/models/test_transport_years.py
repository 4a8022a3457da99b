"""Facilities that open and close over the years, and destinations with one source, against enumeration."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from scipy.optimize import linprog

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import ResultStatus
from networx.models.transport import prepare, solve_transport
from networx.models.transport.instance import TransportInstance
from networx.models.transport.start import Start
from tests.core.models.small_networks import network, parameters, random_network, two_sites
from tests.core.models.test_transport_plans import assert_certified

IMPOSSIBLE = float("inf")


def flow_cost(instance: TransportInstance, year: int, opened: tuple[bool, ...]) -> float:
    """The least that the deliveries of a year cost from these facilities; infinite where they cannot be made."""
    demand, capacity = instance.demand[year], np.where(opened, np.minimum(instance.capacity[year], 1e6), 0.0)
    return whole(instance, demand, capacity) if instance.single_source else divided(instance, demand, capacity)


def divided(instance: TransportInstance, demand: np.ndarray, capacity: np.ndarray) -> float:
    lanes, count = instance.lanes, len(instance.lanes)
    if not count:
        return IMPOSSIBLE if demand.any() else 0.0
    serves, sends = np.zeros((len(demand), count)), np.zeros((len(capacity), count))
    serves[lanes.destination, np.arange(count)] = 1
    sends[lanes.facility, np.arange(count)] = 1
    rows, upper = sends, capacity
    if instance.service_level:
        rows = np.vstack([sends, -instance.within.astype(float)])
        upper = np.append(capacity, -instance.service_level * demand.sum())
    answer = linprog(lanes.cost_per_unit, rows, upper, serves, demand)
    assert answer.status in {0, 2}
    return float(answer.fun) if answer.status == 0 else IMPOSSIBLE


def whole(instance: TransportInstance, demand: np.ndarray, capacity: np.ndarray) -> float:
    lanes = instance.lanes
    best = IMPOSSIBLE
    choices = [np.flatnonzero(lanes.destination == place) if demand[place] else [-1] for place in range(len(demand))]
    for chosen in itertools.product(*choices):
        used = np.array([lane for lane in chosen if lane >= 0], dtype=int)
        units = demand[lanes.destination[used]]
        sent = np.bincount(lanes.facility[used], units, len(capacity))
        near = units[instance.within[used]].sum()
        if (sent <= capacity + 1e-9).all() and near >= instance.service_level * demand.sum() - 1e-9:
            best = min(best, float(lanes.cost_per_unit[used] @ units))
    return best


def enumerated(tables: NetworkTables, given: TransportParameters) -> float | None:
    """The optimum by trying every set of facilities in every year; None where no plan meets the requirements."""
    instance = prepare(tables, given)
    years, lease = len(instance.years), given.lease_years or 1
    cost = cache(lambda year, opened: flow_cost(instance, year, opened))
    sets = [
        opened
        for opened in itertools.product([False, True], repeat=len(instance.facility_names))
        if instance.min_open <= sum(opened) <= instance.max_open
        and not (np.array(opened) & ~instance.allowed).any()
        and not (instance.mandatory & ~np.array(opened)).any()
    ]
    best = IMPOSSIBLE
    for plan in itertools.product(sets, repeat=years):
        if keeps_leases(plan, lease, years) and keeps_changes(plan, given.max_changes_per_year):
            fixed = float(instance.fixed_cost[np.array(plan)].sum())
            best = min(best, fixed + sum(cost(year, opened) for year, opened in enumerate(plan)))
    return None if best == IMPOSSIBLE else best


def keeps_leases(plan: tuple[tuple[bool, ...], ...], lease: int, years: int) -> bool:
    """Every run of years in which a facility is open is as long as its lease, unless the horizon cuts it."""
    if lease >= years:
        return len(set(plan)) == 1
    for site in zip(*plan, strict=True):
        runs = [(is_open, len(list(group))) for is_open, group in itertools.groupby(site)]
        if any(is_open and length < lease for is_open, length in runs[:-1]):
            return False
    return True


def keeps_changes(plan: tuple[tuple[bool, ...], ...], most: int | None) -> bool:
    changes = (sum(a != b for a, b in zip(one, other, strict=True)) for one, other in itertools.pairwise(plan))
    return most is None or all(number <= most for number in changes)


def stated_by(rng: np.random.Generator) -> dict:
    stated: dict = {"lease_years": int(rng.integers(1, 4)), "single_sourcing": bool(rng.random() < 0.5)}
    if rng.random() < 0.3:
        stated |= {"service_level": float(rng.choice([0.3, 0.6, 0.9])), "max_distance_miles": 50.0}
    if rng.random() < 0.3:
        stated["max_facilities"] = int(rng.integers(1, 4))
    if rng.random() < 0.3:
        stated["min_facilities"] = int(rng.integers(0, 3))
    if rng.random() < 0.4:
        stated["max_changes_per_year"] = int(rng.integers(0, 3))
    return stated


def random_case(seed: int) -> tuple[NetworkTables, TransportParameters]:
    rng = np.random.default_rng(seed)
    tables = random_network(rng, int(rng.integers(2, 4)), int(rng.integers(1, 5)), int(rng.integers(1, 4)))
    return tables, parameters(gap=0.0, **stated_by(rng))


@pytest.mark.parametrize("seed", range(80))
def test_small_random_networks_agree_with_enumeration(seed):
    tables, given = random_case(seed)

    outcome = solve_transport(tables, given)

    expected = enumerated(tables, given)
    if expected is None:
        assert outcome.status is ResultStatus.INFEASIBLE
    else:
        assert outcome.status is ResultStatus.OPTIMAL
        assert outcome.objective == pytest.approx(expected, rel=1e-7, abs=1e-6)
        assert outcome.plan is not None
        again = solve_transport(tables, given, start=Start(outcome.plan, outcome.objective))
        assert again.objective == pytest.approx(expected, rel=1e-7, abs=1e-6)
    assert_certified(tables, given, outcome)


def test_the_random_networks_hold_plans_that_change_and_clashes():
    seen = set()
    for seed in range(80):
        tables, given = random_case(seed)
        plan = solve_transport(tables, given).plan
        changes = plan is not None and bool((plan.opened != plan.opened[0]).any())
        seen.add((plan is None, changes, given.single_sourcing))
    assert {(False, True, True), (False, True, False), (True, False, True), (True, False, False)} <= seen


@pytest.mark.parametrize(
    ("stated", "cost", "opened"),
    [
        # One set for both years, each destination whole: South's 40 units are too few for Oak's 45 of 2027.
        ({"single_sourcing": True}, 600, [[True, False], [True, False]]),
        # Both in 2026, 150 + 70; in 2027 North alone, 100 + 60 + 45 x 4.
        ({"single_sourcing": True, "lease_years": 1}, 560, [[True, True], [True, False]]),
        # Nothing may change: as one set.
        ({"single_sourcing": True, "lease_years": 1, "max_changes_per_year": 0}, 600, [[True, False], [True, False]]),
        # Split, South pays in both years.
        ({"lease_years": 1}, 490, [[True, True], [True, True]]),
    ],
)
def test_the_network_worked_out_by_hand(stated, cost, opened):
    outcome = solve_transport(two_sites(), parameters(**stated))

    assert outcome.objective == pytest.approx(cost)
    assert outcome.plan is not None
    assert outcome.plan.opened.tolist() == opened
    assert_certified(two_sites(), parameters(**stated), outcome)


def seasonal(**stated) -> tuple[NetworkTables, TransportParameters]:
    """Hut is worth its $50 in 2026 and in 2029 only: 100 units at $1 less each, in between 10 units."""
    tables = network(
        [("Base", 1000, 0, "mandatory"), ("Hut", 1000, 50)],
        [("Elm", 100)],
        [(0, 0, 2), (1, 0, 1)],
        forecast=[(2026, 100), (2027, 10), (2028, 10), (2029, 100)],
    )
    return tables, parameters(**stated)


@pytest.mark.parametrize(
    ("lease", "open_in", "cost"),
    [
        (1, [2026, 2029], 2 * 50 + 100 + 20 + 20 + 100),
        # 2026 takes 2027 with it; the lease of 2029 is cut at the horizon.
        (2, [2026, 2027, 2029], 3 * 50 + 100 + 10 + 20 + 100),
        # 2029 alone: 50 + 340. From 2026 to 2028 and 2029: all four years, 200 + 220.
        (3, [2029], 50 + 200 + 20 + 20 + 100),
        # One set for all years: 4 x 50 + 220 with Hut, 440 without.
        (4, [2026, 2027, 2028, 2029], 420),
    ],
)
def test_a_lease_is_paid_to_its_end_and_cut_at_the_horizon(lease, open_in, cost):
    tables, given = seasonal(lease_years=lease)

    outcome = solve_transport(tables, given)

    assert outcome.objective == pytest.approx(cost)
    assert outcome.plan is not None
    assert [
        year for year, opened in zip(outcome.plan.years, outcome.plan.opened[:, 1], strict=True) if opened
    ] == open_in
    assert_certified(tables, given, outcome)


def test_a_destination_too_large_for_one_facility_is_named_with_its_cure():
    tables = network(
        [("A", 60, 1), ("B", 50, 1)], [("Elm", 100), ("Oak", 5)], [(i, j, 1) for i in (0, 1) for j in (0, 1)]
    )
    given = parameters(single_sourcing=True)

    outcome = solve_transport(tables, given)

    assert outcome.infeasibility is not None
    (clash,) = outcome.infeasibility.clashes
    assert (clash.requirement, clash.short_by, clash.unit) == ("single_sourcing", 40, "units")
    assert "Elm needs 100 units in 1 from one facility" in clash.message
    assert clash.cure is not None
    assert clash.cure.startswith("State single_sourcing no")
    assert_certified(tables, given, outcome)


def test_demand_that_fits_only_when_split_says_so():
    # Three of 40 into two of 60: by sums it fits, whole it does not.
    lanes = [(i, j, 1) for i in range(2) for j in range(3)]
    tables = network([("A", 60, 1), ("B", 60, 1)], [("X", 40), ("Y", 40), ("Z", 40)], lanes)
    given = parameters(single_sourcing=True)

    outcome = solve_transport(tables, given)

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "elastic_model"
    found = {clash.requirement: clash for clash in outcome.infeasibility.clashes}
    assert (found["capacity"].short_by, found["single_sourcing"].short_by) == (40, 1)
    assert found["single_sourcing"].cure == "State single_sourcing no."
    assert_certified(tables, given, outcome)


def test_too_few_changes_a_year_say_how_many_would_do():
    # North holds 2026, South 2027, and only one may be open: both change places.
    years = [(0, 2026, 1, 100), (0, 2027, 1, 0), (1, 2026, 1, 0), (1, 2027, 1, 100)]
    tables = two_sites(forecast=[(2026, 70), (2027, 70)], facility_years=years)
    given = parameters(lease_years=1, max_facilities=1, max_changes_per_year=1)

    outcome = solve_transport(tables, given)

    assert outcome.infeasibility is not None
    found = {clash.requirement: clash for clash in outcome.infeasibility.clashes}
    assert found["max_changes_per_year"].cure == "Raise max_changes_per_year to 2."
    assert found["max_facilities"].cure == "Raise max_facilities to 2."
    assert_certified(tables, given, outcome)
