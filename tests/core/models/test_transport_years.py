"""Facilities that open and close over the years, and destinations with one source, against enumeration."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache
from operator import ne

import numpy as np
import pytest
from scipy.optimize import linprog

from networx.domain.network import Assignments, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.errors import RefusedInput
from networx.models.transport import first_plan, prepare, solve_transport
from networx.models.transport.extract import extract
from networx.models.transport.periods import merged_years
from networx.models.transport.start import values_of
from tests.core.models.small_networks import network, parameters, random_network, two_sites
from tests.core.models.test_transport_plans import assert_certified

IMPOSSIBLE = float("inf")
Sets = tuple[tuple[bool, ...], ...]  # a row a year, a flag a facility


class Plainly:
    """A network read as its sheets say it, with nothing of the model's: every plan can be priced or refused."""

    def __init__(self, tables: NetworkTables, given: TransportParameters) -> None:
        self.given, self.sites = given, tables.facilities
        instance = prepare(tables, given)
        self.years, self.demand = instance.years, instance.demand
        self.existing = [word == "yes" for word in self.sites.existing]
        changes = {
            (int(site), int(year)): (cost, units, status)
            for site, year, cost, units, status in zip(
                tables.facility_years.facility,
                tables.facility_years.year,
                tables.facility_years.fixed_cost,
                tables.facility_years.capacity_units,
                tables.facility_years.status,
                strict=True,
            )
        }
        shape = (len(self.years), len(self.sites))
        self.fixed, self.capacity = np.zeros(shape), np.zeros(shape)
        self.may, self.must = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        for t, year in enumerate(self.years):
            for i in range(len(self.sites)):
                cost, units, status = changes.get((i, year), (np.nan, np.nan, None))
                self.fixed[t, i] = self.sites.fixed_cost_per_year[i] if np.isnan(cost) else cost
                self.capacity[t, i] = self.sites.capacity_units[i] if np.isnan(units) else units
                self.may[t, i], self.must[t, i] = self._status(i, year, status)
        self.price = np.full((len(self.sites), self.demand.shape[1]), np.inf)
        self.miles = np.full(self.price.shape, np.inf)
        lanes, rules = tables.lanes, tables.assignments
        self.price[lanes.facility, lanes.destination] = lanes.cost_per_unit
        self.miles[lanes.facility, lanes.destination] = lanes.distance_miles
        self.price += np.nan_to_num(self.sites.variable_cost_per_unit)[:, None]
        listed = list(zip(rules.facility.tolist(), rules.destination.tolist(), rules.rule, strict=True))
        for place in range(self.demand.shape[1]):
            fixed = [site for site, at, rule in listed if at == place and rule == "fixed"]
            barred = [site for site, at, rule in listed if at == place and rule == "forbidden"]
            for site in range(len(self.sites)):
                if site in barred or (fixed and site not in fixed):
                    self.price[site, place] = np.inf

    def _status(self, site: int, year: int, of_year: str | None) -> tuple[bool, bool]:
        sites = self.sites
        inside = not (year < sites.available_from_year[site] or year > sites.available_to_year[site])
        status = of_year or sites.status[site]
        if np.isnan(sites.forced_from_year[site]):
            forced = status == "mandatory"
        else:
            forced = sites.forced_from_year[site] <= year <= sites.forced_to_year[site] or of_year == "mandatory"
        may = inside and status != "forbidden"
        return may, may and forced

    def optimum(self) -> float | None:
        """The least cost of all plans; None where none meets the requirements."""
        by_site = [self._patterns(site) for site in range(len(self.sites))]
        plans = (tuple(zip(*patterns, strict=True)) for patterns in itertools.product(*by_site))
        flows = cache(self._flows)
        best = IMPOSSIBLE
        for plan in plans:
            if self._counts(plan) and self._changes(plan):
                fixed = float(self.fixed[np.array(plan)].sum()) + self._once(plan)
                best = min(best, fixed + sum(flows(year, opened) for year, opened in enumerate(plan)))
        return None if best == IMPOSSIBLE else best

    def _patterns(self, site: int) -> list[tuple[bool, ...]]:
        """All ways to open and close a facility over the years."""
        may, must = self.may[:, site], self.must[:, site]
        own = self.sites.lease_years[site]
        lease = int((self.given.lease_years or len(may)) if np.isnan(own) else own)
        ways = itertools.product([False, True], repeat=len(may))
        return [
            way
            for way in ways
            if (may >= way).all() and (must <= way).all() and self._kept(way, may, lease, self.existing[site])
        ]

    @staticmethod
    def _kept(way: tuple[bool, ...], may: np.ndarray, lease: int, existing: bool) -> bool:
        if lease >= len(way):
            return not any(way) or list(way) == may.tolist()
        for year, is_open in enumerate(way):
            began = is_open and not (existing if year == 0 else way[year - 1])
            for later in range(year, min(year + lease, len(way))) if began else ():
                if not may[later]:
                    break
                if not way[later]:
                    return False
        return True

    def _counts(self, plan: Sets) -> bool:
        least, most = self.given.min_facilities or 0, self.given.max_facilities
        return all(least <= sum(row) <= (len(row) if most is None else most) for row in plan)

    def _changes(self, plan: Sets) -> bool:
        most = self.given.max_changes_per_year
        rows = [tuple(self.existing), *plan] if any(self.existing) else list(plan)
        return most is None or all(sum(map(ne, *pair)) <= most for pair in itertools.pairwise(rows))

    def _once(self, plan: Sets) -> float:
        cost = 0.0
        for before, row in itertools.pairwise([tuple(self.existing), *plan]):
            for site, (was, is_open) in enumerate(zip(before, row, strict=True)):
                paid = self.sites.opening_cost if is_open else self.sites.closing_cost
                cost += float(np.nan_to_num(paid[site])) if was != is_open else 0.0
        return cost

    def _flows(self, year: int, opened: tuple[bool, ...]) -> float:
        """The least that the deliveries of a year cost from these facilities; infinite where they cannot be made."""
        demand, is_open = self.demand[year], np.array(opened)
        capacity = np.where(is_open, np.minimum(self.capacity[year], 1e6), 0.0)
        least = np.where(is_open, np.nan_to_num(self.sites.min_throughput_units), 0.0)
        near = self.miles <= (self.given.max_distance_miles or 0)
        level = (self.given.service_level or 0.0) * demand.sum()
        if self.given.single_sourcing:
            return self._whole(demand, capacity, least, near, level)
        site, place = np.nonzero(np.isfinite(self.price))
        if not len(site):
            return IMPOSSIBLE if demand.any() or least.any() else 0.0
        serves, sends = np.zeros((len(demand), len(site))), np.zeros((len(capacity), len(site)))
        serves[place, np.arange(len(site))] = 1
        sends[site, np.arange(len(site))] = 1
        rows = np.vstack([sends, -sends, -near[site, place][None, :].astype(float)])
        upper = np.concatenate([capacity, -least, [-level]])
        answer = linprog(self.price[site, place], rows, upper, serves, demand)
        assert answer.status in {0, 2}
        return float(answer.fun) if answer.status == 0 else IMPOSSIBLE

    def _whole(
        self, demand: np.ndarray, capacity: np.ndarray, least: np.ndarray, near: np.ndarray, level: float
    ) -> float:
        best = IMPOSSIBLE
        places = np.flatnonzero(demand)
        choices = [np.flatnonzero(np.isfinite(self.price[:, place])) for place in places]
        for chosen in itertools.product(*choices):
            site = np.array(chosen, dtype=int)
            sent = np.bincount(site, demand[places], len(capacity))
            reached = demand[places][near[site, places]].sum()
            if (sent <= capacity + 1e-9).all() and (sent >= least - 1e-9).all() and reached >= level - 1e-9:
                best = min(best, float(self.price[site, places] @ demand[places]))
        return best


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


