"""Prices that stand for "never", such as 1e12: what else there is to choose is told apart all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import BENDERS, HIGHS, LAGRANGIAN, SINGLE_SOURCE, YEARS
from networx.domain.plan import Progress, ResultStatus, TransportPlan
from networx.models.transport import Start, prepare, solve_transport
from networx.models.transport.dear import cheapened
from networx.models.transport.sweep import TransportSweep
from tests.core.models.small_networks import UNLIMITED, network, parameters
from tests.core.models.test_transport_plans import assert_certified

NEVER = (1e9, 1e12, 1e15)
ENGINES = (HIGHS, LAGRANGIAN, BENDERS, SINGLE_SOURCE, YEARS)


def where(never: float, dear: str, engine: str = HIGHS) -> NetworkTables:
    """A is the cheapest site but for what is `dear`; B costs 1,000, and C 1,010 with dearer lanes."""
    size = UNLIMITED if engine == BENDERS else 25.0
    rent, lane = (never, 1.0) if dear == "a site" else (50.0, never)
    return network(
        [("A", size, rent), ("B", size + 10, 1000.0), ("C", size + 10, 1010.0)],
        [("X", 10.0), ("Y", 20.0)],
        [(0, 0, lane), (0, 1, lane), (1, 0, 7.0), (1, 1, 9.0), (2, 0, 8.0), (2, 1, 9.0)],
    )


@pytest.mark.parametrize("dear", ["a site", "its lanes"])
@pytest.mark.parametrize("never", NEVER)
@pytest.mark.parametrize("engine", ENGINES)
def test_what_costs_too_much_does_not_hide_what_the_others_cost(engine: str, never: float, dear: str) -> None:
    tables = where(never, dear, engine)
    stated = parameters(engine=engine, single_sourcing=engine == SINGLE_SOURCE)
    outcome = solve_transport(tables, stated)
    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.objective == pytest.approx(1000 + 70 + 180)
    assert_certified(tables, stated, outcome)


@pytest.mark.parametrize("engine", [HIGHS, LAGRANGIAN, YEARS])
def test_what_costs_too_much_is_paid_where_nothing_else_will_do(engine: str) -> None:
    """X has no other lane than the dear one, and Y more demand than the others hold."""
    tables = network(
        [("A", 25.0, 50.0), ("B", 15.0, 1000.0)],
        [("X", 10.0), ("Y", 20.0)],
        [(0, 0, 1.0), (0, 1, 1e12), (1, 1, 9.0)],
    )
    stated, plans = parameters(engine=engine), list[tuple[TransportPlan, float]]()
    outcome = solve_transport(tables, stated, incumbent=lambda plan, cost, _: plans.append((plan, cost)))
    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.objective == pytest.approx(5e12 + 1050 + 10 + 15 * 9)
    # What the first look found is told at what it really costs, and is what the second begins with.
    assert next(cost for plan, cost in plans if plan.open == (True, True)) == pytest.approx(outcome.objective)
    assert_certified(tables, stated, outcome)


def test_a_single_dear_lane_among_sites_of_many_prices() -> None:
    """B at 1,000 is twenty times what A is, and no price that says never."""
    tables = network(
        [("A", 100.0, 50.0), ("B", 100.0, 1000.0)],
        [("X", 10.0), ("Y", 20.0)],
        [(0, 0, 1e12), (0, 1, 2.0), (1, 0, 1.0), (1, 1, 1.0)],
    )
    outcome = solve_transport(tables, parameters())
    assert (outcome.status, outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(1030.0))
    assert_certified(tables, parameters(), outcome)


def test_nothing_that_is_paid_elsewhere_is_told_on_the_way() -> None:
    tables, told, plans = where(1e12, "a site"), list[Progress](), list[tuple[TransportPlan, float]]()
    outcome = solve_transport(tables, parameters(), told.append, lambda plan, cost, _: plans.append((plan, cost)))
    assert {now.incumbent for now in told} == {None}
    assert all(not plan.opened[0, 0] and cost >= outcome.objective - 1e-6 for plan, cost in plans)


def test_a_search_goes_on_from_a_plan_that_uses_what_is_dear() -> None:
    tables, stated = where(1e12, "a site"), parameters()
    forced = solve_transport(
        replace(tables, facilities=replace(tables.facilities, status=("mandatory", "candidate", "candidate"))), stated
    )
    assert forced.plan is not None
    assert forced.objective is not None
    again = solve_transport(tables, stated, start=Start(forced.plan, forced.objective))
    assert again.objective == pytest.approx(1250.0, abs=1.0)


def test_a_sweep_counts_each_number_by_what_is_really_paid() -> None:
    stated = parameters(engine=BENDERS)
    sweep = TransportSweep(where(1e12, "a site", BENDERS), stated, least=1, most=3)
    found = [sweep.solve(nodes).objective for nodes in (1, 2, 3)]
    assert found == pytest.approx([1250.0, 2260.0, 1e12 + 2010 + 10 + 180], rel=1e-9)


def test_prices_of_a_kind_are_left_as_they_are() -> None:
    tables = network(
        [("A", UNLIMITED, 1e6), ("B", UNLIMITED, 2e7)], [("X", 10.0), ("Y", 2e5)], [(0, 0, 1), (0, 1, 60), (1, 1, 0)]
    )
    assert cheapened(prepare(tables, parameters())) is None
    free = network([("A", UNLIMITED, 0.0)], [("X", 10.0)], [(0, 0, 0.0)])
    assert cheapened(prepare(free, parameters())) is None
