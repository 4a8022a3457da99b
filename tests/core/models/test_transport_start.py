"""A solve that starts from an earlier plan: it is never worse, and what was proven before still counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome, Progress, ResultStatus
from networx.errors import SolverFault
from networx.models.transport import Start, formulate, prepare, solve_transport
from networx.models.transport import run as running
from networx.models.transport.clashes import clashes
from networx.models.transport.extract import extract
from networx.models.transport.periods import merged_years
from networx.models.transport.start import values_of
from networx.solver.highs import TOLERANCE, solve
from networx.solver.outcome import Solution
from tests.core.models.small_networks import parameters, random_network, spread_network, two_sites
from tests.core.models.test_transport_plans import assert_certified

# What HiGHS does not prove within many seconds.
HARD = spread_network(40, 200, 3, tightness=4.0)
HARD_STATED: dict[str, Any] = {
    "cost_per_unit_mile": 0.01,
    "circuity": 1.2,
    "service_level": 0.8,
    "max_distance_miles": 600.0,
    "max_facilities": 9,
}
EASY = spread_network(20, 80, 3, tightness=4.0)
EASY_STATED = parameters(cost_per_unit_mile=0.01, circuity=1.2, service_level=0.8, max_distance_miles=600.0)
ROUNDING = 1e-9


def start_of(outcome: Outcome, *, bound: float | None = None) -> Start:
    assert outcome.plan is not None
    assert outcome.objective is not None
    return Start(outcome.plan, outcome.objective, bound)


def first_plan(tables: NetworkTables, stated: TransportParameters) -> Start:
    """The first plan that the solver finds: far from the best one."""
    seen: list[Start] = []
    solve_transport(
        tables, stated, incumbent=lambda plan, cost, _: seen.append(Start(plan, cost)), stop=lambda: bool(seen)
    )
    return seen[0]


def with_a_plan(seeds: range) -> list[int]:
    """The random networks that can be served at all."""
    return [seed for seed in seeds if solve_transport(drawn(seed), parameters()).plan is not None]


def drawn(seed: int) -> NetworkTables:
    return random_network(np.random.default_rng(seed), sites=5, places=6, years=1 + seed % 3)


@pytest.mark.parametrize("seed", with_a_plan(range(40)))
def test_a_plan_becomes_the_values_that_it_was_extracted_from(seed: int):
    instance = prepare(drawn(seed), parameters())
    outcome = solve_transport(drawn(seed), parameters())
    assert outcome.plan is not None
    periods = merged_years(instance)
    model = formulate(instance, periods)

    values = values_of(instance, periods, outcome.plan)

    rows = model.matrix @ values
    assert (values >= model.lower - TOLERANCE).all()
    assert (values <= model.upper + TOLERANCE).all()
    assert (rows >= model.row_lower - TOLERANCE).all()
    assert (rows <= model.row_upper + TOLERANCE).all()
    assert model.cost @ values == pytest.approx(outcome.objective, rel=1e-9)
    again, cost = extract(instance, periods, values)
    assert cost == pytest.approx(outcome.objective, rel=1e-9)
    assert again.open == outcome.plan.open


def test_a_solve_is_never_worse_than_its_start_from_the_first_moment():
    given = parameters(**HARD_STATED)
    start = first_plan(HARD, given)
    told: list[Progress] = []
    better: list[float] = []

    def found(_: Any, cost: float, __: float | None) -> None:
        better.append(cost)

    outcome = solve_transport(HARD, given, told.append, found, start=start, stop=lambda: len(better) > 1)

    assert len(better) > 1
    assert told[0].incumbent == start.cost
    assert all(step.incumbent is not None and step.incumbent <= start.cost for step in told)
    assert all(cost < start.cost for cost in better)
    assert outcome.objective is not None
    assert outcome.objective <= start.cost
    assert_certified(HARD, given, outcome)


def test_where_time_is_up_at_once_the_answer_is_the_plan_to_start_from():
    given = parameters(**HARD_STATED)
    start = first_plan(HARD, given)

    outcome = solve_transport(HARD, given, stop=lambda: True, start=start)

    assert outcome.status is ResultStatus.FEASIBLE
    assert outcome.objective is not None
    assert outcome.objective <= start.cost
    assert (outcome.bound, outcome.gap, outcome.bound_source) == (0.0, 1.0, "solver")
    assert_certified(HARD, given, outcome)


def test_a_plan_worse_than_the_start_is_not_the_answer(monkeypatch: pytest.MonkeyPatch):
    best = solve_transport(EASY, EASY_STATED)
    wide = replace(EASY_STATED, gap=0.5)
    monkeypatch.setattr(running, "solve", without_start)

    alone = solve_transport(EASY, wide)
    outcome = solve_transport(EASY, wide, start=start_of(best))

    assert alone.objective is not None
    assert best.objective is not None
    assert outcome.objective is not None
    assert alone.objective > best.objective * 1.01
    assert outcome.objective <= best.objective


def without_start(*arguments: Any, **named: Any) -> Solution:
    """A solver that cannot use what it is given to start from."""
    return solve(*arguments, **{**named, "start": None})


def test_what_was_proven_before_the_start_proves_the_plan_at_once():
    best = solve_transport(EASY, EASY_STATED)
    told: list[Progress] = []

    outcome = solve_transport(EASY, EASY_STATED, told.append, start=start_of(best, bound=best.bound))

    assert (outcome.status, outcome.bound_source) == (ResultStatus.OPTIMAL, "earlier_attempt")
    assert outcome.bound == pytest.approx(best.bound, rel=ROUNDING)
    assert {step.stage for step in told} == {"preparing", "formulating", "settling"}
    assert_certified(EASY, EASY_STATED, outcome)


def test_the_higher_of_both_bounds_counts_and_says_where_it_comes_from():
    given = parameters()
    best = solve_transport(two_sites(), given)

    weaker = solve_transport(two_sites(), given, start=start_of(best, bound=300.0))
    stopped = solve_transport(two_sites(), given, start=start_of(best, bound=300.0), stop=lambda: True)

    assert (weaker.status, weaker.bound_source) == (ResultStatus.OPTIMAL, "solver")
    assert weaker.bound == pytest.approx(490, rel=1e-6)
    assert (stopped.status, stopped.bound, stopped.bound_source) == (ResultStatus.FEASIBLE, 300.0, "earlier_attempt")
    assert stopped.gap == pytest.approx(190 / 490)


def test_a_bound_that_a_plan_contradicts_is_a_fault():
    best = solve_transport(two_sites(), parameters())

    with pytest.raises(SolverFault, match="is above the cost"):
        solve_transport(two_sites(), parameters(), start=start_of(best, bound=495.0))


def test_a_scenario_with_a_plan_that_the_solver_calls_infeasible_is_a_fault():
    # Each year's capacity would do, but no single pair of sites serves everyone: no sum shows it.
    plan = solve_transport(two_sites(), parameters())
    given = parameters(max_facilities=1, service_level=0.95, max_distance_miles=100.0)
    assert clashes(prepare(two_sites(), given)) is None

    with pytest.raises(SolverFault, match="infeasible"):
        solve_transport(two_sites(), given, start=start_of(plan))