def with_rules(rng: np.random.Generator, tables: NetworkTables) -> NetworkTables:
    """The same network with windows, forced years, leases, one-time costs, minima and assignments for some."""
    count, first = len(tables.facilities), 2026

    def some(share: float, low: int, high: int) -> np.ndarray:
        return np.where(rng.random(count) < share, rng.integers(low, high, count).astype(float), np.nan)

    available = some(0.3, first, first + 2)
    forced = np.where(np.isnan(available) & (rng.random(count) < 0.2), first + 1.0, np.nan)
    forced[np.array(tables.facilities.status) == "forbidden"] = np.nan
    changes = tables.facility_years
    pairs = [(i, j) for i in range(count) for j in range(len(tables.destinations)) if rng.random() < 0.08]
    lanes = set(zip(tables.lanes.facility.tolist(), tables.lanes.destination.tolist(), strict=True))
    return replace(
        tables,
        facilities=replace(
            tables.facilities,
            existing=tuple(rng.choice(["yes", "no"], count).tolist()) if rng.random() < 0.5 else (),
            available_from_year=available,
            available_to_year=np.where(rng.random(count) < 0.2, first + 1.0, np.nan),
            forced_from_year=forced,
            forced_to_year=forced,
            lease_years=some(0.3, 1, 4),
            opening_cost=some(0.4, 0, 150),
            closing_cost=some(0.4, 0, 150),
            variable_cost_per_unit=some(0.3, 0, 5),
            min_throughput_units=some(0.3, 0, 25),
        ),
        facility_years=replace(
            changes,
            status=tuple(
                "forbidden" if rng.random() < 0.2 and np.isnan(forced[site]) else None for site in changes.facility
            ),
        ),
        assignments=Assignments(
            np.array([i for i, _ in pairs], dtype=np.int32),
            np.array([j for _, j in pairs], dtype=np.int32),
            tuple("fixed" if pair in lanes else "forbidden" for pair in pairs),
        ),
    )


