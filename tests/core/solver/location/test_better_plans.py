"""A plan that is better by less than the gap is taken: it lowers the cost from which on parts are closed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from networx.models.transport import prepare as prepare_transport
from networx.models.transport.years import YearsLocation
from networx.solver.location.compiling import wait_for_kernels
from networx.solver.location.lagrangian import solve
from networx.solver.location.lagrangian.flows import Shipping
from networx.solver.location.lagrangian.gear import Gear
from networx.solver.location.lagrangian.incumbent import Incumbent
from networx.solver.location.lagrangian.instance import prepare
from networx.solver.location.lagrangian.neighbours import improve
from networx.solver.location.lagrangian.plans import Planner
from networx.solver.location.problem import LocationPlan, LocationProblem, Watch
from networx.solver.location.years import engine
from networx.solver.location.years.problem import YearsPlan
from networx.solver.outcome import Limits
from tests.core.models.small_networks import parameters, spread_network
from tests.core.solver.location.test_lagrangian import larger_problem

WIDE = 0.2  # a gap that holds a plan and all its neighbours
SECONDS = 120.0


def silent() -> Watch:
    return Watch(lambda *_: None, lambda _: None, lambda: False)


class Found:
    """One problem with its best plan, and one that is worse by a site closed and another opened."""

    def __init__(self) -> None:
        self.problem: LocationProblem = larger_problem(3, sites=12, customers=40)
        best = solve(self.problem, Limits(SECONDS, 1e-9), silent()).plan
        assert best is not None
        self.best: LocationPlan = best
        self.instance = prepare(self.problem)
        self.worse = next(self._worse())

    def _worse(self) -> Iterator[LocationPlan]:
        for closes in np.flatnonzero(self.best.opened):
            for opens in np.flatnonzero(~self.best.opened):
                opened = self.best.opened.copy()
                opened[closes], opened[opens] = False, True
                incumbent = Incumbent(self.problem, 0.0, lambda _: None, None, math.inf)
                Planner(Shipping(self.instance, lambda: None), incumbent).ship(opened, np.zeros(12))
                plan = incumbent.plan
                if plan is not None and self.best.cost * 1.001 < plan.cost < self.best.cost * (1 + WIDE / 2):
                    yield plan


@pytest.fixture(scope="module")
def found() -> Found:
    return Found()


@pytest.mark.parametrize("compiled", [False, True], ids=["HiGHS", "compiled"])
def test_the_flows_of_sites_better_by_less_than_the_gap_are_found(found: Found, compiled: bool):
    gear = Gear(found.instance, 1)
    if compiled:
        assert wait_for_kernels()
        from networx.solver.location.lagrangian.compiled import cheapest_flows

        gear.cheapest_flows = cheapest_flows
    incumbent = Incumbent(found.problem, WIDE, lambda _: None, found.worse, math.inf)
    Planner(Shipping(found.instance, lambda: None, gear), incumbent).ship(found.best.opened, np.zeros(12))
    assert incumbent.cost == pytest.approx(found.best.cost, rel=1e-9)


def test_neighbours_better_by_less_than_the_gap_are_moved_to(found: Found):
    incumbent = Incumbent(found.problem, WIDE, lambda _: None, found.worse, math.inf)
    improve(Shipping(found.instance, lambda: None), incumbent, np.arange(12), np.zeros(12), 60)
    assert incumbent.cost == pytest.approx(found.best.cost, rel=1e-9)


def test_from_a_ceiling_on_no_plan_is_taken_for_better(found: Found):
    incumbent = Incumbent(found.problem, WIDE, lambda _: None, found.worse, found.best.cost)
    assert incumbent.to_beat == found.best.cost


def test_schedules_better_by_less_than_the_gap_are_found():
    given = parameters(lease_years=2, cost_per_unit_mile=0.01, circuity=1.2)
    problem = YearsLocation.of(prepare_transport(spread_network(9, 30, 3, tightness=4.0), given)).problem

    def search(gap: float, start: YearsPlan | None = None) -> engine._Search:
        return engine._Search(problem, Limits(SECONDS, gap), lambda *_: None, lambda _: None, lambda: False, start)

    best, every = search(1e-9).answer().plan, search(0.0)
    assert best is not None
    every._planner.ship(problem.may, np.zeros(problem.may.shape))
    worse = every._incumbent.plan
    assert worse is not None
    assert worse.cost > best.cost * 1.001
    wide = search(0.99, worse)
    wide._planner.ship(best.opened, np.zeros(best.opened.shape))
    assert wide._incumbent.cost == pytest.approx(best.cost, rel=1e-9)
