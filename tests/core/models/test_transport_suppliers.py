"""Networks with suppliers, against enumeration and arithmetic done by hand."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome
from networx.errors import RefusedInput
from networx.models.transport import solve_transport
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, expansions, network, parameters, with_suppliers
from tests.core.models.test_transport_plans import assert_certified
from tests.core.models.test_transport_tiers import Growing
from tests.core.models.test_transport_tiers import random_case as with_tiers
from tests.core.models.test_transport_years import IMPOSSIBLE
from tests.core.random_problems import seeds

SEEDS = seeds(24)


class Supplied(Growing):
    """A network with suppliers read as its sheets say it: every year is one program over both kinds of lanes."""

    def __init__(self, tables: NetworkTables, given: TransportParameters) -> None:
        super().__init__(tables, given)
        rows, suppliers = tables.inbound_lanes, tables.suppliers
        self.supply = np.minimum(suppliers.supply_units, 1e6)
        self.way_in = np.full((len(suppliers), len(self.sites)), np.inf)
        self.way_in[rows.supplier, rows.facility] = rows.cost_per_unit
        self.way_in += np.nan_to_num(suppliers.cost_per_unit)[:, None]

    def _flows(self, year: int, opened: tuple[bool, ...]) -> float:
        demand, is_open = self.demand[year], np.array(opened)
        capacity = np.where(is_open, np.minimum(self.capacity[year], 1e6), 0.0)
        least = np.where(is_open, np.nan_to_num(self.sites.min_throughput_units), 0.0)
        site, place = np.nonzero(np.isfinite(self.price))
        start, end = np.nonzero(np.isfinite(self.way_in))
        best = IMPOSSIBLE
        for chosen in self._sources(demand, site, place):
            out, into = len(chosen), len(start)
            if not out:
                possible = not demand.any() and not least.any()
                best = min(best, 0.0 if possible else IMPOSSIBLE)
                continue
            near = self.miles[site[chosen], place[chosen]] <= (self.given.max_distance_miles or 0)
            serves, sends = np.zeros((len(demand), out)), np.zeros((len(capacity), out))
            serves[place[chosen], np.arange(out)] = 1
            sends[site[chosen], np.arange(out)] = 1
            comes = np.zeros((len(capacity), into))
            comes[end, np.arange(into)] = 1
            leaves = np.zeros((len(self.supply), into))
            leaves[start, np.arange(into)] = 1

            def wide(rows, more, out=out, into=into):
                left = np.zeros((len(more), out)) if rows is None else rows
                return np.hstack([left, np.zeros((len(rows), into)) if more is None else more])

            level = (self.given.service_level or 0.0) * demand.sum()
            upper = np.vstack(
                [wide(sends, None), wide(-sends, None), wide(-near[None, :].astype(float), None), wide(None, leaves)]
            )
            equal = np.vstack([wide(serves, None), wide(sends, -comes)])
            answer = linprog(
                np.concatenate([self.price[site[chosen], place[chosen]], self.way_in[start, end]]),
                upper,
                np.concatenate([capacity, -least, [-level], self.supply]),
                equal,
                np.concatenate([demand, np.zeros(len(capacity))]),
            )
            assert answer.status in {0, 2}
            if answer.status == 0:
                best = min(best, float(answer.fun))
        return best

    def _sources(self, demand: np.ndarray, site: np.ndarray, place: np.ndarray) -> list[np.ndarray]:
        """The lanes that may be used together: all, or one of each destination with demand."""
        if not self.given.single_sourcing:
            return [np.arange(len(site))]
        choices = [np.flatnonzero(place == asked) for asked in np.flatnonzero(demand)]
        return [np.array(chosen, dtype=int) for chosen in itertools.product(*choices)]


def random_case(seed: int) -> tuple[NetworkTables, TransportParameters]:
    """Like those with tiers, which a part of them keeps; some suppliers unlimited, some with nothing or no lanes."""
    rng = np.random.default_rng(1000 + seed)
    tables, given = with_tiers(seed)
    if seed % 2:
        tables = replace(tables, expansions=expansions([]))
    sites = len(tables.facilities)
    room = np.where(np.isinf(tables.facilities.capacity_units), 60, tables.facilities.capacity_units * 3)
    tables = replace(tables, facilities=replace(tables.facilities, capacity_units=np.maximum(room, 10)))
    count = int(rng.integers(1, 4))
    suppliers = [
        (
            f"S{at}",
            UNLIMITED if rng.random() < 0.3 else float(rng.integers(0, 120)),
            float(rng.integers(0, 9)) if rng.random() < 0.5 else NOT_STATED,
        )
        for at in range(count)
    ]
    lanes = [
        (at, site, float(rng.integers(0, 30))) for at in range(count) for site in range(sites) if rng.random() < 0.8
    ]
    return with_suppliers(tables, suppliers, lanes or [(0, 0, 1.0)]), given


def test_the_random_networks_hold_what_they_should():
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        tables, given = random_case(seed)
        outcome = solve_transport(tables, given)
        plan = outcome.plan
        if plan is None:
            assert outcome.infeasibility is not None
            seen |= Counter({clash.requirement: 1 for clash in outcome.infeasibility.clashes})
            continue
        seen["single" if given.single_sourcing else "split"] += 1
        sent = np.zeros((len(plan.years), len(tables.suppliers)))
        np.add.at(sent, (plan.inbound_year, plan.inbound_supplier), plan.inbound_units)
        seen["full"] += bool((sent >= tables.suppliers.supply_units * (1 - 1e-9))[sent > 0].any())
        seen["grown"] += bool(plan.tiers.any())
    assert min(seen[name] for name in ("single", "split", "full", "grown", "supply_units")) > 0, seen


def two_mills(**stated) -> tuple[NetworkTables, TransportParameters]:
    """Worked out by hand. Elm's 100 units in 2026 and 150 in 2027 come from West ($1, fixed 50) or East ($2, fixed 40).

    Mill has 120 units at $1 and $2 to West, $5 to East; Port has any number at $0 and $6 to West, $4 to East. West
    takes 100 from Mill in 2026: $400 with delivery. In 2027 a unit by West costs 4 from Mill and 7 from Port, by East
    8 and 6. Both: 120 by West at 4 and 30 by East at 6 = 660; West alone: 120 x 4 + 30 x 7 = 690.
    """
    tables = network(
        [("West", 200, 50), ("East", 200, 40)],
        [("Elm", 100)],
        [(0, 0, 1), (1, 0, 2)],
        forecast=[(2026, 100), (2027, 150)],
    )
    tables = with_suppliers(
        tables,
        [("Mill", 120, 1), ("Port", UNLIMITED, NOT_STATED)],
        [(0, 0, 2), (0, 1, 5), (1, 0, 6), (1, 1, 4)],
    )
    return tables, parameters(**stated)


def came_in(outcome: Outcome) -> dict[tuple[int, int, int], float]:
    plan = outcome.plan
    assert plan is not None
    keys = zip(plan.inbound_year.tolist(), plan.inbound_supplier.tolist(), plan.inbound_facility.tolist(), strict=True)
    return dict(zip(keys, plan.inbound_units.tolist(), strict=True))


def test_what_comes_in_decides_what_opens():
    tables, given = two_mills()

    outcome = solve_transport(tables, given)

    # East would save 30 in 2027 and costs 40 a year.
    assert outcome.objective == pytest.approx(2 * 50 + 400 + 690)
    assert came_in(outcome) == pytest.approx({(0, 0, 0): 100, (1, 0, 0): 120, (1, 1, 0): 30})
    assert outcome.engine.startswith("HiGHS")
    assert_certified(tables, given, outcome)


def test_a_cheaper_site_opens_where_supply_is_nearer():
    tables, given = two_mills(lease_years=1)
    cheap = replace(tables, facilities=replace(tables.facilities, fixed_cost_per_year=np.array([50.0, 20.0])))

    outcome = solve_transport(cheap, given)

    assert outcome.objective == pytest.approx(2 * 50 + 20 + 400 + 660)
    assert came_in(outcome) == pytest.approx({(0, 0, 0): 100, (1, 0, 0): 120, (1, 1, 1): 30})
    assert_certified(cheap, given, outcome)


def test_lanes_that_are_not_listed_are_priced_by_the_mile_where_that_is_asked():
    tables = network([("West", 200, 0, "candidate", 0.0, 0.0)], [("Elm", 100, 0.0, 1.0)], [(0, 0, 1.0)], forecast=[])
    tables = with_suppliers(tables, [("Mill", 200, 1, 0.0, -1.0)])
    given = parameters(cost_per_unit_mile=0.1, circuity=1.2)

    outcome = solve_transport(tables, given)

    miles = np.pi / 180 * 3958.7613
    assert outcome.objective == pytest.approx(100 * (1 + 1 + 0.1 * 1.2 * miles), rel=1e-12)
    assert_certified(tables, given, outcome)


@pytest.mark.parametrize("large", [1e8, 1e12, 1e15])
def test_a_large_supply_makes_no_answer_wrong(large):
    tables, given = two_mills()
    supply = np.array([120.0, large])
    tables = replace(tables, suppliers=replace(tables.suppliers, supply_units=supply))

    outcome = solve_transport(tables, given)

    assert outcome.objective == pytest.approx(2 * 50 + 400 + 690)
    assert_certified(tables, given, outcome)


def test_too_little_supply_of_all_says_by_how_much():
    tables, given = two_mills()
    tables = replace(tables, suppliers=replace(tables.suppliers, supply_units=np.array([120.0, 10.0])))

    outcome = solve_transport(tables, given)

    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "closed_form"
    (clash,) = outcome.infeasibility.clashes
    assert (clash.requirement, clash.short_by, clash.unit, clash.year) == ("supply_units", 20, "units", 2027)
    assert clash.cure == "Add 20 units of supply in 2027, or plan for that much less demand."
    assert_certified(tables, given, outcome)


def test_supply_that_cannot_reach_says_how_much_more_would_do():
    # East alone may open, and only Mill has a lane to it; Port's supply cannot come there.
    tables, given = two_mills()
    sites = replace(tables.facilities, status=("candidate", "mandatory"), capacity_units=np.array([20.0, 200.0]))
    suppliers = [("Mill", 120, 1), ("Port", UNLIMITED, NOT_STATED)]
    tables = with_suppliers(replace(tables, facilities=sites), suppliers, [(0, 1, 1), (1, 0, 1)])

    outcome = solve_transport(tables, given)

    # 2027: 150 units; West holds 20 of them, Mill sends 120 to East.
    assert outcome.infeasibility is not None
    assert outcome.infeasibility.evidence == "elastic_model"
    found = {clash.requirement: clash for clash in outcome.infeasibility.clashes}
    assert found["capacity"].short_by == pytest.approx(10)
    assert found["supply_units"].short_by == pytest.approx(10)
    assert found["supply_units"].year == 2027
    assert found["supply_units"].cure == "Raise supply_units, for example of Mill 10 units."
    assert_certified(tables, given, outcome)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lanes": [(0, 0, 2), (0, 0, 3)]}, "The lane from Mill to West is listed more than once"),
        ({"lanes": []}, "nothing prices what comes in"),
        ({"lanes": [(0, 0, -1)]}, "cost_per_unit of the lane from Mill to West must be a number"),
        ({"lanes": [(0, 0, NOT_STATED)]}, "The lane from Mill to West has no cost_per_unit, no row of Rates"),
        ({"suppliers": [("Mill", -5)]}, "supply_units of Mill must be a number"),
        ({"suppliers": [("Mill", NOT_STATED)]}, "supply_units of Mill must be a number"),
        ({"suppliers": [("Mill", 5, -1)]}, "cost_per_unit of Mill must be a number"),
        ({"lanes": [], "stated": {"cost_per_unit_mile": 1.0, "circuity": 1.0}}, "Mill has lanes to be priced by the"),
    ],
)
def test_suppliers_that_cannot_be_used_are_refused_by_name(change, words):
    told = {"suppliers": [("Mill", 120)], "lanes": [(0, 0, 2)], "stated": {}} | change
    tables = with_suppliers(two_mills()[0], told["suppliers"], told["lanes"])

    with pytest.raises(RefusedInput) as refused:
        solve_transport(tables, parameters(**told["stated"]))

    assert words in str(refused.value)


@pytest.mark.parametrize("engine", ["lagrangian", "benders"])
def test_an_engine_for_locations_refuses_suppliers_by_name(engine):
    tables, given = two_mills(engine=engine)

    with pytest.raises(RefusedInput, match=r"does not solve .*suppliers"):
        solve_transport(tables, given)