def random_case(seed: int) -> tuple[NetworkTables, TransportParameters]:
    rng = np.random.default_rng(seed)
    tables = random_network(rng, int(rng.integers(2, 4)), int(rng.integers(1, 5)), int(rng.integers(1, 4)))
    stated = stated_by(rng)
    if seed % 2 and prepare(tables, parameters(**stated)).years != (1,):
        tables = with_rules(rng, tables)
        try:
            prepare(tables, parameters(**stated))
        except RefusedInput:  # somebody is fixed to a facility that may never be open
            tables = replace(tables, assignments=Assignments())
    return tables, parameters(gap=0.0, **stated)


def test_the_random_networks_hold_plans_that_change_and_clashes():
    wanted = {(False, True, True), (False, True, False), (True, False, True), (True, False, False)}
    for seed in (*range(160), 246):
        tables, given = random_case(seed)
        plan = solve_transport(tables, given).plan
        changes = plan is not None and bool((plan.opened != plan.opened[0]).any())
        wanted.discard((plan is None, changes, given.single_sourcing))
        if not wanted:
            break
    assert not wanted


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
    assert "Elm needs 100 units from one facility" in clash.message
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


def test_a_plan_and_a_bound_to_begin_with_change_no_answer(monkeypatch):
    monkeypatch.setattr(first_plan, "FEWEST_COLUMNS", 0)
    begun = 0
    for seed in range(160):
        tables, given = random_case(seed)
        if prepare(tables, given).fixed_set:
            continue
        told: list[float | None] = []

        outcome = solve_transport(tables, given, incumbent=lambda _plan, _cost, bound, told=told: told.append(bound))

        expected = Plainly(tables, given).optimum()
        assert (outcome.objective is None) == (expected is None)
        if expected is not None:
            assert outcome.objective == pytest.approx(expected, rel=1e-7, abs=1e-6)
            assert all(bound is None or bound <= expected * (1 + 1e-7) + 1e-6 for bound in told)
            begun += bool(told) and told[0] is not None
        assert_certified(tables, given, outcome)
    assert begun > 5


def taken_out_again(tables: NetworkTables, given: TransportParameters) -> None:
    outcome, instance = solve_transport(tables, given), prepare(tables, given)
    periods = merged_years(instance)
    if outcome.plan is not None:
        plan, cost = extract(instance, periods, values_of(instance, periods, outcome.plan))
        assert plan.opened.tolist() == outcome.plan.opened.tolist()
        assert cost == pytest.approx(outcome.objective, rel=1e-9, abs=1e-9)


def test_a_fixed_set_not_available_in_the_first_year_is_the_same_put_into_the_model_and_taken_out_again():
    tables, given = seasonal(lease_years=4)
    late = np.array([np.nan, 2027.0])
    cost = np.array([0.0, 5.0])  # so low that Hut pays in the three years in which it is available
    sites = replace(tables.facilities, available_from_year=late, fixed_cost_per_year=cost)
    cheap = replace(tables, facilities=sites)

    outcome = solve_transport(cheap, given)

    assert outcome.plan is not None
    assert outcome.plan.opened[:, 1].tolist() == [False, True, True, True]
    assert outcome.objective == pytest.approx(3 * 5 + 200 + 10 + 10 + 100)
    taken_out_again(cheap, given)
