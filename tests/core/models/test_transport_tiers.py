"""Facilities that grow by tiers, against enumeration and arithmetic done by hand."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from networx.domain.network import Expansions, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.errors import RefusedInput
from networx.models.transport import prepare, solve_transport
from tests.core.models.small_networks import NOT_STATED, expansions, network, parameters, random_network
from tests.core.models.test_transport_plans import assert_certified
from tests.core.models.test_transport_years import IMPOSSIBLE, Plainly, stated_by, with_rules
from tests.core.random_problems import seeds

SEEDS = [*seeds(24), 40]  # in the last a tier is given up
States = tuple[int, ...]  # a facility's tiers in use, year after year; CLOSED where it is closed
CLOSED = -1


class Growing(Plainly):
    """A network with tiers read as its sheets say it."""

    def __init__(self, tables: NetworkTables, given: TransportParameters) -> None:
        super().__init__(tables, given)
        rows = tables.expansions
        self.steps: list[list[tuple[float, float, float]]] = [[] for _ in range(len(self.sites))]
        for row in sorted(range(len(rows)), key=lambda row: rows.tier[row]):
            once = float(np.nan_to_num(rows.one_time_cost[row]))
            step = (float(rows.capacity_units[row]), float(rows.fixed_cost_per_year[row]), once)
            self.steps[rows.facility[row]].append(step)

    def optimum(self) -> float | None:
        by_site = [self._states(site) for site in range(len(self.sites))]
        flows = cache(self._deliveries)
        best = IMPOSSIBLE
        for chosen in itertools.product(*by_site):
            plan = tuple(zip(*([count != CLOSED for count in states] for states in chosen), strict=True))
            if self._counts(plan) and self._changes(plan):
                cost = float(self.fixed[np.array(plan)].sum()) + self._once(plan)
                cost += sum(self._growth(site, states) for site, states in enumerate(chosen))
                if cost < best:
                    years = enumerate(zip(*chosen, strict=True))
                    best = min(best, cost + sum(flows(year, counts) for year, counts in years))
        return None if best == IMPOSSIBLE else best

    def _states(self, site: int) -> list[States]:
        """All ways for a facility to open, grow and close over the years."""
        own = self.sites.lease_years[site]
        lasting = (self.given.lease_years if np.isnan(own) else own) >= len(self.years)
        return [
            states
            for way in self._patterns(site)
            for states in itertools.product(
                *([range(len(self.steps[site]) + 1) if is_open else [CLOSED] for is_open in way])
            )
            if all(
                before == CLOSED or after == CLOSED or before <= after for before, after in itertools.pairwise(states)
            )
            and not (lasting and len({count for count in states if count != CLOSED}) > 1)
        ]

    def _growth(self, site: int, states: States) -> float:
        cost = 0.0
        for before, now in itertools.pairwise((0, *states)):
            for tier, (_, yearly, once) in enumerate(self.steps[site][: max(now, 0)]):
                cost += yearly + (once if tier >= max(before, 0) else 0.0)
        return cost

    def _deliveries(self, year: int, counts: tuple[int, ...]) -> float:
        own = self.capacity[year].copy()
        for site, count in enumerate(counts):
            self.capacity[year, site] += sum(units for units, _, _ in self.steps[site][: max(count, 0)])
        try:
            return self._flows(year, tuple(count != CLOSED for count in counts))
        finally:
            self.capacity[year] = own


def random_tiers(rng: np.random.Generator, sites: int, most: int) -> Expansions:
    return expansions(
        [
            (
                site,
                tier,
                float(rng.integers(0, 60)),
                float(rng.integers(0, 150)),
                float(rng.integers(0, 80)) if rng.random() < 0.6 else NOT_STATED,
            )
            for site in range(sites)
            for tier in range(1, int(rng.integers(0, most + 1)) + 1)
        ]
    )


def moving_case(rng: np.random.Generator) -> tuple[NetworkTables, TransportParameters]:
    """Demand that differs much between years, and facilities that hold a part of it without their tiers."""
    places, years = int(rng.integers(1, 4)), range(2026, 2026 + int(rng.integers(2, 4)))
    tables = network(
        [("A", float(rng.integers(20, 50)), float(rng.integers(0, 200))), ("B", 40.0, float(rng.integers(0, 200)))],
        [(f"D{place}", 1) for place in range(places)],
        [(site, place, float(rng.integers(0, 40))) for site in range(2) for place in range(places)],
        demand=[(place, year, float(rng.integers(0, 100 // places))) for year in years for place in range(places)],
    )
    return replace(tables, expansions=random_tiers(rng, 2, 3)), parameters(gap=0.0, lease_years=int(rng.choice([1, 2])))


def random_case(seed: int) -> tuple[NetworkTables, TransportParameters]:
    rng = np.random.default_rng(seed)
    if seed % 3 == 1:
        return moving_case(rng)
    sites = int(rng.integers(2, 4))
    tables = random_network(rng, sites, int(rng.integers(1, 4)), int(rng.integers(1, 6 - sites)))
    small = np.floor(tables.facilities.capacity_units * rng.choice([0.5, 1.0, 2.0]))
    tables = replace(tables, facilities=replace(tables.facilities, capacity_units=small))
    tables = replace(tables, expansions=random_tiers(rng, sites, 2))
    given = parameters(gap=0.0, **(stated_by(rng) | {"lease_years": int(rng.choice([1, 1, 2, 3]))}))
    if seed % 3 == 0 and prepare(tables, given).years != (1,):
        ruled = with_rules(rng, tables)
        try:
            prepare(ruled, given)
            tables = ruled
        except RefusedInput:  # somebody is fixed to a facility that may never be open
            pass
    return tables, given


def test_the_random_networks_hold_tiers_that_are_taken_later_and_given_up():
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        tables, given = random_case(seed)
        plan = solve_transport(tables, given).plan
        if plan is None:
            seen["clash"] += 1
            continue
        seen["plan"] += 1
        seen["taken"] += bool(plan.tiers.any())
        seen["later"] += bool((plan.tiers[1:] > plan.tiers[:-1]).any())
        seen["single"] += bool(plan.tiers.any() and given.single_sourcing)
        seen["given up"] += bool((plan.tiers[1:] < plan.tiers[:-1]).any())
    assert min(seen[name] for name in ("clash", "plan", "taken", "later", "single", "given up")) > 0, seen


def growing_town(**stated) -> tuple[NetworkTables, TransportParameters]:
    """60, 90 and 120 units to Elm at $1 from Base, which holds 70, or at $5 from Far, which holds all.

    Tier 1 adds 30 for $20 a year and $15 once; tier 2 adds 40 for $30 a year and nothing once.
    """
    tables = network(
        [("Base", 70, 0), ("Far", 1000, 0)],
        [("Elm", 60)],
        [(0, 0, 1), (1, 0, 5)],
        forecast=[(2026, 60), (2027, 90), (2028, 120)],
    )
    tables = replace(tables, expansions=expansions([(0, 1, 30, 20, 15), (0, 2, 40, 30, NOT_STATED)]))
    return tables, parameters(**stated)


@pytest.mark.parametrize(
    ("lease", "tiers", "cost"),
    [
        # Year by year: tier 1 in 2027 saves 20 x 4 for 35; in 2028 tiers 1 and 2 save 50 x 4 for 50.
        (1, [0, 1, 2], 60 + (90 + 35) + (120 + 20 + 30)),
        # One state over all years: both save 20 x 4 + 50 x 4 = 280 for 3 x 50 + 15; tier 1 alone 80 + 120 for 75.
        (3, [1, 1, 1], 60 + 90 + (100 + 20 * 5) + 3 * 20 + 15),
    ],
)
def test_a_tier_is_taken_when_it_pays(lease, tiers, cost):
    tables, given = growing_town(lease_years=lease)

    outcome = solve_transport(tables, given)

    assert outcome.plan is not None
    assert outcome.plan.tiers[:, 0].tolist() == tiers
    assert outcome.objective == pytest.approx(cost)
    assert_certified(tables, given, outcome)


def test_one_set_of_facilities_takes_a_tier_once_in_the_year_in_which_it_becomes_available():
    tables, given = growing_town()
    late = np.array([2027.0, NOT_STATED])
    tables = replace(tables, facilities=replace(tables.facilities, available_from_year=late))

    outcome = solve_transport(tables, given)

    # 2026 from Far; then tiers 1 and 2 for two years: 2 x 50 + 15, which save 80 + 200.
    assert outcome.objective == pytest.approx(60 * 5 + 90 + 120 + 2 * 50 + 15)
    assert_certified(tables, given, outcome)


@pytest.mark.parametrize("large", [1e8, 1e12])
def test_large_tiers_make_no_answer_wrong(large):
    tables, given = growing_town(lease_years=1)
    tables = replace(tables, expansions=expansions([(0, 1, large, 20, 15)]))

    outcome = solve_transport(tables, given)

    assert outcome.objective == pytest.approx(60 + (90 + 35) + (120 + 20))
    assert_certified(tables, given, outcome)


def test_too_little_with_every_tier_says_by_how_much():
    tables, given = growing_town()
    sites = replace(tables.facilities, status=("candidate", "forbidden"))

    outcome = solve_transport(replace(tables, facilities=sites, expansions=expansions([(0, 1, 30, 0, 0)])), given)

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "closed_form"
    clash = outcome.infeasibility.clashes[0]
    assert (clash.requirement, clash.short_by, clash.year) == ("capacity", 20, 2028)
    assert "120 units in 2028 is above the 100 units" in clash.message
    assert "with every tier of theirs taken: 20 units short" in clash.message
    assert_certified(replace(tables, facilities=sites, expansions=expansions([(0, 1, 30, 0, 0)])), given, outcome)


def test_tiers_that_no_sum_shows_to_be_too_small_are_explained_by_the_elastic_model():
    # Two places of 60, each reached by both; one facility alone may be open, and with its tiers either holds 110.
    tables = network(
        [("A", 50, 1), ("B", 60, 1)],
        [("X", 60), ("Y", 60)],
        [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)],
    )
    tables = replace(tables, expansions=expansions([(0, 1, 70, 0, 0), (1, 1, 50, 0, 0)]))
    given = parameters(service_level=1.0, max_distance_miles=10.0, max_facilities=1)
    tables = replace(tables, lanes=replace(tables.lanes, distance_miles=np.array([5.0, 50.0, 5.0, 5.0])))

    outcome = solve_transport(tables, given)

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "elastic_model"
    assert "every tier" in outcome.infeasibility.clashes[0].message
    assert_certified(tables, given, outcome)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(0, 2, 5, 1, 1)], "tier 2 of Base does not follow one before it"),
        ([(0, 1, 5, 1, 1)] * 2, "tier 1 of Base is stated more than once"),
        ([(0, 1, -5, 1, 1)], "capacity_units of tier 1 of Base must be a number"),
        ([(0, 1, float("inf"), 1, 1)], "capacity_units of tier 1 of Base must be a number"),
        ([(0, 1, 5, NOT_STATED, 1)], "fixed_cost_per_year of tier 1 of Base must be a number"),
        ([(0, 1, 5, 1, -1)], "one_time_cost of tier 1 of Base must be a number"),
    ],
)
def test_tiers_that_cannot_be_used_are_refused_by_name(rows, words):
    tables, given = growing_town()

    with pytest.raises(RefusedInput) as refused:
        solve_transport(replace(tables, expansions=expansions(rows)), given)

    assert words in str(refused.value)


@pytest.mark.parametrize("engine", ["lagrangian", "benders"])
def test_an_engine_for_locations_refuses_tiers_by_name(engine):
    tables, given = growing_town(engine=engine)

    with pytest.raises(RefusedInput, match=r"does not solve .*expansion tiers"):
        solve_transport(tables, given)
